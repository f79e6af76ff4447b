"""How soon does a credential let nobody in any more that another process has disabled?"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.adapters.sql.postgres import PostgresStore
from gateway.app.http.authentication import Doorkeeper
from gateway.errors import UnauthenticatedError
from tests.engines.postgres import Database, a_database
from tests.integration.http.house import SCHOOL, SECRET, change, furnish

_SHOWN = f"Bearer {SCHOOL}.{SECRET}".encode()


@pytest.fixture
def database() -> Iterator[Database]:
    database = a_database()
    yield database
    database.drop()


@pytest.fixture
def stores(database: Database) -> Iterator[tuple[PostgresStore, PostgresStore]]:
    """The store as the process has it whose door is looked at, and as another has it."""
    with database.store() as one, database.store() as other:
        furnish(one)  # type: ignore[arg-type]
        yield one, other


def test_one_that_was_disabled_elsewhere_is_refused_a_second_later(stores: tuple[Any, Any]) -> None:
    one, other = stores

    async def played() -> None:
        door = Doorkeeper(one)
        assert (await door.recognised(_SHOWN)).credential_id == SCHOOL
        change(other, SCHOOL, is_enabled=False)
        await asyncio.sleep(1.01)
        with pytest.raises(UnauthenticatedError):
            await door.recognised(_SHOWN)

    asyncio.run(played())


def test_one_that_was_disabled_here_is_refused_at_once(stores: tuple[Any, Any]) -> None:
    one, _ = stores

    async def played() -> None:
        door = Doorkeeper(one)
        await door.recognised(_SHOWN)
        change(one, SCHOOL, is_enabled=False)
        with pytest.raises(UnauthenticatedError):
            await door.recognised(_SHOWN)

    asyncio.run(played())


def test_whoever_may_wait_asks_the_directory_as_it_is(stores: tuple[Any, Any]) -> None:
    one, other = stores
    door = Doorkeeper(one)
    door.organisation(_SHOWN)

    change(other, SCHOOL, is_enabled=False)

    with pytest.raises(UnauthenticatedError):
        door.organisation(_SHOWN)
