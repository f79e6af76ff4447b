from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.adapters.sql.log_store import SqlLogStore
from gateway.adapters.sql.sqlite import SqliteStore
from gateway.flows.ports import Store
from gateway.model.identifiers import EventId
from tests.contract.log_store_contract import LogStoreContract, Record
from tests.contract.rows import an_event
from tests.contract.store_contract import DeliveriesContract, StoreContract
from tests.contract.store_transactions import Wakes
from tests.fakes.stores import a_store


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path, wakes: Wakes) -> Iterator[Store]:
        with a_store(tmp_path, on_wake=wakes.extend) as store:
            yield store


class TestDeliveriesOfSqliteStore(DeliveriesContract):
    @pytest.fixture
    def store(self, tmp_path: Path, wakes: Wakes) -> Iterator[Store]:
        with a_store(tmp_path, on_wake=wakes.extend) as store:
            yield store


class TestSqliteLogStore(LogStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with a_store(tmp_path) as store:
            yield store

    @pytest.fixture
    def log_store(self, store: SqliteStore) -> SqlLogStore:
        return store.log_store

    @pytest.fixture
    def record(self, store: SqliteStore) -> Record:
        def _record(event_id: EventId, header: bytes) -> None:
            store.write(lambda work: work.audit.append(an_event(event_id=event_id, header=header)))

        return _record
