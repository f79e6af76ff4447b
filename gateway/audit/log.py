"""How does an event get its place in the tree, and when do we refuse to sign?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.audit import merkle
from gateway.audit.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from gateway.audit.note import NoteKey, NoteSigner
from gateway.audit.proof import ConsistencyProof, InclusionProof
from gateway.errors import ConflictError, IntegrityError, NotFoundError
from gateway.model.identifiers import EventId

_NO_LOG = "no log at all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One recorded event that has no leaf yet. `header` is its canonical JSON, byte for byte as it was recorded."""

    event_id: EventId
    header: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One event's place: `index` counts from 0 without a gap; `leaf_hash` is 32 bytes."""

    index: int
    event_id: EventId
    leaf_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One complete subtree of 2**level leaves, the *index*-th from the left; `level` is at least 1, `hash` 32 bytes."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A signed state of the log: its number of leaves and the checkpoint, a C2SP signed note."""

    size: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything one run of the sequencer adds.

    Shape: `after` is the head the batch was computed on (None: the log was empty); `leaves` continue it without a gap;
    `nodes` are the subtrees these leaves complete; `size` is the number of leaves afterwards. `sign` makes the new
    checkpoint and is called at most once, inside the transaction that stores it.
    """

    after: Head | None
    leaves: tuple[Leaf, ...]
    nodes: tuple[Node, ...]
    size: int
    signed_at: datetime
    sign: Callable[[], str]


class LogStore(Protocol):
    """Where leaves, subtrees and checkpoints of one authority's log are kept.

    Shape: tables `audit_event` (written by the business transaction), `audit_leaf`, `audit_node`, `audit_checkpoint`.
    Promise: whatever these methods return is committed. Leaves, nodes and checkpoints MUST NOT ever be changed or
    deleted, and the database itself MUST refuse it.
    """

    def pending(self, limit: int) -> Sequence[Pending]:
        """Return the oldest recorded events without a leaf, by position, at most *limit*.

        Promise: MUST return an event recorded late with a smaller position too (look for "no leaf", never for "position
        greater than the last").
        """
        ...

    def head(self) -> Head | None:
        """Return the checkpoint of the greatest size, or None when nothing was ever signed."""
        ...

    def node(self, level: int, index: int) -> bytes | None:
        """Return the hash of one complete subtree, or None when it is not stored.

        Shape: level 0 is the leaf hash of `audit_leaf`; from level 1 up it is `audit_node`.
        """
        ...

    def leaf_of(self, event_id: EventId) -> Leaf | None:
        """Return an event's leaf, or None while it is pending or unknown."""
        ...

    def append_batch(self, batch: Batch) -> Head:
        """Store the whole batch in ONE durable transaction and return the new head.

        Inside the transaction, in this order: read the head again and, unless it equals `batch.after` (size and note),
        raise; insert leaves and nodes; call `batch.sign()`; insert the checkpoint with `batch.signed_at`.

        Raises:
            ConflictError: another sequencer was faster, or an event already has a leaf; nothing was stored.
            StoreUnavailableError: the batch could not be made durable; nothing was stored.

        Promise: MUST be all or nothing, also after a crash. MUST NOT call `sign` before the head has been compared, and
        MUST NOT show the checkpoint to anybody before the commit. Two batches on one head MUST NOT both succeed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIdentity:
    """Whose log it is: its name, who signs for it now, and the public keys that signed for it before."""

    origin: str
    signer: NoteSigner
    former: tuple[NoteKey, ...] = ()

    @property
    def keys(self) -> tuple[NoteKey, ...]:
        """Return every key whose checkpoints are this log's."""
        return (self.signer.key, *self.former)

    def open(self, note: str) -> Checkpoint:
        """Return the checkpoint in *note*.

        Raises:
            MalformedMessageError: it is not a signed checkpoint.
            IntegrityError: it is not one of this log.
        """
        return open_checkpoint(note, origin=self.origin, keys=self.keys)


def sequence(
    store: LogStore, identity: LogIdentity, *, at: datetime, limit: int = 500, witnessed: str | None = None
) -> int:
    """Give the oldest pending events their leaves, sign the new head, and return how many there were.

    Args:
        store: where the log is.
        identity: whose log it is and who signs.
        at: when the checkpoint is signed; it is stored beside it, not signed.
        limit: how many events at most become leaves in this run.
        witnessed: a signed head kept outside the store, by a witness or in a file. A store restored from a backup
            knows nothing of what it signed since; only a head kept elsewhere can tell.

    Raises:
        ConflictError: another sequencer was faster; nothing happened.
        IntegrityError: the stored tree does not extend the last signed head, or the witnessed one. Nothing is signed.

    Promise: at most one head is ever signed for each size; a signed head always extends every one before it.
    """
    head = store.head()
    tree = _signed_tree(store, identity, head=head, witnessed=witnessed)
    waiting = store.pending(limit)
    if not waiting:
        return 0
    first, leaves, nodes = tree.size, [], []
    for position, event in enumerate(waiting, start=first):
        leaf = merkle.leaf_hash(event.header)
        leaves.append(Leaf(index=position, event_id=event.event_id, leaf_hash=leaf))
        nodes += [Node(level=level, index=index, hash=joined) for level, index, joined in tree.append(leaf)]
    checkpoint = Checkpoint(origin=identity.origin, size=tree.size, root=tree.root)
    store.append_batch(
        Batch(
            after=head,
            leaves=tuple(leaves),
            nodes=tuple(nodes),
            size=tree.size,
            signed_at=at,
            sign=lambda: sign_checkpoint(checkpoint, identity.signer),
        )
    )
    return len(leaves)


def check_head(store: LogStore, identity: LogIdentity, *, witnessed: str | None = None) -> Checkpoint | None:
    """Return the last signed head, or None for an empty log, once the stored tree is seen to bear it out.

    Raises:
        ConflictError: the log was extended meanwhile; ask again.
        IntegrityError: it does not, or the log was rewound behind, or forked before, *witnessed*.
    """
    head = store.head()
    tree = _signed_tree(store, identity, head=head, witnessed=witnessed)
    return Checkpoint(origin=identity.origin, size=tree.size, root=tree.root) if head else None


def _signed_tree(
    store: LogStore, identity: LogIdentity, *, head: Head | None, witnessed: str | None
) -> merkle.CompactRange:
    """Return the stored tree, which is exactly what was signed last."""
    tree = merkle.compact_range(head.size if head else 0, store.node)
    found = f"{identity.origin}\n{tree.size}\n{tree.root.hex()}"
    if head is not None:
        signed = identity.open(head.note)
        if (signed.size, signed.root) != (tree.size, tree.root):
            raise IntegrityError("the stored tree is not the one signed last", expected=head.note, found=found)
    if store.node(0, tree.size) is not None:
        if store.head() != head:
            raise ConflictError("another sequencer has just extended the log")
        expected = head.note if head else _NO_LOG
        raise IntegrityError("the log holds leaves that were never signed", expected=expected, found=found)
    if witnessed is not None:
        _refuse_fork(store, identity, head=head, witnessed=witnessed)
    return tree


def _refuse_fork(store: LogStore, identity: LogIdentity, *, head: Head | None, witnessed: str) -> None:
    """Raise IntegrityError with both signed states unless the stored tree extends the *witnessed* head."""
    seen = identity.open(witnessed)
    found = head.note if head else _NO_LOG
    if seen.size > (head.size if head else 0):
        raise IntegrityError("the log was rewound: a longer one was signed before", expected=witnessed, found=found)
    if merkle.compact_range(seen.size, store.node).root != seen.root:
        raise IntegrityError("the log has forked: another one was signed before", expected=witnessed, found=found)


def prove(store: LogStore, identity: LogIdentity, *, event_id: EventId, header: bytes) -> InclusionProof:
    """Return the proof that an event is in the log, under its newest checkpoint.

    Raises:
        NotFoundError: the event has no leaf yet.
        IntegrityError: the header is not the one that was logged, or the stored tree does not lead to the signed root.
    """
    leaf = store.leaf_of(event_id)
    head = store.head()
    if leaf is None or head is None:
        raise NotFoundError("the event has no leaf in the log yet")
    if merkle.leaf_hash(header) != leaf.leaf_hash:
        found = merkle.leaf_hash(header).hex()
        raise IntegrityError("the event is not the one that was logged", expected=leaf.leaf_hash.hex(), found=found)
    signed = identity.open(head.note)
    path = merkle.inclusion_path(leaf.index, signed.size, store.node)
    found_root = merkle.root_of_inclusion(leaf.leaf_hash, path, index=leaf.index, size=signed.size)
    if found_root != signed.root:
        raise IntegrityError("the stored tree does not lead to the signed root", expected=head.note)
    return InclusionProof(header=header, index=leaf.index, path=tuple(path), checkpoint=head.note)


def prove_extension(store: LogStore, identity: LogIdentity, *, old: str) -> ConsistencyProof:
    """Return the proof that the log as it stands begins with the log of the signed checkpoint *old*.

    Raises:
        MalformedMessageError: *old* is not a signed checkpoint.
        IntegrityError: *old* is not one of ours, or the log does not begin with it: it was rewound or has forked.
    """
    before = identity.open(old)
    head = store.head()
    _refuse_fork(store, identity, head=head, witnessed=old)
    if head is None:
        raise NotFoundError("nothing was ever signed")
    path = merkle.consistency_path(before.size, head.size, store.node)
    return ConsistencyProof(old_size=before.size, path=tuple(path), checkpoint=head.note)
