"""How are the bytes a message came as opened again?"""

from collections.abc import Iterator
from functools import partial

from gateway.errors import IntegrityError
from gateway.flows.ports import Store, UnitOfWork, Vault
from gateway.flows.store.rows import Message, Original
from gateway.formats.body import PIECE_BYTES
from gateway.formats.contents import read_head
from gateway.model.identifiers import MessageId

_REMEMBERED = 8
"""Chunks kept open at a time: the rows of one record mostly lie side by side."""


def open_original(vault: Vault, original: Original) -> bytes:
    """Return the bytes that were sealed when the message came in.

    Raises:
        IntegrityError: they are not what was stored for this message.
    """
    opened = (
        vault.open(original.wrapped_key, chunk_place(original.message_id, number), chunk)
        for number, chunk in enumerate(original.chunks)
    )
    return b"".join(opened)


def chunk_place(message_id: MessageId, number: int) -> str:
    """Return where a chunk is sealed; those of the table of contents are numbered from -1 downwards."""
    return f"message/{message_id}/chunk/{number}"


class SealedBody:
    """The bytes a message came as, opened chunk by chunk as they are asked for: a `gateway.formats.body.Body`."""

    def __init__(self, store: Store, vault: Vault, message: Message) -> None:
        """Look for the key.

        Raises:
            NotFoundError: the original is no longer kept.
        """
        self._store = store
        self._vault = vault
        self._message_id = message.message_id
        self._key = store.read(lambda uow: uow.large_originals.key(message.message_id))
        self._opened: dict[int, bytes] = {}
        self.size_bytes = message.size_bytes

    def pieces(self) -> Iterator[bytes]:
        """Return all bytes, piece by piece."""
        number = 0
        while number * PIECE_BYTES < self.size_bytes:
            yield self._chunk(number)
            number += 1

    def span(self, start: int, length: int) -> bytes:
        """Return *length* bytes from *start* on."""
        first, last = start // PIECE_BYTES, (start + length - 1) // PIECE_BYTES
        found = b"".join(self._chunk(number) for number in range(first, last + 1))
        begin = start - first * PIECE_BYTES
        return found[begin : begin + length]

    @property
    def has_contents(self) -> bool:
        """Tell whether there is a table of contents: older releases made none."""
        return self._sealed(-1) is not None

    def contents(self) -> Iterator[bytes]:
        """Return the table of contents, piece by piece from the first on."""
        number = -1
        while (sealed := self._sealed(number)) is not None:
            yield self._vault.open(self._key, chunk_place(self._message_id, number), sealed)
            number -= 1

    def _sealed(self, number: int) -> bytes | None:
        return self._store.read(partial(_one, message_id=self._message_id, number=number))

    def _chunk(self, number: int) -> bytes:
        """Return one chunk.

        Raises:
            IntegrityError: it is not what was stored for this message.
        """
        if number in self._opened:
            return self._opened[number]
        sealed = self._sealed(number)
        if sealed is None:
            raise IntegrityError(f"chunk {number} of message {self._message_id} is missing", expected="a chunk")
        while len(self._opened) >= _REMEMBERED:
            del self._opened[next(iter(self._opened))]
        opened = self._vault.open(self._key, chunk_place(self._message_id, number), sealed)
        self._opened[number] = opened
        return opened


def records_known(uow: UnitOfWork, vault: Vault, message: Message) -> int | None:
    """Return how many records a document holds, if it has a table of contents that says so."""
    sealed = uow.large_originals.chunk(message.message_id, -1)
    if sealed is None:
        return None
    key = uow.large_originals.key(message.message_id)
    return read_head(vault.open(key, chunk_place(message.message_id, -1), sealed)).records


def _one(uow: UnitOfWork, message_id: MessageId, number: int) -> bytes | None:
    return uow.large_originals.chunk(message_id, number)
