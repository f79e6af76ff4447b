"""Does a store keep attached documents, and what a scanner found in each, as the port promises?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import ConflictError, NotFoundError
from gateway.flows.ports import Store
from gateway.flows.store.overview import Waiting
from gateway.flows.store.rows import Attachment, Scan, ScanState
from gateway.model.identifiers import RecordId
from tests.contract.rows import NOW, a_delivery, a_message, a_record, after

RECORD = RecordId("rec_1")


def attached(number: int) -> Attachment:
    return Attachment(record_id=RECORD, number=number, wrapped_key=b"\x00key", sealed=bytes([number]) * 9)


def add(store: Store, *numbers: int) -> None:
    """Let record 1 have attached documents: each added one second after the one before."""
    rows = [(attached(number), after(second)) for second, number in enumerate(numbers)]
    store.write(lambda work: [work.attachments.add(one, at=at) for one, at in rows])


def scan_of(store: Store, number: int) -> Scan:
    return store.read(lambda work: work.attachments.scans(RECORD))[number]


def due(store: Store, seconds: float, *, limit: int = 10) -> list[int]:
    found = store.write(lambda work: work.attachments.due(at=after(seconds), limit=limit, lease_seconds=60))
    return [one.number for one in found]


class AttachmentsContract:
    """A subclass gives the fixture `store`, an empty one."""

    @pytest.fixture
    def holding(self, store: Store) -> Store:
        """A store that holds one record, without attached documents."""
        store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
        return store

    def test_attached_documents_come_back_by_their_numbers(self, holding: Store) -> None:
        add(holding, 1, 0)

        assert holding.read(lambda work: work.attachments.get(RECORD, 0)) == attached(0)
        assert holding.read(lambda work: work.attachments.get(RECORD, 1)) == attached(1)

    def test_each_number_is_taken_once(self, holding: Store) -> None:
        add(holding, 0)

        with pytest.raises(ConflictError):
            add(holding, 0)

    def test_one_that_is_not_there_is_not_found(self, holding: Store) -> None:
        with pytest.raises(NotFoundError):
            holding.read(lambda work: work.attachments.get(RECORD, 0))

    def test_an_attached_document_of_no_record_is_refused(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            add(store, 0)

    def test_a_new_one_waits_to_be_scanned(self, holding: Store) -> None:
        add(holding, 1, 0)

        assert holding.read(lambda work: work.attachments.scans(RECORD)) == [
            Scan(record_id=RECORD, number=0, added_at=after(1), ready_at=after(1)),
            Scan(record_id=RECORD, number=1, added_at=NOW, ready_at=NOW),
        ]
        assert holding.read(lambda work: work.attachments.scans(RecordId("rec_2"))) == []

    def test_every_field_of_what_was_found_comes_back(self, holding: Store) -> None:
        add(holding, 0)
        found = replace(
            scan_of(holding, 0),
            state=ScanState.MALWARE,
            signature="Invented.Test-1",
            attempt=3,
            ready_at=None,
            settled_at=after(5),
        )

        holding.write(lambda work: work.attachments.save(found))

        assert scan_of(holding, 0) == found

    def test_what_was_found_in_one_that_is_not_there_is_refused(self, holding: Store) -> None:
        with pytest.raises(NotFoundError):
            holding.write(lambda work: work.attachments.save(Scan(record_id=RECORD, number=0, added_at=NOW)))

    def test_what_is_due_comes_oldest_first_and_is_leased(self, holding: Store) -> None:
        add(holding, 2, 0, 1)

        assert due(holding, 10, limit=2) == [2, 0]
        assert due(holding, 10) == [1]
        assert due(holding, 10) == []
        assert due(holding, 71) == [2, 0, 1]

    def test_what_is_put_off_is_due_when_its_time_comes(self, holding: Store) -> None:
        add(holding, 0)
        later = replace(scan_of(holding, 0), ready_at=after(100), attempt=1)

        holding.write(lambda work: work.attachments.save(later))

        assert due(holding, 99) == []
        assert due(holding, 100) == [0]

    @pytest.mark.parametrize("state", [ScanState.CLEAN, ScanState.MALWARE])
    def test_what_is_known_is_never_due(self, holding: Store, state: ScanState) -> None:
        add(holding, 0)
        known = replace(scan_of(holding, 0), state=state, ready_at=None)

        holding.write(lambda work: work.attachments.save(known))

        assert due(holding, 1_000_000) == []

    def test_the_overview_tells_how_many_wait_since_when_and_in_how_many_malware_was_found(
        self, holding: Store
    ) -> None:
        add(holding, 0, 1, 2)
        infected = replace(scan_of(holding, 0), state=ScanState.MALWARE, ready_at=None)
        clean = replace(scan_of(holding, 1), state=ScanState.CLEAN, ready_at=None)
        holding.write(lambda work: (work.attachments.save(infected), work.attachments.save(clean)))

        found = holding.read(lambda work: work.overview.read(at=after(100)))

        assert found.attachments == Waiting(number=1, since=NOW + timedelta(seconds=2))
        assert found.infected == 1

    def test_a_records_deliveries_are_named_in_their_order(self, holding: Store) -> None:
        holding.write(lambda work: [work.deliveries.add(a_delivery(number)) for number in (2, 1)])

        assert holding.read(lambda work: work.delivery_lists.of_record(RECORD)) == ["dlv_2", "dlv_1"]
        assert holding.read(lambda work: work.delivery_lists.of_record(RecordId("rec_2"))) == []
