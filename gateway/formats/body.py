"""How is a document read that is too large to be held? Piece by piece, as often as need be."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

PIECE_BYTES = 256 * 1024
"""How much of a document is held at a time."""


@runtime_checkable
class Body(Protocol):
    """The bytes of a document, wherever they lie: a file that is being taken, a sealed original, or memory.

    Promise: they are the same bytes each time, or reading them fails.
    """

    @property
    def size_bytes(self) -> int:
        """Return how many there are."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Return all of them from the first on, in pieces of at most PIECE_BYTES; may be asked again and again."""
        ...

    def span(self, start: int, length: int) -> bytes:
        """Return *length* of them from *start* on."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A document that is in memory already, and shall not be there several times over."""

    content: bytes

    @property
    def size_bytes(self) -> int:
        """Return how many bytes there are."""
        return len(self.content)

    def pieces(self) -> Iterator[bytes]:
        """Return all of them, piece by piece."""
        for start in range(0, len(self.content), PIECE_BYTES):
            yield self.content[start : start + PIECE_BYTES]

    def span(self, start: int, length: int) -> bytes:
        """Return *length* of them from *start* on."""
        return self.content[start : start + length]


def whole(body: bytes | Body) -> bytes:
    """Return all bytes at once, of a document that is small enough, or cannot be read in any other way."""
    return body if isinstance(body, bytes) else b"".join(body.pieces())


def beginning(body: bytes | Body, length: int) -> bytes:
    """Return the first *length* bytes, or all if there are fewer."""
    return body[:length] if isinstance(body, bytes) else body.span(0, min(length, body.size_bytes))
