from datetime import datetime, timedelta

import pytest

from gateway.app.operations.roles import Role
from gateway.conversations.review import DUTY_MANAGER, ROLE_OF_REASON, Escalated, TimedOut, due_at, expire, role_for
from gateway.model.referral import Level
from tests.unit.conversations.referral_stage import CALENDAR, MONDAY, local


@pytest.mark.parametrize(
    ("level", "due"),
    [
        pytest.param("L4", MONDAY + timedelta(hours=1), id="level 4: an hour"),
        pytest.param("IMMEDIATE", MONDAY + timedelta(hours=1), id="immediate danger: an hour"),
        pytest.param("L3", local(2026, 11, 24, 17, 15), id="level 3: a working day"),
        pytest.param("L2", local(2026, 11, 26, 17, 15), id="level 2: three"),
        pytest.param("NONE", local(2026, 11, 26, 17, 15), id="no need: three"),
        pytest.param(None, local(2026, 11, 26, 17, 15), id="not known: three"),
    ],
)
def test_the_graver_the_need_the_sooner_a_person_decides(level: str | None, due: datetime) -> None:
    assert due_at(level, MONDAY, CALENDAR) == due


def test_the_hour_of_an_urgent_question_runs_at_night() -> None:
    night = local(2026, 11, 21, 3)

    assert due_at("L4", night, CALENDAR) == night + timedelta(hours=1)


@pytest.mark.parametrize("level", ["NONE", "L1", "L2"])
def test_an_unanswered_question_about_little_need_is_refused(level: str) -> None:
    assert expire(level, MONDAY, CALENDAR, is_refusable=True) == TimedOut(reason="D-TIMEOUT")


@pytest.mark.parametrize("level", ["L3", "L4", "IMMEDIATE", None])
def test_an_unanswered_question_about_great_or_unknown_need_is_never_refused_by_the_clock(level: str | None) -> None:
    due = due_at(level, MONDAY, CALENDAR)

    assert expire(level, MONDAY, CALENDAR, is_refusable=True) == Escalated(role=DUTY_MANAGER, due_at=due)


def test_a_question_that_no_refusal_answers_is_escalated_at_any_level() -> None:
    assert isinstance(expire("L1", MONDAY, CALENDAR, is_refusable=False), Escalated)


@pytest.mark.parametrize("reason", ROLE_OF_REASON)
def test_every_question_is_for_a_role_that_a_person_can_have(reason: str) -> None:
    assert role_for(reason) in set(Role)


def test_a_question_nobody_foresaw_is_the_duty_managers() -> None:
    assert role_for("H-SOMETHING-NEW") == "MASH_MANAGER"


@pytest.mark.parametrize("level", Level)
def test_the_duty_manager_can_be_somebody(level: Level) -> None:
    answer = expire(level.value, MONDAY, CALENDAR, is_refusable=False)

    assert isinstance(answer, Escalated)
    assert answer.role in set(Role)
