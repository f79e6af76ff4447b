from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversations.clocks import checks_due, decide_by, graver, warn_at
from gateway.model.referral import Level
from tests.unit.conversations.referral_stage import CALENDAR, MONDAY, local

EVENING = local(2026, 11, 20, 16, 50)


def test_partners_answer_on_a_red_referral_within_two_hours_past_closing() -> None:
    assert checks_due(Level.L4, EVENING, CALENDAR) == local(2026, 11, 20, 18, 50)


@pytest.mark.parametrize(
    ("level", "due"),
    [
        pytest.param(Level.L3, local(2026, 11, 23, 14, 50), id="amber: six working hours"),
        pytest.param(Level.L2, local(2026, 11, 25, 16, 20), id="green: twenty-four"),
        pytest.param(Level.L1, None, id="blue: nobody is asked"),
        pytest.param(None, None, id="not known: nobody is asked"),
    ],
)
def test_other_checks_run_in_working_time(level: Level | None, due: datetime | None) -> None:
    assert checks_due(level, EVENING, CALENDAR) == due


@given(st.sampled_from(list(Level)), st.integers(0, 20_000))
def test_urgent_or_not_a_decision_is_never_due_after_the_statutory_working_day(level: Level, minutes: int) -> None:
    received = MONDAY + timedelta(minutes=minutes)

    due = decide_by(level, received, CALENDAR)

    assert received < due <= CALENDAR.add_days(received, 1)
    assert received <= warn_at(level, due, CALENDAR) < due


def test_the_graver_of_two_levels_counts_and_an_unknown_one_says_nothing() -> None:
    assert graver(Level.L2, Level.IMMEDIATE) is Level.IMMEDIATE
    assert graver(None, Level.L1) is Level.L1
    assert graver(None, None) is None
