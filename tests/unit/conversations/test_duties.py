"""Is every obligation of the policy kept by somebody or something, and does the page say by whom?"""

import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from gateway.conversations.duties import DUTIES, KEPT_BY, Parties, Spec, incurred, overdue
from gateway.conversations.review import DUTY_MANAGER
from gateway.working_time.calendar import Calendar, Opening

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/duties.md").read_text(encoding="utf-8")
POLICY = tomllib.loads((ROOT / "mappings/policy/sharing-2026.1.toml").read_text(encoding="utf-8"))
OBLIGATIONS = sorted({code for row in POLICY["row"] for code in row.get("obligations", ())})
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
OFFICE = (Opening(opens=time(9), closes=time(17)),) * 5 + (None, None)
CALENDAR = Calendar(bank_holidays=frozenset({MONDAY.date() - timedelta(days=300)}), hours=OFFICE)
PARTIES = Parties(delivery="dlv_1", children=("chd_1", "chd_2"), recipient="hub-1", requester="school-1")


def within(spec: Spec) -> str:
    """Return by when a duty is due, as the page has it."""
    if spec.is_standing:
        return "stands"
    if spec.lasting is None:
        days = spec.working_days or 1
        return f"{days} working day{'s' if days > 1 else ''}"
    hours = int(spec.lasting.total_seconds() // 3600)
    return f"{hours} hour{'s' if hours > 1 else ''}"


@pytest.mark.parametrize("code", OBLIGATIONS)
def test_every_obligation_of_the_policy_is_kept_by_one_person_or_thing(code: str) -> None:
    assert (code in DUTIES) != (code in KEPT_BY)


@pytest.mark.parametrize("code", DUTIES)
def test_the_page_shows_every_duty(code: str) -> None:
    spec = DUTIES[code]
    ends = ", ".join(spec.outcomes) or "\N{EN DASH}"

    assert f"| {code} | {spec.title} | {spec.role} | {within(spec)} | {ends} | {spec.per} |" in PAGE


@pytest.mark.parametrize("code", KEPT_BY)
def test_the_page_shows_what_keeps_the_others(code: str) -> None:
    assert f"| {code} | {KEPT_BY[code]} |" in PAGE


def codes(*obligations: str, reason: str = "P-S47") -> list[str]:
    return [one.code for one in incurred(obligations, reason, PARTIES)]


def test_nobody_is_asked_to_tell_a_family_that_must_not_be_told() -> None:
    assert codes("O-RATIONALE", "O-INFORM-IF-SAFE") == ["O-RATIONALE", "O-INFORM-IF-SAFE"]
    assert codes("O-RATIONALE", "O-INFORM-IF-SAFE", "O-INFORM", "O-NOINFORM") == ["O-RATIONALE", "O-NOINFORM"]


def test_what_goes_back_by_itself_asks_nobody_to_send_it_back() -> None:
    assert codes("O-RETURN", reason="D-RETURN") == []
    assert codes("O-RETURN", reason="D-NONE") == ["O-RETURN"]


def test_what_is_asked_of_a_child_is_asked_of_each() -> None:
    found = incurred(["O-OFFER-RECONSENT", "O-OFFER-ADD", "O-DPO"], "D-EXPIRED", PARTIES)

    assert [(one.code, one.subject, one.children) for one in found] == [
        ("O-DPO", "hub-1", ()),
        ("O-OFFER-RECONSENT", "chd_1", ("chd_1",)),
        ("O-OFFER-RECONSENT", "chd_2", ("chd_2",)),
        ("O-OFFER-ADD", "chd_1/hub-1", ("chd_1",)),
        ("O-OFFER-ADD", "chd_2/hub-1", ("chd_2",)),
    ]


@pytest.mark.parametrize(
    ("code", "due"),
    [
        pytest.param("O-RATIONALE", MONDAY + timedelta(hours=24), id="reasons within a day"),
        pytest.param("N-SAFETY", MONDAY + timedelta(hours=1), id="a safety plan within the hour"),
        pytest.param("N-BREACH", MONDAY + timedelta(hours=72), id="72 hours, also at night"),
        pytest.param("N-PURGED", datetime(2026, 11, 24, 17, tzinfo=UTC), id="one working day"),
        pytest.param("O-CONFIRM", datetime(2026, 12, 7, 17, tzinfo=UTC), id="ten working days"),
    ],
)
def test_each_duty_is_due_when_its_rule_says(code: str, due: datetime) -> None:
    assert DUTIES[code].due(MONDAY, CALENDAR) == due


@pytest.mark.parametrize("code", [one for one in DUTIES if not DUTIES[one].is_standing])
def test_a_late_duty_goes_up_and_stays_due(code: str) -> None:
    late = overdue(code, DUTIES[code].role, MONDAY, CALENDAR)

    assert late.role in {DUTY_MANAGER, "IG_OFFICER"}
    assert MONDAY < late.due_at <= MONDAY + timedelta(days=15)
