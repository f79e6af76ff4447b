import json
from pathlib import Path

import pytest

from tests.bench.figures import repeated
from tests.bench.floors import of_floor
from tests.bench.report import BARS, Report, missed, others, table, write
from tests.bench.stacks import ONE_PROCESS, SPLIT


def line_of(report: Report, row: str) -> str:
    """Return the words of a row's line, one space between them."""
    return next((" ".join(line.split()) for line in table(report) if line.startswith(row)), "")


def told_of(report: Report) -> list[str]:
    return [" ".join(line.split()) for line in others(report)]


@pytest.mark.parametrize(
    ("row", "found", "is_told"),
    [
        pytest.param("whole_path_per_second", 149.0, True, id="a rate below what must be"),
        pytest.param("whole_path_per_second", 150.0, False, id="a rate just reached"),
        pytest.param("whole_path_per_second_slow_disk", 149.0, True, id="a rate on the slow disk"),
        pytest.param("accept_p99_ms_at_50", 30.1, True, id="longer than it may take"),
        pytest.param("accept_p99_ms_at_50", 30.0, False, id="as long as it may take"),
        pytest.param("cost_at_a_million_percent", 0.0, False, id="no more cost at all"),
        pytest.param("cost_at_a_million_percent", -3.0, False, id="even less cost"),
    ],
)
@pytest.mark.parametrize("stack", [ONE_PROCESS, SPLIT])
def test_what_is_not_as_it_must_be_is_told_as_missed(row: str, found: float, is_told: bool, stack: str) -> None:
    report: Report = {stack: {row: found}}

    assert ("MISSED" in line_of(report, row)) is is_told
    assert [(cell.row, cell.stack) for cell in missed(report)] == [(row, stack)] * is_told


def test_a_line_holds_both_stacks_their_worst_the_ratio_and_the_bars() -> None:
    report: Report = {
        ONE_PROCESS: {"accept_per_second": 900.0, "accept_per_second_worst": 300.0},
        SPLIT: {"accept_per_second": 450.0, "accept_per_second_worst": 400.0},
    }

    told = line_of(report, "accept_per_second ")

    assert told == "accept_per_second 900 (300) 1.50x 450 (400) 0.75x MISSED 600 1000"


def test_a_bar_of_one_stack_is_not_asked_of_the_other() -> None:
    report: Report = {ONE_PROCESS: {"idle_mb": 150.0}, SPLIT: {"idle_mb": 450.0}}

    assert line_of(report, "idle_mb") == "idle_mb 150 1.33x 450 200 120"
    assert missed(report) == []


def test_what_was_not_measured_has_no_line() -> None:
    assert table({ONE_PROCESS: {"verify_ms": 0.5}}) == [
        *table({}),
        *(line for line in table({ONE_PROCESS: {"verify_ms": 0.5}}) if line.startswith("verify_ms")),
    ]


def test_costs_floors_peers_and_the_machine_are_told_below() -> None:
    report: Report = {
        SPLIT: {"accept_per_second": 600.0, "cpu_ms_relay": 1.5, "cpu_ms_relay_worst": 2.5},
        "floors": {"accept_postgres_per_second": 1200.0},
        "machine": {"cores": 2, "load_average_before": "0.10 0.20 0.30"},
        "peers": {"a peer": {"accept_per_second": 300.0}},
    }

    assert told_of(report) == [
        *["", "split:", "cpu_ms_relay 1.5 (2.5)", "accept_of_floor 0.5"],
        *["", "floors:", "accept_postgres_per_second 1200"],
        *["", "machine:", "cores 2", "load_average_before 0.10 0.20 0.30"],
        *["", "a peer (peer):", "accept_per_second 300"],
    ]


def test_the_whole_path_is_held_against_the_slowest_of_its_steps() -> None:
    floors = {"accept_postgres_per_second": 900.0, "commit_postgres_per_second": 400.0, "publish_64_per_second": 800.0}

    assert of_floor({"whole_path_per_second": 100.0}, floors, SPLIT) == {"whole_path_of_floor": 0.25}


def test_without_a_floor_there_is_no_ratio_to_it() -> None:
    assert of_floor({"whole_path_per_second": 100.0, "accept_per_second": 100.0}, {}, SPLIT) == {}


def test_of_several_runs_the_median_counts_and_the_worst_is_kept() -> None:
    runs = [{"accept_per_second": rate, "accept_p99_ms_at_50": late} for rate, late in ((5, 1), (9, 7), (6, 2))]

    assert repeated(runs) == {
        "accept_per_second": 6,
        "accept_per_second_worst": 5,
        "accept_p99_ms_at_50": 2,
        "accept_p99_ms_at_50_worst": 7,
    }


def test_the_goal_of_every_bar_is_no_easier_than_its_must() -> None:
    easier = [row for row, bar in BARS.items() if (bar.goal < bar.must) == ("_per_second" in row)]

    assert easier == []


def test_the_file_holds_every_figure(tmp_path: Path) -> None:
    report: Report = {ONE_PROCESS: {"verify_ms": 0.5, "gate_ms": 0.1}, SPLIT: {"accept_per_second": 450.0}}

    write(report, tmp_path)

    assert json.loads((tmp_path / "report.json").read_text()) == report
    assert (tmp_path / "report.png").stat().st_size > 0
