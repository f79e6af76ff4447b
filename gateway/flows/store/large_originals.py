"""How does the store keep an original that is never held whole? It comes chunk by chunk, and is read so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.flows.store.rows import Message
from gateway.model.identifiers import MessageId


class LargeOriginals(Protocol):
    """Originals in many chunks, and on their way in.

    Shape: the chunks of an original are numbered from 0; those of its table of contents from -1 downwards.

    Promise: until `claim` there is a message in state `receiving` that is due for nothing and answers to no sender's
    key. What a process that ended has left behind is found by `abandoned`, and `drop` takes nothing else away.
    """

    def begin(self, message: Message, wrapped_key: bytes) -> None:
        """Store *message*, which is in state `receiving`, and the key of an original that has no chunk yet."""
        ...

    def add(self, message: Message, numbers: Sequence[int], chunks: Sequence[bytes], *, at: datetime) -> None:
        """Store some more chunks, and that *message* was still on its way in at *at*.

        Raises:
            NotFoundError: there is no such message in state `receiving`.
        """
        ...

    def holder(self, message: Message) -> Message | None:
        """Return the message that holds the idempotency key of *message*, if there is one."""
        ...

    def claim(self, message: Message) -> Message | None:
        """Let *message* be what it says, behind all others, and return None; or return who holds its key already.

        Raises:
            NotFoundError: there is no such message in state `receiving`.
        """
        ...

    def abandoned(self, *, before: datetime) -> Sequence[MessageId]:
        """Return those on their way in to which nothing was added since *before*."""
        ...

    def drop(self, message_id: MessageId, *, limit: int) -> bool:
        """Delete at most *limit* chunks of one that is on its way in; tell whether more is left of it.

        With the last of its chunks its key and the message are gone too.
        """
        ...

    def key(self, message_id: MessageId) -> bytes:
        """Return the wrapped key of an original, or raise NotFoundError."""
        ...

    def chunk(self, message_id: MessageId, number: int) -> bytes | None:
        """Return one chunk as it was sealed, if there is one of that number."""
        ...
