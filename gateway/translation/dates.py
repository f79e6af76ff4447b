"""Which day does a text mean?

A date is read only when it is whole and can mean one day in Britain: year, month and day, or day, month and year.
Nothing is ever guessed: a two-digit year stays text, and a time zone is never applied, because moving a summer
birthday to UTC moves it to the day before.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

_ZONE = r"[AP]M|UTC|GMT|BST|Z|[+-]\d{2}(?::?\d{2})?(?:\[[\w/+-]+\])?"
_TIME = rf"(?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d+)?)? ?(?:{_ZONE})?"
_ISO = re.compile(rf"(?P<y>\d{{4}})-(?P<m>\d{{2}})-(?P<d>\d{{2}})(?:[T ](?P<time>{_TIME}))?", re.IGNORECASE)
_SOLID = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})")
_SLASHED = re.compile(r"(?P<d>\d{1,2})(?P<s>[/.-])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})")
_WORDED = re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[ -](?P<m>[a-z]{3,9})[ ,-]{1,2}(?P<y>\d{4})", re.IGNORECASE)
_YEAR_FIRST_WORDED = re.compile(r"(?P<y>\d{4})-(?P<m>[a-z]{3})-(?P<d>\d{2})(?: (?P<time>[\d:]+))?", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2}\b(?!\d)|\b\d{1,2}[ -][a-z]{3,9}[ -]\d{2}\b", re.IGNORECASE)
_ANYWHERE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{1,2}(?:st|nd|rd|th)?[ -][a-z]{3,9}[ ,-]{1,2}\d{4}",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:e\.?d\.?d\.?|due(?: date| on)?|baby due|expected(?: date)?(?: of)?(?: delivery| birth)?|unborn)(?!\w)",
    re.IGNORECASE,
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH_NUMBERS = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, len(name))}
_MIDNIGHT = re.compile(r"00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_EARLIEST = 1880
_LONGEST = 40
_SHAPES = (_ISO, _SLASHED, _SOLID, _WORDED, _YEAR_FIRST_WORDED)

TWO_DIGIT_YEAR = "two-digit-year"
NOT_READ = "date-not-read"


class Day(NamedTuple):
    """A day a text means, and the time of day beside it, if it is any but midnight."""

    iso: str
    has_time: bool = False


class Birth(NamedTuple):
    """What a text tells about a birth.

    Shape: `born` or `due` (ISO) or neither. `is_whole` tells whether they say all that the text said; `trouble` is a
    warning's code when no day could be read.
    """

    born: str | None = None
    due: str | None = None
    is_whole: bool = True
    trouble: str | None = None


def day_of(text: str) -> Day | None:
    """Return the day that the whole of *text* means, or None.

    Source: the shapes seen in real SIMS, form and census extracts; `dd/mm/yyyy` is the British order.
    """
    if len(text) > _LONGEST:
        return None
    for shape in _SHAPES:
        found = shape.fullmatch(text)
        if found is not None:
            return _day(found)
    return None


def has_short_year(text: str) -> bool:
    """Tell whether *text* holds a date whose year has two digits."""
    return _SHORT_YEAR.search(text) is not None


def trouble_of(text: str) -> str:
    """Return the warning code for a *text* that should have been a date."""
    return TWO_DIGIT_YEAR if has_short_year(text) else NOT_READ


@lru_cache(maxsize=1)  # the rows for born, due and as written ask about one text in turn
def birth_of(text: str, on: date | None) -> Birth:
    """Return what *text* tells about a birth, as seen on the day *on*.

    A day after *on* is the day a baby is due; so is one that the text itself calls due. Without *on* only the words
    can tell.
    """
    day = day_of(text)
    if day is not None:
        is_due = on is not None and day.iso > on.isoformat()
        whole = not day.has_time
        return Birth(due=day.iso, is_whole=whole) if is_due else Birth(born=day.iso, is_whole=whole)
    if _DUE.search(text) is None:
        return Birth(is_whole=False, trouble=trouble_of(text))
    return _due(text)


def instant_of(text: str) -> str | None:
    """Return the instant that *text* writes in ISO 8601, or None; an instant without an offset is none."""
    if len(text) > _LONGEST:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.isoformat() if instant.tzinfo is not None else None


def _due(text: str) -> Birth:
    found = list(_ANYWHERE.finditer(text))
    day = day_of(found[0][0]) if len(found) == 1 else None
    if day is None:
        return Birth(is_whole=False, trouble=trouble_of(text))
    rest = _DUE.sub("", text.replace(found[0][0], ""))
    return Birth(due=day.iso, is_whole=not re.search(r"\w", rest))


def _day(found: re.Match[str]) -> Day | None:
    year, named, number = found.group("y", "m", "d")
    month = _month(named)
    if int(year) < _EARLIEST or month is None:
        return None
    try:
        day = date(int(year), month, int(number))
    except ValueError:
        return None
    time = found.groupdict().get("time")
    return Day(day.isoformat(), time is not None and _MIDNIGHT.fullmatch(time) is None)


def _month(text: str) -> int | None:
    """Return a month's number from its number, its English name or that name's first three letters."""
    return int(text) if text.isdigit() else _MONTH_NUMBERS.get(text.casefold())
