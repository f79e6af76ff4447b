from collections.abc import Iterator

import pytest

from gateway.adapters.sql.log_store import SqlLogStore
from gateway.adapters.sql.postgres import PostgresStore
from gateway.flows.ports import Store
from gateway.model.identifiers import EventId
from tests.contract.log_store_contract import LogStoreContract, Record
from tests.contract.rows import an_event
from tests.contract.store_contract import DeliveriesContract, StoreContract
from tests.contract.store_transactions import Wakes
from tests.engines.postgres import Database, a_database


@pytest.fixture
def database() -> Iterator[Database]:
    database = a_database()
    yield database
    database.drop()


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, database: Database, wakes: Wakes) -> Iterator[Store]:
        with database.store(on_wake=wakes.extend) as store:
            yield store


class TestDeliveriesOfPostgresStore(DeliveriesContract):
    @pytest.fixture
    def store(self, database: Database, wakes: Wakes) -> Iterator[Store]:
        with database.store(on_wake=wakes.extend) as store:
            yield store


class TestPostgresLogStore(LogStoreContract):
    @pytest.fixture
    def store(self, database: Database) -> Iterator[PostgresStore]:
        with database.store() as store:
            yield store

    @pytest.fixture
    def log_store(self, store: PostgresStore) -> SqlLogStore:
        return store.log_store

    @pytest.fixture
    def record(self, store: PostgresStore) -> Record:
        def _record(event_id: EventId, header: bytes) -> None:
            store.write(lambda work: work.audit.append(an_event(event_id=event_id, header=header)))

        return _record
