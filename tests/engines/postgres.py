"""Which PostgreSQL do tests use? A private server for the whole run, and a database for each test.

A database is copied from an empty one whose tables are made, in some tens of milliseconds.
"""

import atexit
from dataclasses import dataclass
from functools import cache
from itertools import count

import psycopg

from gateway.adapters.sql.jobs import OnWake
from gateway.adapters.sql.postgres import PostgresStore, open_postgres_store
from gateway.adapters.sql.postgres_connection import PostgresLimits
from gateway.adapters.sql.postgres_schema import prepare_database
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.model.identifiers import Authority
from tests.fakes.stores import BARNET, nobody

_NUMBERS = count(1)
LIMITS = PostgresLimits(writers=3, readers=4, connect_seconds=5)


def connect(server: PostgresServer, database: str, role: str) -> psycopg.Connection[tuple[object, ...]]:
    """Return a connection that commits by itself, past the store."""
    return psycopg.connect(server.dsn(database, role), autocommit=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database of a test."""

    server: PostgresServer
    name: str

    @property
    def dsn(self) -> str:
        """Return its address, as the application's role."""
        return self.server.dsn(self.name)

    @property
    def owner_dsn(self) -> str:
        """Return its address, as the role its tables belong to."""
        return self.server.dsn(self.name, OWNER)

    def execute(self, statement: str, role: str = OWNER) -> list[tuple[object, ...]]:
        """Run one statement past the store and return its rows."""
        with connect(self.server, self.name, role) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def store(
        self,
        *,
        authority: Authority = BARNET,
        on_wake: OnWake = nobody,
        has_outbox: bool = False,
        limits: PostgresLimits = LIMITS,
    ) -> PostgresStore:
        """Return the store in it."""
        return open_postgres_store(self.dsn, authority=authority, on_wake=on_wake, has_outbox=has_outbox, limits=limits)

    def drop(self) -> None:
        """Forget it."""
        self.server.order(f"DROP DATABASE {self.name} WITH (FORCE)")


@cache
def the_server() -> PostgresServer:
    """Return the server of this run of tests."""
    server = PostgresServer.made()
    atexit.register(server.remove)
    return server


@cache
def _template() -> str:
    server = the_server()
    server.order(f"CREATE DATABASE gateway_empty OWNER {OWNER}")
    prepare_database(server.dsn("gateway_empty", OWNER), server.dsn("gateway_empty"))
    return "gateway_empty"


def a_database() -> Database:
    """Return an empty database with its tables made."""
    template, server = _template(), the_server()
    name = f"test_{next(_NUMBERS)}"
    server.order(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER} STRATEGY file_copy")
    return Database(server=server, name=name)
