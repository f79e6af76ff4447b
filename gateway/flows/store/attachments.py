"""Where do the bytes of attached documents lie, and may they be used? Apart from the records that tell of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.flows.store.rows import Attachment, Scan
from gateway.model.identifiers import RecordId


class Attachments(Protocol):
    """The bytes of attached documents, apart from the records they belong to, and what a scanner found in each."""

    def add(self, attachment: Attachment, *, at: datetime) -> None:
        """Store it, waiting from *at* to be scanned; (record, number) is unique."""
        ...

    def get(self, record_id: RecordId, number: int) -> Attachment:
        """Return one, or raise NotFoundError."""
        ...

    def scans(self, record_id: RecordId) -> Sequence[Scan]:
        """Return what is known of each of a record's, by number; in a write nobody else settles one until it ends."""
        ...

    def save(self, scan: Scan) -> None:
        """Replace everything but its identity and when it was added, or raise NotFoundError."""
        ...

    def due(self, *, at: datetime, limit: int, lease_seconds: float) -> Sequence[Scan]:
        """Lease and return those that wait to be scanned and whose time has come, oldest first."""
        ...
