"""How do opening hours and bank holidays get from their files into a calendar?"""

import csv
import tomllib
from collections.abc import Mapping
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.errors import MappingError, Place
from gateway.working_time.calendar import WEEKDAYS, Calendar, Opening

_CLOSED = "closed"


def load_calendar(hours: bytes, bank_holidays: bytes) -> Calendar:
    """Return the calendar of one service.

    Shape: `hours` is TOML with `zone` and a table `[hours]` in which every weekday is `"closed"` or has `opens` and
    `closes`; `bank_holidays` is CSV with a column `date` (ISO 8601) and any others.

    Raises:
        MappingError: a weekday is missing or unknown, a time or date is none, or the zone is not known.
    """
    table = _toml(hours)
    days = table.get("hours", {})
    odd = sorted(set(days) ^ set(WEEKDAYS))
    if odd:
        raise MappingError(f"opening hours: {odd[0]!r} is missing or no weekday", place=Place(path=f"hours.{odd[0]}"))
    return Calendar(
        bank_holidays=load_bank_holidays(bank_holidays),
        hours=tuple(_opening(name, days[name]) for name in WEEKDAYS),
        zone=_zone(str(table.get("zone", "Europe/London"))),
    )


def load_bank_holidays(text: bytes) -> frozenset[date]:
    """Return the days of a CSV file whose column `date` holds them.

    Raises:
        MappingError: there is no such column, no row, or a row without an ISO 8601 date.
    """
    rows = csv.DictReader(text.decode("utf-8-sig").splitlines())
    days = frozenset(_day(row.get("date"), number) for number, row in enumerate(rows, start=1))
    if not days:
        raise MappingError("bank holidays: the file names none")
    return days


def _day(written: str | None, row: int) -> date:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        raise MappingError("bank holidays: expected a date such as 2026-12-25", place=Place(row=row)) from None


def _opening(name: str, told: object) -> Opening | None:
    if told == _CLOSED:
        return None
    match told:
        case {"opens": time() as opens, "closes": time() as closes, **rest} if not rest:
            return Opening(opens=opens, closes=closes)
        case _:
            message = f'opening hours: {name} is neither "closed" nor two times such as opens = 09:00:00'
            raise MappingError(message, place=Place(path=f"hours.{name}"))


def _toml(text: bytes) -> Mapping[str, dict[str, object]]:
    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"opening hours: {error}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MappingError(f"opening hours: no time zone is called {name!r}", place=Place(path="zone")) from error
