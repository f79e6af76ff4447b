"""What of the first release's is still stored as it was then?"""

from collections.abc import Sequence
from typing import Protocol

from gateway.flows.store.rows import Conversation, Message


class Untraced(Protocol):
    """What the first release left, in the order of its ids; `after` is the last one seen."""

    def messages(self, *, after: str, limit: int) -> Sequence[Message]:
        """Return messages that have no trace yet."""
        ...

    def give_trace(self, message: Message) -> None:
        """Replace idempotency key and trace of a message that has none yet."""
        ...

    def conversations(self, kind: str, *, after: str, limit: int) -> Sequence[Conversation]:
        """Return conversations of *kind*."""
        ...
