"""Scenario numbers are those of the acceptance scenarios of early-help gateways: an hour too late is a breach."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MappingError, SchemaViolationError
from gateway.working_time.calendar import Calendar, Opening

LONDON = ZoneInfo("Europe/London")
DAY = Opening(opens=time(9), closes=time(17, 15))
FRIDAY = Opening(opens=time(9), closes=time(17))
EASTER = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
MASH = Calendar(bank_holidays=EASTER, hours=(DAY, DAY, DAY, DAY, FRIDAY, None, None))
ROUND_THE_CLOCK = Calendar(bank_holidays=frozenset(), hours=(Opening(opens=time(0), closes=time(0)),) * 7)
NIGHTS = Calendar(bank_holidays=frozenset(), hours=(Opening(opens=time(1, 30), closes=time(2)),) * 7)

instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
opening_hours = st.builds(
    lambda start, length: Opening(opens=time(start), closes=time(start + length)),
    st.integers(0, 11),
    st.integers(1, 12),
)
calendars = st.builds(
    lambda hours, first, holidays: Calendar(bank_holidays=frozenset(holidays), hours=(first, *hours)),
    st.lists(st.none() | opening_hours, min_size=6, max_size=6),
    opening_hours,
    st.lists(st.dates(date(2024, 1, 1), date(2028, 12, 31)), max_size=30),
)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)  # type: ignore[arg-type]


def test_what_comes_in_after_friday_closing_has_all_of_monday() -> None:
    received = local(2026, 11, 20, 17, 20)

    assert MASH.next_opening(received) == local(2026, 11, 23, 9)
    assert MASH.add_days(received, 1) == local(2026, 11, 23, 17, 15)


def test_easter_is_no_working_time() -> None:
    received = local(2026, 4, 2, 16)

    assert MASH.add_days(received, 1) == local(2026, 4, 7, 17, 15)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        pytest.param((2026, 11, 23, 10), 1, (2026, 11, 24, 17, 15), id="during the day: the whole next day"),
        pytest.param((2026, 11, 23, 9), 1, (2026, 11, 23, 17, 15), id="at the very opening: that day is whole"),
        pytest.param((2026, 11, 23, 8, 59), 1, (2026, 11, 23, 17, 15), id="before opening: that day"),
        pytest.param((2026, 11, 23, 17, 15), 1, (2026, 11, 24, 17, 15), id="at closing: the next day"),
        pytest.param((2026, 11, 20, 12), 3, (2026, 11, 25, 17, 15), id="three days over a weekend"),
        pytest.param((2026, 3, 27, 12), 1, (2026, 3, 30, 17, 15), id="over the clock change in spring"),
        pytest.param((2026, 10, 23, 12), 1, (2026, 10, 26, 17, 15), id="over the clock change in autumn"),
    ],
)
def test_a_deadline_in_days_is_the_close_of_a_whole_working_day(
    received: tuple[int, ...], days: int, due: tuple[int, ...]
) -> None:
    assert MASH.add_days(local(*received), days) == local(*due)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        pytest.param((2026, 11, 23, 10), 6, (2026, 11, 23, 16), id="within a day"),
        pytest.param((2026, 11, 23, 16), 2, (2026, 11, 24, 9, 45), id="into the next day"),
        pytest.param((2026, 11, 20, 16, 30), 4, (2026, 11, 23, 12, 30), id="over a weekend"),
        pytest.param((2026, 11, 21, 3), 1, (2026, 11, 23, 10), id="from a closed day"),
        pytest.param((2026, 11, 23, 9), 8.25, (2026, 11, 23, 17, 15), id="exactly to closing"),
        pytest.param((2026, 11, 23, 12), 0, (2026, 11, 23, 12), id="no time at all"),
    ],
)
def test_hours_pass_only_while_it_is_open(start: tuple[int, ...], hours: float, end: tuple[int, ...]) -> None:
    assert MASH.add_hours(local(*start), hours) == local(*end)


def test_nine_o_clock_is_nine_o_clock_on_both_sides_of_a_clock_change() -> None:
    winter, summer = MASH.next_opening(local(2026, 3, 28, 12)), MASH.next_opening(local(2026, 3, 27, 8))

    assert (summer.hour, winter.hour) == (9, 8)


@pytest.mark.parametrize(
    ("night", "length"),
    [pytest.param((2026, 3, 29), 23, id="spring"), pytest.param((2026, 10, 25), 25, id="autumn")],
)
def test_a_day_of_a_clock_change_has_as_many_hours_as_it_really_has(night: tuple[int, ...], length: int) -> None:
    start = local(*night)

    end = ROUND_THE_CLOCK.add_days(start, 1)

    assert end - start == timedelta(hours=length)


def test_hours_that_a_spring_clock_change_swallows_are_no_working_day() -> None:
    before = local(2026, 3, 28, 12)

    assert NIGHTS.next_opening(before) == local(2026, 3, 30, 1, 30)


def test_midnight_ends_the_day_it_closes() -> None:
    assert ROUND_THE_CLOCK.is_open(local(2026, 11, 23, 23, 59))


def test_closing_time_itself_is_closed() -> None:
    assert MASH.is_open(local(2026, 11, 23, 17, 14))
    assert not MASH.is_open(local(2026, 11, 23, 17, 15))


def test_a_warning_comes_two_hours_before_close_and_never_before_opening() -> None:
    due = local(2026, 11, 23, 17, 15)

    assert MASH.before_close(due, 2) == local(2026, 11, 23, 15, 15)
    assert MASH.before_close(due, 20) == local(2026, 11, 23, 9)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(SchemaViolationError):
        MASH.next_opening(datetime(2026, 11, 23, 9))  # noqa: DTZ001


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param((None,) * 7, id="never open"),
        pytest.param((DAY,) * 6, id="six days"),
        pytest.param((Opening(opens=time(17), closes=time(9)), *(None,) * 6), id="closes before it opens"),
    ],
)
def test_hours_that_make_no_week_are_refused(hours: tuple[Opening | None, ...]) -> None:
    with pytest.raises(MappingError):
        Calendar(bank_holidays=frozenset(), hours=hours)


def test_no_days_is_no_deadline() -> None:
    with pytest.raises(MappingError):
        MASH.add_days(local(2026, 11, 23, 9), 0)


def test_a_year_without_bank_holidays_is_not_known() -> None:
    assert MASH.knows(local(2026, 12, 31, 12))
    assert not MASH.knows(local(2027, 1, 1, 12))


@given(calendars, instants)
def test_the_next_opening_is_open_and_never_earlier(calendar: Calendar, at: datetime) -> None:
    opening = calendar.next_opening(at)

    assert opening >= at
    assert calendar.is_open(opening)
    assert calendar.next_opening(opening) == opening


@given(calendars, instants, st.integers(1, 5))
def test_a_deadline_leaves_that_many_whole_working_days(calendar: Calendar, at: datetime, days: int) -> None:
    due = calendar.add_days(at, days)

    opened = {
        day
        for offset in range((due - at).days + 3)
        if calendar.is_working_day(day := (at + timedelta(days=offset - 1)).astimezone(LONDON).date())
        and at <= (start := calendar.next_opening(datetime.combine(day, time(), LONDON).astimezone(UTC))) < due
        and start.astimezone(LONDON).date() == day
    }
    assert len(opened) == days


@given(calendars, instants, instants, st.integers(1, 4))
def test_a_later_receipt_is_never_due_earlier(calendar: Calendar, one: datetime, other: datetime, days: int) -> None:
    first, second = sorted((one, other))

    assert calendar.add_days(first, days) <= calendar.add_days(second, days)
    assert calendar.add_hours(first, days) <= calendar.add_hours(second, days)


@given(calendars, instants, st.integers(1, 200), st.integers(1, 200))
def test_hours_add_up(calendar: Calendar, at: datetime, some: int, more: int) -> None:
    at_once = calendar.add_hours(at, (some + more) / 4)
    in_two = calendar.add_hours(calendar.add_hours(at, some / 4), more / 4)

    assert at_once == in_two


@given(calendars, instants)
def test_times_come_out_as_utc(calendar: Calendar, at: datetime) -> None:
    assert calendar.add_days(at, 1).tzinfo is UTC
    assert calendar.add_hours(at, 1).tzinfo is UTC
    assert calendar.next_opening(at.astimezone(LONDON)).tzinfo is UTC
