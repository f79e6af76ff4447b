"""How are court orders about telling of a child kept, and what stops when one forbids it?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from gateway.audit.event import EventKind
from gateway.consent.court_order import RecordedOrder
from gateway.consent.law_json import check_order, law_to_json, order_from_json
from gateway.consent.question import Recipient
from gateway.consent.statement_rules import Terms
from gateway.errors import ConflictError, NotAllowedError, Place, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.conversing.notices import Notifier
from gateway.flows.deciding.law_facts import ORDER
from gateway.flows.facts.child_facts import ChildFacts
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Organisation
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True)
class CourtOrders:
    """Keeps court orders."""

    desk: Desk
    notifier: Notifier

    @property
    def facts(self) -> ChildFacts:
        """Return the keeper of facts of this kind."""
        return ChildFacts(desk=self.desk, kind=ORDER, argument="order")

    def record(self, child: ChildRef, said: Group, *, actor: str) -> str:
        """Keep an order that *actor* has seen, not yet verified, and return its id.

        Raises:
            NotFoundError: no such child.
            SchemaViolationError: not an order, or one about an organisation that nobody here knows; the path names the
                field.
        """
        order = check_order({**said, "recorded_by": actor})
        fact_id = f"{ORDER}/{self.desk.ids.fresh('ord')}"
        self.desk.store.write(lambda uow: self._record(uow, child, fact_id, order, actor))
        return fact_id

    def verify(self, child: ChildRef, fact_id: str, *, actor: str) -> None:
        """Write down that *actor* has verified an order with the court.

        Raises:
            NotFoundError: the child has no such order.
            NotAllowedError: *actor* recorded it.
            ConflictError: it was verified before.
        """
        self.desk.store.write(lambda uow: self._verify(uow, child, fact_id, actor))

    def end(self, child: ChildRef, fact_id: str, *, actor: str) -> None:
        """Write down that an order holds no more.

        Raises:
            NotFoundError: the child has no such order.
        """
        self.desk.store.write(lambda uow: self._end(uow, child, fact_id, actor))

    def _record(self, uow: UnitOfWork, child: ChildRef, fact_id: str, order: RecordedOrder, actor: str) -> None:
        wider = self.desk.policy.tables.terms.wider
        check_known(uow, order.recipients, types=None if order.requires else wider)
        self.facts.put(uow, child, fact_id, law_to_json(order))
        self._tell(uow, child, EventKind.ORDER_RECORDED, fact_id, order, actor)
        self.stop(uow, child, order)

    def stop(self, uow: UnitOfWork, child: ChildRef, order: RecordedOrder) -> None:
        """Tell those whom nothing may be told to stop sharing what they have; whom it does not name it does not bind.

        One that begins later is told of at once: nobody could share less by waiting.
        """
        at = self.desk.clock.now()
        if not order.requires and not order.is_over(at):
            terms = self.desk.policy.tables.terms
            forbidden = partial(_is_named, order, terms)
            self.notifier.stop_forbidden(uow, child, forbidden, at=at)

    def _verify(self, uow: UnitOfWork, child: ChildRef, fact_id: str, actor: str) -> None:
        order = order_from_json(self.facts.get(uow, child, fact_id))
        if order.is_verified:
            raise ConflictError("this order was verified before", place=Place(path="order"))
        if order.recorded_by == actor:
            raise NotAllowedError("another person than the one who recorded it must verify it with the court")
        at = self.desk.clock.now()
        verified = replace(order, verified_by=actor, verified_at=at, version=order.version + 1)
        self.facts.put(uow, child, fact_id, law_to_json(verified))
        self._tell(uow, child, EventKind.ORDER_VERIFIED, fact_id, verified, actor)

    def _end(self, uow: UnitOfWork, child: ChildRef, fact_id: str, actor: str) -> None:
        ended = order_from_json(self.facts.end(uow, child, fact_id))
        self._tell(uow, child, EventKind.ORDER_ENDED, fact_id, ended, actor)

    def _tell(
        self, uow: UnitOfWork, child: ChildRef, kind: EventKind, fact_id: str, order: RecordedOrder, actor: str
    ) -> None:
        told = law_to_json(order)
        self.facts.tell(uow, child, kind, {"fact_id": fact_id, "order": order.kind, "fact": told}, actor=actor)


def _is_named(order: RecordedOrder, terms: Terms, one: Organisation) -> bool:
    return order.names(Recipient(organisation=one.organisation, type=one.type), terms)


def check_known(uow: UnitOfWork, recipients: tuple[str, ...], *, types: Mapping[str, str] | None) -> None:
    """Return when each of *recipients* is an organisation here or, if types may be named, a type of one.

    *types* names the wider type that a narrower one belongs to: either may be named.

    A name that nobody has would be an order, or a finding of harm, that binds nobody.

    Raises:
        SchemaViolationError: the path names the one that is none.
    """
    held = uow.directory.organisations()
    known = {str(one.organisation) for one in held}
    if types is not None:
        known |= {one.type for one in held} | {*types, *types.values()}
    for number, name in enumerate(recipients):
        if name not in known:
            what = "no organisation" if types is None else "no organisation, and no type of one,"
            raise SchemaViolationError(
                f"{what} here is called that; see partners list", place=Place(path=f"recipients[{number}]")
            )
