"""Does the report beside a dropped file wait for the scanner, and not for ever?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app.drop_folder import watch
from gateway.flows.delivering.scanner import Malware
from tests.fakes.attached import LETTER, pupil_with
from tests.fakes.scanner import ScriptedScanner
from tests.integration.files.test_drop_folder import Dropping, a_gateway

REPORT = "pupil.csv.records.json"


@pytest.fixture
def scanner() -> ScriptedScanner:
    return ScriptedScanner()


@pytest.fixture
def dropping(tmp_path: Path, scanner: ScriptedScanner) -> Iterator[Dropping]:
    """A gateway with a scanner, and one pupil's report dropped and worked through."""
    root = tmp_path / "drop"
    with a_gateway(tmp_path / "gateway", scanner, scanner="unix:/nowhere/clamd.ctl") as (application, clock):
        found = Dropping(application, root, clock, watch(application, root, ids=application.desk.ids))
        found.drop("sims/csv-1", "pupil.csv", pupil_with(LETTER))
        found.work()
        yield found


def reports(dropping: Dropping) -> list[str]:
    return sorted(path.name for path in (dropping.root / "school-example/sims/csv-1").iterdir())


def test_the_report_waits_until_the_scanner_has_said_something(dropping: Dropping, scanner: ScriptedScanner) -> None:
    scanner.says = [Malware(signature="Invented.Test-1")]
    dropping.watched.look()
    before = reports(dropping)

    dropping.application.scans.sweep()
    dropping.watched.look()

    (record,) = dropping.report("sims/csv-1", REPORT)["records"]
    assert before == ["pupil.csv.accepted.json"]
    assert (record["documents"][0]["scan"], record["result"]) == ("malware", "taken-with-warnings")


def test_the_report_waits_for_ten_minutes_and_no_longer(dropping: Dropping) -> None:
    dropping.clock.move(minutes=9)
    dropping.watched.look()
    before = reports(dropping)

    dropping.clock.move(minutes=2)
    dropping.watched.look()

    (record,) = dropping.report("sims/csv-1", REPORT)["records"]
    assert before == ["pupil.csv.accepted.json"]
    assert record["documents"][0]["scan"] == "waiting"
