"""Does a store tell what has become of a message's records and deliveries without reading them all?"""

import pytest

from gateway.flows.ports import Store, UnitOfWork
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.contract.rows import a_delivery, a_message, a_record

ONE, OTHER = MessageId("msg_1"), MessageId("msg_2")


class SummariesContract:
    """A subclass gives the fixture `store`, which holds the first record of the first message."""

    @pytest.fixture
    def _more(self, store: Store, _record: None) -> None:
        """Add a second record, a message beside the first one, and deliveries of the first."""
        told = ((1, State.ACKNOWLEDGED, None), (2, State.REFUSED, None), (3, State.REFUSED, "D-NOCONSENT"))
        deliveries = [a_delivery(number, state=state, reason=reason) for number, state, reason in told]

        def add(work: UnitOfWork) -> None:
            work.records.add(a_record(2, message_id=ONE, position=1, state=State.IN_REVIEW))
            work.messages.claim(a_message(2))
            for delivery in (*deliveries, a_delivery(4, state=State.REFUSED, reason="D-WITHDRAWN")):
                work.deliveries.add(delivery)

        store.write(add)

    @pytest.mark.usefixtures("_more")
    def test_the_positions_of_a_messages_records_are_told(self, store: Store) -> None:
        assert list(store.read(lambda work: work.summaries.names(ONE))) == [0, 1]
        assert list(store.read(lambda work: work.summaries.names(OTHER))) == []

    @pytest.mark.usefixtures("_more")
    def test_the_first_records_are_read(self, store: Store) -> None:
        found = store.read(lambda work: work.summaries.records(ONE, limit=1))

        assert [record.record_id for record in found] == ["rec_1"]

    @pytest.mark.usefixtures("_more")
    def test_it_is_told_whether_any_record_stands_so(self, store: Store) -> None:
        assert store.read(lambda work: work.summaries.is_any(ONE, State.IN_REVIEW))
        assert not store.read(lambda work: work.summaries.is_any(ONE, State.HELD_MATCH))
        assert not store.read(lambda work: work.summaries.is_any(OTHER, State.IN_REVIEW))

    @pytest.mark.usefixtures("_more")
    def test_each_state_of_the_deliveries_is_told_once(self, store: Store) -> None:
        assert store.read(lambda work: work.summaries.states(ONE)) == {State.ACKNOWLEDGED, State.REFUSED}
        assert store.read(lambda work: work.summaries.states(OTHER)) == frozenset()

    @pytest.mark.usefixtures("_more")
    def test_the_reason_is_that_of_the_first_delivery_that_has_one(self, store: Store) -> None:
        assert store.read(lambda work: work.summaries.reason(ONE, State.REFUSED)) == "D-NOCONSENT"
        assert store.read(lambda work: work.summaries.reason(ONE, State.ACKNOWLEDGED)) is None

    @pytest.mark.usefixtures("_more")
    def test_deliveries_are_counted_and_the_first_are_read(self, store: Store) -> None:
        found = store.read(lambda work: work.summaries.deliveries(ONE, limit=2))

        assert [one.delivery_id for one in found] == ["dlv_1", "dlv_2"]
        assert store.read(lambda work: work.summaries.number_of_deliveries(ONE)) == 4
