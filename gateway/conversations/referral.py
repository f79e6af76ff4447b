"""What may happen to a referral next? Received, acknowledged, decided, fed back.

`step` never raises: what cannot be taken is Rejected with what to do about it, and what was taken before is a
Transition that changes nothing. So the same event delivered twice has one effect, and a late one does no harm.

The referral itself travels by its route as soon as it is kept; what this machine orders is what follows from it.
"""

from dataclasses import replace
from datetime import datetime

from gateway.conversations.clocks import decide_by, graver, is_urgent
from gateway.conversations.effects import Note, Order, Rejected, Transition
from gateway.conversations.feedback import waiting_feedback
from gateway.conversations.referral_clock import (
    NOT_DELIVERED,
    NOT_FED_BACK,
    Answer,
    ask,
    clock_notes,
    clock_ran_out,
    next_wake,
    settle,
    unchanged,
)
from gateway.conversations.referral_decision import decided, feedback_order, returned
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
from gateway.conversations.referral_state import ReferralState, Stage, Watch

_DECIDED = "decided"
_Later = HandedOver | NotHandedOver | AcknowledgedByMash | Decided | Returned | FedBack | NotFedBack | ClockRanOut


def step(state: ReferralState | None, event: ReferralEvent, facts: ReferralFacts, at: datetime) -> Answer:
    """Return the state after *event* at *at* (UTC) and what it asks for, or why it cannot be taken.

    Shape: `state` is None before anything is known under this reference.
    """
    if isinstance(event, Received):
        return _received(state, event, facts, at)
    if state is None:
        return Rejected(
            code="unknown-reference",
            message="no referral with this reference was received here",
            remedy="Check the reference: it is the one on the referral form, not the MASH's own number.",
        )
    return _step(state, event, facts, at)


def _step(state: ReferralState, event: _Later, facts: ReferralFacts, at: datetime) -> Answer:
    match event:
        case HandedOver() | NotHandedOver():
            return _delivered(state, event, facts, at)
        case AcknowledgedByMash():
            return _acknowledged(state, event, facts, at)
        case Decided():
            return decided(state, event, facts)
        case Returned():
            return returned(state, event, facts, at)
        case FedBack() | NotFedBack():
            return _feedback_went(state, event, facts, at)
        case ClockRanOut():
            return clock_ran_out(state, event, facts, at)


def _received(state: ReferralState | None, event: Received, facts: ReferralFacts, at: datetime) -> Answer:
    if state is None:
        return _started(None, event, facts, at)
    if event.record in state.records:
        return unchanged(state, "repeat")
    due = decide_by(graver(event.level, state.level), at, facts.calendar)
    # A correction never buys time: the first clock stands, unless there is none any more or a graver level is sooner.
    if state.watch is Watch.OFF or due < state.decide_by:
        return _started(state, event, facts, at)
    more = replace(state, records=(*state.records, event.record), level=graver(event.level, state.level))
    return unchanged(more, "referral.corrected")


def _started(before: ReferralState | None, event: Received, facts: ReferralFacts, at: datetime) -> Answer:
    """Return the step that starts the clock: for a new referral, or again for a corrected or graver one."""
    level = graver(event.level, before.level if before else None)
    fresh = ReferralState(
        reference=event.reference,
        stage=Stage.RECEIVED,
        records=(event.record,),
        level=level,
        request_type=event.request_type.value if event.request_type else None,
        referrer=event.referrer,
        received_at=at,
        decide_by=decide_by(level, at, facts.calendar),
        watch=Watch.HAND_OVER if is_urgent(level) else Watch.WARNING,
    )
    if before is None:
        notes = (Note(code="referral.received"), *clock_notes(fresh, facts, at))
        return Transition(state=fresh, effects=(next_wake(fresh, facts), *notes))
    again = replace(
        before,
        stage=Stage.RECEIVED,
        records=(*before.records, event.record),
        level=level,
        received_at=at,
        decide_by=fresh.decide_by,
        watch=fresh.watch,
        acknowledged_at=None,
        fed_back_at=None,
    )
    # A warning is never open here: it comes within two hours of the deadline, and no level asks for less than four.
    settled, answered = settle(again, NOT_FED_BACK)
    notes = (Note(code="referral.reopened"), *clock_notes(settled, facts, at))
    return Transition(state=settled, effects=(next_wake(settled, facts), *answered, *notes))


def _delivered(state: ReferralState, event: HandedOver | NotHandedOver, facts: ReferralFacts, at: datetime) -> Answer:
    if event.record not in state.records:
        return Rejected(
            code="unknown-record",
            message="this record is not one of the referral's",
            remedy="Look up the referral by the record's own reference.",
        )
    if event.record in state.returned:
        # It went back to its sender, who knows: nobody waits for it any more.
        return unchanged(state, "late")
    if event.record in state.handed_over:
        return unchanged(state, "repeat" if isinstance(event, HandedOver) else "late")
    if isinstance(event, NotHandedOver):
        asked, question = ask(state, NOT_DELIVERED, facts, at)
        return Transition(state=asked, effects=question or (Note(code="repeat"),))
    new = replace(state, handed_over=(*state.handed_over, event.record))
    settled, answered = settle(new, NOT_DELIVERED) if new.is_handed_over else (new, ())
    return Transition(state=settled, effects=(*answered, Note(code="referral.handed_over")))


def _acknowledged(state: ReferralState, event: AcknowledgedByMash, facts: ReferralFacts, at: datetime) -> Answer:
    if state.stage is not Stage.RECEIVED:
        known = replace(state, mash_reference=state.mash_reference or event.mash_reference)
        return unchanged(known, "repeat" if state.stage is Stage.ACKNOWLEDGED else "late")
    if state.outcome is not None and event.said_at is not None and event.said_at < state.received_at:
        # It was said of the form that this one corrects.
        return unchanged(state, "late")
    new = replace(
        state,
        stage=Stage.ACKNOWLEDGED,
        acknowledged_at=at,
        # Whoever acknowledged it has it, however they came by it.
        handed_over=state.records,
        mash_reference=event.mash_reference or state.mash_reference,
    )
    settled, answered = settle(new, NOT_DELIVERED)
    return Transition(state=settled, effects=(*answered, Note(code="referral.acknowledged"), *_tell(new, facts, at)))


def _tell(state: ReferralState, facts: ReferralFacts, at: datetime) -> tuple[Order, ...]:
    """Return the order of word that the MASH has the referral, where the installation sends it."""
    tree = waiting_feedback(state.referrer, state.reference, at=at, due=state.decide_by, calendar=facts.calendar)
    return (feedback_order(tree),) if tree is not None and facts.tells_acknowledgement else ()


def _feedback_went(state: ReferralState, event: FedBack | NotFedBack, facts: ReferralFacts, at: datetime) -> Answer:
    if state.outcome is None and event.step == _DECIDED:
        return Rejected(
            code="nothing-to-feed-back",
            message="the MASH has not decided this referral, so there is no feedback to have been taken",
            remedy="Wait for the decision; if the MASH has decided, ask it to send its decision again.",
        )
    if event.step != _DECIDED or state.stage is not Stage.DECIDED:
        return unchanged(state, "repeat" if state.is_ended else "late")
    if isinstance(event, NotFedBack):
        asked, question = ask(state, NOT_FED_BACK, facts, at)
        return Transition(state=asked, effects=question or (Note(code="repeat"),))
    settled, answered = settle(replace(state, stage=Stage.FED_BACK, fed_back_at=at), NOT_FED_BACK)
    return Transition(state=settled, effects=(*answered, Note(code="referral.fed_back")))
