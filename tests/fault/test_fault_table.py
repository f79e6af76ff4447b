"""Is the published table of faults what the command makes, with nothing lost in it?"""

from pathlib import Path

import pytest

from tests.fault.campaigns import CAMPAIGNS
from tests.fault.fault_table import (
    COLUMNS,
    PAGE,
    Result,
    Row,
    heading_on,
    kept_in,
    publish,
    results_on,
    rows_on,
    table_of,
)

CLEAN = Row(runs=60, accepted=900, seed=7)


def a_result(name: str = "kill", row: Row = CLEAN) -> Result:
    found = CAMPAIGNS[name]
    return Result(name=name, fault=found.fault, parts=found.parts, row=row)


def test_the_table_has_a_line_for_each_campaign() -> None:
    assert [(row[0], row[1]) for row in rows_on()] == [(one.fault, one.parts) for one in CAMPAIGNS.values()]


def test_nothing_was_lost_doubled_out_of_order_or_late() -> None:
    assert heading_on() == list(COLUMNS)
    assert {cell for row in rows_on() for cell in row[-4:]} == {"0"}


def test_every_campaign_made_faults_and_had_documents() -> None:
    assert [row[0] for row in rows_on() if min(int(cell) for cell in row[2:5]) <= 0] == []


def test_the_command_makes_the_table_that_the_page_shows(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(PAGE.read_text())
    results = [a_result(), a_result("power", Row(runs=3, accepted=40, lost=1, seed=8))]

    publish(results, page)

    assert page.read_text() == PAGE.read_text().replace(_table(PAGE), table_of(results))
    assert rows_on(page)[1][-4:] == ["1", "0", "0", "0"]


def test_a_result_is_kept_and_found_again(tmp_path: Path) -> None:
    a_result().keep(tmp_path)

    assert kept_in(tmp_path) == {"kill": a_result()}


def test_the_line_of_a_campaign_that_was_not_run_is_taken_from_the_page(tmp_path: Path) -> None:
    page = tmp_path / "faults.md"
    page.write_text(PAGE.read_text())
    results = [a_result(), a_result("power", Row(runs=3, accepted=40, lost=1, doubled=2, out_of_order=4, seed=8))]
    publish(results, page)

    found = results_on({(one.fault, one.parts): name for name, one in CAMPAIGNS.items()}, page)

    assert found == {result.name: result for result in results}


@pytest.mark.parametrize("broken", ["lost", "doubled", "out_of_order", "s47_late"])
def test_a_broken_promise_is_not_clean(broken: str) -> None:
    assert CLEAN.is_clean
    assert not Row(runs=1, accepted=1, seed=1, **{broken: 1}).is_clean


def _table(page: Path) -> str:
    return page.read_text().split("<!-- table -->\n\n")[1].split("\n\n<!-- end of table -->")[0]
