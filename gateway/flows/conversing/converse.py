"""How does a conversation go on? Load, step, save: what may happen next is decided in `gateway.conversations`."""

from dataclasses import dataclass
from datetime import datetime

from gateway.audit.event import EventKind
from gateway.conversations.effects import Note, Rejected, Transition
from gateway.conversations.feedback import referrer_class
from gateway.conversations.notices import SETTLED_BY_ARRIVAL
from gateway.conversations.referral import step
from gateway.conversations.referral_clock import DECIDE
from gateway.conversations.referral_decision import UNTOLD, may_go_back
from gateway.conversations.referral_events import (
    AcknowledgedByMash,
    ClockRanOut,
    Decided,
    FedBack,
    HandedOver,
    NotFedBack,
    NotHandedOver,
    Received,
    ReferralEvent,
    ReferralFacts,
    Returned,
)
from gateway.conversations.referral_state import ReferralState, referral_from_json, referral_to_json
from gateway.conversations.review import due_at, role_for
from gateway.errors import PermanentError
from gateway.flows.context import Desk
from gateway.flows.conversing.case_names import REFERRAL, REQUEST, open_names, seal_names
from gateway.flows.conversing.cases import Cases
from gateway.flows.conversing.effects import Effector, Step
from gateway.flows.deciding.gather import flags_of
from gateway.flows.documents import read_group
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation, Delivery, Message, Record, Timer
from gateway.flows.trail import About
from gateway.formats.json import write_json
from gateway.model.document import from_tree
from gateway.model.identifiers import RecordId
from gateway.model.referral import Level, MashDecision, RequestType
from gateway.model.tree import Group, Tree

DECISION = "mash.decision"
DECIDED_ABOUT = (REFERRAL, REQUEST)
"""The documents a MASH decides about."""
_SENDER = {REFERRAL: "referrer", REQUEST: "requested_by"}
"""What each of them calls whoever sent it."""
_FEEDBACK = "mash.feedback.sent"
NOTICE = "caf.notice.sent"
_BREACH = "clock.breached"
_PROTECTED = frozenset({"ADDRESS_WITHHELD", "ADOPTED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Converser:
    """Drives the conversations about referrals and about requests to start."""

    desk: Desk
    asker: Asker
    effector: Effector
    cases: Cases

    def received(
        self, uow: UnitOfWork, message: Message, record: Record, tree: Group, held: Conversation, *, at: datetime
    ) -> None:
        """Begin *held*, or go on with it: *record*, a referral or a request, has come in."""
        level, kind = tree.get("level"), tree.get("request_type")
        referrer = tree.get(_SENDER[record.document])
        sender = uow.directory.organisation(message.organisation)
        event = Received(
            record=record.record_id,
            reference=str(tree["reference"]),
            level=Level(level) if isinstance(level, str) else None,
            request_type=RequestType(kind) if isinstance(kind, str) else None,
            referrer=referrer_class(sender.type, referrer if isinstance(referrer, dict) else None),
        )
        self._step(uow, held, event, message, at)

    def heard(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None:
        """Go on with the conversation that *record*, an answer of the MASH, belongs to."""
        decision = from_tree(DECISION, tree)
        if not isinstance(decision, MashDecision):
            raise TypeError("a mash.decision tree tells a MashDecision")
        held = self.cases.answered(uow, message, tree, DECIDED_ABOUT)
        answer = _said(decision, at)
        if held is None or answer is None:
            error = PermanentError("no referral or request of this reference waits for this", code="unknown-reference")
            self.ask_to_correct(uow, message, error, subject_id=record.record_id, at=at)
            return
        self._step(uow, held, answer, message, at)

    def may_go_back(self, uow: UnitOfWork, record: Record) -> bool:
        """Tell whether *record*, a form just kept, may go back unseen: nobody works on an earlier form of its case."""
        if record.conversation_id is None:
            return True
        return may_go_back(self._state_of(uow.conversations.get(record.conversation_id)))

    def returned(
        self, uow: UnitOfWork, message: Message, record: Record, missing: tuple[str, ...], *, at: datetime
    ) -> None:
        """End the conversation *record* has begun, for now: it goes back, and its sender is told what is *missing*."""
        if record.conversation_id is None:
            raise TypeError("a form that goes back always has a conversation")
        held = uow.conversations.get(record.conversation_id)
        self._step(uow, held, Returned(missing=missing), message, at)

    def handed_over(self, uow: UnitOfWork, record: Record, delivery: Delivery, *, at: datetime) -> None:
        """Tell the conversation that a partner acknowledged *delivery*, or whoever sees to it that a notice arrives."""
        if delivery.kind == NOTICE:
            duties, name = self.effector.orderer.sharer.duties, delivery.delivery_id
            duties.settle(uow, name, codes=SETTLED_BY_ARRIVAL, outcome="acknowledged", at=at)
        self._delivered(uow, record, delivery, HandedOver(record=record.record_id), FedBack, at)

    def not_handed_over(self, uow: UnitOfWork, record: Record, delivery: Delivery, *, at: datetime) -> None:
        """Tell the conversation that *delivery* ended without having arrived."""
        self._delivered(uow, record, delivery, NotHandedOver(record=record.record_id), NotFedBack, at)

    def clock_ran_out(self, uow: UnitOfWork, timer: Timer, *, at: datetime) -> None:
        """Tell the conversation that its time has come."""
        held = uow.conversations.get(timer.conversation_id)
        self._step(uow, held, ClockRanOut(kind=timer.kind), None, at)

    def ask_to_correct(
        self, uow: UnitOfWork, message: Message, error: PermanentError, *, subject_id: str, at: datetime
    ) -> None:
        """Put what no mapping could carry, or no conversation take, before a person: nothing is lost by being wrong."""
        level = "L4" if message.lane == 0 else None
        self.asker.ask(
            uow,
            Asked(
                kind="correction",
                reason=f"H-CORRECT:{error.code}",
                role=role_for("H-CORRECT"),
                subject_id=subject_id,
                due_at=due_at(level, at, self.desk.calendar),
                message_id=message.message_id,
            ),
        )

    def _delivered(
        self,
        uow: UnitOfWork,
        record: Record,
        delivery: Delivery,
        to_mash: HandedOver | NotHandedOver,
        fed_back: type[FedBack | NotFedBack],
        at: datetime,
    ) -> None:
        if record.conversation_id is None:
            return
        held = uow.conversations.get(record.conversation_id)
        if delivery.kind == _FEEDBACK:
            self._step(uow, held, fed_back(), None, at)
        elif record.document in DECIDED_ABOUT:
            self._step(uow, held, to_mash, None, at)

    def _step(
        self, uow: UnitOfWork, held: Conversation, event: ReferralEvent, message: Message | None, at: datetime
    ) -> None:
        before = self._state_of(held) if held.body else None
        facts = self._facts(uow, before)
        answer = step(before, event, facts, at)
        match answer:
            case Rejected():
                self._rejected(uow, held, answer, message, at)
            case Transition(state=after):
                self._save(uow, held, before, after)
                self._tell(uow, held, event, (before, after), answer.effects, at)
                self._tell_breach(uow, held, after, answer.effects, at)
                done = Step(conversation=held, state=after, message=message)
                self.effector.perform(uow, done, answer.effects, at=at)

    def _facts(self, uow: UnitOfWork, state: ReferralState | None) -> ReferralFacts:
        subjects = uow.records.get(RecordId(state.records[-1])).subjects if state else ()
        flags = {flag.flag for flag in flags_of(self.desk, uow, subjects)}
        return ReferralFacts(
            calendar=self.desk.calendar,
            connected=frozenset(route.message for route in self.desk.routes.routes),
            disagree=self.desk.disagree,
            is_protected=bool(flags & _PROTECTED),
        )

    def _save(self, uow: UnitOfWork, held: Conversation, before: ReferralState | None, after: ReferralState) -> None:
        if before == after:
            return
        uow.conversations.save(
            Conversation(
                conversation_id=held.conversation_id,
                kind=held.kind,
                reference=held.reference,
                state=after.stage.value,
                body=self._body_of(held, after),
                version=held.version,
            )
        )

    def _body_of(self, held: Conversation, state: ReferralState) -> str:
        """Return *state* as it is stored."""
        return seal_names(self.desk.vault, held.conversation_id, read_group(referral_to_json(state).encode()))

    def _state_of(self, held: Conversation) -> ReferralState:
        """Return the state that was stored, or raise IntegrityError."""
        return referral_from_json(write_json(open_names(self.desk.vault, held)).decode())

    def _rejected(
        self, uow: UnitOfWork, held: Conversation, answer: Rejected, message: Message | None, at: datetime
    ) -> None:
        """A step that cannot be taken is audited and, when somebody sent it, put before a person with the remedy."""
        words: dict[str, Tree] = {
            "conversation_id": held.conversation_id,
            "conversation": held.kind,
            "step": "rejected",
            "reason": answer.code,
        }
        self.desk.trail.tell(uow, EventKind.CONVERSATION_STEPPED, words, at=at, about=About())
        if message is not None:
            error = PermanentError(answer.message, code=answer.code)
            self.ask_to_correct(uow, message, error, subject_id=held.conversation_id, at=at)

    def _tell(
        self,
        uow: UnitOfWork,
        held: Conversation,
        event: ReferralEvent,
        states: tuple[ReferralState | None, ReferralState],
        effects: tuple[object, ...],
        at: datetime,
    ) -> None:
        (before, after), why = states, _why_untold(effects)
        words: dict[str, Tree] = {
            "conversation_id": held.conversation_id,
            "conversation": held.kind,
            "step": type(event).__name__,
            "from_state": before.stage.value if before else "none",
            "to_state": after.stage.value,
            **({"reason": why} if why else {}),
        }
        self.desk.trail.tell(uow, EventKind.CONVERSATION_STEPPED, words, at=at, about=_about(uow, after))

    def _tell_breach(
        self, uow: UnitOfWork, held: Conversation, after: ReferralState, effects: tuple[object, ...], at: datetime
    ) -> None:
        if any(isinstance(effect, Note) and effect.code == _BREACH for effect in effects):
            words: dict[str, Tree] = {"timer": DECIDE, "conversation": held.kind}
            self.desk.trail.tell(uow, EventKind.TIMER_BREACHED, words, at=at, about=_about(uow, after))


def _why_untold(effects: tuple[object, ...]) -> str | None:
    """Return why *effects* hold no feedback, where the log is to say so."""
    notes = (effect for effect in effects if isinstance(effect, Note) and effect.code == UNTOLD)
    return next((note.details["reason"] for note in notes), None)


def _about(uow: UnitOfWork, state: ReferralState) -> About:
    record = uow.records.get(RecordId(state.records[-1]))
    return About(children=record.subjects, message_id=record.message_id)


def _said(decision: MashDecision, at: datetime) -> ReferralEvent | None:
    """Return what the MASH says, as an event; None when it says neither of the two things it can say."""
    if decision.step == "acknowledged":
        return AcknowledgedByMash(mash_reference=decision.mash_reference, said_at=decision.at)
    if decision.step == "decided" and decision.outcome is not None:
        return Decided(
            outcome=decision.outcome,
            decided_at=decision.at or at,
            mash_reference=decision.mash_reference,
            reason=decision.reason,
            advice=decision.advice,
            service=decision.service,
            contact=decision.contact,
            missing=decision.missing,
        )
    return None
