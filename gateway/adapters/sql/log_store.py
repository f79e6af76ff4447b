"""How does the sequencer reach the tree? One committed transaction for each of its questions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol, TypeVar

from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.audit.log import Batch, Head, Leaf, Pending
from gateway.model.identifiers import EventId

T = TypeVar("T")


class Transactions(Protocol):
    """What the log needs of the store."""

    def write(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run *work* in one durable transaction."""
        ...

    def read(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run *work* over one committed view."""
        ...


class SqlLogStore:
    """Where leaves, subtrees and checkpoints of one authority's log are kept."""

    def __init__(self, store: Transactions) -> None:
        self._store = store

    def pending(self, limit: int) -> Sequence[Pending]:
        """Return the oldest recorded events without a leaf, by position, at most *limit*."""
        return self._store.read(lambda work: work.log.pending(limit))

    def head(self) -> Head | None:
        """Return the checkpoint of the greatest size, or None when nothing was ever signed."""
        return self._store.read(lambda work: work.log.head())

    def node(self, level: int, index: int) -> bytes | None:
        """Return the hash of one complete subtree, or None when it is not stored; level 0 is a leaf."""
        return self._store.read(lambda work: work.log.node(level, index))

    def leaf_of(self, event_id: EventId) -> Leaf | None:
        """Return an event's leaf, or None while it is pending or unknown."""
        return self._store.read(lambda work: work.log.leaf_of(event_id))

    def newest_leaves(self, limit: int) -> Sequence[tuple[int, bytes, bytes]]:
        """Return index, leaf hash and header of the newest leaves, at most *limit*, newest first."""
        return self._store.read(lambda work: work.log.newest_leaves(limit))

    def append_batch(self, batch: Batch) -> Head:
        """Store the whole batch in one durable transaction and return the new head.

        Raises:
            ConflictError: another sequencer was faster, or an event already has a leaf; nothing was stored.
            StoreUnavailableError: the batch could not be made durable; nothing was stored.
        """
        # The engine may run a piece of work again; the head is signed once all the same.
        once = replace(batch, sign=cache(batch.sign))
        return self._store.write(lambda work: work.log.append_batch(once))
