"""When is the next try?"""

from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

from gateway.flows.settings import FlowSettings
from gateway.flows.store.rows import Organisation


def retry_of(organisation: Organisation, settings: FlowSettings) -> FlowSettings:
    """Return *settings* with what the organisation's profile says under `[retry]`."""
    told = organisation.profile.get("retry", {})
    return replace(
        settings,
        attempts_limit=told.get("attempts_limit", settings.attempts_limit),
        retry_first_seconds=told.get("first_seconds", settings.retry_first_seconds),
        retry_most_seconds=told.get("most_seconds", settings.retry_most_seconds),
    )


def next_try(at: datetime, attempt: int, settings: FlowSettings, *, at_least_seconds: float | None = None) -> datetime:
    """Return when to try again after the *attempt*-th try failed at *at*: longer each time, up to a limit.

    Units: `at_least_seconds` is what the partner asked us to wait, if it did; it is kept even beyond our own limit.
    """
    wait = min(_own_pause(attempt, settings), settings.retry_most_seconds)
    return at + timedelta(seconds=max(wait, at_least_seconds or 0.0))


def _own_pause(attempt: int, settings: FlowSettings) -> float:
    """Return the pause after a try, before any limit; some things are tried more often than a fraction can count."""
    try:
        return settings.retry_first_seconds * settings.retry_factor ** max(attempt - 1, 0)
    except OverflowError:
        return inf
