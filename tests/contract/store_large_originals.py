"""Does a store keep originals that come chunk by chunk, and let go of those that never came to their end?"""

from dataclasses import replace

import pytest

from gateway.errors import NotFoundError
from gateway.flows.ports import Store, UnitOfWork
from gateway.flows.store.rows import Lane, Message, State
from gateway.model.identifiers import MessageId
from tests.contract.rows import a_message, after, an_original

ACCEPTED = a_message(7, lane=Lane.BULK, receipt="signed")
COMING = replace(ACCEPTED, state=State.RECEIVING, idempotency_key="receiving", ready_at=None, receipt="")


def begin(work: UnitOfWork, coming: Message = COMING) -> None:
    work.large_originals.begin(coming, b"\x01wrapped")
    work.large_originals.add(coming, [0, 1], [b"one", b"two"], at=after(10))
    work.large_originals.add(coming, [-1], [b"contents"], at=after(20))


class LargeOriginalsContract:
    """Originals on their way in. A subclass gives the fixture `store`, an empty one."""

    def test_what_is_on_its_way_in_is_due_for_nothing(self, store: Store) -> None:
        store.write(begin)

        leased = store.write(lambda work: work.messages.ready(at=after(999), limit=9, lease_seconds=60))
        assert leased == []

    def test_what_was_claimed_is_a_message_like_any_other(self, store: Store) -> None:
        store.write(begin)

        assert store.write(lambda work: work.large_originals.claim(ACCEPTED)) is None

        assert store.read(lambda work: work.messages.get(ACCEPTED.message_id)) == ACCEPTED
        original = store.read(lambda work: work.originals.get(ACCEPTED.message_id))
        assert (original.wrapped_key, original.chunks) == (b"\x01wrapped", (b"one", b"two"))
        leased = store.write(lambda work: work.messages.ready(at=after(999), limit=9, lease_seconds=60))
        assert [one.message_id for one in leased] == [ACCEPTED.message_id]

    def test_what_was_claimed_comes_behind_what_was_stored_meanwhile(self, store: Store) -> None:
        store.write(begin)
        store.write(lambda work: work.messages.claim(a_message(8, lane=Lane.BULK)))

        store.write(lambda work: work.large_originals.claim(ACCEPTED))

        leased = store.write(lambda work: work.messages.ready(at=after(999), limit=9, lease_seconds=60))
        assert [one.message_id for one in leased] == ["msg_8", "msg_7"]

    def test_a_key_that_is_taken_is_not_claimed_again(self, store: Store) -> None:
        holder = replace(ACCEPTED, message_id=MessageId("msg_8"))
        store.write(lambda work: work.messages.claim(holder))
        store.write(begin)

        assert store.write(lambda work: work.large_originals.claim(ACCEPTED)) == holder
        assert store.read(lambda work: work.large_originals.holder(ACCEPTED)) == holder
        assert store.read(lambda work: work.messages.get(ACCEPTED.message_id)).state is State.RECEIVING

    def test_a_key_nobody_has_has_no_holder(self, store: Store) -> None:
        store.write(begin)

        assert store.read(lambda work: work.large_originals.holder(ACCEPTED)) is None

    def test_one_who_was_claimed_cannot_be_claimed_or_added_to_again(self, store: Store) -> None:
        store.write(begin)
        store.write(lambda work: work.large_originals.claim(ACCEPTED))

        with pytest.raises(NotFoundError):
            store.write(lambda work: work.large_originals.claim(replace(ACCEPTED, idempotency_key="another")))
        with pytest.raises(NotFoundError):
            store.write(lambda work: work.large_originals.add(ACCEPTED, [2], [b"three"], at=after(30)))

    def test_chunks_are_read_one_by_one(self, store: Store) -> None:
        store.write(begin)

        found = store.read(lambda work: [work.large_originals.chunk(COMING.message_id, n) for n in (1, 2, -1, -2)])

        assert found == [b"two", None, b"contents", None]
        assert store.read(lambda work: work.large_originals.key(COMING.message_id)) == b"\x01wrapped"

    def test_an_original_that_is_not_there_has_no_key(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.large_originals.key(MessageId("msg_9")))

    def test_it_is_abandoned_when_nothing_was_added_for_long(self, store: Store) -> None:
        store.write(begin)

        assert store.read(lambda work: work.large_originals.abandoned(before=after(20))) == []
        assert store.read(lambda work: work.large_originals.abandoned(before=after(21))) == [COMING.message_id]

    def test_what_was_claimed_is_never_abandoned_or_dropped(self, store: Store) -> None:
        store.write(begin)
        store.write(lambda work: work.large_originals.claim(ACCEPTED))

        assert store.read(lambda work: work.large_originals.abandoned(before=after(9999))) == []
        assert store.write(lambda work: work.large_originals.drop(ACCEPTED.message_id, limit=9)) is False
        assert len(store.read(lambda work: work.originals.get(ACCEPTED.message_id)).chunks) == 2

    def test_it_is_dropped_a_few_chunks_at_a_time_until_nothing_is_left(self, store: Store) -> None:
        store.write(begin)

        assert store.write(lambda work: work.large_originals.drop(COMING.message_id, limit=2)) is True
        assert store.write(lambda work: work.large_originals.drop(COMING.message_id, limit=2)) is False

        assert store.read(lambda work: work.messages.find()) == []
        assert store.read(lambda work: work.large_originals.chunk(COMING.message_id, 1)) is None
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.originals.get(COMING.message_id))

    def test_the_contents_of_an_original_go_with_it(self, store: Store) -> None:
        store.write(begin)
        store.write(lambda work: work.large_originals.claim(ACCEPTED))

        store.write(lambda work: work.originals.delete(ACCEPTED.message_id))

        assert store.read(lambda work: work.large_originals.chunk(ACCEPTED.message_id, -1)) is None

    def test_a_small_original_has_no_contents(self, store: Store) -> None:
        store.write(lambda work: (work.messages.claim(a_message()), work.originals.put(an_original())))

        assert store.read(lambda work: work.large_originals.chunk(MessageId("msg_1"), -1)) is None
