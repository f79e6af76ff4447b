"""What does a log store promise? The smallest thing that keeps `LogStore`'s promises, in memory."""

from collections.abc import Sequence

from gateway.audit.log import Batch, Head, Leaf, Pending
from gateway.errors import ConflictError
from gateway.model.identifiers import EventId


class InMemoryLogStore:
    """Holds one authority's log. Its lists are open, so that tests can tamper with them."""

    def __init__(self) -> None:
        self.events: list[Pending] = []
        self.leaves: list[Leaf] = []
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.heads: list[Head] = []

    def record(self, event_id: EventId, header: bytes) -> None:
        """Do what the business transaction does: keep an event that has no leaf yet."""
        self.events.append(Pending(event_id=event_id, header=header))

    def pending(self, limit: int) -> Sequence[Pending]:
        done = {leaf.event_id for leaf in self.leaves}
        return [event for event in self.events if event.event_id not in done][:limit]

    def head(self) -> Head | None:
        return self.heads[-1] if self.heads else None

    def node(self, level: int, index: int) -> bytes | None:
        if level == 0:
            return self.leaves[index].leaf_hash if index < len(self.leaves) else None
        return self.nodes.get((level, index))

    def leaf_of(self, event_id: EventId) -> Leaf | None:
        return next((leaf for leaf in self.leaves if leaf.event_id == event_id), None)

    def append_batch(self, batch: Batch) -> Head:
        known = {leaf.event_id for leaf in self.leaves}
        if self.head() != batch.after or not known.isdisjoint(leaf.event_id for leaf in batch.leaves):
            raise ConflictError("the log is no longer where the batch starts")
        head = Head(size=batch.size, note=batch.sign())
        self.leaves += batch.leaves
        self.nodes |= {(node.level, node.index): node.hash for node in batch.nodes}
        self.heads.append(head)
        return head
