"""How do many callers share a commit on PostgreSQL, and what does each of them learn when something fails?

A few threads, each with a connection of its own. One takes whatever work is waiting and runs it in one transaction.
When anything at all goes wrong in it, nothing of it is kept, and each piece is run by itself, where it is known whose
fault it was. So a failure costs time, and the ordinary case costs no savepoint and hardly a wait.
"""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import structlog

from gateway.adapters.sql.jobs import Job, JobQueue, OnWake, Work, publish_wakes
from gateway.adapters.sql.postgres_connection import PostgresLimits
from gateway.adapters.sql.postgres_transaction import (
    CommitLostError,
    PostgresTransaction,
    RunAgainError,
)
from gateway.adapters.sql.postgres_units import AtWork, Units
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.adapters.sql.writer import LATELY_SECONDS, WriterFigures
from gateway.errors import GatewayError, StoreUnavailableError
from gateway.flows.log_events import LogEvent

T = TypeVar("T")

TOGETHER_LIMIT = 16
"""Pieces of work in one transaction: enough to share a sync, few enough that what they lock is free again soon."""
_SPREAD = random.SystemRandom()
_TRIES = 8
_PAUSE_SECONDS = 0.005

_log = structlog.get_logger()


class PostgresWriter:
    """The threads that change the database.

    Promise: a future is completed with a result only after the commit that holds its work is on disk. When a commit
    fails, nobody in it is told that it succeeded.
    """

    def __init__(self, units: Units, at_work: AtWork, on_wake: OnWake, limits: PostgresLimits) -> None:
        self._units = units
        self._at_work = at_work
        self._on_wake = on_wake
        self._together = ("BEGIN", f"SET LOCAL lock_timeout = {int(limits.together_lock_seconds * 1000)}")
        self._jobs = JobQueue()
        self._gate = threading.Lock()
        self.directory_changes = 0
        self._commits = self._works = self._failures = 0
        self._commit_seconds = 0.0
        self._committing: dict[int, float] = {}
        self._newest = (-LATELY_SECONDS, 0.0)
        self._threads = [
            threading.Thread(target=self._run, name=f"store-writer-{number}", daemon=True)
            for number in range(limits.writers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Return a promise for what *work* returns once it is durable.

        Raises:
            PermanentError: it was called by a piece of work, which would wait for itself (code `store-misuse`).
            StoreUnavailableError: the store is closed, or too much is waiting already (code `store-busy`).
        """
        self._at_work.refuse()
        return self._jobs.submit(work)

    def close(self) -> None:
        """Return when all work that was handed in before is settled and the threads have ended."""
        self._jobs.close(len(self._threads))
        for thread in self._threads:
            thread.join()

    def figures(self) -> WriterFigures:
        """Return what has been done so far."""
        return WriterFigures(
            commits=self._commits,
            commit_seconds=self._commit_seconds,
            works=self._works,
            failures=self._failures,
            waiting=self._jobs.waiting,
            recent_seconds=self._recent_seconds(),
        )

    def _recent_seconds(self) -> float:
        """Return how slow commits are just now; one that hangs is seen while it hangs."""
        now, (ended, took) = time.perf_counter(), self._newest
        under_way = max((now - began for began in tuple(self._committing.values())), default=0.0)
        return max(under_way, took if now - ended < LATELY_SECONDS else 0.0)

    def _run(self) -> None:
        """Serve until closed."""
        self._at_work.is_writing = True
        is_over = False
        while not is_over:
            batch, is_over = self._jobs.take(TOGETHER_LIMIT)
            self._serve(batch)

    def _serve(self, batch: list[Job[Any]]) -> None:
        """Make *batch* durable and answer everybody, whatever happens; the thread outlives every error."""
        try:
            if batch and not self._is_done_together(batch):
                for job in batch:
                    self._do_alone(job)
        except BaseException as error:  # noqa: BLE001 - a dead writer would leave later callers waiting for ever
            _log.error(LogEvent.STORE_WRITER_FAILED, error=type(error).__name__)
            for job in batch:
                job.fail(StoreUnavailableError("the store could not run this work"), cause=error)
                job.settle()

    def _is_done_together(self, batch: list[Job[Any]]) -> bool:
        """Tell whether everybody in *batch* was answered after one transaction; if not, nothing of it is kept."""
        try:
            with self._units.borrowed(may_write=True) as (unit, transaction):
                is_kept = self._attempt(batch, unit, transaction)
        except (StoreUnavailableError, CommitLostError) as error:
            self._give_up(batch, _told(error))
            return True
        if is_kept:
            self._answer(batch)
        return is_kept

    def _attempt(self, batch: list[Job[Any]], unit: SqlUnitOfWork, transaction: PostgresTransaction) -> bool:
        """Tell whether *batch* was committed in one transaction, or its only piece failed by itself.

        Raises:
            CommitLostError: nobody knows whether it was; so nothing of it may be run again.
        """
        try:
            transaction.begin(self._together if len(batch) > 1 else self._together[:1])
            try:
                for job in batch:
                    _run(job, unit, transaction)
            except RunAgainError:
                raise
            except BaseException as error:
                if len(batch) > 1:
                    raise
                # It is the work's own error if everything it had sent before went well.
                transaction.settle()
                transaction.rollback()
                batch[0].failure = error
                return True
            self._commit(transaction)
        except CommitLostError:
            raise
        except BaseException:  # noqa: BLE001 - whose it is shows when each is run by itself
            transaction.rollback()
            return False
        return True

    def _do_alone(self, job: Job[Any]) -> None:
        """Run *job* by itself, carefully, again and again while others are in its way, and answer."""
        for tried in range(_TRIES):
            try:
                with self._units.borrowed(may_write=True) as (unit, transaction):
                    self._carefully(job, unit, transaction)
            except RunAgainError:
                # Not all at once again: each waits a while of its own.
                time.sleep(_SPREAD.uniform(0, _PAUSE_SECONDS * 2**tried))
            except (GatewayError, CommitLostError) as error:
                self._give_up([job], _told(error))
                return
            else:
                self._answer([job])
                return
        self._give_up([job], StoreUnavailableError("others kept this work from being done", code="store-busy"))

    def _carefully(self, job: Job[Any], unit: SqlUnitOfWork, transaction: PostgresTransaction) -> None:
        """Run and commit *job*, or take it back and keep its own error for whoever waits."""
        try:
            transaction.begin(self._together[:1], is_careful=True)
            try:
                _run(job, unit, transaction)
            except RunAgainError:
                raise
            except BaseException as error:  # noqa: BLE001 - it belongs to the caller who waits, not to this thread
                job.failure = error
                transaction.rollback()
                return
            self._commit(transaction)
        except CommitLostError:
            raise
        except BaseException:
            transaction.rollback()
            raise

    def _commit(self, transaction: PostgresTransaction) -> None:
        thread, began = threading.get_ident(), time.perf_counter()
        self._committing[thread] = began
        try:
            transaction.commit()
        finally:
            del self._committing[thread]
        ended = time.perf_counter()
        self._newest = (ended, ended - began)
        with self._gate:
            self._commit_seconds += ended - began
            self._commits += 1
            self.directory_changes += transaction.directory_changes
            transaction.directory_changes = 0

    def _answer(self, batch: list[Job[Any]]) -> None:
        """Wake, then answer: nobody hears of anything that is not on disk."""
        publish_wakes(self._on_wake, batch)
        self._settle(batch)

    def _give_up(self, batch: list[Job[Any]], error: GatewayError) -> None:
        for job in batch:
            job.fail(error)
        self._settle(batch)

    def _settle(self, batch: Sequence[Job[Any]]) -> None:
        """Answer everybody in *batch*."""
        with self._gate:
            self._works += len(batch)
            self._failures += sum(job.failure is not None for job in batch)
        for job in batch:
            job.settle()


def _told(error: GatewayError | CommitLostError) -> GatewayError:
    """Return *error* as callers are told of it."""
    if isinstance(error, CommitLostError):
        return StoreUnavailableError("the connection to the store was lost at the commit")
    return error


def _run(job: Job[Any], unit: SqlUnitOfWork, transaction: PostgresTransaction) -> None:
    """Run one piece of work."""
    transaction.open()
    try:
        job.answer = job.work(unit)
        unit.finish()
        transaction.finish()
    finally:
        job.wakes = transaction.close()
