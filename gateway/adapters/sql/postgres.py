"""Where is the truth of an installation of several processes? In one PostgreSQL database, opened and closed here."""

import os
import secrets
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

import psycopg

from gateway.adapters.sql.duty import LeasedDuty
from gateway.adapters.sql.jobs import OnWake
from gateway.adapters.sql.log_store import SqlLogStore
from gateway.adapters.sql.outbox import WakeOutbox
from gateway.adapters.sql.postgres_connection import (
    Pool,
    PostgresLimits,
    open_connection,
    open_pool,
    require_settings,
    settings_in_force,
)
from gateway.adapters.sql.postgres_errors import ours
from gateway.adapters.sql.postgres_guards import require_postgres_guards
from gateway.adapters.sql.postgres_schema import prepare_database, require_newest, version_of
from gateway.adapters.sql.postgres_units import AtWork, PostgresReaders, Units
from gateway.adapters.sql.postgres_writer import PostgresWriter
from gateway.adapters.sql.store_health import StoreHealth
from gateway.adapters.sql.store_view import StoreView
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import GatewayError
from gateway.flows.store.figures import StoreFigures
from gateway.model.identifiers import Authority

T = TypeVar("T")
Work = Callable[[SqlUnitOfWork], T]

_DUTY_SECONDS = 10.0
_DIRECTORY_SECONDS = 1.0
"""How long a process may go on by organisations and credentials as they were, when another has changed them."""


class PostgresStore:
    """The truth, in one database that any number of processes share: `write` is durable, `read` is one consistent view.

    Promise: when `write` returns, or the future of `submit` has a result, everything the work did is on disk. When it
    raises, nothing of it is there, but for a commit at which the connection was lost: that one may be there.
    """

    def __init__(
        self, dsn: str, pool: Pool, *, authority: Authority, on_wake: OnWake, has_outbox: bool, limits: PostgresLimits
    ) -> None:
        self._dsn = dsn
        self._limits = limits
        self._pool = pool
        self._at_work = AtWork()
        units = Units(pool, authority=authority, has_outbox=has_outbox)
        self._writer = PostgresWriter(units, self._at_work, on_wake, limits)
        self._readers = PostgresReaders(units, self._at_work)
        self.log_store = SqlLogStore(self)
        self.outbox = WakeOutbox(self)
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._duties: list[LeasedDuty] = []
        self._directory = (0, -_DIRECTORY_SECONDS, 0)
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
        return self._readers.read(work)

    def duty(self, name: str, *, seconds: float = _DUTY_SECONDS) -> LeasedDuty:
        """Return what tells whether this process does *name*, which only one does at a time."""
        duty = LeasedDuty(self, name, holder=self.holder, seconds=seconds)
        self._duties.append(duty)
        return duty

    @property
    def directory_version(self) -> int:
        """Return a number that is higher after every durable change of organisations and credentials, whoever made it.

        Promise: whoever asks for it before reading them may keep what was read for as long as the number stays; it has
        risen before the maker of a change hears that it is durable. It is asked of the database each time, and so
        never on an event loop.
        """
        began, changes = time.monotonic(), self._writer.directory_changes
        version = self.read(lambda work: work.epochs.current(("directory",))["directory"])
        self._directory = (version, began, changes)
        return version

    @property
    def directory_version_lately(self) -> int | None:
        """Return the same without waiting, or None where it was not asked for within the last second.

        Promise: what another process changed is seen by a second after it heard that it is durable; what this one
        changed, at once.
        """
        version, began, changes = self._directory
        is_fresh = time.monotonic() - began < _DIRECTORY_SECONDS and changes == self._writer.directory_changes
        return version if is_fresh else None

    def figures(self) -> StoreFigures:
        """Return numbers that cost no transaction; files and disk are the server's own business."""
        writer = self._writer.figures()
        return StoreFigures(
            waiting=writer.waiting,
            commits=writer.commits,
            commit_seconds=writer.commit_seconds,
            works=writer.works,
            failures=writer.failures,
            recent_seconds=writer.recent_seconds,
            file_bytes=None,
            log_bytes=None,
            free_bytes=None,
            total_bytes=None,
        )

    def health(self) -> StoreHealth:
        """Return version, settings, figures and sizes."""
        with open_connection(self._dsn, self._limits) as connection:
            try:
                (size,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
                (log,) = connection.execute(
                    "SELECT (pg_current_wal_lsn() - redo_lsn)::bigint FROM pg_control_checkpoint()"
                ).fetchone() or (0,)
                return StoreHealth(
                    version=version_of(connection),
                    settings=dict(settings_in_force(connection)),
                    writer=self._writer.figures(),
                    file_bytes=size,
                    log_bytes=log,
                    free_bytes=None,
                )
            except psycopg.Error as cause:
                raise ours(cause) from None

    def close(self) -> None:
        """Return when all work handed in before is settled and no connection is left; again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        for duty in self._duties:
            with suppress(GatewayError):
                duty.lay_down()
        self._writer.close()
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_postgres_store(
    dsn: str,
    *,
    authority: Authority,
    on_wake: OnWake,
    owner_dsn: str | None = None,
    has_outbox: bool = False,
    limits: PostgresLimits | None = None,
) -> PostgresStore:
    """Return the store in the database at *dsn*; any number of processes may have it.

    Args:
        dsn: where the database is and as which role the application signs in; not the owner of its tables.
        authority: whose rows these are.
        on_wake: called on a writer's thread with the wake-ups of work that has become durable; it must be quick and
            must not write to the store.
        owner_dsn: the same database as its owner: it is then brought up to date first.
        has_outbox: whether wake-ups are also kept as rows, for a relay that tells the other processes.
        limits: how many connections, and how long to wait.

    Raises:
        PermanentError: *dsn* is not an address (code `store-address`).
        StoreUnavailableError: it cannot be reached, or is at another version (code `store-version`).
        IntegrityError: a guard, a right or a setting is not what it must be.
    """
    limits = limits or PostgresLimits()
    if owner_dsn:
        prepare_database(owner_dsn, dsn, limits)
    with open_connection(dsn, limits) as connection:
        require_settings(connection)
        require_newest(connection)
        require_postgres_guards(connection)
    pool = open_pool(dsn, limits)
    return PostgresStore(dsn, pool, authority=authority, on_wake=on_wake, has_outbox=has_outbox, limits=limits)


def open_postgres_view(dsn: str, *, authority: Authority, limits: PostgresLimits | None = None) -> StoreView:
    """Return a view of the store at *dsn*, which others may have open.

    Raises:
        StoreUnavailableError: it cannot be reached, or is at another version (code `store-version`).
    """
    limits = limits or PostgresLimits(writers=1, readers=1)
    with open_connection(dsn, limits) as connection:
        require_newest(connection)
    pool = open_pool(dsn, limits)
    units = Units(pool, authority=authority, has_outbox=False)
    return StoreView(PostgresReaders(units, AtWork()), close=pool.close)
