"""How does an authorised person let a document go at once, because a child is in danger now?

The rules are asked again as an emergency. What they forbid even then stays forbidden: a sender, channel or recipient
nobody knows, a court's prohibition, what the police hold back whole; and all that must be withheld is withheld. The
reason is kept, and another person looks at it afterwards.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.consent.question import PersonDecision, Purpose
from gateway.conversations.duties import RATIONALE, REVIEW_AFTER
from gateway.errors import ConflictError
from gateway.flows.by_hand.aftercare import RECALLED
from gateway.flows.context import Desk
from gateway.flows.deciding.sharing import Order, Sharer
from gateway.flows.documents import open_document
from gateway.flows.people.duties import Opening, Word
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Lane, State
from gateway.flows.trail import About
from gateway.model.identifiers import DeliveryId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

_HELD = frozenset({State.IN_REVIEW, State.HELD_LABEL, State.HELD_MATCH})
_MAY_BE_RELEASED = _HELD | {State.REFUSED, State.WITHDRAWN}
_REORDERED = "re-ordered"
_BROKEN = "break-glass"
_COULD_TELL = "H-DA"
"""The one question an emergency would still ask (rows 8 and 8b): whoever breaks the glass has answered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBreaker:
    """Releases what is held or refused, in an emergency."""

    desk: Desk
    sharer: Sharer

    def release(self, delivery_id: DeliveryId, word: Word) -> Delivery:
        """Order the document of a held or refused delivery anew, as an emergency, and return the new delivery.

        Raises:
            NotFoundError: there is no such delivery.
            ConflictError: it is on its way or has gone, or what forbids it holds in an emergency too; the message
                names the rule's reason, and nothing has changed.
        """
        return self.desk.store.write(lambda uow: self._release(uow, delivery_id, word))

    def _release(self, uow: UnitOfWork, delivery_id: DeliveryId, word: Word) -> Delivery:
        at, delivery = self.desk.clock.now(), uow.deliveries.get(delivery_id)
        if delivery.state not in _MAY_BE_RELEASED or delivery.reason in {RECALLED, _REORDERED}:
            raise ConflictError("nothing holds this document back; see messages trace")
        self._lay_down(uow, delivery, at)
        released = self.sharer.order(uow, self._order(uow, delivery, word), at=at)
        if released.state is not State.ORDERED:
            raise ConflictError(f"this is forbidden in an emergency too: {released.reason}", code="forbidden")
        self._tell(uow, released, word, at)
        opening = Opening(
            code=RATIONALE,
            subject=released.delivery_id,
            reason=_BROKEN,
            children=released.subjects,
            message_id=released.message_id,
            recipient=released.recipient,
        )
        self.sharer.duties.keep_at_once(uow, opening, replace(word, outcome="recorded"), at=at)
        self.sharer.duties.open(uow, replace(opening, code=REVIEW_AFTER, not_by=word.by), at=at)
        return released

    def _lay_down(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> None:
        """Close *delivery*, whose place a new one takes, and whatever a person is asked about it."""
        closed = replace(delivery, state=State.WITHDRAWN, reason=_REORDERED, ready_at=None)
        uow.deliveries.save(closed)
        if delivery.state in _HELD:
            self.sharer.tell(uow, closed, EventKind.DELIVERY_WITHDRAWN, {}, at=at)
        about = About(children=delivery.subjects, message_id=delivery.message_id)
        self.sharer.asker.settle(uow, delivery.delivery_id, about, code=_BROKEN)

    def _order(self, uow: UnitOfWork, delivery: Delivery, word: Word) -> Order:
        record = uow.records.get(delivery.record_id)
        routes = self.desk.routes.of(delivery.kind)
        return Order(
            record=record,
            tree=open_document(self.desk.vault, uow, record),
            route=next(route for route in routes if route.format == delivery.format),
            recipient=delivery.recipient,
            requester=uow.messages.get(record.message_id).organisation,
            lane=Lane.URGENT,
            purpose=Purpose.EMERGENCY,
            decided=PersonDecision(choice="permit", role=word.role, reason=_COULD_TELL),
        )

    def _tell(self, uow: UnitOfWork, released: Delivery, word: Word, at: datetime) -> None:
        words: dict[str, Tree] = {
            "delivery_id": released.delivery_id,
            "message_id": released.message_id,
            "recipient": released.recipient,
            "format": released.format,
            "purpose": released.purpose,
            "role": word.role,
            "rationale": word.note,
        }
        about = About(
            actor=word.by, organisation=self.desk.sender, children=released.subjects, message_id=released.message_id
        )
        self.desk.trail.tell(uow, EventKind.GLASS_BROKEN, words, at=at, about=about)
