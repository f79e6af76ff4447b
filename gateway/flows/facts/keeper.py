"""How do consent, protection flags, court orders and weighings change, and what stops when they do?

Every change raises the child's counter in the same transaction, so that nothing decided before it can be marked as
handed over after it.
"""

from dataclasses import dataclass

from gateway.consent.law_json import order_from_json
from gateway.consent.permission_json import permission_from_json
from gateway.flows.context import Desk
from gateway.flows.conversing.notices import Notifier
from gateway.flows.deciding import law_facts
from gateway.flows.deciding.law_facts import KINDS as LEGAL
from gateway.flows.documents import child_key, read_group
from gateway.flows.facts import flags, permissions
from gateway.flows.facts.court_orders import CourtOrders
from gateway.flows.facts.flags import Flags
from gateway.flows.facts.permissions import KINDS, Permissions
from gateway.flows.facts.weighings import Weighings
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import FactRow
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group

_TOLD = KINDS | LEGAL | {flags.FLAG}


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
    def flags(self) -> Flags:
        """Return the keeper of protection flags."""
        return Flags(self.desk, self.notifier)

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

    def tell_what_came_along(self, uow: UnitOfWork, child: ChildRef) -> None:
        """Tell those who have something about *child* what to stop by the facts that a join has copied to it."""
        at = self.desk.clock.now()
        for fact in (one for one in uow.facts.of_child(child) if one.fact_id.endswith(f"/{child}")):
            match fact.kind:
                case flags.FLAG:
                    self.flags.stop(uow, child, self._open(uow, fact))
                case law_facts.ORDER:
                    self.orders.stop(uow, child, order_from_json(self._open(uow, fact)))
                case permissions.CONSENT:
                    self.permissions.stop(uow, child, permission_from_json(self._open(uow, fact)), at=at)
                case _:
                    pass

    def held_about(self, child: ChildRef) -> list[Group]:
        """Return the child's facts as they are held: `{"id", "kind", "fact"}` each."""
        return self.desk.store.read(lambda uow: self._all(uow, child))

    def _open(self, uow: UnitOfWork, fact: FactRow) -> Group:
        return read_group(self.desk.vault.open(child_key(uow, fact.child_ref), f"fact/{fact.fact_id}", fact.sealed))

    def _all(self, uow: UnitOfWork, child: ChildRef) -> list[Group]:
        return [self._shown(uow, fact) for fact in uow.facts.of_child(child) if fact.kind in _TOLD]

    def _shown(self, uow: UnitOfWork, fact: FactRow) -> Group:
        return {"id": fact.fact_id, "kind": fact.kind, "fact": self._open(uow, fact)}
