"""Who waits for the store, and how do threads that write take what waits, several pieces at a time?"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import structlog

from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import GatewayError, StoreUnavailableError
from gateway.flows.log_events import LogEvent

T = TypeVar("T")

WAITING_LIMIT = 4096
"""Pieces of work that may wait; more are refused at once, so that a slow disk is noticed and not hidden in memory."""

Wake = tuple[str, str]
OnWake = Callable[[list[Wake]], None]
Work = Callable[[SqlUnitOfWork], T]

_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Job(Generic[T]):
    """One piece of work, the promise made for it, and what came of it so far."""

    work: Work[T]
    promise: Future[T]
    wakes: Sequence[Wake] = ()
    answer: T | None = None
    failure: BaseException | None = None

    def fail(self, error: GatewayError, *, cause: BaseException | None = None) -> None:
        """Answer with *error*, unless the work itself failed before."""
        if self.failure is None:
            error.__cause__ = cause
            self.failure = error

    def settle(self) -> None:
        """Keep the promise, once."""
        if self.promise.done():
            return
        if self.failure is not None:
            self.promise.set_exception(self.failure)
        else:
            self.promise.set_result(cast("T", self.answer))


class JobQueue:
    """The pieces of work that wait. Any thread may hand in, and any number of threads may take."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """Return how many pieces wait."""
        return self._jobs.qsize()

    def submit(self, work: Work[T]) -> Future[T]:
        """Return a promise for what *work* returns.

        Raises:
            StoreUnavailableError: it is closed, or too much is waiting already (codes `store-closed`, `store-busy`).
        """
        promise: Future[T] = Future()
        with self._gate:
            if self._is_closed:
                raise StoreUnavailableError("the store is closed", code="store-closed")
            if self._jobs.qsize() >= WAITING_LIMIT:
                raise StoreUnavailableError(f"{WAITING_LIMIT} pieces of work are waiting already", code="store-busy")
            self._jobs.put(Job(work=work, promise=promise))
        return promise

    def take(self, most: int) -> tuple[list[Job[Any]], bool]:
        """Return what is waiting, at least one piece and at most *most*, and whether the taker is to end."""
        batch: list[Job[Any]] = []
        job = self._jobs.get()
        while job is not None:
            # A caller who has given up is not served; from here on nobody can give up any more.
            if job.promise.set_running_or_notify_cancel():
                batch.append(job)
            if len(batch) >= most:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def close(self, takers: int) -> None:
        """Take nothing more in, and let each of *takers* threads end behind what waits; again does nothing."""
        with self._gate:
            if not self._is_closed:
                self._is_closed = True
                for _ in range(takers):
                    self._jobs.put(None)


def publish_wakes(on_wake: OnWake, jobs: Sequence[Job[Any]]) -> None:
    """Publish the wake-ups of those *jobs* that went well.

    When that fails, what they speak of is in the store, and a sweep finds it there.
    """
    wakes = [wake for job in jobs if job.failure is None for wake in job.wakes]
    if not wakes:
        return
    try:
        on_wake(wakes)
    except Exception as error:  # noqa: BLE001 - the listener's fault must not stop the writer
        _log.warning(LogEvent.STORE_WAKE_FAILED, error=type(error).__name__)
