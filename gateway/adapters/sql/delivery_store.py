"""What is due to whom, and what became of it?"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from gateway.adapters.sql.child_store import EPOCH, SqlEpochs
from gateway.adapters.sql.delivery_order import OPEN, DeliveryOrder
from gateway.adapters.sql.driver_errors import MISUSE
from gateway.adapters.sql.leases import overtaken
from gateway.adapters.sql.row_shape import as_json, insert_into, select_from, shape_of, update_of
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.errors import ConflictError, PermanentError
from gateway.flows.store.rows import Delivery, Lane, State
from gateway.model.identifiers import ChildRef, DeliveryId, MessageId, RecordId

_SHAPE = shape_of(Delivery, leaving_out=("wrapped_key", "sealed_document", "position"))
_FIXED = ("delivery_id", "record_id", "message_id", "recipient", "lane", "subjects", "created_at", "position", "lease")
_CHANGES = shape_of(Delivery, leaving_out=(*_FIXED, "wrapped_key", "sealed_document"))

_DELIVERIES = (
    f"SELECT {', '.join(f'd.{column}' for column in _SHAPE.columns)}, d.position, x.wrapped_key, x.sealed_document"  # noqa: S608 - names are constants
    " FROM delivery AS d"
    " LEFT JOIN delivery_document AS x ON x.authority = d.authority AND x.delivery_id = d.delivery_id"
    " WHERE d.authority = ?"
)
_ADD = insert_into("delivery", (*_SHAPE.columns, "waits_for"))
_GET = _DELIVERIES + " AND d.delivery_id = ?"
_AT = _DELIVERIES + " AND d.position = ?"
_OF_RECORD = select_from("delivery", ("delivery_id",)) + " AND record_id = ? ORDER BY position"
_RECORDS_ABOUT = select_from("record_subject", ("record_id",)) + " AND child_ref = ? ORDER BY record_id"
_OF_ONE_RECORD = _DELIVERIES + " AND d.record_id = ?"
OF_MESSAGE = _DELIVERIES + " AND d.message_id = ? ORDER BY d.position"
_NEWEST = " ORDER BY d.position DESC LIMIT ?"
_FIND = _DELIVERIES + _NEWEST
_FIND_STATE = _DELIVERIES + " AND d.state = ?" + _NEWEST
_STORED = (
    select_from("delivery", ("position", "subjects", "recipient", "lane", "state", "lease")) + " AND delivery_id = ?"
)
_SAVE = update_of("delivery", _CHANGES.columns, key="delivery_id")

_PUT_DOCUMENT = (
    insert_into("delivery_document", ("delivery_id", "wrapped_key", "sealed_document"))
    + " ON CONFLICT (authority, delivery_id) DO UPDATE SET wrapped_key = excluded.wrapped_key,"
    " sealed_document = excluded.sealed_document"
    " WHERE delivery_document.wrapped_key IS DISTINCT FROM excluded.wrapped_key"
    " OR delivery_document.sealed_document IS DISTINCT FROM excluded.sealed_document"
)
_DELETE_DOCUMENT = "DELETE FROM delivery_document WHERE authority = ? AND delivery_id = ?"


class SqlDeliveries:
    """Documents due to recipients, in order."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction
        self._order = DeliveryOrder(transaction)
        self._epochs = SqlEpochs(transaction)

    def add(self, delivery: Delivery) -> None:
        """Store it at the end of the order."""
        waits_for = self._order.last_before_new(delivery)
        values = (self._at.authority, *_SHAPE.values(delivery), waits_for)
        self._at.send(_ADD, values)
        self._order.join(delivery)
        if delivery.sealed_document is not None:
            self._keep_document(delivery)

    def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return it, or raise NotFoundError."""
        # Locked by itself first: a query that waits for a lock reads what it joins as it was before.
        self._at.lock_row("delivery", "delivery_id", delivery_id)
        row = self._at.the_row(_GET, (self._at.authority, delivery_id), what=f"delivery {delivery_id}")
        found = delivery_of(row)
        if self._at.may_write:
            self._at.seen["delivery", delivery_id] = (
                found.position,
                as_json(found.subjects),
                found.recipient,
                found.lane.value,
                found.state.value,
                found.lease,
            )
        return found

    def ready(self, *, at: datetime, limit: int, lease_seconds: float, urgent_only: bool = False) -> Sequence[Delivery]:
        """Lease and return deliveries that may go now.

        One goes only when its time has come and no earlier open delivery in its lane has the same recipient and any
        same subject; urgent ones go first. A lease is `ready_at` moved into the future.
        """
        self._at.require_write()
        if lease_seconds <= 0:
            raise PermanentError("a lease must last longer than nothing", code=MISUSE)
        until = at + timedelta(seconds=lease_seconds)
        positions: list[int] = []
        for lane in (Lane.URGENT,) if urgent_only else Lane:
            positions += self._order.lease(lane, at=at, until=until, limit=limit - len(positions))
        found = self._at.rows_each(_AT, [(self._at.authority, position) for position in positions])
        return [delivery_of(row) for (row,) in found]

    def mark(self, delivery: Delivery, *, epochs: Mapping[str, int]) -> bool:
        """Save *delivery* as it stands if *epochs* are still the current ones; tell whether they were.

        It is not saved either when the delivery has been closed since it was read: somebody withdrew it. From here to
        the commit nobody raises a counter: a withdrawal is either seen here, or comes behind the mark.

        Raises:
            OvertakenError: it was leased again since *delivery* was read.
        """
        self._at.hold_shared(EPOCH, epochs)
        stored = self._stored(delivery)
        if State(stored[-1]) not in OPEN or self._epochs.current(epochs) != dict(epochs):
            return False
        self._replace(delivery, *stored)
        return True

    def save(self, delivery: Delivery) -> None:
        """Replace everything but identity, order, subjects and lease.

        Raises:
            OvertakenError: it was leased again since *delivery* was read.
            NotFoundError: there is no such delivery.
            ConflictError: recipient or lane differ from those it was ordered with.
        """
        self._replace(delivery, *self._stored(delivery))

    def _replace(self, delivery: Delivery, position: int, subjects: str, *was: object) -> None:
        """Save *delivery* over the one stored at *position*, which was for that recipient, in that lane and state."""
        recipient, lane, state = was
        if (recipient, lane) != (delivery.recipient, delivery.lane):
            raise ConflictError(f"recipient and lane of delivery {delivery.delivery_id} can never change")
        self._at.seen.pop(("delivery", delivery.delivery_id), None)
        self._at.send(_SAVE, (*_CHANGES.values(delivery), self._at.authority, delivery.delivery_id))
        self._keep_document(delivery)
        is_open = delivery.state in OPEN
        if is_open != (state in OPEN):
            self._order.turned(position, json.loads(subjects), is_open=is_open)

    def _stored(self, delivery: Delivery) -> Row:
        row: Row | None = self._at.seen.get(("delivery", delivery.delivery_id))
        if row is None:
            key = (self._at.authority, delivery.delivery_id)
            row = self._at.the_row(_STORED + self._at.for_update, key, what=f"delivery {delivery.delivery_id}")
        *found, lease = row
        if lease != delivery.lease:
            raise overtaken(f"delivery {delivery.delivery_id}")
        return tuple(found)

    def _keep_document(self, delivery: Delivery) -> None:
        """Keep the sealed bytes in a row of their own, so that a change of state does not write them again."""
        key = (self._at.authority, delivery.delivery_id)
        if delivery.sealed_document is None and delivery.wrapped_key is None:
            self._at.send(_DELETE_DOCUMENT, key)
        else:
            self._at.send(_PUT_DOCUMENT, (*key, delivery.wrapped_key, delivery.sealed_document))


class SqlDeliveryLists:
    """Deliveries as people look at them."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def of_record(self, record_id: RecordId) -> Sequence[DeliveryId]:
        """Return the names of a record's deliveries by position."""
        return [DeliveryId(name) for (name,) in self._at.rows(_OF_RECORD, (self._at.authority, record_id))]

    def of_message(self, message_id: MessageId) -> Sequence[Delivery]:
        """Return a message's deliveries by position."""
        return [delivery_of(row) for row in self._at.rows(OF_MESSAGE, (self._at.authority, message_id))]

    def given_about(self, child: ChildRef) -> Sequence[Delivery]:
        """Return all that was ever marked as handed over about a child, by position: the child's share log."""
        about = self._at.rows(_RECORDS_ABOUT, (self._at.authority, child))
        found = self._at.rows_each(_OF_ONE_RECORD, [(self._at.authority, name) for (name,) in about])
        given = [delivery_of(row) for rows in found for row in rows]
        return sorted((one for one in given if one.handed_over_at is not None), key=lambda one: one.position)

    def find(self, *, state: State | None = None, limit: int = 100) -> Sequence[Delivery]:
        """Return the newest first."""
        if state is None:
            rows = self._at.rows(_FIND, (self._at.authority, limit))
        else:
            rows = self._at.rows(_FIND_STATE, (self._at.authority, state.value, limit))
        return [delivery_of(row) for row in rows]


def delivery_of(row: Row) -> Delivery:
    """Return the delivery of one row of `delivery_with_document`."""
    *values, position, wrapped_key, sealed_document = row
    return _SHAPE.read(values, position=position, wrapped_key=wrapped_key, sealed_document=sealed_document)
