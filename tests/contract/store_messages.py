"""Does a store keep messages, originals, records and permits as the ports promise?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import ConflictError, NotFoundError, OvertakenError
from gateway.flows.ports import Store
from gateway.flows.store.rows import TOGETHER, Lane, State
from gateway.model.identifiers import ChildRef, ConversationId, MessageId, OrganisationId, PermitId, RecordId
from tests.contract.rows import NOW, a_message, a_permit, a_record, after, an_original


class MessagesContract:
    """Messages and originals. A subclass gives the fixture `store`, an empty one."""

    def test_a_new_message_is_claimed(self, store: Store) -> None:
        assert store.write(lambda work: work.messages.claim(a_message())) is None

        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == a_message()

    def test_every_field_of_a_message_comes_back(self, store: Store) -> None:
        message = a_message(
            reason="schema",
            receipt="signed",
            correlation_id="corr_1",
            channel="files",
            file_name_sealed=b"\x00\xff",
            cursor=7,
            attempt=3,
            received_at=NOW.replace(microsecond=123456),
            lane=Lane.URGENT,
            state=State.QUARANTINED,
            ready_at=None,
        )

        store.write(lambda work: work.messages.claim(message))

        assert store.read(lambda work: work.messages.get(message.message_id)) == message

    def test_a_second_message_under_the_same_key_gets_the_first(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))
        again = a_message(2, idempotency_key="form-1")

        assert store.write(lambda work: work.messages.claim(again)) == a_message()

        with pytest.raises(NotFoundError):
            store.read(lambda work: work.messages.get(MessageId("msg_2")))

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"organisation": OrganisationId("school-2")}, id="another organisation"),
            pytest.param({"format": "mash/flat-1"}, id="another format"),
            pytest.param({"idempotency_key": "form-2"}, id="another key"),
        ],
    )
    def test_a_key_is_the_callers_and_the_formats_own(self, store: Store, other: dict[str, Any]) -> None:
        store.write(lambda work: work.messages.claim(a_message()))
        message = replace(a_message(2, idempotency_key="form-1"), **other)

        assert store.write(lambda work: work.messages.claim(message)) is None

    def test_a_message_id_is_used_once(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.messages.claim(a_message(idempotency_key="form-2")))

    def test_a_message_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.messages.get(MessageId("msg_9")))

        with pytest.raises(NotFoundError):
            store.write(lambda work: work.messages.save(a_message()))

    def test_saving_replaces_what_work_changes(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))
        worked = a_message(state=State.DEAD_LETTER, reason="bug", cursor=50, attempt=12, ready_at=None)

        store.write(lambda work: work.messages.save(worked))

        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == worked

    def test_saving_leaves_what_was_received(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))

        store.write(lambda work: work.messages.save(a_message(body_sha256="00" * 32, receipt="another")))

        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == a_message()

    def test_work_is_leased_urgent_first_then_in_the_order_of_storing_whatever_clocks_said(self, store: Store) -> None:
        messages = (a_message(3), a_message(2), a_message(1, lane=Lane.BULK), a_message(4, lane=Lane.URGENT))
        store.write(lambda work: [work.messages.claim(message) for message in messages])

        leased = store.write(lambda work: work.messages.ready(at=after(10), limit=9, lease_seconds=60))

        assert [message.message_id for message in leased] == ["msg_4", "msg_3", "msg_2", "msg_1"]

    def test_no_more_is_leased_than_asked_for(self, store: Store) -> None:
        messages = (a_message(1), a_message(2), a_message(3, lane=Lane.URGENT))
        store.write(lambda work: [work.messages.claim(message) for message in messages])

        leased = store.write(lambda work: work.messages.ready(at=after(10), limit=2, lease_seconds=60))

        assert [message.message_id for message in leased] == ["msg_3", "msg_1"]

    def test_what_is_leased_is_nobody_elses_until_the_lease_ends(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))

        (leased,) = store.write(lambda work: work.messages.ready(at=after(1), limit=9, lease_seconds=60))
        meanwhile = store.write(lambda work: work.messages.ready(at=after(60), limit=9, lease_seconds=60))
        later = store.write(lambda work: work.messages.ready(at=after(61), limit=9, lease_seconds=60))

        assert leased == a_message(ready_at=after(61), lease=1, lost=1)
        assert meanwhile == []
        assert [message.message_id for message in later] == ["msg_1"]

    def test_every_lease_has_the_next_number_and_a_lost_one_counts_as_lost_in_company_only_so_far(
        self, store: Store
    ) -> None:
        store.write(lambda work: work.messages.claim(a_message()))

        leased = [
            store.write(lambda work, at=at: work.messages.ready(at=after(at), limit=1, lease_seconds=60))[0]
            for at in (1, 61, 121)
        ]

        assert [(one.lease, one.lost) for one in leased] == [(1, 1), (2, TOGETHER), (3, TOGETHER)]
        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == leased[-1]

    def test_a_count_that_work_itself_raised_is_kept_by_a_lease(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message(lost=TOGETHER + 1)))

        (leased,) = store.write(lambda work: work.messages.ready(at=after(1), limit=1, lease_seconds=60))

        assert leased.lost == TOGETHER + 1

    def test_whoever_was_overtaken_saves_nothing(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))
        (slow,) = store.write(lambda work: work.messages.ready(at=after(1), limit=1, lease_seconds=60))
        (fast,) = store.write(lambda work: work.messages.ready(at=after(61), limit=1, lease_seconds=60))

        with pytest.raises(OvertakenError):
            store.write(lambda work: work.messages.save(replace(slow, state=State.DEAD_LETTER)))
        store.write(lambda work: work.messages.save(replace(fast, state=State.ORDERED, ready_at=None)))

        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))).state is State.ORDERED

    @pytest.mark.parametrize("ready_at", [None, after(11)], ids=["no work due", "due later"])
    def test_what_is_not_due_is_not_leased(self, store: Store, ready_at: None) -> None:
        store.write(lambda work: work.messages.claim(a_message(ready_at=ready_at)))

        assert store.write(lambda work: work.messages.ready(at=after(10), limit=9, lease_seconds=60)) == []

    def test_nothing_overtakes_an_older_message_that_is_leased_or_waits(self, store: Store) -> None:
        messages = (a_message(1), a_message(2), a_message(3))
        store.write(lambda work: [work.messages.claim(message) for message in messages])

        (first,) = store.write(lambda work: work.messages.ready(at=after(10), limit=1, lease_seconds=60))
        past_a_lease = store.write(lambda work: work.messages.ready(at=after(11), limit=9, lease_seconds=60))
        store.write(lambda work: work.messages.save(replace(first, ready_at=after(20), attempt=1)))
        past_a_pause = store.write(lambda work: work.messages.ready(at=after(12), limit=9, lease_seconds=60))
        in_the_end = store.write(lambda work: work.messages.ready(at=after(20), limit=9, lease_seconds=60))

        assert (past_a_lease, past_a_pause) == ([], [])
        assert [message.message_id for message in in_the_end] == ["msg_1", "msg_2", "msg_3"]

    def test_an_urgent_message_waits_for_nobody(self, store: Store) -> None:
        messages = (a_message(1, lane=Lane.URGENT), a_message(2, lane=Lane.URGENT))
        store.write(lambda work: [work.messages.claim(message) for message in messages])
        store.write(lambda work: work.messages.ready(at=after(10), limit=1, lease_seconds=60))

        leased = store.write(lambda work: work.messages.ready(at=after(11), limit=9, lease_seconds=60))

        assert [message.message_id for message in leased] == ["msg_2"]

    def test_only_the_lanes_asked_for_are_leased(self, store: Store) -> None:
        messages = (a_message(1, lane=Lane.URGENT), a_message(2), a_message(3, lane=Lane.BULK))
        store.write(lambda work: [work.messages.claim(message) for message in messages])

        leased = store.write(
            lambda work: work.messages.ready(at=after(10), limit=9, lease_seconds=60, lanes=(Lane.NORMAL,))
        )

        assert [message.message_id for message in leased] == ["msg_2"]

    def test_the_newest_are_listed_first(self, store: Store) -> None:
        messages = (a_message(2), a_message(1, state=State.DEAD_LETTER), a_message(3))
        store.write(lambda work: [work.messages.claim(message) for message in messages])

        everything = store.read(lambda work: work.messages.find())
        newest = store.read(lambda work: work.messages.find(limit=1))
        dead = store.read(lambda work: work.messages.find(state=State.DEAD_LETTER))

        assert [message.message_id for message in everything] == ["msg_3", "msg_1", "msg_2"]
        assert [message.message_id for message in newest] == ["msg_3"]
        assert [message.message_id for message in dead] == ["msg_1"]

    @pytest.mark.parametrize(
        "chunks", [(), (b"",), tuple(bytes([number]) * 300 for number in range(12))], ids=["none", "empty", "twelve"]
    )
    def test_an_original_comes_back_chunk_by_chunk(self, store: Store, chunks: tuple[bytes, ...]) -> None:
        store.write(lambda work: work.messages.claim(a_message()))

        store.write(lambda work: work.originals.put(an_original(chunks=chunks)))

        assert store.read(lambda work: work.originals.get(MessageId("msg_1"))) == an_original(chunks=chunks)

    def test_an_original_is_stored_once(self, store: Store) -> None:
        store.write(lambda work: (work.messages.claim(a_message()), work.originals.put(an_original())))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.originals.put(an_original(chunks=(b"another",))))

    def test_an_original_without_its_message_is_refused(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            store.write(lambda work: work.originals.put(an_original()))

    def test_a_deleted_original_is_gone_and_its_message_stays(self, store: Store) -> None:
        store.write(lambda work: (work.messages.claim(a_message()), work.originals.put(an_original())))

        store.write(lambda work: work.originals.delete(MessageId("msg_1")))

        with pytest.raises(NotFoundError):
            store.read(lambda work: work.originals.get(MessageId("msg_1")))
        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == a_message()


class RecordsContract:
    """Records and permits. A subclass gives the fixture `store`, an empty one."""

    @pytest.fixture
    def _message(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))

    @pytest.mark.usefixtures("_message")
    def test_every_field_of_a_record_comes_back(self, store: Store) -> None:
        record = a_record(
            subjects=(ChildRef("child_2"), ChildRef("child_1")),
            reason="H-MATCH",
            conversation_id=ConversationId("conv_1"),
            match_status="POTENTIAL",
            match_score=0.875,
            wrapped_key=b"\x01key",
            mapping="ab" * 32,
            losses=3,
        )

        store.write(lambda work: work.records.add(record))

        assert store.read(lambda work: work.records.get(record.record_id)) == record

    @pytest.mark.usefixtures("_message")
    def test_a_position_of_a_message_is_taken_once(self, store: Store) -> None:
        store.write(lambda work: work.records.add(a_record()))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.records.add(a_record(record_id=RecordId("rec_2"))))

    def test_a_record_without_its_message_is_refused(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            store.write(lambda work: work.records.add(a_record()))

    @pytest.mark.usefixtures("_message")
    def test_a_messages_records_come_by_position(self, store: Store) -> None:
        second = a_record(record_id=RecordId("rec_0"), position=1)
        store.write(lambda work: (work.records.add(second), work.records.add(a_record())))

        found = store.read(lambda work: work.records.of_message(MessageId("msg_1")))

        assert found == [a_record(), second]
        assert store.read(lambda work: work.records.of_message(MessageId("msg_2"))) == []

    @pytest.mark.usefixtures("_message")
    def test_records_of_a_document_come_by_id_and_page_by_page(self, store: Store) -> None:
        first, second = (a_record(number, message_id=MessageId("msg_1"), position=number) for number in (1, 2))
        other = a_record(3, message_id=MessageId("msg_1"), position=3, document="ecaf.episode")
        store.write(lambda work: [work.records.add(one) for one in (second, other, first)])

        page = store.read(lambda work: work.records.of_document("mash.referral", after=RecordId(""), limit=1))
        rest = store.read(lambda work: work.records.of_document("mash.referral", after=first.record_id, limit=9))

        assert (list(page), list(rest)) == ([first], [second])

    @pytest.mark.usefixtures("_message")
    def test_the_records_of_a_child_are_found_however_many_children_they_are_about(self, store: Store) -> None:
        one = a_record(
            1, message_id=MessageId("msg_1"), position=1, subjects=(ChildRef("child_1"), ChildRef("child_2"))
        )
        two = a_record(2, message_id=MessageId("msg_1"), position=2, subjects=(ChildRef("child_1"),))
        store.write(lambda work: [work.records.add(record) for record in (two, one)])

        names = [ChildRef(f"child_{number}") for number in (1, 2, 3)]
        found = store.read(lambda work: [list(work.records.about(name)) for name in names])

        assert found == [[one, two], [one], []]

    @pytest.mark.usefixtures("_message")
    def test_saving_a_record_replaces_everything_but_its_identity(self, store: Store) -> None:
        store.write(lambda work: work.records.add(a_record()))
        matched = a_record(
            subjects=(ChildRef("child_1"), ChildRef("child_3")),
            sealed=b"\x00sealed again",
            state=State.ORDERED,
            match_status="MATCH",
            match_score=0.98,
        )

        store.write(lambda work: work.records.save(matched))

        assert store.read(lambda work: work.records.get(matched.record_id)) == matched

    def test_a_record_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.records.get(RecordId("rec_9")))

        with pytest.raises(NotFoundError):
            store.write(lambda work: work.records.save(a_record()))

    def test_a_permit_comes_back_as_it_was_decided(self, store: Store) -> None:
        permit = a_permit(body='{"cut":["CAT-ID"]}', decided_at=NOW + timedelta(microseconds=1))

        store.write(lambda work: work.permits.add(permit))

        assert store.read(lambda work: work.permits.get(permit.permit_id)) == permit

    def test_a_permit_is_stored_once(self, store: Store) -> None:
        store.write(lambda work: work.permits.add(a_permit()))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.permits.add(a_permit(result="DENY")))

    def test_a_permit_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.permits.get(PermitId("permit_9")))

    def test_decisions_about_a_record_come_oldest_first(self, store: Store) -> None:
        elsewhere = a_permit(3, record_id=RecordId("rec_2"))
        store.write(lambda work: [work.permits.add(permit) for permit in (a_permit(2), a_permit(1), elsewhere)])

        found = store.read(lambda work: work.permits.of_record(RecordId("rec_1")))

        assert found == [a_permit(2), a_permit(1)]
