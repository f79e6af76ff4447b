"""How do consent, protection flags, court orders and weighings change, and what stops when they do?

Every change raises the child's counter in the same transaction, so that nothing decided before it can be marked as
handed over after it.
"""

from dataclasses import dataclass

from gateway.audit.event import EventKind
from gateway.consent.law_json import order_from_json
from gateway.consent.permission_json import permission_from_json
from gateway.consent.question_json import check_flag
from gateway.errors import NotFoundError
from gateway.flows.context import Desk
from gateway.flows.conversing.notices import Notifier
from gateway.flows.deciding import law_facts
from gateway.flows.deciding.law_facts import KINDS as LEGAL
from gateway.flows.documents import child_key, read_group
from gateway.flows.facts import permissions
from gateway.flows.facts.court_orders import CourtOrders
from gateway.flows.facts.permissions import KINDS, Permissions
from gateway.flows.facts.weighings import Weighings
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import FactRow
from gateway.flows.trail import About
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

_UNTOLD = frozenset({"POLICE_HOLD", "INFORMANT"})
"""Protections under which no family is told of what was shared."""
_TOLD = KINDS | LEGAL | {"flag"}


@dataclass(frozen=True, slots=True)
class FactKeeper:
    """Keeps what is known about consent, protection and what the law asks."""

    desk: Desk
    notifier: Notifier

    @property
    def permissions(self) -> Permissions:
        """Return the keeper of what families say."""
        return Permissions(self.desk, self.notifier)

    @property
    def orders(self) -> CourtOrders:
        """Return the keeper of court orders."""
        return CourtOrders(self.desk, self.notifier)

    @property
    def weighings(self) -> Weighings:
        """Return the keeper of what practitioners weighed."""
        return Weighings(self.desk)

    def record_consent(self, child: ChildRef, consent: Group, *, actor: str) -> str:
        """Keep one giver's word about sharing and return its id; see `Permissions.record`."""
        return self.permissions.record(child, consent, actor=actor)

    def withdraw_consent(self, child: ChildRef, *, actor: str) -> int:
        """Withdraw every permission held for *child* and return how many there were; see `Permissions.withdraw`."""
        return len(self.permissions.withdraw(child, {}, actor=actor))

    def set_flag(self, child: ChildRef, flag: Group, *, actor: str) -> str:
        """Set a protection flag, in the shape of a sharing question's `flags[]`, and return its id.

        Raises:
            NotFoundError: no such child.
            SchemaViolationError: not a protection flag; the path says where.
        """
        check_flag(flag)
        fact_id = f"flag/{self.desk.ids.fresh('flg')}"
        self.desk.store.write(lambda uow: self._put(uow, child, fact_id, flag, actor))
        return fact_id

    def lift_flag(self, child: ChildRef, fact_id: str, *, actor: str) -> None:
        """Take a protection flag away.

        Raises:
            NotFoundError: the child has no such flag.
        """
        self.desk.store.write(lambda uow: self._lift(uow, child, fact_id, actor))

    def tell_what_came_along(self, uow: UnitOfWork, child: ChildRef) -> None:
        """Tell those who have something about *child* what to stop by the facts that a join has copied to it."""
        at = self.desk.clock.now()
        for fact in (one for one in uow.facts.of_child(child) if one.fact_id.endswith(f"/{child}")):
            match fact.kind:
                case "flag":
                    self._protect(uow, child, self._open(uow, fact))
                case law_facts.ORDER:
                    self.orders.stop(uow, child, order_from_json(self._open(uow, fact)))
                case permissions.CONSENT:
                    self.permissions.stop(uow, child, permission_from_json(self._open(uow, fact)), at=at)
                case _:
                    pass

    def held_about(self, child: ChildRef) -> list[Group]:
        """Return the child's facts as they are held: `{"id", "kind", "fact"}` each."""
        return self.desk.store.read(lambda uow: self._all(uow, child))

    def _put(self, uow: UnitOfWork, child: ChildRef, fact_id: str, body: Group, actor: str) -> None:
        at = self.desk.clock.now()
        sealed = self.desk.vault.seal(child_key(uow, child), f"fact/{fact_id}", write_json(body))
        uow.facts.put(FactRow(fact_id=fact_id, child_ref=child, kind="flag", sealed=sealed, recorded_at=at))
        uow.epochs.lift([f"child:{child}"])
        self._protect(uow, child, body)
        self._tell(uow, child, EventKind.FLAG_SET, {"fact_id": fact_id, "flag": body["flag"], "fact": body}, actor)

    def _protect(self, uow: UnitOfWork, child: ChildRef, flag: Group) -> None:
        """Tell those who have something about *child* and do not need what *flag* hides to stop sharing it."""
        at, kind, needing = self.desk.clock.now(), str(flag["flag"]), flag.get("need_list")
        listed = [str(name) for name in needing] if isinstance(needing, list) else []
        self.notifier.stop_protected(uow, child, kind, listed, at=at)
        if kind in _UNTOLD:
            self.notifier.duties.silence(uow, child, at=at)

    def _lift(self, uow: UnitOfWork, child: ChildRef, fact_id: str, actor: str) -> None:
        if fact_id not in {fact.fact_id for fact in uow.facts.of_child(child) if fact.kind == "flag"}:
            raise NotFoundError("this child has no such flag")
        uow.facts.retire(fact_id, at=self.desk.clock.now())
        uow.facts.delete(fact_id)
        uow.epochs.lift([f"child:{child}"])
        self._tell(uow, child, EventKind.FLAG_LIFTED, {"fact_id": fact_id}, actor)

    def _open(self, uow: UnitOfWork, fact: FactRow) -> Group:
        return read_group(self.desk.vault.open(child_key(uow, fact.child_ref), f"fact/{fact.fact_id}", fact.sealed))

    def _all(self, uow: UnitOfWork, child: ChildRef) -> list[Group]:
        return [self._shown(uow, fact) for fact in uow.facts.of_child(child) if fact.kind in _TOLD]

    def _shown(self, uow: UnitOfWork, fact: FactRow) -> Group:
        return {"id": fact.fact_id, "kind": fact.kind, "fact": self._open(uow, fact)}

    def _tell(self, uow: UnitOfWork, child: ChildRef, kind: EventKind, words: dict[str, Tree], actor: str) -> None:
        about = About(actor=actor, organisation=self.desk.sender, children=(child,))
        self.desk.trail.tell(uow, kind, words, at=self.desk.clock.now(), about=about)
