"""From when does something hold, as an `[in_force_from]` table says it?"""

from datetime import UTC, datetime

import pytest

from gateway.consent.in_force import ALWAYS, Starts, read_starts
from gateway.errors import PolicyError

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_start_is_a_date_an_instant_or_not_yet() -> None:
    told = {
        "everywhere": "2027-01-01",
        "E09000003": "2027-01-01T01:00:00+01:00",
        "E09000028": "2027-01-01T00:00:00Z",
        "E06000008": "not yet",
    }

    starts = read_starts(told, unless_told=ALWAYS)

    assert starts == Starts(
        everywhere=NEW_YEAR, areas={"E09000003": NEW_YEAR, "E09000028": NEW_YEAR, "E06000008": None}
    )
    assert starts.areas["E09000003"].tzinfo is UTC  # type: ignore[union-attr]  # a date, as just seen


def test_an_area_that_is_not_named_goes_by_everywhere() -> None:
    starts = read_starts({"everywhere": "2027-01-01", "E06000008": "not yet"}, unless_told=ALWAYS)

    assert starts.of("E09000003") == NEW_YEAR
    assert starts.of(None) == NEW_YEAR
    assert starts.of("E06000008") is None


@pytest.mark.parametrize("unless_told", [ALWAYS, None], ids=["always", "never"])
def test_where_nothing_is_told_it_is_as_the_caller_says(unless_told: datetime | None) -> None:
    starts = read_starts({"E06000008": "2027-01-01"}, unless_told=unless_told)

    assert starts.of(None) == unless_told
    assert starts.of("E06000008") == NEW_YEAR


@pytest.mark.parametrize("text", ["", "soon", "2027-13-01", "2027-01-01T00:00:00", "2027-01-01T25:00:00Z"])
def test_what_is_no_instant_is_refused_by_the_name_of_its_area(text: str) -> None:
    with pytest.raises(PolicyError, match=r"\[in_force_from\] E09000003: write a date"):
        read_starts({"E09000003": text}, unless_told=ALWAYS)


def test_what_is_no_area_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"\[in_force_from\] names 'Barnet'"):
        read_starts({"Barnet": "2027-01-01"}, unless_told=ALWAYS)
