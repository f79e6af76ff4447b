"""When does a clock start, and when has it run out, for people who go home at night?

A working day is a day with opening hours that is not a bank holiday. Times come in and go out as UTC; opening hours
are local, so that nine o'clock stays nine o'clock on both sides of a clock change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from gateway.errors import MappingError, SchemaViolationError

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The hours of one weekday, local. It closes before the instant `closes`; midnight there ends the day."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One working day as it lies in time (UTC): `opens` is included, `closes` is not."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The opening hours of one service.

    Shape: `hours` has one entry per weekday from Monday, None for a day that is always closed.

    Raises:
        MappingError: there are not seven entries, no day is ever open, or a day closes before it opens.
    """

    bank_holidays: frozenset[date]
    hours: tuple[Opening | None, ...]
    zone: ZoneInfo = LONDON

    def __post_init__(self) -> None:
        if len(self.hours) != len(WEEKDAYS) or not any(self.hours):
            raise MappingError("opening hours: expected seven weekdays, at least one of them open")
        for name, opening in zip(WEEKDAYS, self.hours, strict=True):
            if opening is not None and time.min != opening.closes <= opening.opens:
                raise MappingError(f"opening hours: {name} closes before it opens")

    def is_open(self, at: datetime) -> bool:
        """Tell whether *at* lies within opening hours."""
        return self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime:
        """Return *at* if the service is open then, else the next instant at which it opens."""
        return max(_utc(at), next(self._spans(at)).opens)

    def add_hours(self, at: datetime, hours: float) -> datetime:
        """Return the instant at which *hours* of opening time have passed since *at*.

        Exactly at closing time counts as that day, not as the next morning.
        """
        left = timedelta(hours=hours)
        for span in self._spans(at):
            start = max(_utc(at), span.opens)
            if start + left <= span.closes:
                return start + left
            left -= span.closes - start
        raise AssertionError("the spans never end")  # pragma: no cover  # some weekday is always open

    def add_days(self, at: datetime, days: int) -> datetime:
        """Return the close of the *days*-th working day that lies wholly after *at*.

        So a message that comes in while the service is shut has the whole of the next working day, and one that comes
        in during the day has that day's rest and the whole of the next.
        """
        if days < 1:
            raise MappingError("a deadline in working days needs at least one day")
        whole = (span for span in self._spans(at) if span.opens >= at)
        return next(islice(whole, days - 1, None)).closes

    def before_close(self, due: datetime, hours: float) -> datetime:
        """Return the instant *hours* before *due*, but not before the service opened that day."""
        day = next(span for span in self._spans(due - _DAY) if span.closes >= due)
        return min(due, max(day.opens, _utc(due) - timedelta(hours=hours)))

    def knows(self, at: datetime) -> bool:
        """Tell whether the bank holidays of the year of *at* were given; without them a deadline may come too early."""
        year = at.astimezone(self.zone).year
        return any(holiday.year == year for holiday in self.bank_holidays)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the service opens at all on *day*."""
        return self.hours[day.weekday()] is not None and day not in self.bank_holidays

    def _spans(self, at: datetime) -> Iterator[Span]:
        """Yield the working days that have not closed at *at*, in order, without end."""
        day = _utc(at).astimezone(self.zone).date()
        while True:
            opening = self.hours[day.weekday()]
            if opening is not None and day not in self.bank_holidays:
                span = self._span(day, opening)
                # Hours that a spring clock change swallows whole are no hours at all.
                if span.closes > max(span.opens, at):
                    yield span
            day += _DAY

    def _span(self, day: date, opening: Opening) -> Span:
        last = day + _DAY if opening.closes == time.min else day
        return Span(opens=self._instant(day, opening.opens), closes=self._instant(last, opening.closes))

    def _instant(self, day: date, local: time) -> datetime:
        return datetime.combine(day, local, tzinfo=self.zone).astimezone(UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise SchemaViolationError("a time without its zone cannot be placed in working hours")
    return at.astimezone(UTC)
