"""How is a connection to PostgreSQL opened so that what it says is durable is durable?"""

import select
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from gateway.adapters.sql.postgres_errors import ours
from gateway.adapters.sql.postgres_pipeline import Pipeline
from gateway.adapters.sql.postgres_plans import PlanAge
from gateway.adapters.sql.transaction import Row
from gateway.errors import IntegrityError, PermanentError, StoreUnavailableError

REQUIRED: Mapping[str, str] = {
    # A commit is answered when it is on disk.
    "synchronous_commit": "on",
    "fsync": "on",
    "full_page_writes": "on",
    # Triggers fire: what `replica` would switch off are the guards.
    "session_replication_role": "origin",
    "standard_conforming_strings": "on",
    "server_encoding": "UTF8",
    "transaction_read_only": "off",
}
"""What every connection that writes has in force, as the server tells."""
_OLDEST = 150000
"""The first version number of PostgreSQL 15."""
_LOST_NOTICED_SECONDS = 30
_ONCE_REFUSED_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresLimits:
    """How much of the server one process uses, and how long it waits for it.

    Units: connections, and seconds.
    """

    writers: int = 4
    """Threads that commit, each with a connection of its own."""
    readers: int = 8
    """Readings at one time."""
    connect_seconds: float = 3.0
    """Longest time to reach the server, or to be given a connection."""
    statement_seconds: float = 30.0
    lock_seconds: float = 3.0
    """Longest wait for somebody else's lock: longer than the server takes to find a deadlock (`deadlock_timeout`)."""
    together_lock_seconds: float = 0.1
    """The same, for pieces of work that share a commit: what waits longer is done by itself."""


class PipelinedConnection(psycopg.Connection[Row]):
    """A connection that stays in pipeline mode: entering and leaving it each time would cost a round trip."""

    unit: Any = None
    """What repositories were made for this connection, so that they are made once."""
    statements: Pipeline
    plan_age: PlanAge

    def has_ended(self) -> bool:
        """Tell whether the server has ended it while nobody used it: an idle server has nothing to say but that."""
        if self.closed:
            return True
        idle = select.poll()
        idle.register(self.fileno(), select.POLLIN)
        return bool(idle.poll(0))


class Pool(ConnectionPool[PipelinedConnection]):
    """Connections of one process. Once one could not be had in time, whoever comes next waits a moment only.

    Without that, a server that is away would cost every request the whole time, and each thread would be waiting.
    """

    is_answering = True


def open_connection(dsn: str, limits: PostgresLimits) -> psycopg.Connection[Row]:
    """Return a plain connection, for what is done once.

    Raises:
        PermanentError: *dsn* is not one (code `store-address`).
        StoreUnavailableError: the server cannot be reached.
    """
    try:
        return psycopg.connect(**connection_arguments(dsn, limits))
    except psycopg.OperationalError as cause:
        # As above; and the driver does not tell apart what an operator would have to look for.
        if cause.sqlstate is not None:
            raise ours(cause) from None
        raise StoreUnavailableError(
            "the database cannot be reached: does the server run, and do address, name, user and password hold"
            " (GATEWAY_DATABASE_URL)?"
        ) from None
    except psycopg.Error as cause:
        # The driver's words may repeat the address, and with it a password.
        raise ours(cause) from None


def connection_arguments(dsn: str, limits: PostgresLimits) -> dict[str, Any]:
    """Return how to connect to *dsn*: with timeouts, and with nothing left to the server's defaults that matters.

    Raises:
        PermanentError: *dsn* is not one (code `store-address`).
    """
    try:
        given = conninfo_to_dict(dsn)
    except psycopg.Error:
        raise PermanentError(
            "the address of the database is not one: postgresql://user@host:5432/name", code="store-address"
        ) from None
    in_force = {
        "synchronous_commit": "on",
        "default_transaction_isolation": "read\\ committed",
        "statement_timeout": _milliseconds(limits.statement_seconds),
        "lock_timeout": _milliseconds(limits.lock_seconds),
        "idle_in_transaction_session_timeout": _milliseconds(2 * limits.statement_seconds),
        "client_min_messages": "error",
        # Each of our statements has an index that finds its rows one after the other, and stops at the limit.
        "enable_bitmapscan": "off",
        "enable_seqscan": "off",
    }
    own = {
        "application_name": "gateway",
        "connect_timeout": max(int(limits.connect_seconds), 1),
        "keepalives_idle": _LOST_NOTICED_SECONDS // 3,
        "keepalives_interval": _LOST_NOTICED_SECONDS // 6,
        "keepalives_count": 3,
        "tcp_user_timeout": _LOST_NOTICED_SECONDS * 1000,
        "client_encoding": "UTF8",
    }
    options = " ".join([str(given.pop("options", "")), *(f"-c {name}={value}" for name, value in in_force.items())])
    return {**own, **given, "options": options.strip(), "autocommit": True}


def open_pool(dsn: str, limits: PostgresLimits) -> Pool:
    """Return connections to *dsn* for one process.

    Raises:
        StoreUnavailableError: the server cannot be reached.
    """
    most = limits.writers + limits.readers
    pool = Pool(
        kwargs=connection_arguments(dsn, limits),
        connection_class=PipelinedConnection,
        configure=_prepared(limits),
        min_size=1,
        max_size=most,
        timeout=limits.connect_seconds,
        reconnect_timeout=limits.connect_seconds,
        name="store",
        open=False,
    )
    try:
        pool.open(wait=True, timeout=limits.connect_seconds)
    except PoolTimeout:
        pool.close()
        raise StoreUnavailableError("the database cannot be reached") from None
    return pool


def _prepared(limits: PostgresLimits) -> Callable[[PipelinedConnection], None]:
    """Return what makes a new connection ready for the store."""

    def _prepare(connection: PipelinedConnection) -> None:
        connection.plan_age = PlanAge()
        connection.statements = Pipeline(connection.pgconn, patience_seconds=2 * limits.statement_seconds)

    return _prepare


def take_connection(pool: Pool) -> PipelinedConnection:
    """Return a connection nobody else has and the server still knows; it goes back by `give_back`.

    A transaction begun on one that has ended would be found out only at its commit, and then nobody could tell whether
    it was kept.

    Raises:
        StoreUnavailableError: there is none to be had in time, or the store is closed.
    """
    try:
        while (connection := pool.getconn(pool.timeout if pool.is_answering else _ONCE_REFUSED_SECONDS)).has_ended():
            connection.close()
            pool.putconn(connection)
    except PoolClosed:
        raise StoreUnavailableError("the store is closed", code="store-closed") from None
    except PoolTimeout:
        pool.is_answering = False
        raise StoreUnavailableError("no connection to the database could be had in time") from None
    pool.is_answering = True
    return connection


def give_back(pool: Pool, connection: PipelinedConnection) -> None:
    """Let others have *connection*; one that has ended is replaced."""
    if connection.closed:
        connection.close()
    pool.putconn(connection)


def settings_in_force(connection: psycopg.Connection[Row]) -> dict[str, str]:
    """Return what the connection has in force, as the server tells."""
    names = ("server_version", *REQUIRED)
    row = connection.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names)).fetchone()
    return dict(zip(names, row or (), strict=True))


def require_settings(connection: psycopg.Connection[Row]) -> None:
    """Return when the server keeps what the store promises.

    Raises:
        IntegrityError: a setting is not as it must be, or the server is too old; it is named.
    """
    if connection.info.server_version < _OLDEST:
        raise IntegrityError(
            "the database server is too old", expected="PostgreSQL 15", found=str(connection.info.server_version)
        )
    found = settings_in_force(connection)
    for name, expected in REQUIRED.items():
        if found[name] != expected:
            raise IntegrityError(f"the database does not keep the setting {name}", expected=expected, found=found[name])


def _milliseconds(seconds: float) -> int:
    return max(int(seconds * 1000), 1)
