"""How are times and errors said to somebody who looks at a page? In the local time of the people who work with it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LOCAL = ZoneInfo("Europe/London")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SOON = timedelta(hours=2)
_NOT_YET = "not yet"


def when(text: str | None, now: datetime) -> str:
    """Return an instant as people say it: `today at 14:05`, `yesterday at 09:12`, `23 November 2026 at 09:00`."""
    if not text:
        return _NOT_YET
    local, today = _read(text).astimezone(_LOCAL), now.astimezone(_LOCAL).date()
    days = (local.date() - today).days
    day = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days, f"{local.day} {local:%B %Y}")
    return f"{day} at {local:%H:%M}"


def clock(text: str | None) -> str:
    """Return the local time of day to the second."""
    return f"{_read(text).astimezone(_LOCAL):%H:%M:%S}" if text else _NOT_YET


def day(text: str | None) -> str:
    """Return the local day in full: `Monday 23 November 2026`."""
    if not text:
        return _NOT_YET
    local = _read(text).astimezone(_LOCAL)
    return f"{local:%A} {local.day} {local:%B %Y}"


def left(text: str | None, now: datetime) -> str:
    """Return how long there is until an instant, or since when it is over: `2 hours left`, `15 minutes late`."""
    if not text:
        return "no time limit"
    remaining = _read(text) - now
    return f"{_span(abs(remaining))} {'left' if remaining >= timedelta(0) else 'late'}"


def urgency(text: str | None, now: datetime) -> str:
    """Return how much an instant presses: `late`, `soon` or `calm`."""
    if not text:
        return "calm"
    remaining = _read(text) - now
    return "late" if remaining < timedelta(0) else "soon" if remaining <= _SOON else "calm"


def sentence(text: str) -> str:
    """Return *text* with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _span(span: timedelta) -> str:
    if span < _MINUTE:
        return "less than a minute"
    for unit, one in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if span >= unit:
            number = span // unit
            return f"{number} {one}{'' if number == 1 else 's'}"
    return "less than a minute"


def _read(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
