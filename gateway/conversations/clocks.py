"""By when must somebody have decided, answered or been told?

Urgent matters run by the clock on the wall, past closing and through bank holidays; everything else runs in the working
time of the service.
"""

from datetime import datetime, timedelta

from gateway.model.referral import Level
from gateway.working_time.calendar import Calendar

_DECIDE_URGENT = timedelta(hours=4)
_DECIDE_WORKING_DAYS = 1
_WARN_BEFORE_URGENT = timedelta(hours=1)
_WARN_BEFORE_HOURS = 2
_LOOK_AFTER_URGENT = timedelta(minutes=30)
_CHECKS_URGENT = timedelta(hours=2)
_CHECKS_HOURS = {Level.L3: 6, Level.L2: 24}
_ORDER = tuple(Level)


def is_urgent(level: Level | None) -> bool:
    """Tell whether *level* is one that waits for nobody: level 4 (red) or immediate danger."""
    return level in {Level.L4, Level.IMMEDIATE}


def graver(one: Level | None, other: Level | None) -> Level | None:
    """Return the graver of two levels; an unknown one says nothing."""
    known = [level for level in (one, other) if level is not None]
    return max(known, key=_ORDER.index, default=None)


def decide_by(level: Level | None, received_at: datetime, calendar: Calendar) -> datetime:
    """Return when the MASH must have decided: within one working day, within four hours if urgent.

    Source: Working Together to Safeguard Children (one working day); Surrey Police's published rating (red, four
    hours); Luton's, by which red is worked to completion past closing.
    """
    working = calendar.add_days(received_at, _DECIDE_WORKING_DAYS)
    return min(received_at + _DECIDE_URGENT, working) if is_urgent(level) else working


def warn_at(level: Level | None, due: datetime, calendar: Calendar) -> datetime:
    """Return when to warn that *due* is near: an hour before if urgent, else two hours, in working time."""
    return due - _WARN_BEFORE_URGENT if is_urgent(level) else calendar.before_close(due, _WARN_BEFORE_HOURS)


def look_at(level: Level | None, received_at: datetime) -> datetime | None:
    """Return when to look whether an urgent referral reached the MASH, in time to tell a person within the hour."""
    return received_at + _LOOK_AFTER_URGENT if is_urgent(level) else None


def checks_due(level: Level | None, received_at: datetime, calendar: Calendar) -> datetime | None:
    """Return when partners' answers to the MASH's checks are due, or None where none are asked for.

    Source: Merton's published times (two, six and twenty-four hours), counted in working time but for urgent matters.
    """
    if is_urgent(level):
        return received_at + _CHECKS_URGENT
    hours = _CHECKS_HOURS.get(level) if level else None
    return None if hours is None else calendar.add_hours(received_at, hours)
