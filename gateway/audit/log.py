"""How does an event get its place in the tree, and when do we refuse to sign?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.model.identifiers import EventId


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
