from dataclasses import replace

import pytest

from gateway.audit import merkle
from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.log import Batch, Head, LogIdentity, check_head, prove, prove_extension, sequence
from gateway.errors import ConflictError, IntegrityError, MalformedMessageError, NotFoundError
from gateway.model.identifiers import EventId
from tests.fakes.log_store import InMemoryLogStore
from tests.unit.audit.log_builders import (
    NOON,
    ORIGIN,
    a_log,
    a_signer,
    accepted,
    an_entry,
    an_identity,
    every_flip,
    flipped,
    grow,
    id_of,
)

US = an_identity()


def unsigned(text: bytes) -> bytes:
    raise AssertionError(f"this must not be signed: {text!r}")


NOBODY_SIGNS = LogIdentity(origin=ORIGIN, signer=replace(a_signer(), sign=unsigned))


def waiting(store: InMemoryLogStore, number: int) -> InMemoryLogStore:
    """Return *store* with one more event that has no leaf yet."""
    store.record(id_of(number), an_entry(number).header)
    return store


def copied(store: InMemoryLogStore) -> InMemoryLogStore:
    """Return a backup of *store*."""
    copy = InMemoryLogStore()
    copy.events, copy.leaves = list(store.events), list(store.leaves)
    copy.nodes, copy.heads = dict(store.nodes), list(store.heads)
    return copy


def last_note(store: InMemoryLogStore) -> str:
    return store.heads[-1].note


def test_pending_events_become_leaves_in_their_order() -> None:
    store = InMemoryLogStore()
    waiting(waiting(store, 0), 1)

    count = sequence(store, US, at=NOON)

    assert count == 2
    assert [leaf.event_id for leaf in store.leaves] == [id_of(0), id_of(1)]
    assert [leaf.leaf_hash for leaf in store.leaves] == [merkle.leaf_hash(an_entry(n).header) for n in range(2)]


def test_the_signed_head_is_the_root_over_all_leaves() -> None:
    store = a_log(77, batch=10)

    assert len(store.heads) == 8
    assert US.open(last_note(store)) == Checkpoint(
        origin=ORIGIN, size=77, root=merkle.root([leaf.leaf_hash for leaf in store.leaves])
    )


def test_with_nothing_pending_nothing_is_signed() -> None:
    assert sequence(a_log(3), NOBODY_SIGNS, at=NOON) == 0
    assert sequence(InMemoryLogStore(), NOBODY_SIGNS, at=NOON) == 0


def test_no_more_leaves_are_made_than_asked_for() -> None:
    store = waiting(waiting(InMemoryLogStore(), 0), 1)

    assert sequence(store, US, at=NOON, limit=1) == 1
    assert len(store.leaves) == 1


def test_only_complete_subtrees_are_stored() -> None:
    store = a_log(13, batch=4)

    assert sorted(store.nodes) == [(1, i) for i in range(6)] + [(2, i) for i in range(3)] + [(3, 0)]


@pytest.mark.parametrize("bit", range(256))
def test_a_tree_that_is_not_the_one_signed_last_is_not_extended(bit: int) -> None:
    store = waiting(a_log(4), 4)
    store.nodes[2, 0] = flipped(store.nodes[2, 0], bit)

    with pytest.raises(IntegrityError, match="not the one signed last") as caught:
        sequence(store, NOBODY_SIGNS, at=NOON)

    assert caught.value.expected == last_note(store)
    assert caught.value.found.startswith(f"{ORIGIN}\n4\n")


def test_a_log_whose_last_leaves_were_taken_away_is_not_extended() -> None:
    store = waiting(a_log(5), 5)
    del store.leaves[-1]

    with pytest.raises(IntegrityError, match="missing"):
        sequence(store, NOBODY_SIGNS, at=NOON)


def test_a_log_with_leaves_nobody_signed_is_not_extended() -> None:
    store = waiting(a_log(5), 6)
    store.leaves.append(replace(store.leaves[-1], index=5, event_id=id_of(5)))

    with pytest.raises(IntegrityError, match="never signed"):
        sequence(store, NOBODY_SIGNS, at=NOON)


def test_leaves_without_any_head_are_an_alarm() -> None:
    store = a_log(5)
    store.heads.clear()

    with pytest.raises(IntegrityError, match="never signed") as caught:
        check_head(store, NOBODY_SIGNS)

    assert caught.value.expected == "no log at all"


def test_a_head_signed_by_another_key_is_not_extended() -> None:
    store = waiting(a_log(5, identity=an_identity(seed=2)), 5)

    with pytest.raises(IntegrityError, match="no known key"):
        sequence(store, NOBODY_SIGNS, at=NOON)


def test_a_head_filed_under_another_size_is_not_extended() -> None:
    store = waiting(a_log(5), 5)
    store.heads[-1] = replace(store.heads[-1], size=4)

    with pytest.raises(IntegrityError):
        sequence(store, NOBODY_SIGNS, at=NOON)


def test_after_a_key_change_the_old_keys_heads_still_count() -> None:
    store = waiting(a_log(5), 5)
    renewed = LogIdentity(origin=ORIGIN, signer=a_signer(seed=2), former=(a_signer().key,))

    assert sequence(store, renewed, at=NOON) == 1
    assert check_head(store, LogIdentity(origin=ORIGIN, signer=a_signer(seed=2))) is not None


def test_no_bit_of_the_stored_head_can_be_turned() -> None:
    store = waiting(a_log(5), 5)
    note = last_note(store)

    def extend(changed: bytes) -> None:
        store.heads[-1] = Head(size=5, note=changed.decode())
        sequence(store, NOBODY_SIGNS, at=NOON)

    passed = accepted(
        extend, every_flip(note.encode()), refusal=(IntegrityError, MalformedMessageError, UnicodeDecodeError)
    )

    assert passed == []


class TestRestoredBackup:
    """A store brought back from a backup looks whole; only a head kept outside it shows what is gone."""

    def test_a_rewound_log_is_not_extended(self) -> None:
        store = a_log(8)
        backup = waiting(copied(store), 99)
        grow(store, 8, 12)

        with pytest.raises(IntegrityError, match="rewound") as caught:
            sequence(backup, NOBODY_SIGNS, at=NOON, witnessed=last_note(store))

        assert (caught.value.expected, caught.value.found) == (last_note(store), last_note(backup))

    def test_a_log_that_lost_everything_is_not_begun_again(self) -> None:
        with pytest.raises(IntegrityError, match="rewound") as caught:
            sequence(waiting(InMemoryLogStore(), 0), NOBODY_SIGNS, at=NOON, witnessed=last_note(a_log(1)))

        assert caught.value.found == "no log at all"

    def test_a_fork_that_has_already_grown_past_the_witnessed_head_is_found(self) -> None:
        store = a_log(8)
        backup = copied(store)
        grow(store, 8, 12)
        grow(backup, 20, 30)

        with pytest.raises(IntegrityError, match="forked") as caught:
            check_head(backup, NOBODY_SIGNS, witnessed=last_note(store))

        assert (caught.value.expected, caught.value.found) == (last_note(store), last_note(backup))

    def test_a_log_that_extends_the_witnessed_head_goes_on(self) -> None:
        store = a_log(8)
        witnessed = last_note(store)
        grow(store, 8, 12)

        assert sequence(waiting(store, 12), US, at=NOON, witnessed=witnessed) == 1

    def test_a_head_nobody_of_us_signed_is_no_witness(self) -> None:
        stranger = sign_checkpoint(Checkpoint(origin=ORIGIN, size=1, root=bytes(32)), a_signer(seed=2))

        with pytest.raises(IntegrityError, match="no known key"):
            check_head(a_log(8), US, witnessed=stranger)


class Overtaken(InMemoryLogStore):
    """A store in which another sequencer appends between this one's questions."""

    def __init__(self, rival: InMemoryLogStore, *, after_questions: int) -> None:
        super().__init__()
        self.events, self.rival, self.left = rival.events, rival, after_questions

    def head(self) -> Head | None:
        self.left -= 1
        if self.left < 0:
            self.leaves, self.nodes, self.heads = self.rival.leaves, self.rival.nodes, self.rival.heads
        return super().head()

    def append_batch(self, batch: Batch) -> Head:
        self.left = 0
        return super().append_batch(batch)


def test_when_another_sequencer_is_faster_nothing_is_signed() -> None:
    store = Overtaken(a_log(3), after_questions=1)
    store.record(id_of(7), an_entry(7).header)

    with pytest.raises(ConflictError):
        sequence(store, NOBODY_SIGNS, at=NOON)


def test_leaves_seen_while_another_sequencer_writes_are_no_alarm() -> None:
    store = Overtaken(a_log(3), after_questions=1)
    store.leaves = store.rival.leaves

    with pytest.raises(ConflictError):
        check_head(store, US)


def test_the_head_of_an_empty_log_is_none() -> None:
    assert check_head(InMemoryLogStore(), US) is None


def test_a_whole_log_bears_out_its_head() -> None:
    assert check_head(a_log(9), US) == US.open(last_note(a_log(9)))


def test_an_event_is_proved_under_the_newest_head() -> None:
    store = a_log(9, batch=4)

    proof = prove(store, US, event_id=id_of(5), header=an_entry(5).header)

    assert (proof.index, proof.checkpoint) == (5, last_note(store))
    signed = US.open(proof.checkpoint)
    leaf = merkle.leaf_hash(an_entry(5).header)
    assert merkle.includes(leaf, proof.path, index=5, size=9, root=signed.root)


def test_an_event_without_a_leaf_is_not_proved_yet() -> None:
    store = waiting(a_log(3), 3)

    with pytest.raises(NotFoundError):
        prove(store, US, event_id=id_of(3), header=an_entry(3).header)


def test_an_event_that_was_changed_is_not_proved() -> None:
    with pytest.raises(IntegrityError, match="not the one that was logged"):
        prove(a_log(3), US, event_id=id_of(1), header=an_entry(2).header)


def test_no_proof_is_given_that_would_not_hold() -> None:
    store = a_log(9)
    store.nodes[1, 0] = bytes(32)

    with pytest.raises(IntegrityError, match="does not lead to the signed root"):
        prove(store, US, event_id=id_of(3), header=an_entry(3).header)


def test_an_older_checkpoint_is_shown_to_begin_the_log() -> None:
    store = a_log(5)
    old = last_note(store)
    grow(store, 5, 13)

    proof = prove_extension(store, US, old=old)

    before, now = US.open(old), US.open(proof.checkpoint)
    assert proof.old_size == 5
    assert merkle.extends(proof.path, old=(5, before.root), new=(13, now.root))


def test_a_checkpoint_of_a_log_we_no_longer_have_is_an_alarm() -> None:
    with pytest.raises(IntegrityError, match="rewound"):
        prove_extension(a_log(5), US, old=last_note(a_log(6)))


def test_an_empty_log_proves_nothing() -> None:
    empty = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=merkle.EMPTY_ROOT), a_signer())

    with pytest.raises(NotFoundError):
        prove_extension(InMemoryLogStore(), US, old=empty)


def test_erasing_payloads_leaves_every_proof_byte_for_byte_as_it_was() -> None:
    store = a_log(20)
    headers = {event.event_id: event.header for event in store.events}
    before = [prove(store, US, event_id=id_of(n), header=headers[id_of(n)]).text for n in range(20)]

    secrets = {id_of(n): an_entry(n).secret for n in range(20)}
    del secrets[id_of(3)], secrets[id_of(7)]
    after = [prove(store, US, event_id=id_of(n), header=headers[id_of(n)]).text for n in range(20)]

    assert after == before
    assert [secret for secret in secrets.values() if secret[:32].hex() in "".join(before)] == []


def test_an_unknown_event_is_not_proved() -> None:
    with pytest.raises(NotFoundError):
        prove(a_log(1), US, event_id=EventId("evt_unknown"), header=b"")
