"""What happens when a referral's clock wakes, and who is asked when somebody must act?"""

from dataclasses import replace
from datetime import datetime

from gateway.conversations.clocks import is_urgent, look_at, warn_at
from gateway.conversations.effects import (
    AskPerson,
    Effect,
    Note,
    Rejected,
    StartClock,
    StopAsking,
    StopClock,
    Transition,
)
from gateway.conversations.referral_events import ClockRanOut, ReferralFacts
from gateway.conversations.referral_state import ReferralState, Watch
from gateway.conversations.review import DUTY_MANAGER, due_at, role_for

DECIDE = "mash.decide"
"""The one clock of a referral: it wakes to look, to warn, and when the time to decide is over."""
NOT_DELIVERED, NOT_FED_BACK = "H-NOT-DELIVERED", "H-NOT-FED-BACK"
WARN, LATE = "H-CLOCK-WARN", "H-CLOCK-LATE"

_OUT_OF_HOURS = "OUT_OF_HOURS_TEAM"

Answer = Transition[ReferralState] | Rejected


def next_wake(state: ReferralState, facts: ReferralFacts) -> StartClock:
    """Return the wish to be woken when what the clock of *state* waits for has come."""
    match state.watch:
        case Watch.HAND_OVER:
            moment = look_at(state.level, state.received_at) or state.decide_by
        case Watch.WARNING:
            moment = warn_at(state.level, state.decide_by, facts.calendar)
        case _:
            moment = state.decide_by
    return StartClock(kind=DECIDE, due_at=moment)


def clock_notes(state: ReferralState, facts: ReferralFacts, at: datetime) -> tuple[Note, ...]:
    """Return what to record of a clock that starts at *at*: its deadline, and who acts while the MASH is shut."""
    notes = [Note(code="clock.started", details={"kind": DECIDE, "decide_by": state.decide_by.isoformat()})]
    if is_urgent(state.level) and not (facts.calendar.is_open(at) and facts.calendar.is_open(state.decide_by)):
        notes.append(Note(code="clock.out_of_hours", details={"role": _OUT_OF_HOURS}))
    if not facts.calendar.knows(state.decide_by):
        notes.append(Note(code="calendar.year_unknown", details={"year": str(state.decide_by.year)}))
    return tuple(notes)


def clock_ran_out(state: ReferralState, event: ClockRanOut, facts: ReferralFacts, at: datetime) -> Answer:
    """Return the step that a woken clock asks for: to look, to warn, to say that it is too late, or to wait on."""
    if event.kind != DECIDE:
        return Rejected(
            code="unknown-clock",
            message=f"a referral has no clock called {event.kind!r}",
            remedy=f"The only clock of a referral is {DECIDE!r}; drop the other.",
        )
    if state.watch in {Watch.OFF, Watch.LATE}:
        return unchanged(state, "late")
    wake = next_wake(state, facts)
    if at < min(wake.due_at, state.decide_by):
        # Woken too early, or again: the wish stands.
        return Transition(state=state, effects=(wake,))
    # A clock that nobody heard for a while has to do at once all that it should have done in turn.
    looked, question = _look(state, facts, at)
    done = _go_on(looked, facts, at)
    return replace(done, effects=(*question, *done.effects))


def ask(
    state: ReferralState, reason: str, facts: ReferralFacts, at: datetime
) -> tuple[ReferralState, tuple[Effect, ...]]:
    """Return the state and the effects of asking about *reason*: nothing, if that is asked already."""
    if reason in state.asked:
        return state, ()
    shut = is_urgent(state.level) and not facts.calendar.is_open(at)
    role = DUTY_MANAGER if shut else role_for(reason)
    due = state.decide_by if reason == WARN else due_at(state.level, at, facts.calendar)
    return replace(state, asked=(*state.asked, reason)), (AskPerson(role=role, reason=reason, due_at=due),)


def settle(state: ReferralState, *reasons: str) -> tuple[ReferralState, tuple[Effect, ...]]:
    """Return the state and the effects of no longer asking about any of *reasons*."""
    answered = tuple(reason for reason in state.asked if reason in reasons)
    left = tuple(reason for reason in state.asked if reason not in reasons)
    return replace(state, asked=left), tuple(StopAsking(reason=reason) for reason in answered)


def unchanged(state: ReferralState, code: str) -> Transition[ReferralState]:
    """Return the step that only notes *code*."""
    return Transition(state=state, effects=(Note(code=code),))


def _look(state: ReferralState, facts: ReferralFacts, at: datetime) -> tuple[ReferralState, tuple[Effect, ...]]:
    """Return the state and the question after looking whether an urgent referral has reached the MASH."""
    if state.watch is not Watch.HAND_OVER:
        return state, ()
    new = replace(state, watch=Watch.WARNING)
    return (new, ()) if new.is_handed_over else ask(new, NOT_DELIVERED, facts, at)


def _go_on(state: ReferralState, facts: ReferralFacts, at: datetime) -> Transition[ReferralState]:
    if at >= state.decide_by:
        return _too_late(state, facts, at)
    wake = next_wake(state, facts)
    return Transition(state=state, effects=(wake,)) if at < wake.due_at else _warn(state, facts, at)


def _warn(state: ReferralState, facts: ReferralFacts, at: datetime) -> Transition[ReferralState]:
    new = replace(state, watch=Watch.BREACH)
    asked, question = ask(new, WARN, facts, at)
    note = Note(code="clock.warned", details={"kind": DECIDE, "decide_by": state.decide_by.isoformat()})
    return Transition(state=asked, effects=(next_wake(asked, facts), *question, note))


def _too_late(state: ReferralState, facts: ReferralFacts, at: datetime) -> Transition[ReferralState]:
    settled, answered = settle(replace(state, watch=Watch.LATE), WARN)
    asked, question = ask(settled, LATE, facts, at)
    note = Note(code="clock.breached", details={"kind": DECIDE, "decide_by": state.decide_by.isoformat()})
    return Transition(state=asked, effects=(StopClock(kind=DECIDE), *answered, *question, note))
