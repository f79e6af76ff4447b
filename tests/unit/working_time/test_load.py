from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from gateway.errors import MappingError
from gateway.working_time.calendar import Opening
from gateway.working_time.load import load_bank_holidays, load_calendar

ROOT = Path(__file__).parents[3]
HOLIDAYS = (ROOT / "mappings/bank-holidays-england.csv").read_bytes()
HOURS = (ROOT / "deploy/opening-hours.example.toml").read_bytes()


def _easter(year: int) -> date:
    """Return Easter Sunday, by the anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    m = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _in_lieu(*days: date) -> set[date]:
    """Return *days*, each moved on from weekends and from one another."""
    kept: set[date] = set()
    for day in days:
        free = day
        while free.weekday() > 4 or free in kept:
            free += timedelta(days=1)
        kept.add(free)
    return kept


def _by_the_act(year: int) -> set[date]:
    return {
        _easter(year) - timedelta(days=2),
        _easter(year) + timedelta(days=1),
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        _monday_from(date(year, 8, 25)),
        *_in_lieu(date(year, 1, 1)),
        *_in_lieu(date(year, 12, 25), date(year, 12, 26)),
    }


@pytest.mark.parametrize("year", range(2024, 2029))
def test_the_shipped_bank_holidays_are_those_of_the_act(year: int) -> None:
    shipped = {day for day in load_bank_holidays(HOLIDAYS) if day.year == year}

    assert shipped == _by_the_act(year)


def test_the_example_hours_make_a_calendar() -> None:
    calendar = load_calendar(HOURS, HOLIDAYS)

    assert calendar.hours[4] == Opening(opens=time(9), closes=time(17))
    assert calendar.hours[5] is None
    assert not calendar.is_open(datetime(2026, 12, 28, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        pytest.param(b'"closed"', b'"shut"', id="no such word"),
        pytest.param(b"saturday", b"saturn", id="no such day"),
        pytest.param(b"17:00:00", b'"17:00"', id="text for a time"),
        pytest.param(b"opens = 09:00:00, ", b"", id="a time left out"),
        pytest.param(b"closes = 17:00:00", b"closes = 17:00:00, lunch = 13:00:00", id="an unknown key"),
        pytest.param(b"Europe/London", b"Europe/Londinium", id="no such zone"),
        pytest.param(b"[hours]", b"[hours", id="no TOML"),
        pytest.param(b"# When", b"# \xff", id="no UTF-8"),
    ],
)
def test_a_file_of_hours_with_a_slip_is_refused(was: bytes, instead: bytes) -> None:
    with pytest.raises(MappingError):
        load_calendar(HOURS.replace(was, instead), HOLIDAYS)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"date,name\n25/12/2026,Christmas Day\n", id="not ISO 8601"),
        pytest.param(b"day,name\n2026-12-25,Christmas Day\n", id="no column date"),
        pytest.param(b"date,name\n", id="no row"),
    ],
)
def test_a_file_of_holidays_with_a_slip_is_refused(text: bytes) -> None:
    with pytest.raises(MappingError):
        load_bank_holidays(text)


def test_the_error_names_the_row() -> None:
    with pytest.raises(MappingError) as caught:
        load_bank_holidays(b"date\n2026-12-25\n26.12.2026\n")

    assert caught.value.place.row == 2
