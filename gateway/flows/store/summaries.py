"""What has become of a message of very many records? Told without reading them all."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.flows.store.rows import Delivery, Record, State
from gateway.model.identifiers import MessageId, RecordId


class Summaries(Protocol):
    """A message's records and deliveries as they are counted: a school's file may have tens of thousands."""

    def names(self, message_id: MessageId) -> Mapping[int, RecordId]:
        """Return the name of each of its records that are stored, by position."""
        ...

    def records(self, message_id: MessageId, *, limit: int) -> Sequence[Record]:
        """Return its first records."""
        ...

    def is_any(self, message_id: MessageId, state: State) -> bool:
        """Tell whether any of its records stands so."""
        ...

    def states(self, message_id: MessageId) -> frozenset[State]:
        """Return how its deliveries stand, each state once."""
        ...

    def reason(self, message_id: MessageId, state: State) -> str | None:
        """Return the reason of its first delivery that stands so and has one."""
        ...

    def number_of_deliveries(self, message_id: MessageId) -> int:
        """Return how many deliveries it has."""
        ...

    def deliveries(self, message_id: MessageId, *, limit: int) -> Sequence[Delivery]:
        """Return its first deliveries."""
        ...
