"""Where do the bytes of attached documents lie? Apart from the records that tell of them."""

from collections.abc import Sequence
from typing import Protocol

from gateway.flows.rows import Attachment
from gateway.model.identifiers import RecordId


class Attachments(Protocol):
    """The bytes of attached documents, apart from the records they belong to."""

    def add(self, attachment: Attachment) -> None:
        """Store it; (record, number) is unique."""
        ...

    def of_record(self, record_id: RecordId) -> Sequence[Attachment]:
        """Return a record's, by number."""
        ...
