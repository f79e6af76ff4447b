"""Which threads does a gateway run, and how are they woken, bounded and stopped?

Work is leased from the store, never handed over by the bus: a wake-up only says that looking is worth while, and a
sweep looks anyway. So a lost wake-up costs seconds, and a killed process costs nothing but its leases.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore, Event, Thread
from typing import Generic, TypeVar

import structlog

from gateway.errors import code_of
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
_STEP_BACK_SECONDS, _TURN_SECONDS, _LINGER_SECONDS = 0.5, 0.005, 0.003
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much a pump does at once.

    Shape: it runs `slots` pieces of work at a time and leases up to `ahead` more, so that threads need not wait while
    the store is asked, and the store is asked for several at a time. `steps_back` tells whether others are in more of a
    hurry just now.
    Units: `sweep_seconds` is the longest time without a look at the store.
    """

    slots: int
    sweep_seconds: float
    ahead: int = 0
    steps_back: Callable[[], bool] = lambda: False


class Pump(Generic[T]):
    """Leases work and runs it in a few threads."""

    def __init__(
        self,
        name: str,
        lease: Callable[[int], Sequence[T]],
        work: Callable[[T], None],
        pace: Pace,
    ) -> None:
        self._name = name
        self._lease = lease
        self._work = work
        self._pace = pace
        self._places = pace.slots + pace.ahead
        self._together = max(pace.ahead, 1)
        self._free = BoundedSemaphore(self._places)
        self._wanted = Event()
        self._stopping = Event()
        self._pool = ThreadPoolExecutor(max_workers=pace.slots, thread_name_prefix=name)
        self._thread = Thread(target=self._run, name=f"{name}-pump", daemon=True)

    def start(self) -> None:
        """Begin leasing."""
        self._thread.start()

    def wake(self, _routing_key: str = "", _reference: str = "") -> None:
        """Say that looking is worth while."""
        self._wanted.set()

    def stop(self) -> None:
        """Lease nothing more, and return when what is running has ended."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=True)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wanted.clear()
            if not self._take():
                self._wanted.wait(self._pace.sweep_seconds)

    def _take(self) -> bool:
        """Lease as much as there are free places for; tell whether there was anything."""
        self._step_back()
        taken = self._claim_places()
        items: Sequence[T] = ()
        try:
            items = self._lease(taken)
        except Exception as error:  # noqa: BLE001  # a look that failed is told, and the next one tries again
            log.warning(LogEvent.LEASE_FAILED, pump=self._name, code=code_of(error))
        for _ in range(taken - len(items)):
            self._free.release()
        for item in items:
            self._pool.submit(self._work, item).add_done_callback(self._ended)
        return bool(items)

    def _step_back(self) -> None:
        """Let whoever is in more of a hurry go first, for a while: nothing waits for ever."""
        turns = int(_STEP_BACK_SECONDS / _TURN_SECONDS)
        while turns and self._pace.steps_back() and not self._stopping.is_set():
            self._stopping.wait(_TURN_SECONDS)
            turns -= 1

    def _claim_places(self) -> int:
        """Wait for one free place, a moment for a few more, and take all that are free."""
        self._free.acquire()
        taken = 1
        while taken < self._together and self._free.acquire(timeout=_LINGER_SECONDS):
            taken += 1
        while taken < self._places and self._free.acquire(blocking=False):
            taken += 1
        return taken

    def _ended(self, done: Future[None]) -> None:
        self._free.release()
        error = done.exception()
        if error is not None:
            log.error(LogEvent.WORK_FAILED, pump=self._name, code=code_of(error))
        self._wanted.set()


class Ticker:
    """Does one thing again and again, at most `every_seconds` after the last time, or when woken."""

    def __init__(self, name: str, work: Callable[[], object], *, every_seconds: float) -> None:
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._wanted = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self, _routing_key: str = "", _reference: str = "") -> None:
        """Do it now."""
        self._wanted.set()

    def stop(self) -> None:
        """Return when the last round has ended; one more is done, so that nothing is left behind."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            last = self._stopping.is_set()
            self._round()
            if last:
                return
            self._wanted.wait(self._every_seconds)
            self._wanted.clear()

    def _round(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001  # a round that failed is told, and the next one tries again
            log.warning(LogEvent.ROUND_FAILED, ticker=self._name, code=code_of(error))
