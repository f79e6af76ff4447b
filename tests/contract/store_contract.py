"""Does a store keep every promise of `gateway.flows.ports.Store`? Every real one runs the same tests."""

import pytest

from gateway.flows.ports import Store
from tests.contract.store_attachments import AttachmentsContract
from tests.contract.store_audit import AuditContract
from tests.contract.store_breakers import BreakersContract
from tests.contract.store_deliveries import DeliveriesContract as _Deliveries
from tests.contract.store_duties import DutiesContract
from tests.contract.store_large_originals import LargeOriginalsContract
from tests.contract.store_messages import MessagesContract, RecordsContract
from tests.contract.store_overview import OverviewContract
from tests.contract.store_people import ChildrenContract, DirectoryContract, SignInsContract
from tests.contract.store_questions import ConversationsContract, QuestionsContract
from tests.contract.store_summaries import SummariesContract
from tests.contract.store_transactions import TransactionsContract, Wakes


class StoreContract(
    MessagesContract,
    LargeOriginalsContract,
    RecordsContract,
    AttachmentsContract,
    ChildrenContract,
    DirectoryContract,
    SignInsContract,
    ConversationsContract,
    QuestionsContract,
    DutiesContract,
    AuditContract,
    OverviewContract,
    TransactionsContract,
):
    """A subclass gives the fixture `store`: an empty one that appends the wake-ups it publishes to `wakes`."""

    @pytest.fixture
    def wakes(self) -> Wakes:
        return []

    @pytest.fixture
    def store(self, wakes: Wakes) -> Store:
        raise NotImplementedError


class DeliveriesContract(_Deliveries, BreakersContract, SummariesContract):
    """The same for deliveries, breakers and summaries, each test of which begins with a record to deliver."""

    @pytest.fixture
    def wakes(self) -> Wakes:
        return []

    @pytest.fixture
    def store(self, wakes: Wakes) -> Store:
        raise NotImplementedError
