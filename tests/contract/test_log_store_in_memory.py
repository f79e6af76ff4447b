import pytest

from tests.contract.log_store_contract import LogStoreContract, Record
from tests.fakes.log_store import InMemoryLogStore


class TestInMemoryLogStore(LogStoreContract):
    @pytest.fixture
    def log_store(self) -> InMemoryLogStore:
        return InMemoryLogStore()

    @pytest.fixture
    def record(self, log_store: InMemoryLogStore) -> Record:
        return log_store.record
