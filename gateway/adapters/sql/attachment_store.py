"""Where do the bytes of attached documents lie, and what is known of each?

What a scanner found is a row of its own beside the bytes, so that a change of it never writes them again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.adapters.sql.row_shape import insert_into, select_from, shape_of, to_micros
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import Attachment, Scan
from gateway.model.identifiers import RecordId

_ATTACHMENT = shape_of(Attachment)
_ADD = insert_into("attachment", _ATTACHMENT.columns)
_GET = select_from("attachment", _ATTACHMENT.columns) + " AND record_id = ? AND number = ?"

_SCAN = shape_of(Scan)
_ADD_SCAN = insert_into("attachment_scan", _SCAN.columns)
_SCANS = select_from("attachment_scan", _SCAN.columns) + " AND record_id = ? ORDER BY number"
_DUE = (
    select_from("attachment_scan", _SCAN.columns)
    + " AND state = 'waiting' AND ready_at <= ? ORDER BY added_at, record_id, number LIMIT ?"
)
_SAVE = (
    "UPDATE attachment_scan SET state = ?, signature = ?, attempt = ?, ready_at = ?, settled_at = ?"
    " WHERE authority = ? AND record_id = ? AND number = ?"
)
_CHANGES = shape_of(Scan, only=("state", "signature", "attempt", "ready_at", "settled_at"))


class SqlAttachments:
    """The bytes of attached documents, and what a scanner found in each."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, attachment: Attachment, *, at: datetime) -> None:
        """Store it, waiting from *at* to be scanned; (record, number) is unique."""
        self._at.send(_ADD, (self._at.authority, *_ATTACHMENT.values(attachment)))
        scan = Scan(record_id=attachment.record_id, number=attachment.number, added_at=at, ready_at=at)
        self._at.send(_ADD_SCAN, (self._at.authority, *_SCAN.values(scan)))

    def get(self, record_id: RecordId, number: int) -> Attachment:
        """Return one, or raise NotFoundError."""
        key = (self._at.authority, record_id, number)
        return _ATTACHMENT.read(self._at.the_row(_GET, key, what=f"attached document {number} of record {record_id}"))

    def scans(self, record_id: RecordId) -> Sequence[Scan]:
        """Return what is known of each of a record's, by number; in a write nobody else settles one until it ends."""
        rows = self._at.rows(_SCANS + self._at.for_update, (self._at.authority, record_id))
        return [_SCAN.read(row) for row in rows]

    def save(self, scan: Scan) -> None:
        """Replace everything but its identity and when it was added, or raise NotFoundError."""
        values = (*_CHANGES.values(scan), self._at.authority, scan.record_id, scan.number)
        self._at.change(_SAVE, values, what=f"attached document {scan.number} of record {scan.record_id}")

    def due(self, *, at: datetime, limit: int, lease_seconds: float) -> Sequence[Scan]:
        """Lease and return those that wait to be scanned and whose time has come, oldest first."""
        self._at.require_write()
        rows = self._at.rows(_DUE + self._at.skip_locked, (self._at.authority, to_micros(at), limit))
        leased = [replace(_SCAN.read(row), ready_at=at + timedelta(seconds=lease_seconds)) for row in rows]
        for scan in leased:
            self.save(scan)
        return leased
