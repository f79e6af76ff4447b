"""Does a log store keep the promises of `gateway.audit.log.LogStore`? The fake and the real ones run the same tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.audit.log import Batch, Head, Leaf, LogStore, Node
from gateway.audit.merkle import compact_range, leaf_hash, node_hash, root
from gateway.errors import ConflictError
from gateway.model.identifiers import EventId

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

Record = Callable[[EventId, bytes], None]
"""Keeps an event with this header in the store, as a business transaction would."""


def header_of(number: int) -> bytes:
    return b'{"kind":"timer.fired","number":%d}' % number


def id_of(number: int) -> EventId:
    return EventId(f"evt_{number}")


def a_batch(*, after: Head | None, first: int, count: int = 1, note: str = "a note\n") -> Batch:
    leaves = tuple(
        Leaf(index=number, event_id=id_of(number), leaf_hash=leaf_hash(header_of(number)))
        for number in range(first, first + count)
    )
    return Batch(
        after=after, leaves=leaves, nodes=(), size=first + count, signed_at=NOON, sign=lambda: f"{note}{first + count}"
    )


def unsignable() -> str:
    raise RuntimeError("nobody may sign now")


class LogStoreContract:
    """A subclass gives the fixtures `log_store` (an empty one) and `record`."""

    @pytest.fixture
    def log_store(self) -> LogStore:
        raise NotImplementedError

    @pytest.fixture
    def record(self, log_store: LogStore) -> Record:
        raise NotImplementedError

    @pytest.fixture
    def three(self, record: Record) -> None:
        """Three events wait for their leaves."""
        record(id_of(0), header_of(0))
        record(id_of(1), header_of(1))
        record(id_of(2), header_of(2))

    def test_an_empty_log_has_no_head_and_no_leaf(self, log_store: LogStore) -> None:
        assert log_store.head() is None
        assert log_store.node(0, 0) is None
        assert log_store.pending(10) == []

    @pytest.mark.usefixtures("three")
    def test_events_wait_in_the_order_they_were_recorded(self, log_store: LogStore) -> None:
        waiting = log_store.pending(10)

        assert [event.event_id for event in waiting] == [id_of(0), id_of(1), id_of(2)]
        assert [event.header for event in waiting] == [header_of(0), header_of(1), header_of(2)]

    @pytest.mark.usefixtures("three")
    def test_no_more_events_are_given_than_asked_for(self, log_store: LogStore) -> None:
        assert [event.event_id for event in log_store.pending(2)] == [id_of(0), id_of(1)]

    @pytest.mark.usefixtures("three")
    def test_an_event_with_a_leaf_no_longer_waits(self, log_store: LogStore) -> None:
        log_store.append_batch(a_batch(after=None, first=0, count=2))

        assert [event.event_id for event in log_store.pending(10)] == [id_of(2)]

    @pytest.mark.usefixtures("three")
    def test_a_batch_gives_the_new_head(self, log_store: LogStore) -> None:
        head = log_store.append_batch(a_batch(after=None, first=0, count=2))

        assert head == Head(size=2, note="a note\n2")
        assert log_store.head() == head

    @pytest.mark.usefixtures("three")
    def test_the_newest_head_is_the_largest(self, log_store: LogStore) -> None:
        first = log_store.append_batch(a_batch(after=None, first=0, count=1))
        second = log_store.append_batch(a_batch(after=first, first=1, count=2))

        assert log_store.head() == second

    @pytest.mark.usefixtures("three")
    def test_a_leaf_is_found_by_its_event(self, log_store: LogStore) -> None:
        log_store.append_batch(a_batch(after=None, first=0, count=2))

        assert log_store.leaf_of(id_of(1)) == Leaf(index=1, event_id=id_of(1), leaf_hash=leaf_hash(header_of(1)))
        assert log_store.leaf_of(id_of(2)) is None
        assert log_store.leaf_of(EventId("evt_unknown")) is None

    @pytest.mark.usefixtures("three")
    def test_level_0_is_the_leaves_and_above_are_the_subtrees(self, log_store: LogStore) -> None:
        joined = node_hash(leaf_hash(header_of(0)), leaf_hash(header_of(1)))
        batch = a_batch(after=None, first=0, count=2)

        log_store.append_batch(replace(batch, nodes=(Node(level=1, index=0, hash=joined),)))

        assert log_store.node(0, 1) == leaf_hash(header_of(1))
        assert log_store.node(1, 0) == joined
        assert log_store.node(0, 2) is None
        assert log_store.node(1, 1) is None
        assert compact_range(2, log_store.node).root == root([leaf_hash(header_of(0)), leaf_hash(header_of(1))])

    @pytest.mark.usefixtures("three")
    def test_a_batch_on_an_old_head_is_refused_unsigned(self, log_store: LogStore) -> None:
        head = log_store.append_batch(a_batch(after=None, first=0))
        late = replace(a_batch(after=None, first=0, count=2), sign=unsignable)

        with pytest.raises(ConflictError):
            log_store.append_batch(late)

        assert log_store.head() == head
        assert log_store.leaf_of(id_of(1)) is None

    @pytest.mark.usefixtures("three")
    def test_a_head_of_the_same_size_but_another_note_is_another_head(self, log_store: LogStore) -> None:
        head = log_store.append_batch(a_batch(after=None, first=0))
        forged = replace(a_batch(after=replace(head, note="another note\n1"), first=1), sign=unsignable)

        with pytest.raises(ConflictError):
            log_store.append_batch(forged)

        assert log_store.head() == head

    @pytest.mark.usefixtures("three")
    def test_an_event_gets_one_leaf_only(self, log_store: LogStore) -> None:
        head = log_store.append_batch(a_batch(after=None, first=0))
        again = Leaf(index=1, event_id=id_of(0), leaf_hash=leaf_hash(header_of(0)))

        with pytest.raises(ConflictError):
            log_store.append_batch(replace(a_batch(after=head, first=1), leaves=(again,)))

        assert log_store.head() == head
        assert log_store.node(0, 1) is None

    @pytest.mark.usefixtures("three")
    def test_when_signing_fails_nothing_is_stored(self, log_store: LogStore) -> None:
        nodes = (Node(level=1, index=0, hash=bytes(32)),)
        batch = replace(a_batch(after=None, first=0, count=2), nodes=nodes, sign=unsignable)

        with pytest.raises(RuntimeError):
            log_store.append_batch(batch)

        assert log_store.head() is None
        assert log_store.node(0, 0) is None
        assert log_store.node(1, 0) is None
        assert len(log_store.pending(10)) == 3
