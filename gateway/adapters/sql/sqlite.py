"""Where is the truth of an installation of one process? In one SQLite file, opened and closed here."""

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gateway.adapters.sql.connection import (
    Driver,
    empty_log,
    make_folder,
    open_writer,
    require_settings,
    settings_in_force,
    standard_driver,
)
from gateway.adapters.sql.driver_errors import MISUSE
from gateway.adapters.sql.duty import Duty, SoleDuty
from gateway.adapters.sql.guards import require_guards
from gateway.adapters.sql.jobs import OnWake
from gateway.adapters.sql.leases import release_leases
from gateway.adapters.sql.log_store import SqlLogStore
from gateway.adapters.sql.migrate import SchemaVersion, migrate, version_of
from gateway.adapters.sql.process_lock import ProcessLock
from gateway.adapters.sql.reader import Readers
from gateway.adapters.sql.sqlite_transaction import SqliteTransaction
from gateway.adapters.sql.store_health import StoreHealth
from gateway.adapters.sql.store_view import StoreView
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.adapters.sql.writer import Writer
from gateway.errors import NotFoundError, PermanentError, StoreFullError
from gateway.flows.store.figures import StoreFigures
from gateway.model.identifiers import Authority

T = TypeVar("T")
Work = Callable[[SqlUnitOfWork], T]


class SqliteStore:
    """The truth, in one file: `write` is durable, `read` is one consistent view.

    Promise: when `write` returns, or the future of `submit` has a result, everything the work did is on disk. When it
    raises, nothing of it is there, but for a commit the disk failed at: that one may be there after a crash.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        lock: ProcessLock,
        authority: Authority,
        on_wake: OnWake,
        driver: Driver,
    ) -> None:
        self.path = path
        self._lock = lock
        self._connection = connection
        unit = SqlUnitOfWork(SqliteTransaction(connection, authority=authority, may_write=True))
        self._writer = Writer(connection, unit, on_wake)
        self._readers = Readers(path, authority, driver)
        self.log_store = SqlLogStore(self)
        self._is_closed = False

    def write(self, work: Work[T]) -> T:
        """Run *work* in one durable transaction and return what it returned."""
        return self.submit(work).result()

    def submit(self, work: Work[T]) -> Future[T]:
        """Return a promise for what *work* returns, kept once it is durable; for callers that may not wait.

        Raises:
            PermanentError: *work* was handed in by a piece of work (code `store-misuse`).
            StoreUnavailableError: the store is closed, or too much is waiting (codes `store-closed`, `store-busy`).
        """
        return self._writer.submit(work)

    def read(self, work: Work[T]) -> T:
        """Run *work* over one consistent view, without changing anything."""
        if self._writer.is_current():
            raise PermanentError("a piece of work reads through its own unit of work", code=MISUSE)
        return self._readers.read(work)

    @property
    def directory_version(self) -> int:
        """Return a number that is higher after every durable change of organisations and credentials.

        Promise: whoever asks for it before reading them may keep what was read for as long as the number stays; it has
        risen before the maker of a change hears that it is durable. No other process can change them: the store is
        locked.
        """
        return self._writer.directory_version

    @property
    def directory_version_lately(self) -> int:
        """Return the same: it is known without waiting, and never older."""
        return self._writer.directory_version

    def duty(self, _name: str) -> Duty:
        """Return what tells whether this process does what only one does at a time: it does, the store is locked."""
        return SoleDuty()

    def health(self) -> StoreHealth:
        """Return version, settings, figures and sizes.

        Raises:
            IntegrityError: a guard or a setting is no longer what it was when the store was opened.
        """
        version, settings = self.write(lambda _: self._inspected())
        figures = self.figures()
        return StoreHealth(
            version=version,
            settings=settings,
            writer=self._writer.figures(),
            file_bytes=figures.file_bytes or 0,
            log_bytes=figures.log_bytes or 0,
            free_bytes=figures.free_bytes or 0,
        )

    def _inspected(self) -> tuple[SchemaVersion, dict[str, str | int]]:
        require_guards(self._connection)
        require_settings(self._connection)
        return version_of(self._connection), settings_in_force(self._connection)

    def figures(self) -> StoreFigures:
        """Return numbers that cost no transaction: the writer's own, and what the file system says."""
        writer, log = self._writer.figures(), self.path.with_name(self.path.name + "-wal")
        disk = shutil.disk_usage(self.path.parent)
        return StoreFigures(
            waiting=writer.waiting,
            commits=writer.commits,
            commit_seconds=writer.commit_seconds,
            works=writer.works,
            failures=writer.failures,
            recent_seconds=writer.recent_seconds,
            file_bytes=self.path.stat().st_size,
            log_bytes=log.stat().st_size if log.exists() else 0,
            free_bytes=disk.free,
            total_bytes=disk.total,
        )

    def close(self) -> None:
        """Return when all work handed in before is settled and the file belongs to nobody; again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._writer.close()
        self._readers.close()
        empty_log(self._connection)
        self._connection.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(path: Path, *, authority: Authority, on_wake: OnWake, driver: Driver = standard_driver) -> SqliteStore:
    """Return the store in the file at *path*, made or brought up to date if need be, for this process alone.

    *on_wake* is called on the writer's thread with the wake-ups of work that has become durable; it must be quick and
    must not write to the store.

    Raises:
        StoreUnavailableError: another process has it (code `store-in-use`), a newer program has changed it (code
            `store-version`), or it cannot be opened.
        IntegrityError: a guard or a setting is not what it must be, or the file is damaged.
    """
    make_folder(path.parent)
    lock = ProcessLock(path)
    try:
        connection = _open_guarded(path, driver)
    except BaseException:
        lock.release()
        raise
    return SqliteStore(path, connection, lock=lock, authority=authority, on_wake=on_wake, driver=driver)


def open_view(path: Path, *, authority: Authority) -> StoreView:
    """Return a view of the store at *path*, which another process may have open.

    Raises:
        NotFoundError: there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no store {path.name}")
    readers = Readers(path, authority)
    return StoreView(readers, close=readers.close)


def _open_guarded(path: Path, driver: Driver) -> sqlite3.Connection:
    """Return the writing connection of a database that is at the newest version and has all its guards."""
    connection = open_writer(path, driver)
    try:
        migrate(connection)
        require_guards(connection)
        with suppress(StoreFullError):
            release_leases(connection)
        empty_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection
