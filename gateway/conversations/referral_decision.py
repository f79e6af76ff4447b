"""What follows when the MASH decides, decides again, or says too little to act on?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gateway.conversations.effects import Effect, Note, Order, Rejected, StopClock, Transition
from gateway.conversations.feedback import ReferrerClass, decision_feedback
from gateway.conversations.referral_clock import (
    DECIDE,
    LATE,
    NOT_DELIVERED,
    NOT_FED_BACK,
    WARN,
    Answer,
    settle,
    unchanged,
)
from gateway.conversations.referral_events import Decided, ReferralFacts, Returned
from gateway.conversations.referral_state import ReferralState, Stage, Watch
from gateway.model.referral import MashOutcome
from gateway.model.tree import Group

FEEDBACK = "mash.feedback.sent"
UNTOLD = "feedback.none"
"""What is noted where there is nobody to tell, with the reason."""

_REASON_NEEDED = frozenset({MashOutcome.MO1, MashOutcome.MO9})
_NEXT_MESSAGE: Mapping[MashOutcome, tuple[str, str, str]] = {
    MashOutcome.MO3: ("caf.request.accepted", "ecaf.episode", "ecaf"),
    MashOutcome.MO4: ("caf.episode.participant_proposed", "ecaf.episode", "ecaf"),
    MashOutcome.MO6: ("ics.referral.created", "mash.referral", "ics"),
    MashOutcome.MO7: ("ics.referral.created", "mash.referral", "ics"),
    MashOutcome.MO8: ("ics.notify.allocated_worker", "mash.referral", "ics"),
}
"""What follows from an outcome besides feedback: message, document, and the system it goes to."""


def decided(state: ReferralState, event: Decided, facts: ReferralFacts) -> Answer:
    """Return the step of a decision: the clock stops, the referrer is told, and the next message is ordered once.

    A later decision revises an earlier one, also after the end; an earlier one that comes late changes nothing.
    """
    if state.decided_at is not None and event.decided_at <= state.decided_at:
        return _decided_before(state, event)
    incomplete = _incomplete(event)
    if incomplete is not None:
        return incomplete
    code = "referral.decided" if state.outcome is None else "referral.revised"
    settled, answered = settle(_with(state, event), NOT_DELIVERED, WARN, LATE, NOT_FED_BACK)
    note = Note(code=code, details={"outcome": event.outcome.value})
    follows = (*_tell(settled, event, facts), *_next_message(state, event.outcome, facts))
    return Transition(state=settled, effects=(StopClock(kind=DECIDE), *answered, note, *follows))


def returned(state: ReferralState, event: Returned, facts: ReferralFacts, at: datetime) -> Answer:
    """Return the step of a form that goes back before the MASH has seen it: its clock stops and the sender is told.

    Nobody has decided anything, so that the MASH's word on a corrected form is never taken for an older one.
    """
    if state.records[-1] in state.returned:
        return unchanged(state, "repeat")
    if not may_go_back(state):
        return Rejected(
            code="under-way",
            message="the MASH has an earlier form of this referral, so this one is its own to return",
            remedy="Let the MASH decide; it can return the referral with outcome MO10.",
        )
    told = Decided(outcome=MashOutcome.MO10, decided_at=at, missing=event.missing)
    gone = (*state.returned, state.records[-1])
    unseen = replace(_with(state, told), decided_at=None, handed_over=state.handed_over, returned=gone)
    settled, answered = settle(unseen, NOT_DELIVERED, WARN, LATE, NOT_FED_BACK)
    follows = _tell(settled, told, facts, is_unseen=True)
    return Transition(
        state=settled, effects=(StopClock(kind=DECIDE), *answered, Note(code="referral.returned"), *follows)
    )


def may_go_back(state: ReferralState) -> bool:
    """Tell whether the newest form may go back unseen: whatever came before it under this reference went back too."""
    return state.stage is Stage.RECEIVED and state.records[:-1] == state.returned


def feedback_order(tree: Group) -> Order:
    """Return the order of a `mash.feedback` document to whoever referred."""
    return Order(kind=FEEDBACK, document="mash.feedback", to="referrer", facts=tree)


def _with(state: ReferralState, event: Decided) -> ReferralState:
    return replace(
        state,
        stage=Stage.NOT_FED_BACK if state.referrer is ReferrerClass.ANONYMOUS else Stage.DECIDED,
        watch=Watch.OFF,
        outcome=event.outcome,
        decided_at=event.decided_at,
        mash_reference=event.mash_reference or state.mash_reference,
        # Whoever decided it has it, however they came by it.
        handed_over=state.records,
        followed=tuple(dict.fromkeys((*state.followed, event.outcome.value))),
        fed_back_at=None,
    )


def _decided_before(state: ReferralState, event: Decided) -> Answer:
    if event.decided_at == state.decided_at and event.outcome is not state.outcome:
        return Rejected(
            code="two-decisions",
            message="another outcome with the same time of decision is already recorded for this referral",
            remedy="Send the decision that stands, with the time at which it was made.",
        )
    return unchanged(state, "repeat" if event.decided_at == state.decided_at else "late")


def _incomplete(event: Decided) -> Rejected | None:
    """Return why a decision cannot be passed on as it is: the referrer could not act on it."""
    if event.outcome is MashOutcome.MO10 and not event.missing:
        return Rejected(
            code="missing-not-named",
            message="outcome MO10 returns a referral without naming what is missing",
            remedy="Send the decision again with `missing`: one entry for each thing the referrer must add.",
        )
    if event.outcome in _REASON_NEEDED and not event.reason:
        return Rejected(
            code="reason-needed",
            message=f"outcome {event.outcome.value} needs a reason",
            remedy="Send the decision again with `reason`. It is kept with the decision and not shown to the referrer.",
        )
    if event.outcome is MashOutcome.MO2 and not (event.reason or event.advice):
        return Rejected(
            code="advice-needed",
            message="outcome MO2 gives advice, and there is none",
            remedy="Send the decision again with `advice`, which the referrer is shown, or with `reason`.",
        )
    return None


def _tell(state: ReferralState, event: Decided, facts: ReferralFacts, *, is_unseen: bool = False) -> tuple[Effect, ...]:
    tree = decision_feedback(
        state.referrer,
        state.reference,
        outcome=event.outcome,
        decided_at=event.decided_at,
        is_protected=facts.is_protected,
        more={
            "advice": event.advice,
            "service": event.service,
            "contact": event.contact,
            "mash_reference": state.mash_reference,
            "missing": list(event.missing),
            "unseen": is_unseen,
            "disagree": facts.disagree,
        },
    )
    if tree is None:
        return (Note(code=UNTOLD, details={"reason": "D-EMPTY", "referrer": state.referrer.value}),)
    return (feedback_order(tree),)


def _next_message(before: ReferralState, outcome: MashOutcome, facts: ReferralFacts) -> tuple[Effect, ...]:
    """Return the order of what follows from *outcome*, unless an earlier decision had the same outcome."""
    if outcome not in _NEXT_MESSAGE or outcome.value in before.followed:
        return ()
    kind, document, to = _NEXT_MESSAGE[outcome]
    if kind not in facts.connected:
        return (Note(code="next.not_connected", details={"message": kind, "to": to}),)
    return (Order(kind=kind, document=document, to=to),)
