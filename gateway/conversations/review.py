"""Who must decide what a rule cannot, by when, and what if nobody does?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from gateway.conversations.clocks import graver, is_urgent
from gateway.model.referral import Level
from gateway.working_time.calendar import Calendar

_URGENT = timedelta(hours=1)
_WORKING_DAYS = {Level.L3: 1}
_WORKING_DAYS_ELSE = 3
_LEVEL_OF_PURPOSE: Mapping[str, Level] = MappingProxyType(
    {"SAFEGUARD_S47": Level.L4, "EMERGENCY": Level.IMMEDIATE, "SAFEGUARD_S17": Level.L3}
)
_UNKNOWN_AT_ANY_LEVEL = frozenset({"STEP_UP", "STATUTORY_OTHER", "PULL_THROUGH"})
"""Purposes that may be of any need: where the document does not say, the level is not known."""
_MAY_TIME_OUT = frozenset({Level.NONE, Level.L1, Level.L2})

TIMED_OUT = "D-TIMEOUT"

TAKES_TWO = frozenset({"H-S17", "H-PARENT-CONFLICT", "H-COMPETENT"})
"""Questions whose yes sets aside what a family, a parent or a young person said: it takes two persons."""
MAY_CONFIRM = ("MASH_MANAGER", "DSL", "IG_OFFICER")
"""Who may be the second of the two, whichever role the question names."""

DUTY_MANAGER = "MASH_MANAGER"
"""Who is asked when nobody else is named, and when somebody did not answer."""

ROLE_OF_REASON: Mapping[str, str] = MappingProxyType(
    {
        "H-MATCH": "MASH_SCREENER",
        "H-MATCH-CONF": "MASH_SCREENER",
        "H-ACCOUNT": "MASH_MANAGER",
        "H-EMPTY": "MASH_MANAGER",
        "H-DA": "IG_OFFICER",
        "H-ORDER": "IG_OFFICER",
        "H-RECIP": "MASH_MANAGER",
        "H-DETRIMENT": "MASH_MANAGER",
        "H-S17": "MASH_MANAGER",
        "H-DSA": "IG_OFFICER",
        "H-CAPACITY": "CAF_COORDINATOR",
        "H-PARENT-CONFLICT": "CAF_COORDINATOR",
        "H-VERBAL": "CAF_COORDINATOR",
        "H-COMPETENT": "IG_OFFICER",
        "H-SAR": "IG_OFFICER",
        "D-CHANNEL": "MASH_MANAGER",
        "D-LEGAL": "MASH_MANAGER",
        "D-POLICE": "MASH_MANAGER",
        "H-CORRECT": "MASH_SCREENER",
        "H-CONTACT": "CAF_COORDINATOR",
        "H-LABEL": "CAF_COORDINATOR",
        "H-MALWARE": "INTEGRATION_ENGINEER",
        "H-CLOCK-WARN": "MASH_SCREENER",
        "H-CLOCK-LATE": "MASH_MANAGER",
        "H-NOT-DELIVERED": "MASH_MANAGER",
        "H-NOT-FED-BACK": "MASH_SCREENER",
        "H-ENQUIRY-LATE": "CAF_COORDINATOR",
        "H-CHECK-LATE": "MASH_SCREENER",
        "H-CONSENT-EXPIRING": "CAF_COORDINATOR",
        "H-CONSENT-REVIEW": "CAF_COORDINATOR",
    }
)
"""Which role decides what: always one that a person with an account can have.

The D- reasons are refusals of protection messages, which a person sees at once.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """Nobody answered, and need is low enough that nothing goes: the subject is refused with `reason`."""

    reason: str = TIMED_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """Nobody answered: `role` is asked, by `due_at` (UTC). Nothing is refused."""

    role: str
    due_at: datetime


def role_for(reason: str) -> str:
    """Return the role that decides a question with this *reason*; the duty manager, where no other is named."""
    return ROLE_OF_REASON.get(reason, DUTY_MANAGER)


def due_at(level: str | None, at: datetime, calendar: Calendar) -> datetime:
    """Return by when a question opened at *at* must be decided: urgent 1 hour, level 3 one working day, else three."""
    known = _level(level)
    if is_urgent(known):
        return at + _URGENT
    days = _WORKING_DAYS.get(known, _WORKING_DAYS_ELSE) if known else _WORKING_DAYS_ELSE
    return calendar.add_days(at, days)


def level_behind(purpose: str, told: str | None) -> str | None:
    """Return the need behind a document sent for *purpose* that tells of the level *told*: the graver of the two.

    None, where it is not known; what is for ordinary help is of level 2 unless it says more.
    """
    known = graver(_LEVEL_OF_PURPOSE.get(purpose), _level(told))
    if known is None:
        return None if purpose in _UNKNOWN_AT_ANY_LEVEL else Level.L2.value
    return known.value


def expire(level: str | None, at: datetime, calendar: Calendar, *, is_refusable: bool) -> TimedOut | Escalated:
    """Return what becomes of a question that nobody has decided by *at*.

    A question times out only where the level is known to be 2 or below and refusing is an answer to it at all
    (`is_refusable`); at level 3 and above, and where the level is not known, the duty manager is asked, as often as it
    takes.
    """
    if is_refusable and _level(level) in _MAY_TIME_OUT:
        return TimedOut()
    return Escalated(role=DUTY_MANAGER, due_at=due_at(level, at, calendar))


def _level(level: str | None) -> Level | None:
    return Level(level) if level in set(Level) else None
