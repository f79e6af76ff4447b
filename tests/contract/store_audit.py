"""Does a store keep audit events as the ports promise?"""

import pytest

from gateway.errors import ConflictError
from gateway.flows.ports import Store
from gateway.model.identifiers import ChildRef, MessageId
from tests.contract.rows import an_event

ANNA, BEN = ChildRef("child_a"), ChildRef("child_b")


class AuditContract:
    """A subclass gives the fixture `store`, an empty one."""

    def test_every_field_of_an_event_comes_back(self, store: Store) -> None:
        event = an_event(child_ref=ANNA, subject_seq=0, wrapped_key=None, header=b"\x00\xff")

        store.write(lambda work: work.audit.append(event))

        assert store.read(lambda work: work.audit.of_child(ANNA)) == [event]
        assert store.read(lambda work: work.audit.of_message(MessageId("msg_1"))) == [event]

    def test_a_messages_events_come_in_order(self, store: Store) -> None:
        elsewhere = an_event(3, message_id=MessageId("msg_2"))
        nowhere = an_event(4, message_id=None)
        events = (an_event(2), elsewhere, nowhere, an_event(1))
        store.write(lambda work: [work.audit.append(event) for event in events])

        assert store.read(lambda work: work.audit.of_message(MessageId("msg_1"))) == [an_event(2), an_event(1)]

    def test_decisions_of_a_time_come_by_time_and_nothing_else_with_them(self, store: Store) -> None:
        made = [an_event(number, kind="decision.made") for number in (4, 1, 3, 2)]
        events = (*made, an_event(5, recorded_at=made[2].recorded_at))
        store.write(lambda work: [work.audit.append(event) for event in events])
        by_time = sorted(made, key=lambda event: event.recorded_at)

        found = store.read(
            lambda work: work.audit.decisions(since=by_time[1].recorded_at, until=by_time[3].recorded_at, limit=10)
        )
        first = store.read(
            lambda work: work.audit.decisions(since=by_time[0].recorded_at, until=by_time[3].recorded_at, limit=1)
        )

        assert list(found) == by_time[1:3]
        assert list(first) == by_time[:1]

    def test_the_newest_event_is_the_one_recorded_last(self, store: Store) -> None:
        assert store.read(lambda work: work.audit.newest()) is None

        store.write(lambda work: [work.audit.append(an_event(number, header=bytes([number]))) for number in (1, 3, 2)])

        assert store.read(lambda work: work.audit.newest()) == bytes([2])

    def test_an_event_is_recorded_once(self, store: Store) -> None:
        store.write(lambda work: work.audit.append(an_event()))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.audit.append(an_event(header=b"another")))

    def test_a_childs_chain_begins_at_nought(self, store: Store) -> None:
        assert store.read(lambda work: work.audit.chain(ANNA)) == (0, None)

    def test_a_childs_chain_moves_on_with_each_of_its_events(self, store: Store) -> None:
        events = (
            an_event(1, child_ref=ANNA, subject_seq=0),
            an_event(2, child_ref=BEN, subject_seq=0),
            an_event(3, child_ref=ANNA, subject_seq=1),
            an_event(4),
        )
        store.write(lambda work: [work.audit.append(event) for event in events])

        assert store.read(lambda work: work.audit.chain(ANNA)) == (2, bytes([3]) * 32)
        assert store.read(lambda work: work.audit.chain(BEN)) == (1, bytes([2]) * 32)
        assert store.read(lambda work: work.audit.of_child(ANNA)) == [events[0], events[2]]

    @pytest.mark.parametrize("number", [None, 0, 2], ids=["without a number", "a number again", "a number left out"])
    def test_a_childs_chain_has_no_gap_and_no_fork(self, store: Store, number: int | None) -> None:
        store.write(lambda work: work.audit.append(an_event(1, child_ref=ANNA, subject_seq=0)))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.audit.append(an_event(2, child_ref=ANNA, subject_seq=number)))

        assert len(store.read(lambda work: work.audit.of_child(ANNA))) == 1
