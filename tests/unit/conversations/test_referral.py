from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.conversations.effects import AskPerson, Note, Order, StartClock, StopAsking, StopClock
from gateway.conversations.feedback import ReferrerClass
from gateway.conversations.referral_events import ClockRanOut, Decided, FedBack, HandedOver, NotFedBack
from gateway.conversations.referral_state import Stage, Watch
from gateway.model.referral import Level, MashOutcome
from tests.unit.conversations.referral_stage import (
    ACKNOWLEDGED,
    CLOCK,
    DECIDED,
    FACTS,
    FED_BACK,
    HANDED_OVER,
    MINUTE,
    MONDAY,
    NOT_FED_BACK,
    NOT_HANDED_OVER,
    RECEIVED,
    RED,
    after,
    local,
    only,
    refused,
    taken,
)


def test_a_referral_goes_from_received_to_fed_back() -> None:
    stages = [
        after(*(RECEIVED, HANDED_OVER, ACKNOWLEDGED, DECIDED, FED_BACK)[: number + 1]).stage for number in range(5)
    ]

    assert stages == [Stage.RECEIVED, Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.DECIDED, Stage.FED_BACK]


def test_a_friday_evening_referral_is_due_at_mondays_close() -> None:
    received = taken(None, RECEIVED, at=local(2026, 11, 20, 17, 20))

    assert received.state.decide_by == local(2026, 11, 23, 17, 15)
    assert only(received.effects, StartClock) == [StartClock(kind="mash.decide", due_at=local(2026, 11, 23, 15, 15))]


def test_an_easter_thursday_referral_is_due_on_tuesday() -> None:
    assert taken(None, RECEIVED, at=local(2026, 4, 2, 16)).state.decide_by == local(2026, 4, 7, 17, 15)


def test_a_red_referral_before_closing_is_due_in_four_hours_and_names_who_acts_then() -> None:
    received = taken(None, RED, at=local(2026, 11, 20, 16, 50))

    assert received.state.decide_by == local(2026, 11, 20, 20, 50)
    assert Note(code="clock.out_of_hours", details={"role": "OUT_OF_HOURS_TEAM"}) in received.effects


def test_a_red_referral_within_hours_names_nobody_else() -> None:
    received = taken(None, RED, at=MONDAY)

    assert not [note for note in received.effects if isinstance(note, Note) and note.code == "clock.out_of_hours"]


def test_a_deadline_in_a_year_whose_bank_holidays_are_not_known_says_so() -> None:
    received = taken(None, RECEIVED, at=local(2027, 6, 1, 10))

    assert Note(code="calendar.year_unknown", details={"year": "2027"}) in only(received.effects, Note)


def test_a_decision_tells_the_referrer_stops_the_clock_and_starts_early_help() -> None:
    decided = taken(after(RECEIVED, HANDED_OVER, ACKNOWLEDGED), DECIDED)

    assert decided.effects[0] == StopClock(kind="mash.decide")
    assert [order.kind for order in only(decided.effects, Order) if isinstance(order, Order)] == [
        "mash.feedback.sent",
        "caf.request.accepted",
    ]


def test_what_the_mash_advises_is_passed_on_and_why_it_decided_is_not() -> None:
    event = replace(DECIDED, outcome=MashOutcome.MO2, advice="the family hub", reason="what the police check found")

    told = str(only(taken(after(RECEIVED), event).effects, Order))

    assert "the family hub" in told
    assert "police" not in told


def test_a_decision_without_an_acknowledgement_is_a_decision() -> None:
    decided = taken(after(RECEIVED), DECIDED)

    assert decided.state.stage is Stage.DECIDED
    assert decided.state.is_handed_over


def test_what_follows_by_a_route_nobody_has_connected_is_noted() -> None:
    decided = taken(after(RECEIVED), replace(DECIDED, outcome=MashOutcome.MO6))

    assert Note(code="next.not_connected", details={"message": "ics.referral.created", "to": "ics"}) in decided.effects


def test_what_follows_is_ordered_once_the_route_is_there() -> None:
    facts = replace(FACTS, connected=frozenset({"ics.referral.created"}))

    decided = taken(after(RECEIVED), replace(DECIDED, outcome=MashOutcome.MO7), facts=facts)

    assert Order(kind="ics.referral.created", document="mash.referral", to="ics") in decided.effects


def test_an_anonymous_referrer_is_told_nothing_and_the_log_says_why() -> None:
    anonymous = replace(RECEIVED, referrer=ReferrerClass.ANONYMOUS)

    decided = taken(after(anonymous), replace(DECIDED, outcome=MashOutcome.MO5))

    assert decided.state.stage is Stage.NOT_FED_BACK
    assert only(decided.effects, Order) == []
    assert Note(code="feedback.none", details={"reason": "D-EMPTY", "referrer": "anonymous"}) in decided.effects


def test_word_that_the_mash_has_it_goes_out_where_the_installation_sends_it() -> None:
    telling = replace(FACTS, tells_acknowledgement=True)

    silent = taken(after(RECEIVED), ACKNOWLEDGED)
    told = taken(after(RECEIVED), ACKNOWLEDGED, facts=telling)

    assert only(silent.effects, Order) == []
    assert [order.facts["step"] for order in told.effects if isinstance(order, Order)] == ["acknowledged"]


def test_that_this_word_arrived_ends_nothing() -> None:
    state = after(RECEIVED, ACKNOWLEDGED, DECIDED, FedBack(step="acknowledged"))

    assert state.stage is Stage.DECIDED


@pytest.mark.parametrize(
    ("outcome", "given", "code"),
    [
        pytest.param("MO1", {}, "reason-needed", id="no action without a reason"),
        pytest.param("MO9", {"advice": "elsewhere"}, "reason-needed", id="elsewhere without a reason"),
        pytest.param("MO2", {}, "advice-needed", id="advice without advice"),
        pytest.param("MO10", {"reason": "unclear"}, "missing-not-named", id="returned without what is missing"),
    ],
)
def test_a_decision_nobody_could_act_on_is_sent_back_with_what_to_do(
    outcome: str, given: dict[str, str], code: str
) -> None:
    before = after(RECEIVED, ACKNOWLEDGED)
    vague = Decided(outcome=MashOutcome(outcome), decided_at=MONDAY, **given)  # type: ignore[arg-type]

    answer = refused(before, vague)

    assert answer.code == code
    assert "again" in answer.remedy


def test_a_decision_with_what_it_needs_is_taken() -> None:
    returned = Decided(outcome=MashOutcome.MO10, decided_at=MONDAY, missing=("the child's address",))

    order = only(taken(after(RECEIVED), returned).effects, Order)[0]

    assert isinstance(order, Order)
    assert order.facts["missing"] == ["the child's address"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(event, id=type(event).__name__)
        for event in (HANDED_OVER, NOT_HANDED_OVER, ACKNOWLEDGED, DECIDED, FED_BACK, NOT_FED_BACK, CLOCK)
    ],
)
def test_nothing_happens_to_a_referral_nobody_received(event: object) -> None:
    assert refused(None, event).code == "unknown-reference"  # type: ignore[arg-type]


def test_a_record_of_another_referral_is_not_taken_for_this_one() -> None:
    assert refused(after(RECEIVED), HandedOver(record="rec_9")).code == "unknown-record"


def test_a_clock_nobody_started_is_not_ours() -> None:
    assert refused(after(RECEIVED), ClockRanOut(kind="tea.time")).code == "unknown-clock"


def test_feedback_before_a_decision_cannot_have_arrived() -> None:
    assert refused(after(RECEIVED, ACKNOWLEDGED), FED_BACK).code == "nothing-to-feed-back"


def test_two_outcomes_at_one_moment_are_not_guessed_between() -> None:
    other = replace(DECIDED, outcome=MashOutcome.MO7)

    assert refused(after(RECEIVED, DECIDED), other).code == "two-decisions"


def test_a_later_decision_revises_also_after_the_end() -> None:
    graver = replace(DECIDED, outcome=MashOutcome.MO7, decided_at=DECIDED.decided_at + timedelta(days=1))

    revised = taken(after(RECEIVED, DECIDED, FED_BACK), graver)

    assert revised.state.stage is Stage.DECIDED
    assert revised.state.outcome is MashOutcome.MO7
    assert only(revised.effects, Order)


def test_an_earlier_decision_that_comes_late_changes_nothing() -> None:
    state = after(RECEIVED, DECIDED)
    earlier = replace(DECIDED, outcome=MashOutcome.MO5, decided_at=DECIDED.decided_at - MINUTE)

    late = taken(state, earlier)

    assert late.state == state
    assert late.effects == (Note(code="late"),)


def test_early_help_is_asked_for_once_however_often_it_is_decided() -> None:
    again = replace(DECIDED, decided_at=DECIDED.decided_at + MINUTE)

    revised = taken(after(RECEIVED, DECIDED), again)

    assert [order.kind for order in revised.effects if isinstance(order, Order)] == ["mash.feedback.sent"]


def test_a_corrected_form_after_a_return_starts_the_clock_again() -> None:
    returned = Decided(outcome=MashOutcome.MO10, decided_at=MONDAY, missing=("the child's address",))
    state = after(RECEIVED, returned, FED_BACK)

    corrected = taken(state, replace(RECEIVED, record="rec_2"), at=local(2026, 11, 24, 10))

    assert corrected.state.stage is Stage.RECEIVED
    assert corrected.state.records == ("rec_1", "rec_2")
    assert corrected.state.decide_by == local(2026, 11, 25, 17, 15)
    assert only(corrected.effects, StartClock)


def test_the_old_return_sent_again_does_not_return_the_corrected_form() -> None:
    returned = Decided(outcome=MashOutcome.MO10, decided_at=MONDAY, missing=("the child's address",))
    state = after(RECEIVED, returned, FED_BACK, replace(RECEIVED, record="rec_2"))

    assert taken(state, returned).state == state
    assert taken(state, FED_BACK).state == state


def test_an_old_acknowledgement_sent_again_is_not_one_of_the_corrected_form() -> None:
    returned = Decided(outcome=MashOutcome.MO10, decided_at=MONDAY, missing=("the child's address",))
    said = replace(ACKNOWLEDGED, said_at=MONDAY)
    state = after(RECEIVED, said, returned, replace(RECEIVED, record="rec_2"))

    assert taken(state, said).state == state
    assert taken(state, replace(said, said_at=MONDAY + 30 * MINUTE)).state.stage is Stage.ACKNOWLEDGED


def test_a_correction_buys_no_time() -> None:
    state = after(RECEIVED, HANDED_OVER, ACKNOWLEDGED)

    corrected = taken(state, replace(RECEIVED, record="rec_2"), at=local(2026, 11, 24, 9, 30))

    assert corrected.state.decide_by == state.decide_by
    assert corrected.state.stage is Stage.ACKNOWLEDGED
    assert not corrected.state.is_handed_over


def test_a_graver_correction_shortens_the_time() -> None:
    state = after(RECEIVED, HANDED_OVER, ACKNOWLEDGED)

    corrected = taken(state, replace(RED, record="rec_2"), at=MONDAY + 5 * MINUTE)

    assert corrected.state.decide_by == MONDAY + timedelta(hours=4, minutes=5)
    assert corrected.state.level is Level.L4


def test_a_corrected_form_takes_back_the_question_about_feedback_on_the_old_one() -> None:
    state = after(RECEIVED, DECIDED, NOT_FED_BACK)

    corrected = taken(state, replace(RECEIVED, record="rec_2"))

    assert StopAsking(reason="H-NOT-FED-BACK") in corrected.effects


def test_a_milder_correction_does_not_lower_the_level() -> None:
    corrected = taken(after(RED), replace(RECEIVED, record="rec_2"))

    assert corrected.state.level is Level.L4
    assert corrected.state.decide_by == MONDAY + timedelta(hours=4)


def test_the_clock_warns_two_hours_before_and_then_says_that_it_is_too_late() -> None:
    warned = taken(after(RECEIVED), CLOCK, at=local(2026, 11, 24, 15, 15))
    late = taken(warned.state, CLOCK, at=local(2026, 11, 24, 17, 15))

    due = local(2026, 11, 24, 17, 15)
    assert AskPerson(role="MASH_SCREENER", reason="H-CLOCK-WARN", due_at=due) in warned.effects
    assert StartClock(kind="mash.decide", due_at=due) in warned.effects
    assert [one.reason for one in late.effects if isinstance(one, AskPerson)] == ["H-CLOCK-LATE"]
    assert StopAsking(reason="H-CLOCK-WARN") in late.effects
    assert late.state.owner == "MASH_MANAGER"


def test_a_clock_that_nobody_looked_at_for_a_day_goes_straight_to_too_late() -> None:
    late = taken(after(RECEIVED), CLOCK, at=local(2026, 11, 26, 10))

    assert late.state.watch is Watch.LATE
    assert [one.reason for one in late.effects if isinstance(one, AskPerson)] == ["H-CLOCK-LATE"]


def test_a_red_clock_that_nobody_heard_for_hours_asks_everything_at_once() -> None:
    woken = taken(after(RED), CLOCK, at=MONDAY + timedelta(hours=3, minutes=5))

    assert [one.reason for one in woken.effects if isinstance(one, AskPerson)] == ["H-NOT-DELIVERED", "H-CLOCK-WARN"]
    assert StartClock(kind="mash.decide", due_at=MONDAY + timedelta(hours=4)) in woken.effects


def test_a_clock_woken_too_early_goes_on() -> None:
    state = after(RECEIVED)

    early = taken(state, CLOCK, at=MONDAY + MINUTE)

    assert early.state == state
    assert early.effects == (StartClock(kind="mash.decide", due_at=local(2026, 11, 24, 15, 15)),)


def test_a_red_referral_that_has_not_arrived_in_half_an_hour_is_shown_to_a_person_within_the_hour() -> None:
    looked = taken(after(RED), CLOCK, at=MONDAY + 30 * MINUTE)

    due = MONDAY + timedelta(minutes=90)
    assert AskPerson(role="MASH_MANAGER", reason="H-NOT-DELIVERED", due_at=due) in looked.effects
    assert StartClock(kind="mash.decide", due_at=MONDAY + timedelta(hours=3)) in looked.effects


def test_a_red_referral_that_arrived_is_only_watched_further() -> None:
    looked = taken(after(RED, HANDED_OVER), CLOCK, at=MONDAY + 30 * MINUTE)

    assert looked.effects == (StartClock(kind="mash.decide", due_at=MONDAY + timedelta(hours=3)),)


def test_out_of_hours_the_duty_manager_is_asked_about_a_red_referral() -> None:
    night = local(2026, 11, 21, 3)
    state = after(RED, HANDED_OVER, at=night)

    looked = taken(state, CLOCK, at=night + 31 * MINUTE)
    warned = taken(looked.state, CLOCK, at=night + timedelta(hours=3))

    assert [one.role for one in warned.effects if isinstance(one, AskPerson)] == ["MASH_MANAGER"]


def test_that_it_arrived_answers_the_question_whether_it_did() -> None:
    asked = taken(after(RECEIVED), NOT_HANDED_OVER)
    arrived = taken(asked.state, HANDED_OVER)

    assert [one.reason for one in asked.effects if isinstance(one, AskPerson)] == ["H-NOT-DELIVERED"]
    assert only(arrived.effects, StopAsking) == [StopAsking(reason="H-NOT-DELIVERED")]


def test_a_correction_that_does_not_arrive_is_noticed_although_the_first_form_did() -> None:
    state = after(RECEIVED, HANDED_OVER, ACKNOWLEDGED, replace(RECEIVED, record="rec_2"))

    lost = taken(state, replace(NOT_HANDED_OVER, record="rec_2"))

    assert only(lost.effects, AskPerson)


def test_feedback_that_does_not_arrive_is_put_before_a_person_until_it_does() -> None:
    lost = taken(after(RECEIVED, DECIDED), NOT_FED_BACK)
    arrived = taken(lost.state, FED_BACK)

    assert lost.state.owner == "MASH_SCREENER"
    assert arrived.effects[0] == StopAsking(reason="H-NOT-FED-BACK")
    assert arrived.state.owner is None


@pytest.mark.parametrize(
    ("events", "late"),
    [
        pytest.param((RECEIVED, DECIDED), ACKNOWLEDGED, id="acknowledged after decided"),
        pytest.param((RECEIVED, DECIDED), NOT_HANDED_OVER, id="given up after decided"),
        pytest.param((RECEIVED, DECIDED), CLOCK, id="the clock after decided"),
        pytest.param((RECEIVED, DECIDED, FED_BACK), NOT_FED_BACK, id="given up after it arrived"),
        pytest.param((RECEIVED, HANDED_OVER), NOT_HANDED_OVER, id="given up after it arrived at the MASH"),
        pytest.param((RECEIVED,), NotFedBack(step="acknowledged"), id="word of waiting given up"),
    ],
)
def test_what_comes_late_asks_for_nothing(events: tuple[object, ...], late: object) -> None:
    state = after(*events)  # type: ignore[arg-type]

    answer = taken(state, late)  # type: ignore[arg-type]

    assert [type(effect) for effect in answer.effects] == [Note]
    assert answer.state.stage is state.stage


def test_the_mashs_own_number_is_learned_even_late() -> None:
    state = after(RECEIVED, DECIDED, ACKNOWLEDGED)

    assert state.mash_reference == "M-1"
