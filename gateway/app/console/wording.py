"""How are times and errors said to somebody who looks at a page? In the local time of the people who work with it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_LOCAL = ZoneInfo("Europe/London")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SOON = timedelta(hours=2)
_NOT_YET = "not yet"
_SEXES: Mapping[str, str] = {"1": "male", "2": "female"}
_GIVERS: Mapping[str, str] = {
    "PARENT_PR": "a parent with parental responsibility",
    "PARENT_NO_PR": "a parent without parental responsibility",
    "CARER": "a carer",
    "CHILD_COMPETENT": "a child judged competent",
    "YP_16_17": "a young person of 16 or 17",
    "LA_PR": "the local authority, which has parental responsibility",
    "COURT": "a court",
    "ADULT_SELF": "an adult, about themselves",
}
_MODES: Mapping[str, str] = {
    "WRITTEN_SIGNED": "in writing, signed",
    "ELECTRONIC": "electronically",
    "VERBAL_WITNESSED": "spoken, before a witness",
}
_ENDS = frozenset(".?!")


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


def identity(value: str, name: str) -> str:
    """Return a part of a child's identity as people write it."""
    match name:
        case "born":
            return day(f"{value}T12:00:00Z").partition(" ")[2] if value[:1].isdigit() else value
        case "sex":
            return _SEXES.get(value, value)
        case _:
            return value


def consent(fact: Mapping[str, Any]) -> str:
    """Return what a consent says: who gave it, how, from when until when, and what it leaves out."""
    parts = [
        f"by {_GIVERS[giver]}" if (giver := str(fact.get("giver_capacity"))) in _GIVERS else "nobody has said by whom",
        _MODES.get(str(fact.get("mode")), ""),
        *_times(fact),
        f"only with {', '.join(allowed)}" if (allowed := fact.get("agencies_allowed")) else "",
        f"not with {', '.join(denied)}" if (denied := fact.get("agencies_denied")) else "",
        f"without {', '.join(withheld)}" if (withheld := fact.get("categories_denied")) else "",
    ]
    return ", ".join(part for part in parts if part)


def order(fact: Mapping[str, Any]) -> str:
    """Return what a court's order says: whom it is about, which court made it, for how long, and if it was verified."""
    parts = [
        ", ".join(fact.get("recipients", ())) or "anybody",
        f"{fact.get('court')}, {fact.get('reference')}",
        f"of the kinds {', '.join(ordered)}" if (ordered := fact.get("categories")) else "",
        f"for {', '.join(wanted)}" if (wanted := fact.get("purposes")) else "",
        *_times(fact),
        "verified" if fact.get("verified_by") else "not verified",
    ]
    return ", ".join(part for part in parts if part)


def weighing(fact: Mapping[str, Any]) -> str:
    """Return what a practitioner found: towards whom, for what, whether it harms, until when, and why."""
    harm: Mapping[object, str] = {True: "telling would harm the child more", False: "telling does the child less harm"}
    parts = [
        f"towards {', '.join(fact.get('recipients', ()))}",
        f"for {', '.join(fact.get('purposes', ()))}",
        harm.get(fact.get("harmful"), "harm not weighed yet"),
        *_times(fact),
    ]
    return f"{', '.join(part for part in parts if part)}: {fact.get('rationale')}"


def _times(fact: Mapping[str, Any]) -> tuple[str, str]:
    return (
        f"from {day(start)}" if (start := fact.get("effective_from")) else "",
        f"until {day(end)}" if (end := fact.get("expires_on")) else "",
    )


def sentence(text: str) -> str:
    """Return *text* with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text[-1:] in _ENDS else '.'}"


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
