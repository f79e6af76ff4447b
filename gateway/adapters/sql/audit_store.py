"""Where are the events of business transactions, and the tree the sequencer grows over them?"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.adapters.sql.child_store import LAST_OF_CHILD, hold_child, next_of
from gateway.adapters.sql.row_shape import any_of, insert_into, insert_rows, select_from, shape_of, to_micros
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.audit.log import Batch, Head, Leaf, Pending
from gateway.errors import ConflictError, IntegrityError
from gateway.flows.store.rows import AuditRow
from gateway.model.identifiers import ChildRef, EventId, MessageId

_OF_EVENT = ("event_id", "kind", "header", "message_id", "recorded_at", "commitment")
_OF_PAYLOAD = ("sealed_payload", "child_ref", "subject_seq", "wrapped_key")
"""Apart, because they are erased together: after that not even the database shows that two events share a child."""
_EVENT = shape_of(AuditRow, only=_OF_EVENT)
_PAYLOAD = shape_of(AuditRow, only=_OF_PAYLOAD)
_AT_ONCE = (16, 4, 1)
"""How many events one statement stores: a few sizes, so that the driver keeps their statements ready."""
_ADD_PENDING = (
    "INSERT INTO audit_pending (authority, position) SELECT authority, position FROM audit_event WHERE authority = ?"
)
_EVENTS = (
    f"SELECT {', '.join(f'e.{column}' for column in _EVENT.columns)}, {', '.join(_PAYLOAD.columns)}"  # noqa: S608 - names are constants
    " FROM audit_event AS e"
)
_JOINED = " JOIN audit_payload AS p ON p.authority = e.authority AND p.event_id = e.event_id WHERE e.authority = ?"
_OF_CHILD = _EVENTS + _JOINED + " AND p.child_ref = ? ORDER BY p.subject_seq"
_OF_MESSAGE = _EVENTS + " LEFT" + _JOINED + " AND e.message_id = ? ORDER BY e.position"
_DECISIONS = (
    _EVENTS + " LEFT" + _JOINED + " AND e.kind = 'decision.made' AND e.recorded_at >= ? AND e.recorded_at < ?"
    " ORDER BY e.recorded_at, e.position LIMIT ?"
)
_NEWEST = select_from("audit_event", ("header",)) + " AND position = (SELECT max(position) FROM audit_event)"  # noqa: S608 - constants
_ERASED = b""
"""What stands for a payload that is no longer kept."""

_PENDING = (
    "SELECT e.event_id, e.header FROM audit_pending AS w JOIN audit_event AS e ON e.position = w.position"
    " WHERE w.authority = ? ORDER BY w.position LIMIT ?"
)
_HEAD = select_from("audit_checkpoint", ("size", "note")) + " ORDER BY size DESC LIMIT 1"
_NODE = select_from("audit_node", ("hash",)) + " AND level = ? AND node_index = ?"
_LEAF = select_from("audit_leaf", ("leaf_hash",)) + " AND leaf_index = ?"
_LEAF_OF = select_from("audit_leaf", ("leaf_index", "leaf_hash")) + " AND event_id = ?"
_NEWEST_LEAVES = (
    "SELECT l.leaf_index, l.leaf_hash, e.header FROM audit_leaf AS l"
    " JOIN audit_event AS e ON e.authority = l.authority AND e.event_id = l.event_id"
    " WHERE l.authority = ? ORDER BY l.leaf_index DESC LIMIT ?"
)
_ADD_LEAF = insert_into("audit_leaf", ("leaf_index", "event_id", "leaf_hash"))
_ADD_NODE = insert_into("audit_node", ("level", "node_index", "hash"))
_ADD_CHECKPOINT = insert_into("audit_checkpoint", ("size", "note", "signed_at"))
_NO_LONGER_PENDING = (
    "DELETE FROM audit_pending WHERE authority = ?"
    " AND position = (SELECT position FROM audit_event WHERE authority = ? AND event_id = ?)"
)


class SqlAuditEvents:
    """Events of business transactions, in the transaction itself."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def append(self, event: AuditRow) -> None:
        """Store it and move its child's chain on; the sequencer gives it its leaf. It can never be changed.

        The events of one piece of work are stored together, at its end; one that is known already fails it there.

        Raises:
            ConflictError: its number is not the next one of its child.
        """
        self._at.require_write()
        if event.child_ref is not None and event.subject_seq != self.chain(event.child_ref)[0]:
            raise ConflictError(f"event {event.event_id} is not the next one of child {event.child_ref}")
        self._at.events.append(event)
        if event.child_ref is not None and event.subject_seq is not None:
            self._at.seen["chain", event.child_ref] = (event.subject_seq + 1, event.commitment)

    def store_appended(self) -> None:
        """Store what was appended since the last time.

        Raises:
            ConflictError: an event is known already.
        """
        events, self._at.events = self._at.events, []
        if not events:
            return
        authority = self._at.authority
        for some in _chunks(events):
            values = [value for event in some for value in (authority, *_EVENT.values(event))]
            self._at.send(insert_rows("audit_event", _EVENT.columns, len(some)), values)
            values = [value for event in some for value in (authority, event.event_id, *_PAYLOAD.values(event))]
            self._at.send(insert_rows("audit_payload", ("event_id", *_PAYLOAD.columns), len(some)), values)
            names = [event.event_id for event in some]
            self._at.send(_ADD_PENDING + any_of("event_id", len(names)), (authority, *names))

    def chain(self, child_ref: ChildRef) -> tuple[int, bytes | None]:
        """Return the number the child's next event has (from 0) and the commitment of the one before it."""
        found: tuple[int, bytes | None] | None = self._at.seen.get(("chain", child_ref))
        if found is None:
            hold_child(self._at, child_ref)
            last = self._at.rows(LAST_OF_CHILD, (self._at.authority, child_ref))
            found = self._at.seen["chain", child_ref] = next_of(last)
        return found

    def of_child(self, child_ref: ChildRef) -> Sequence[AuditRow]:
        """Return a child's events in the order they were recorded, but for those whose payload was erased."""
        self.store_appended()
        return [_audit_row(row) for row in self._at.rows(_OF_CHILD, (self._at.authority, child_ref))]

    def of_message(self, message_id: MessageId) -> Sequence[AuditRow]:
        """Return a message's events in the order they were recorded.

        Shape: one whose payload was erased has an empty `sealed_payload` and no child.
        """
        self.store_appended()
        return [_audit_row(row) for row in self._at.rows(_OF_MESSAGE, (self._at.authority, message_id))]

    def decisions(self, *, since: datetime, until: datetime, limit: int) -> Sequence[AuditRow]:
        """Return the events of decisions from *since* until before *until*, oldest first.

        Shape: as `of_message`.
        """
        self.store_appended()
        asked = (self._at.authority, to_micros(since), to_micros(until), limit)
        return [_audit_row(row) for row in self._at.rows(_DECISIONS, asked)]

    def newest(self) -> bytes | None:
        """Return the header of the event recorded last, or None when nothing was ever recorded."""
        self.store_appended()
        row = self._at.row(_NEWEST, (self._at.authority,))
        return row[0] if row else None


class SqlLog:
    """The tree of one authority's events, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def pending(self, limit: int) -> list[Pending]:
        """Return the oldest recorded events without a leaf, by position, at most *limit*."""
        found = self._at.rows(_PENDING, (self._at.authority, limit))
        return [Pending(event_id=event_id, header=header) for event_id, header in found]

    def head(self) -> Head | None:
        """Return the checkpoint of the greatest size, or None when nothing was ever signed."""
        row = self._at.row(_HEAD, (self._at.authority,))
        return Head(size=row[0], note=row[1]) if row else None

    def node(self, level: int, index: int) -> bytes | None:
        """Return the hash of one complete subtree, or None when it is not stored; level 0 is a leaf."""
        key: tuple[object, ...] = (index,) if level == 0 else (level, index)
        row = self._at.row(_NODE if level else _LEAF, (self._at.authority, *key))
        return row[0] if row else None

    def leaf_of(self, event_id: EventId) -> Leaf | None:
        """Return an event's leaf, or None while it is pending or unknown."""
        row = self._at.row(_LEAF_OF, (self._at.authority, event_id))
        return Leaf(index=row[0], event_id=event_id, leaf_hash=row[1]) if row else None

    def newest_leaves(self, limit: int) -> list[tuple[int, bytes, bytes]]:
        """Return index, leaf hash and header of the newest leaves, at most *limit*, newest first.

        Shape: a header that is no longer bytes, because somebody wrote over it, is empty.
        """
        rows = self._at.rows(_NEWEST_LEAVES, (self._at.authority, limit))
        return [(index, stored, header if isinstance(header, bytes) else _ERASED) for index, stored, header in rows]

    def append_batch(self, batch: Batch) -> Head:
        """Store the whole batch over the head it was computed on; its signature is asked for only then."""
        self._at.hold("log", [""])
        if self.head() != batch.after:
            raise ConflictError("the log has grown since this batch was computed", code="log-head-moved")
        _require_continuous(batch)
        authority = self._at.authority
        leaves, nodes = batch.leaves, batch.nodes
        self._at.send_many(_ADD_LEAF, [(authority, leaf.index, leaf.event_id, leaf.leaf_hash) for leaf in leaves])
        self._at.send_many(_NO_LONGER_PENDING, [(authority, authority, leaf.event_id) for leaf in leaves])
        self._at.send_many(_ADD_NODE, [(authority, node.level, node.index, node.hash) for node in nodes])
        self._at.settle()
        head = Head(size=batch.size, note=batch.sign())
        self._at.send(_ADD_CHECKPOINT, (authority, head.size, head.note, to_micros(batch.signed_at)))
        return head


def _chunks(events: Sequence[AuditRow]) -> Iterator[Sequence[AuditRow]]:
    """Yield all of *events*, in order, in pieces of the sizes of `_AT_ONCE`."""
    start = 0
    while start < len(events):
        size = next(size for size in _AT_ONCE if size <= len(events) - start)
        yield events[start : start + size]
        start += size


def _require_continuous(batch: Batch) -> None:
    """Refuse leaves that leave a gap: once signed, it could never be closed.

    Raises:
        IntegrityError: the leaves do not run from the head's size to the batch's.
    """
    start = batch.after.size if batch.after else 0
    if [leaf.index for leaf in batch.leaves] != list(range(start, batch.size)):
        raise IntegrityError(
            "the leaves do not continue the log",
            expected=f"{start} to {batch.size}",
            found=", ".join(str(leaf.index) for leaf in batch.leaves[:2]),
        )


def _audit_row(row: Row) -> AuditRow:
    """Return the event of one joined row; a payload that was erased is empty."""
    count = len(_EVENT.columns)
    sealed_payload, child_ref, subject_seq, wrapped_key = row[count:]
    return _EVENT.read(
        row[:count],
        sealed_payload=_ERASED if sealed_payload is None else sealed_payload,
        child_ref=child_ref,
        subject_seq=subject_seq,
        wrapped_key=wrapped_key,
    )
