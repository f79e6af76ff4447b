"""A PostgreSQL database of a test's own, and stores in it as two processes would have them."""

from collections.abc import Iterator

import pytest

from gateway.adapters.sql.postgres import PostgresStore
from tests.engines.postgres import Database, a_database


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty database with its tables made."""
    database = a_database()
    yield database
    database.drop()


@pytest.fixture
def one(database: Database) -> Iterator[PostgresStore]:
    """The store as one process has it."""
    with database.store() as store:
        yield store


@pytest.fixture
def other(database: Database) -> Iterator[PostgresStore]:
    """The same store as another process has it."""
    with database.store() as store:
        yield store
