"""A body that comes in pieces of a few bytes."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class InPieces:
    """A document that comes in pieces of a few bytes, so that everything is cut somewhere."""

    content: bytes
    size: int = 7

    @property
    def size_bytes(self) -> int:
        """Return how many bytes there are."""
        return len(self.content)

    def pieces(self) -> Iterator[bytes]:
        """Yield all of them, a few at a time."""
        for start in range(0, len(self.content), self.size):
            yield self.content[start : start + self.size]

    def span(self, start: int, length: int) -> bytes:
        """Return *length* of them from *start*."""
        return self.content[start : start + length]
