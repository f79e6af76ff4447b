"""May it go, and if so, what is due to whom? Decides per recipient and stores what follows from the answer."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.audit.event import EventKind
from gateway.consent.decision import Decision, Grounds, Permit, Refusal, Review
from gateway.consent.question import Mode, Override, PersonDecision, Purpose
from gateway.consent.question_json import decision_to_json
from gateway.consent.together import decide_together
from gateway.conversations.returned import Standing
from gateway.conversations.review import due_at, level_behind, role_for
from gateway.flows.context import Desk
from gateway.flows.deciding.asked_again import kept_questions
from gateway.flows.deciding.decision_words import decision_words
from gateway.flows.deciding.gather import NO_CONTENT, Sharing, epoch_names, gather, holds_content
from gateway.flows.documents import open_document
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.people.duties import DutyKeeper
from gateway.flows.people.label_clock import H_LABEL
from gateway.flows.ports import UnitOfWork
from gateway.flows.routes import Route
from gateway.flows.store.rows import Delivery, Lane, PermitRow, Record, State
from gateway.flows.tally import Counted
from gateway.flows.trail import About
from gateway.formats.json import write_json
from gateway.model.identifiers import DeliveryId, OrganisationId, PermitId
from gateway.model.referral import Level
from gateway.model.tree import Group, Tree

PROTECTION = frozenset({Purpose.SAFEGUARD_S47, Purpose.EMERGENCY})
"""What ends in delivery or with a named person within the hour."""
WAITING = frozenset({State.IN_REVIEW, State.HELD_MATCH})
"""States in which a delivery waits for a person's word."""
_HELD = {"H-MATCH": State.HELD_MATCH, "H-MATCH-CONF": State.HELD_MATCH}
_IDEMPOTENT = "idempotent"
_ABOUT_CONSENT = frozenset({"H-CAPACITY", "H-VERBAL", "H-PARENT-CONFLICT"})
"""Questions that an answer about consent may settle once somebody has said what it means."""
_GRAVEST = frozenset({Level.L4.value, Level.IMMEDIATE.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a route asks for: this record, to this recipient, as this route says.

    Shape: `standing` is that of a form that has come in just now, where it may go back to its sender. `purpose` stands
    in place of what the route says it is for; `decided` is a person's word that goes with it.
    """

    record: Record
    tree: Group
    route: Route
    recipient: OrganisationId
    requester: OrganisationId
    lane: Lane
    standing: Standing | None = None
    purpose: Purpose | None = None
    decided: PersonDecision | None = None


@dataclass(frozen=True, slots=True)
class Sharer:
    """Decides and orders. A refusal is a value here: it is stored, audited, and said to whoever must act on it."""

    desk: Desk
    asker: Asker
    duties: DutyKeeper

    def order(self, uow: UnitOfWork, order: Order, *, at: datetime) -> Delivery:
        """Store the decision about *order* and the delivery, refusal or review that follows from it."""
        purpose = order.purpose or order.route.purpose_of(order.tree)
        sharing = Sharing(
            record=order.record,
            tree=order.tree,
            recipient=order.recipient,
            requester=order.requester,
            purpose=purpose,
            mode=order.route.mode,
            direction=order.route.direction,
            standing=order.standing,
            decided=order.decided,
        )
        lane = Lane.URGENT if _is_protection(purpose, order.tree.get("level")) else order.lane
        delivery = self._delivery(uow, order, sharing, lane, at)
        decision, permit_id = self.decide(uow, sharing, at=at)
        settled = self.settle(uow, replace(delivery, permit_id=permit_id), decision, at=at)
        uow.deliveries.add(settled)
        self.tell(uow, settled, EventKind.DELIVERY_ORDERED, {}, at=at)
        if settled.state is State.ORDERED:
            uow.wake(f"delivery.{lane.name.lower()}", settled.delivery_id)
        return settled

    def decide(self, uow: UnitOfWork, sharing: Sharing, *, at: datetime) -> tuple[Decision, PermitId]:
        """Return the decision about *sharing* as facts stand now, stored and audited."""
        # Counters are read before what they count: a fact that changes between the two makes the answer stale, never
        # an old answer current.
        names = epoch_names(sharing.record.subjects, sharing.recipient, sharing.mode)
        epochs = uow.epochs.current(names)
        questions = gather(self.desk, uow, sharing)
        rules = self.desk.rules.at(self.desk.authority, questions[0].at)
        decision = rules.capped(decide_together(*questions, policy=rules.policy, epochs=epochs))
        permit_id = PermitId(self.desk.ids.fresh("prm"))
        body = decision_to_json(decision)
        row = PermitRow(
            permit_id=permit_id,
            record_id=sharing.record.record_id,
            recipient=sharing.recipient,
            result=str(body["result"]),
            reason=decision.grounds.reason,
            body=write_json(body).decode(),
            decided_at=at,
            questions=kept_questions(self.desk, uow, permit_id, questions, sharing.record.subjects, rules),
        )
        uow.permits.add(row)
        self.desk.tally.count(Counted.DECIDED, row.result, row.reason)
        words = {"policy_sha256": rules.policy.digest, **decision_words(sharing, questions, decision, row)}
        about = About(children=sharing.record.subjects, message_id=sharing.record.message_id)
        self.desk.trail.tell(uow, EventKind.DECISION_MADE, words, at=at, about=about)
        return decision, permit_id

    def settle(self, uow: UnitOfWork, delivery: Delivery, decision: Decision, *, at: datetime) -> Delivery:
        """Return *delivery* as *decision* leaves it; a question for a person is opened here."""
        reason = decision.grounds.reason
        bare = replace(delivery, reason=reason, sealed_document=None, wrapped_key=None, document_sha256=None)
        match decision:
            case Permit() if self._waits_for_a_label(uow, delivery):
                return replace(bare, state=State.HELD_LABEL, reason=H_LABEL, ready_at=None)
            case Permit():
                return replace(bare, state=State.ORDERED, ready_at=at)
            case Review() if reason in _ABOUT_CONSENT and self._waits_for_a_label(uow, delivery):
                return replace(bare, state=State.HELD_LABEL, reason=H_LABEL, ready_at=None)
            case Review():
                self._ask(uow, bare, decision.grounds, at)
                self.duties.incur(uow, bare, decision.grounds, at=at)
                return replace(bare, state=_HELD.get(reason, State.IN_REVIEW), ready_at=None)
            case Refusal():
                if self.protects(uow, delivery):
                    self._ask(uow, bare, decision.grounds, at)
                self.duties.incur(uow, bare, decision.grounds, at=at)
                return replace(bare, state=State.REFUSED, ready_at=None)

    def _waits_for_a_label(self, uow: UnitOfWork, delivery: Delivery) -> bool:
        """Tell whether *delivery* must wait until a person has said what an answer in it means.

        What a sender conveys goes on as they wrote it: the receiver reads the label itself. And no unmapped answer
        holds up what protects a child, or what holds routing data only.
        """
        if Mode(delivery.mode) is Mode.CONVEY or not holds_content(delivery):
            return False
        is_held = uow.records.get(delivery.record_id).state is State.HELD_LABEL
        return is_held and not self.protects(uow, delivery)

    def sharing_of(
        self,
        uow: UnitOfWork,
        delivery: Delivery,
        tree: Group,
        decided: PersonDecision | None = None,
        override: Override | None = None,
    ) -> Sharing:
        """Return the sharing a stored delivery stands for, to decide it again."""
        record = uow.records.get(delivery.record_id)
        route = next(route for route in self.desk.routes.of(delivery.kind) if route.format == delivery.format)
        return Sharing(
            record=record,
            tree=tree,
            recipient=delivery.recipient,
            requester=uow.messages.get(record.message_id).organisation,
            purpose=Purpose(delivery.purpose),
            mode=Mode(delivery.mode),
            direction=route.direction,
            decided=decided,
            override=override,
        )

    def level_of(self, uow: UnitOfWork, delivery: Delivery) -> str | None:
        """Return the need behind *delivery*: that of its purpose, or the graver one its document tells of."""
        return level_behind(delivery.purpose, _word(self._level_told(uow, delivery)))

    def protects(self, uow: UnitOfWork, delivery: Delivery) -> bool:
        """Tell whether *delivery* protects a child: by what it is for, or because its document tells of level 4."""
        return may_protect(delivery) and _is_protection(Purpose(delivery.purpose), self._level_told(uow, delivery))

    def _level_told(self, uow: UnitOfWork, delivery: Delivery) -> Tree:
        return open_document(self.desk.vault, uow, uow.records.get(delivery.record_id)).get("level")

    def left(self, uow: UnitOfWork, marked: Delivery, permit: Permit, words: dict[str, Tree], *, at: datetime) -> None:
        """Audit that *marked* leaves now under *permit*, and open what that leaves people to do."""
        self.tell(uow, marked, EventKind.DELIVERY_HANDED_OVER, words, at=at)
        self.duties.incur(uow, marked, permit.grounds, at=at)

    def tell(
        self, uow: UnitOfWork, delivery: Delivery, kind: EventKind, more: dict[str, Tree], *, at: datetime
    ) -> None:
        """Audit something that happened to *delivery*."""
        words: dict[str, Tree] = {
            "message_id": delivery.message_id,
            "delivery_id": delivery.delivery_id,
            "permit_id": delivery.permit_id,
            "recipient": delivery.recipient,
            "format": delivery.format,
            "purpose": delivery.purpose,
            "mode": delivery.mode,
            "lane": delivery.lane.name.lower(),
            "state": delivery.state.value,
            "reason": delivery.reason,
            **more,
        }
        about = About(children=delivery.subjects, message_id=delivery.message_id)
        self.desk.trail.tell(uow, kind, words, at=at, about=about)

    def ask_about_dead_letter(self, uow: UnitOfWork, delivery: Delivery, *, at: datetime) -> None:
        """Tell a person that *delivery* will not arrive by itself: within the hour where it protects a child."""
        level = "L4" if self.protects(uow, delivery) else "L3"
        asked = Asked(
            kind="undelivered",
            reason="H-NOT-DELIVERED",
            role=role_for("H-NOT-DELIVERED"),
            subject_id=delivery.delivery_id,
            due_at=due_at(level, at, self.desk.calendar),
            message_id=delivery.message_id,
            children=delivery.subjects,
        )
        self.asker.ask(uow, asked)

    def arrived(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Close whatever a person is asked about *delivery*: it has arrived, and there is nothing left to decide."""
        about = About(children=delivery.subjects, message_id=delivery.message_id)
        self.asker.settle(uow, delivery.delivery_id, about, code=State.ACKNOWLEDGED.value)

    def _ask(self, uow: UnitOfWork, delivery: Delivery, grounds: Grounds, at: datetime) -> None:
        """Put the question of *delivery* before the role that may answer it, with its clock."""
        asked = Asked(
            kind="sharing",
            reason=grounds.reason,
            role=role_for(grounds.reason),
            subject_id=delivery.delivery_id,
            due_at=due_at(self.level_of(uow, delivery), at, self.desk.calendar),
            message_id=delivery.message_id,
            children=delivery.subjects,
        )
        self.asker.ask(uow, asked)

    def _delivery(self, uow: UnitOfWork, order: Order, sharing: Sharing, lane: Lane, at: datetime) -> Delivery:
        profile = uow.directory.organisation(order.recipient).profile
        return Delivery(
            delivery_id=DeliveryId(self.desk.ids.fresh("dlv")),
            record_id=order.record.record_id,
            message_id=order.record.message_id,
            recipient=order.recipient,
            kind=order.route.message,
            format=order.route.format,
            purpose=sharing.purpose.value,
            mode=sharing.mode.value,
            lane=lane,
            subjects=tuple(dict.fromkeys(order.record.subjects)),
            permit_id=None,
            state=State.ORDERED,
            idempotency=str(profile.get("idempotency", _IDEMPOTENT)),
            created_at=at,
            ready_at=at,
        )


def may_protect(delivery: Delivery) -> bool:
    """Tell without a look at its document whether *delivery* may protect a child; what does is in the urgent lane."""
    return Purpose(delivery.purpose) in PROTECTION or (delivery.lane is Lane.URGENT and holds_content(delivery))


def _is_protection(purpose: Purpose, level: Tree) -> bool:
    """Tell whether a document for *purpose* that tells of *level* protects a child; routing data never does."""
    return purpose in PROTECTION or (purpose not in NO_CONTENT and level in _GRAVEST)


def _word(value: Tree) -> str | None:
    return value if isinstance(value, str) else None
