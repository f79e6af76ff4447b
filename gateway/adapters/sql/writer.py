"""How do many callers share one fsync, and what does each of them learn when something fails?

One thread owns the one connection that writes. It takes whatever work is waiting, runs each piece in a savepoint of its
own inside one transaction, commits once, and only then answers. A piece that fails rolls back itself and nobody else.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from gateway.adapters.sql.driver_errors import MISUSE, ours
from gateway.adapters.sql.jobs import Job, JobQueue, OnWake, Work, publish_wakes
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import PermanentError, StoreUnavailableError
from gateway.flows.log_events import LogEvent

T = TypeVar("T")

BATCH_LIMIT = 64
"""Pieces of work in one transaction: enough to share an fsync, few enough that the first need not wait for long."""
LATELY_SECONDS = 10.0
"""How long the newest commit says how slow the disk is."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterFigures:
    """What the writer has done since it was opened, for the gauges of an installation."""

    commits: int
    commit_seconds: float
    works: int
    failures: int
    waiting: int
    recent_seconds: float
    """How long the newest commit took, or what is under way has been taking; 0 when nothing has happened lately."""


class Writer:
    """The thread that changes the database.

    Promise: a future is completed with a result only after the commit that holds its work is on disk. When a commit
    fails, nobody in it is told that it succeeded.
    """

    def __init__(self, connection: sqlite3.Connection, work: SqlUnitOfWork, on_wake: OnWake) -> None:
        self._connection = connection
        self._unit = work
        self._on_wake = on_wake
        self._jobs = JobQueue()
        self.directory_version = 0
        """Rises with every change of organisations and credentials, before whoever changed them hears of it."""
        self._commits = self._works = self._failures = 0
        self._commit_seconds = 0.0
        self._began: float | None = None
        self._newest = (-LATELY_SECONDS, 0.0)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Return a promise for what *work* returns once it is durable.

        Raises:
            PermanentError: it was called by a piece of work, which would wait for itself (code `store-misuse`).
            StoreUnavailableError: the store is closed, or too much is waiting already (code `store-busy`).
        """
        if threading.current_thread() is self._thread:
            raise PermanentError("a piece of work may not write to the store but through its unit of work", code=MISUSE)
        return self._jobs.submit(work)

    def close(self) -> None:
        """Return when all work that was handed in before is settled and the thread has ended."""
        self._jobs.close(1)
        self._thread.join()

    def is_current(self) -> bool:
        """Tell whether the caller is a piece of work."""
        return threading.current_thread() is self._thread

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
        """Return how slow the disk is just now; a commit that hangs is seen while it hangs."""
        now, began, (ended, took) = time.perf_counter(), self._began, self._newest
        under_way = now - began if began is not None else 0.0
        return max(under_way, took if now - ended < LATELY_SECONDS else 0.0)

    def _run(self) -> None:
        """Serve until closed."""
        is_over = False
        while not is_over:
            batch, is_over = self._jobs.take(BATCH_LIMIT)
            self._began = time.perf_counter()
            self._serve(batch)
            self._began = None

    def _serve(self, batch: list[Job[Any]]) -> None:
        """Make *batch* durable together and answer everybody, whatever happens; the thread outlives every error."""
        try:
            self._attempt(batch)
        except BaseException as error:  # noqa: BLE001 - a dead writer would leave every later caller waiting for ever
            _log.error(LogEvent.STORE_WRITER_FAILED, error=type(error).__name__)
            self._rollback()
            for job in batch:
                job.fail(StoreUnavailableError("the store could not run this work"), cause=error)
                job.settle()

    def _attempt(self, batch: list[Job[Any]]) -> None:
        """Run *batch* in one transaction, commit it, answer, and publish the wake-ups."""
        if not batch or not self._execute("BEGIN IMMEDIATE", batch):
            return
        for job in batch:
            self._run_one(job)
            if not self._connection.in_transaction:
                self._start_over(batch, culprit=job)
                return
        self._commit(batch)

    def _run_one(self, job: Job[Any]) -> None:
        """Run one piece of work in a savepoint, so that its failure takes back only what it did itself."""
        transaction = self._unit.transaction
        try:
            self._connection.execute("SAVEPOINT work")
            transaction.open()
            try:
                job.answer = job.work(self._unit)
                self._unit.finish()
            except BaseException as error:  # noqa: BLE001 - it belongs to the caller who waits, not to this thread
                job.failure = error
            job.wakes = transaction.close()
            if job.failure is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO work")
            if self._connection.in_transaction:
                self._connection.execute("RELEASE work")
        except sqlite3.Error as cause:
            job.fail(ours(cause), cause=cause)
            self._rollback()

    def _start_over(self, batch: list[Job[Any]], *, culprit: Job[Any]) -> None:
        """Answer for *culprit*, at which the engine took back the whole transaction, and run the others one by one."""
        culprit.fail(StoreUnavailableError("the engine has rolled this work back", code="store-rolled-back"))
        self._settle([job for job in batch if job.failure is not None])
        for job in batch:
            if job.failure is None:
                self._serve([job])

    def _commit(self, batch: list[Job[Any]]) -> None:
        """Commit once for all, then answer, then wake: nobody hears of anything that is not on disk."""
        began = time.perf_counter()
        if not self._execute("COMMIT", batch):
            return
        ended = time.perf_counter()
        self._commit_seconds += ended - began
        self._newest = (ended, ended - began)
        self._commits += 1
        self.directory_version = self._unit.transaction.directory_changes
        self._settle(batch)
        publish_wakes(self._on_wake, batch)

    def _execute(self, statement: str, batch: list[Job[Any]]) -> bool:
        """Run a statement that all of *batch* depends on; when it fails, everybody is told so."""
        try:
            self._connection.execute(statement)
        except sqlite3.Error as cause:
            self._rollback()
            for job in batch:
                job.fail(ours(cause), cause=cause)
            self._settle(batch)
            return False
        return True

    def _settle(self, batch: Sequence[Job[Any]]) -> None:
        """Answer everybody in *batch*."""
        self._works += len(batch)
        self._failures += sum(job.failure is not None for job in batch)
        for job in batch:
            job.settle()

    def _rollback(self) -> None:
        """Leave the connection without a transaction."""
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
