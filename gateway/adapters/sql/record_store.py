"""Where are the records a message was split into, and every decision made about them?"""

from collections.abc import Sequence

from gateway.adapters.sql.row_shape import insert_into, select_from, shape_of, update_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import PermitRow, Record
from gateway.model.identifiers import ChildRef, MessageId, PermitId, RecordId

RECORD = shape_of(Record)
_CHANGES = shape_of(Record, leaving_out=("record_id", "message_id", "position"))
_RECORDS = select_from("record", RECORD.columns)
_ADD = insert_into("record", RECORD.columns)
_GET = _RECORDS + " AND record_id = ?"
OF_MESSAGE = _RECORDS + " AND message_id = ? ORDER BY position"
_ABOUT = select_from("record_subject", ("record_id",)) + " AND child_ref = ? ORDER BY record_id"
_OF_DOCUMENT = _RECORDS + " AND document = ? AND record_id > ? ORDER BY record_id LIMIT ?"
_SAVE = update_of("record", _CHANGES.columns, key="record_id")
_LINK = insert_into("record_subject", ("child_ref", "record_id"))
_UNLINK = "DELETE FROM record_subject WHERE authority = ? AND record_id = ?"

_PERMIT = shape_of(PermitRow)
_PERMITS = select_from("permit", _PERMIT.columns)
_ADD_PERMIT = insert_into("permit", _PERMIT.columns)
_GET_PERMIT = _PERMITS + " AND permit_id = ?"
_OF_RECORD = _PERMITS + " AND record_id = ? ORDER BY position"


class SqlRecords:
    """The record messages a message was split into."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, record: Record) -> None:
        """Store it; (message, position) is unique."""
        self._at.send(_ADD, (self._at.authority, *RECORD.values(record)))
        self._link(record)
        self._at.seen["record", record.record_id] = record

    def get(self, record_id: RecordId) -> Record:
        """Return it, or raise NotFoundError."""
        found: Record | None = self._at.seen.get(("record", record_id))
        if found is None:
            row = self._at.the_row(
                _GET + self._at.for_update, (self._at.authority, record_id), what=f"record {record_id}"
            )
            found = self._at.seen["record", record_id] = RECORD.read(row)
        return found

    def of_message(self, message_id: MessageId) -> Sequence[Record]:
        """Return them by position."""
        return [RECORD.read(row) for row in self._at.rows(OF_MESSAGE, (self._at.authority, message_id))]

    def about(self, child: ChildRef) -> Sequence[Record]:
        """Return all that are about a child, oldest first."""
        names = self._at.rows(_ABOUT, (self._at.authority, child))
        found = self._at.rows_each(_GET, [(self._at.authority, name) for (name,) in names])
        return [RECORD.read(row) for (row,) in found]

    def of_document(self, document: str, *, after: RecordId, limit: int) -> Sequence[Record]:
        """Return at most *limit* records of a canonical *document*, by id, from the one behind *after* on."""
        rows = self._at.rows(_OF_DOCUMENT, (self._at.authority, document, after, limit))
        return [RECORD.read(row) for row in rows]

    def save(self, record: Record) -> None:
        """Replace everything but its identity."""
        self._at.seen.pop(("record", record.record_id), None)
        values = (*_CHANGES.values(record), self._at.authority, record.record_id)
        self._at.change(_SAVE, values, what=f"record {record.record_id}")
        self._at.send(_UNLINK, (self._at.authority, record.record_id))
        self._link(record)

    def _link(self, record: Record) -> None:
        """Make the record findable by each child it is about."""
        key, record_id = self._at.authority, record.record_id
        self._at.send_many(_LINK, [(key, child_ref, record_id) for child_ref in sorted(set(record.subjects))])


class SqlPermits:
    """Decisions, as they were made. They prove nothing by themselves."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, permit: PermitRow) -> None:
        """Store it; a permit never changes."""
        self._at.send(_ADD_PERMIT, (self._at.authority, *_PERMIT.values(permit)))

    def get(self, permit_id: PermitId) -> PermitRow:
        """Return it, or raise NotFoundError."""
        return _PERMIT.read(self._at.the_row(_GET_PERMIT, (self._at.authority, permit_id), what=f"permit {permit_id}"))

    def of_record(self, record_id: RecordId) -> Sequence[PermitRow]:
        """Return every decision about a record, oldest first."""
        return [_PERMIT.read(row) for row in self._at.rows(_OF_RECORD, (self._at.authority, record_id))]
