"""What may happen to a question that is put to others for somebody?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversations.asking import (
    CHECK,
    ENQUIRY,
    Answered,
    Asked,
    Asking,
    AskingEvent,
    AskingStage,
    TimeIsUp,
    asking_from_json,
    asking_to_json,
    step,
)
from gateway.conversations.effects import AskPerson, Rejected, StartClock, StopAsking, StopClock, Transition
from gateway.errors import IntegrityError
from gateway.model.referral import Level
from tests.unit.conversations.referral_stage import CALENDAR, MONDAY, local

ASKED = Asked(kind=ENQUIRY, record="rec_1")
ALONE = Answered(by="ecaf", waits_for=frozenset({"ecaf"}), answer="N")


def after(*events: AskingEvent, at: datetime = MONDAY) -> Asking:
    """Return the state after *events*, all at one moment."""
    state: Asking | None = None
    for event in events:
        answer = step(state, event, CALENDAR, at)
        assert isinstance(answer, Transition)
        state = answer.state
    assert state is not None
    return state


def taken(state: Asking | None, event: AskingEvent, at: datetime = MONDAY) -> Transition[Asking]:
    answer = step(state, event, CALENDAR, at)
    assert isinstance(answer, Transition)
    return answer


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (ASKED, local(2026, 11, 25, 17, 15)),
        (Asked(kind=CHECK, record="rec_1", level=Level.L4), MONDAY + timedelta(hours=2)),
        (Asked(kind=CHECK, record="rec_1", level=Level.L3), local(2026, 11, 23, 16)),
        (Asked(kind=CHECK, record="rec_1"), MONDAY + timedelta(days=1)),
        (Asked(kind=CHECK, record="rec_1", due_at=local(2026, 11, 24, 12)), local(2026, 11, 24, 12)),
    ],
    ids=["an enquiry", "a red check", "an amber check", "a check that rates nothing", "a check that says when"],
)
def test_an_answer_is_due_by_what_is_asked(asked: Asked, due: datetime) -> None:
    done = taken(None, asked)

    assert done.state.due_at == due
    assert [effect.due_at for effect in done.effects if isinstance(effect, StartClock)] == [due]


def test_an_answer_stops_the_clock() -> None:
    done = taken(after(ASKED), ALONE)

    assert (done.state.stage, done.state.answer) == (AskingStage.ANSWERED, "N")
    assert any(isinstance(effect, StopClock) for effect in done.effects)


def test_of_three_who_were_asked_all_are_waited_for() -> None:
    all_three = frozenset({"health", "police", "probation"})
    one = taken(after(Asked(kind=CHECK, record="rec_1")), Answered(by="health", waits_for=all_three))
    two = taken(one.state, Answered(by="police", waits_for=all_three))
    three = taken(two.state, Answered(by="probation", waits_for=all_three))

    assert [made.state.stage for made in (one, two)] == [AskingStage.ASKED, AskingStage.ASKED]
    assert not any(isinstance(effect, StopClock) for effect in (*one.effects, *two.effects))
    assert three.state.stage is AskingStage.ANSWERED


def test_a_question_that_nobody_answered_in_time_is_shown_to_a_person_once() -> None:
    late = taken(after(ASKED), TimeIsUp(), MONDAY + timedelta(days=5))
    again = taken(late.state, TimeIsUp(), MONDAY + timedelta(days=6))

    assert [(one.role, one.reason) for one in late.effects if isinstance(one, AskPerson)] == [
        ("CAF_COORDINATOR", "H-ENQUIRY-LATE")
    ]
    assert not any(isinstance(effect, AskPerson) for effect in again.effects)


def test_a_red_check_that_is_late_is_due_with_the_person_within_the_hour() -> None:
    asked = after(Asked(kind=CHECK, record="rec_1", level=Level.L4))
    moment = MONDAY + timedelta(hours=2)

    late = taken(asked, TimeIsUp(), moment)

    assert [(one.role, one.due_at) for one in late.effects if isinstance(one, AskPerson)] == [
        ("MASH_SCREENER", moment + timedelta(hours=1))
    ]


def test_a_clock_that_wakes_too_early_is_wound_again() -> None:
    early = taken(after(ASKED), TimeIsUp(), MONDAY)

    assert [type(effect) for effect in early.effects] == [StartClock]


def test_a_late_answer_takes_the_question_to_a_person_back() -> None:
    late = taken(after(ASKED), TimeIsUp(), MONDAY + timedelta(days=5)).state

    done = taken(late, ALONE, MONDAY + timedelta(days=5))

    assert [one.reason for one in done.effects if isinstance(one, StopAsking)] == ["H-ENQUIRY-LATE"]
    assert done.state.asked == ()


def test_after_the_answer_no_clock_asks_anybody() -> None:
    done = taken(after(ASKED, ALONE), TimeIsUp(), MONDAY + timedelta(days=5))

    assert not any(isinstance(effect, AskPerson) for effect in done.effects)


def test_the_same_record_again_changes_nothing() -> None:
    assert after(ASKED, ALONE, ASKED) == after(ASKED, ALONE)


def test_another_form_under_the_same_reference_is_asked_anew() -> None:
    again = taken(after(ASKED, ALONE), replace(ASKED, record="rec_2"))

    assert (again.state.stage, again.state.records, again.state.answered) == (
        AskingStage.ASKED,
        ("rec_1", "rec_2"),
        (),
    )


@pytest.mark.parametrize("event", [ALONE, TimeIsUp()], ids=["answered", "time is up"])
def test_what_was_never_asked_is_rejected(event: AskingEvent) -> None:
    answer = step(None, event, CALENDAR, MONDAY)

    assert isinstance(answer, Rejected)
    assert answer.code == "unknown-reference"


EVENTS = st.sampled_from([ASKED, replace(ASKED, record="rec_2"), ALONE, replace(ALONE, by="police"), TimeIsUp()])


@given(st.lists(st.tuples(EVENTS, st.integers(0, 10)), max_size=12))
def test_an_answered_question_leaves_nobody_asked_and_every_state_comes_back_from_the_store(
    told: list[tuple[AskingEvent, int]],
) -> None:
    state: Asking = after(ASKED)
    for event, days in told:
        state = taken(state, event, MONDAY + timedelta(days=days)).state
        assert asking_from_json(asking_to_json(state)) == state
        assert state.stage is AskingStage.ASKED or state.asked == ()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kind": "x", "stage": "lost", "records": []}'])
def test_what_was_not_stored_is_not_read(text: str) -> None:
    with pytest.raises(IntegrityError):
        asking_from_json(text)
