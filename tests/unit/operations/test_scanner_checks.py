"""Does doctor tell whether attached documents can be scanned? Each check is shown the fault it is there for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.app.operations.findings import Finding
from gateway.app.operations.health import findings_of
from tests.fakes.attached import LETTER, pupil_with
from tests.fakes.clock import MONDAY_MORNING
from tests.fakes.scanner import ScriptedScanner
from tests.unit.operations.house import House


def finding(house: House, check: str, scanner: ScriptedScanner | None = None) -> Finding:
    with_scanner: Any = replace(house.application, scanner=scanner)
    return next(one for one in findings_of(with_scanner) if one.check == check)


def test_without_a_scanner_nothing_is_wrong_while_nothing_waits(house: House) -> None:
    assert finding(house, "scanner").level == "ok"
    assert finding(house, "attached documents").level == "ok"


def test_a_scanner_that_does_not_answer_is_a_failure(house: House) -> None:
    found = finding(house, "scanner", ScriptedScanner(away="scanner-away"))

    assert (found.level, "scanner-away" in found.found) == ("failed", True)


@pytest.mark.parametrize(
    ("days", "level"), [(0, "ok"), (2, "ok"), (3, "warning"), (13, "warning"), (14, "failed"), (400, "failed")]
)
def test_old_signatures_are_a_warning_and_very_old_ones_a_failure(house: House, days: int, level: str) -> None:
    scanner = ScriptedScanner(signatures_at=MONDAY_MORNING - timedelta(days=days))

    assert finding(house, "scanner", scanner).level == level


def test_signatures_without_a_date_are_a_warning(house: House) -> None:
    assert finding(house, "scanner", ScriptedScanner()).level == "warning"


@pytest.mark.parametrize(("minutes", "level"), [(59, "ok"), (61, "warning")])
def test_an_attached_document_that_waits_for_an_hour_is_a_warning(house: House, minutes: int, level: str) -> None:
    house.receive("school-example", "sims/csv-1", pupil_with(LETTER))
    house.work()
    house.clock.move(minutes=minutes)

    assert finding(house, "attached documents").level == level


def test_the_fix_for_what_waits_says_whether_there_is_a_scanner(house: House) -> None:
    house.receive("school-example", "sims/csv-1", pupil_with(LETTER))
    house.work()
    house.clock.move(hours=2)

    assert "GATEWAY_SCANNER" in finding(house, "attached documents").fix
    assert "scan.failed" in finding(house, "attached documents", ScriptedScanner()).fix
