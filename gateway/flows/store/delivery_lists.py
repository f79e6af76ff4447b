"""Which deliveries are there of one thing? As people look at them, and flows that go by a record."""

from collections.abc import Sequence
from typing import Protocol

from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import ChildRef, DeliveryId, MessageId, RecordId


class DeliveryLists(Protocol):
    """Deliveries as people look at them."""

    def of_record(self, record_id: RecordId) -> Sequence[DeliveryId]:
        """Return the names of a record's deliveries by position."""
        ...

    def of_message(self, message_id: MessageId) -> Sequence[Delivery]:
        """Return a message's deliveries by position."""
        ...

    def given_about(self, child: ChildRef) -> Sequence[Delivery]:
        """Return all that was ever marked as handed over about a child, by position: the child's share log."""
        ...

    def find(self, *, state: State | None = None, limit: int = 100) -> Sequence[Delivery]:
        """Return the newest first."""
        ...
