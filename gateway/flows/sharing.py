"""May it go, and if so, what is due to whom? Decides per recipient and stores what follows from the answer."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.audit.event import Event, EventKind
from gateway.consent.decide import decide
from gateway.consent.decision import Decision, Grounds, Permit, Refusal, Review
from gateway.consent.question import Mode, PersonDecision, Purpose
from gateway.consent.question_json import decision_to_json
from gateway.conversations.review import due_at, role_for
from gateway.flows.context import Desk
from gateway.flows.gather import Sharing, epoch_names, gather
from gateway.flows.ports import UnitOfWork
from gateway.flows.routes import Route
from gateway.flows.rows import Delivery, Lane, PermitRow, Record, ReviewTask, State
from gateway.formats.json import write_json
from gateway.model.identifiers import DeliveryId, OrganisationId, PermitId, ReviewId
from gateway.model.tree import Group

_PROTECTION = frozenset({Purpose.SAFEGUARD_S47, Purpose.EMERGENCY})
_STATE_OF_REVIEW = {"H-MATCH": State.HELD_MATCH, "H-MATCH-CONF": State.HELD_MATCH}
_IDEMPOTENT = "idempotent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a route asks for: this record, to this recipient, as this route says."""

    record: Record
    tree: Group
    route: Route
    recipient: OrganisationId
    requester: OrganisationId
    lane: Lane


class Sharer:
    """Decides and orders. A refusal is a value here: it is stored, audited, and said to whoever must act on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def order(self, uow: UnitOfWork, order: Order, *, at: datetime) -> Delivery:
        """Store the decision about *order* and the delivery, refusal or review that follows from it."""
        level, kind = order.tree.get("level"), order.tree.get("request_type")
        purpose = order.route.purpose_at(str(level) if level else None, str(kind) if kind else None)
        sharing = Sharing(
            record=order.record,
            tree=order.tree,
            recipient=order.recipient,
            requester=order.requester,
            purpose=purpose,
            mode=order.route.mode,
            direction=order.route.direction,
        )
        lane = Lane.URGENT if purpose in _PROTECTION else order.lane
        delivery = self._delivery(uow, order, sharing, lane, at)
        decision, permit_id = self.decide(uow, sharing, at=at)
        settled = self.settle(uow, replace(delivery, permit_id=permit_id), decision, at=at)
        uow.deliveries.add(settled)
        self._audit(uow, settled, EventKind.DELIVERY_ORDERED, {"state": settled.state.value}, at)
        if settled.state is State.ORDERED:
            uow.wake(f"delivery.{lane.name.lower()}", settled.delivery_id)
        return settled

    def decide(self, uow: UnitOfWork, sharing: Sharing, *, at: datetime) -> tuple[Decision, PermitId]:
        """Return the decision about *sharing* as facts stand now, stored and audited."""
        question = gather(self._desk, uow, sharing)
        epochs = uow.epochs.current(epoch_names(sharing))
        decision = decide(question, policy=self._desk.policy, epochs=epochs)
        permit_id = PermitId(self._desk.ids.fresh("prm"))
        body = decision_to_json(decision)
        row = PermitRow(
            permit_id=permit_id,
            record_id=sharing.record.record_id,
            recipient=sharing.recipient,
            result=str(body["result"]),
            reason=decision.grounds.reason,
            body=write_json(body).decode(),
            decided_at=at,
        )
        uow.permits.add(row)
        self._audit_decision(uow, sharing, decision, row, at)
        return decision, permit_id

    def settle(self, uow: UnitOfWork, delivery: Delivery, decision: Decision, *, at: datetime) -> Delivery:
        """Return *delivery* as *decision* leaves it; a question for a person is opened here."""
        reason = decision.grounds.reason
        bare = replace(delivery, reason=reason, sealed_document=None, wrapped_key=None, document_sha256=None)
        match decision:
            case Permit():
                return replace(bare, state=State.ORDERED, ready_at=at)
            case Review():
                self.ask(uow, bare, decision.grounds, at=at)
                return replace(bare, state=_STATE_OF_REVIEW.get(reason, State.IN_REVIEW), ready_at=None)
            case Refusal():
                if Purpose(delivery.purpose) in _PROTECTION:
                    self.ask(uow, bare, decision.grounds, at=at)
                return replace(bare, state=State.REFUSED, ready_at=None)

    def ask(self, uow: UnitOfWork, delivery: Delivery, grounds: Grounds, *, at: datetime) -> None:
        """Put the question of *delivery* before the role that may answer it, with its clock."""
        level = "L4" if grounds.purpose in _PROTECTION else "L3" if grounds.purpose is Purpose.SAFEGUARD_S17 else "L2"
        task = ReviewTask(
            review_id=ReviewId(self._desk.ids.fresh("rev")),
            kind="sharing",
            reason=grounds.reason,
            role=role_for(grounds.reason),
            subject_id=delivery.delivery_id,
            opened_at=at,
            due_at=due_at(level, at, self._desk.calendar),
        )
        uow.reviews.add(task)
        self._audit(uow, delivery, EventKind.REVIEW_OPENED, {"review_id": task.review_id, "role": task.role}, at)

    def sharing_of(
        self, uow: UnitOfWork, delivery: Delivery, tree: Group, decided: PersonDecision | None = None
    ) -> Sharing:
        """Return the sharing a stored delivery stands for, to decide it again."""
        record = uow.records.get(delivery.record_id)
        route = next(route for route in self._desk.routes.of(delivery.kind) if route.format == delivery.format)
        return Sharing(
            record=record,
            tree=tree,
            recipient=delivery.recipient,
            requester=uow.messages.get(record.message_id).organisation,
            purpose=Purpose(delivery.purpose),
            mode=Mode(delivery.mode),
            direction=route.direction,
            decided=decided,
        )

    def _delivery(self, uow: UnitOfWork, order: Order, sharing: Sharing, lane: Lane, at: datetime) -> Delivery:
        profile = uow.directory.organisation(order.recipient).profile
        return Delivery(
            delivery_id=DeliveryId(self._desk.ids.fresh("dlv")),
            record_id=order.record.record_id,
            message_id=order.record.message_id,
            recipient=order.recipient,
            kind=order.route.message,
            format=order.route.format,
            purpose=sharing.purpose.value,
            mode=sharing.mode.value,
            lane=lane,
            subjects=order.record.subjects,
            permit_id=None,
            state=State.ORDERED,
            idempotency=str(profile.get("idempotency", _IDEMPOTENT)),
            created_at=at,
            ready_at=at,
        )

    def _audit_decision(
        self, uow: UnitOfWork, sharing: Sharing, decision: Decision, row: PermitRow, at: datetime
    ) -> None:
        grounds = decision.grounds
        event = Event(
            kind=EventKind.DECISION_MADE,
            at=at,
            actor="gateway",
            organisation=sharing.recipient,
            reference={
                "permit_id": row.permit_id,
                "result": row.result,
                "reason": row.reason,
                "rules": " ".join(str(number) for number in grounds.rules),
                "purpose": grounds.purpose.value,
                "mode": grounds.mode.value,
                "policy_version": grounds.policy_version,
                "facts_digest": grounds.facts_digest,
            },
        )
        self._desk.trail.record_of(uow, event, sharing.record.subjects, message_id=sharing.record.message_id)

    def _audit(self, uow: UnitOfWork, delivery: Delivery, kind: EventKind, more: dict[str, str], at: datetime) -> None:
        event = Event(
            kind=kind,
            at=at,
            actor="gateway",
            organisation=delivery.recipient,
            reference={
                "delivery_id": delivery.delivery_id,
                "message": delivery.kind,
                "format": delivery.format,
                "reason": delivery.reason or "",
                **more,
            },
        )
        self._desk.trail.record_of(uow, event, delivery.subjects, message_id=delivery.message_id)
