"""Is the installation well?"""

from typing import Any

import pytest

from tests.unit.operations.house import House, a_caller, a_form

ENGINEER = a_caller("INTEGRATION_ENGINEER")


def checks(house: House) -> dict[str, dict[str, Any]]:
    rows = house.order(ENGINEER, "health.check")["checks"]
    assert isinstance(rows, list)
    return {str(row["check"]): row for row in rows if isinstance(row, dict)}


def test_a_fresh_installation_is_well(house: House) -> None:
    answer = house.order(ENGINEER, "health.check")

    assert answer["ok"] is True
    assert {row["level"] for name, row in checks(house).items() if name not in {"witnesses", "disk"}} == {"ok"}


def test_keys_others_can_read_are_a_failure(house: House) -> None:
    (house.application.settings.keys_folder / "signing.key").chmod(0o644)

    answer = house.order(ENGINEER, "health.check")

    assert answer["ok"] is False
    assert "signing.key" in checks(house)["keys"]["found"]


def test_a_clock_behind_what_was_recorded_is_a_failure(house: House) -> None:
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.clock.move(hours=-2)

    assert checks(house)["clock"]["level"] == "failed"


@pytest.mark.parametrize(
    ("later", "check"),
    [
        pytest.param({"minutes": 10}, "backlog", id="work nobody does"),
        pytest.param({"minutes": 10}, "log sequencing", id="events nobody signs"),
    ],
)
def test_what_does_not_go_on_is_a_warning(house: House, later: dict[str, float], check: str) -> None:
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.clock.move(**later)

    assert checks(house)[check]["level"] == "warning"


def test_what_is_stuck_is_a_warning(house: House) -> None:
    house.letterbox.is_open = False
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()

    assert checks(house)["dead letters"]["level"] == "warning"
