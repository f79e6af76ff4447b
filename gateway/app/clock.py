"""What time is it? The only reader of the machine's clock, and how a clock that is set back disturbs nothing."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog

from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Clock, UnitOfWork

log = structlog.get_logger()
PACE = 2 / 3
"""How fast the time runs while it is ahead of the machine's: an hour that was taken back is made up for in three."""
HELD_AT_MOST = timedelta(days=2)
"""A clock that is set back by more was too wrong to go on by."""
_TOLD = timedelta(seconds=1)


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        return datetime.now(UTC)


class SteadyClock:
    """The machine's time, but for one thing: it never runs backwards.

    When the machine's clock is set back, the time goes on from where it was, a third slower, until the machine's has
    caught up. So nothing that was due in a minute is due in an hour and a minute, and what comes later is later.

    Promise: no call returns less than one that returned before, unless the machine's clock was set back by more than
    two days. Any thread may ask.
    """

    def __init__(self, machine: Clock, ticks: Callable[[], float] = time.monotonic) -> None:
        """Follow *machine*; *ticks* counts seconds and is never set."""
        self._machine = machine
        self._ticks = ticks
        self._lock = Lock()
        self._told = machine.now()
        self._tick = ticks()
        self._is_held = False

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        with self._lock:
            found, tick = self._machine.now(), self._ticks()
            behind = self._told - found
            if timedelta() < behind <= HELD_AT_MOST:
                found = max(found, self._told + timedelta(seconds=(tick - self._tick) * PACE))
            self._tell(behind)
            self._told, self._tick = found, tick
            return found

    @property
    def machine(self) -> Clock:
        """Return the clock that is followed, for those who look whether it is right."""
        return self._machine

    def not_before(self, known: datetime | None) -> None:
        """Go on from *known*, the newest time that is recorded, if the machine's clock is behind it."""
        with self._lock:
            if known is not None:
                self._told = max(self._told, known)

    def _tell(self, behind: timedelta) -> None:
        """Tell the operators, once for each time the clock is set back."""
        if behind > _TOLD and not self._is_held:
            log.error(LogEvent.CLOCK_SET_BACK, seconds=int(behind.total_seconds()))
        self._is_held = _TOLD < behind <= HELD_AT_MOST


def machine_clock(clock: Clock) -> Clock:
    """Return the machine's own clock behind *clock*, which may be holding the time meanwhile."""
    return clock.machine if isinstance(clock, SteadyClock) else clock


def newest_time(uow: UnitOfWork) -> datetime | None:
    """Return when the event that was recorded last happened, or None when nothing was ever recorded."""
    header = uow.audit.newest()
    return None if header is None else datetime.fromisoformat(json.loads(header)["at"])
