"""May a partner be tried now, and how fast? A circuit breaker and a pace, as a pure state machine.

Closed, documents go. After some failures in a row it opens: nobody is tried until a pause is over, and then one
document tries for all (half open). If that one arrives, the breaker closes; if not, the next pause is longer. An urgent
document tries first, and long before an ordinary one may.

The pace is the generic cell rate algorithm: one instant, moved on by each document. Whoever is too early gets a slot of
their own in the queue, so that nobody asks twice.

Source: M. Nygard, Release It!, "Circuit Breaker"; ITU-T I.371, annex A (the pace).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.model.identifiers import OrganisationId

_MOST_DOUBLINGS = 20


class BreakerState(StrEnum):
    """Whether documents go."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Turn(StrEnum):
    """Who asks."""

    NEW = "new"
    """It asks for the first time, and goes behind those who wait."""
    QUEUED = "queued"
    """It was given a slot, which has come."""
    URGENT = "urgent"
    """It waits for no pace, and tries an open breaker first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRules:
    """What a partner's profile, or else the installation, says.

    Shape: `failures` in a row open it; each pause is twice the one before, up to `most_seconds`. Without `per_second`
    there is no limit; `burst` documents may go at once.
    Units: seconds; documents a second.
    """

    failures: int = 5
    pause_seconds: float = 30.0
    most_seconds: float = 900.0
    urgent_pause_seconds: float = 5.0
    probe_seconds: float = 60.0
    """After so long without an answer a probe counts as lost: its process was killed."""
    per_second: float | None = None
    burst: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """How one partner has answered lately.

    Shape: `openings` counts pauses in a row; `since` is when the first began. `probe_at` is when the next probe may go
    (open), or when the one on its way counts as lost (half open). `paced_at` is when the next document is on time;
    `queued_at` the last slot given away. `number` names its place in the store, 0 while it has none.
    """

    organisation: OrganisationId
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    openings: int = 0
    since: datetime | None = None
    tried_at: datetime | None = None
    probe_at: datetime | None = None
    paced_at: datetime | None = None
    queued_at: datetime | None = None
    number: int = 0

    @property
    def is_well(self) -> bool:
        """Tell whether nothing has gone wrong lately."""
        return self.state is BreakerState.CLOSED and self.failures == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a document may go now: `wait_until` is None if it may.

    Shape: `is_shut` tells that the breaker is why it waits; else it is the pace. `breaker` is how it stands afterwards.
    """

    breaker: Breaker
    wait_until: datetime | None = None
    is_shut: bool = False


def admit(breaker: Breaker, rules: BreakerRules, at: datetime, turn: Turn) -> Admission:
    """Return whether a document may go at *at*."""
    if breaker.state is BreakerState.CLOSED:
        return _paced(breaker, rules, at, turn)
    may_try = _may_try_at(breaker, rules, at, is_urgent=turn is Turn.URGENT)
    if at < may_try:
        return Admission(breaker=breaker, wait_until=may_try, is_shut=True)
    lost_at = at + timedelta(seconds=rules.probe_seconds)
    return Admission(breaker=replace(breaker, state=BreakerState.HALF_OPEN, tried_at=at, probe_at=lost_at))


def succeeded(breaker: Breaker) -> Breaker:
    """Return the breaker once the partner has answered as it should: closed, whatever it was."""
    return replace(breaker, state=BreakerState.CLOSED, failures=0, openings=0, since=None, tried_at=None, probe_at=None)


def untried(breaker: Breaker, at: datetime) -> Breaker:
    """Return the breaker once its probe has come back without having asked the partner: another may go at once."""
    is_probing = breaker.state is BreakerState.HALF_OPEN
    return replace(breaker, state=BreakerState.OPEN, probe_at=at) if is_probing else breaker


def failed(breaker: Breaker, rules: BreakerRules, at: datetime, *, retry_after_seconds: float | None = None) -> Breaker:
    """Return the breaker once the partner has failed to answer; a failure of before it opened changes nothing more."""
    match breaker.state:
        case BreakerState.CLOSED if breaker.failures + 1 < rules.failures:
            return replace(breaker, failures=breaker.failures + 1, tried_at=at)
        case BreakerState.OPEN:
            return breaker
        case _:
            own = rules.pause_seconds * 2.0 ** min(breaker.openings, _MOST_DOUBLINGS)
            pause = max(min(own, rules.most_seconds), retry_after_seconds or 0.0)
            return replace(
                breaker,
                state=BreakerState.OPEN,
                failures=breaker.failures + 1,
                openings=breaker.openings + 1,
                since=breaker.since or at,
                tried_at=at,
                probe_at=at + timedelta(seconds=pause),
            )


def _may_try_at(breaker: Breaker, rules: BreakerRules, at: datetime, *, is_urgent: bool) -> datetime:
    """Return when the next document may try for all."""
    probe_at = breaker.probe_at or at
    if not is_urgent:
        return probe_at
    soon = timedelta(seconds=rules.urgent_pause_seconds)
    if breaker.state is BreakerState.HALF_OPEN:  # somebody is trying: look again shortly
        return min(probe_at, at + soon) if at < probe_at else probe_at
    return min(probe_at, (breaker.tried_at or at) + soon)


def _paced(breaker: Breaker, rules: BreakerRules, at: datetime, turn: Turn) -> Admission:
    if rules.per_second is None:
        return Admission(breaker=breaker)
    interval = timedelta(seconds=1 / rules.per_second)
    due = breaker.paced_at or at
    early = due - interval * (rules.burst - 1)
    is_next = turn is not Turn.NEW or breaker.queued_at is None or breaker.queued_at <= at
    if turn is not Turn.URGENT and (at < early or not is_next):
        slot = early if breaker.queued_at is None else max(early, breaker.queued_at + interval)
        return Admission(breaker=replace(breaker, queued_at=slot), wait_until=slot)
    # A little late is on time: else every late start would be lost for ever.
    on_time = due if due > at - interval else at
    return Admission(breaker=replace(breaker, paced_at=on_time + interval))
