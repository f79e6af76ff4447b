"""How is a file read that is too large to be held? Piece by piece, and only for as long as nobody writes to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.adapters.files.handles import FILE, Stand, stand_of_handle
from gateway.errors import TransientError
from gateway.formats.body import PIECE_BYTES


class OpenFile:
    """A file that is being taken: a `gateway.formats.body.Body`.

    Promise: at the end of each reading it stands as it stood at first, or that reading fails.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._stand: Stand = stand_of_handle(handle)

    @property
    def size_bytes(self) -> int:
        """Return how many bytes it has."""
        return self._stand.size_bytes

    def pieces(self) -> Iterator[bytes]:
        """Return all bytes, piece by piece.

        Raises:
            TransientError: somebody has written to it (code `changed`).
        """
        for start in range(0, self.size_bytes, PIECE_BYTES):
            yield self.span(start, min(PIECE_BYTES, self.size_bytes - start))
        self._check()

    def span(self, start: int, length: int) -> bytes:
        """Return *length* bytes from *start* on.

        Raises:
            TransientError: somebody has cut it short (code `changed`).
        """
        length, found = min(length, self.size_bytes - start), b""
        while len(found) < length:
            piece = os.pread(self._handle, length - len(found), start + len(found))
            if not piece:
                raise changed()
            found += piece
        return found

    def _check(self) -> None:
        if stand_of_handle(self._handle) != self._stand:
            raise changed()


@contextmanager
def opened_file(name: str, *, within: int) -> Iterator[OpenFile]:
    """Yield a file of an open folder; a link is not one."""
    handle = os.open(name, FILE, dir_fd=within)
    try:
        yield OpenFile(handle)
    finally:
        os.close(handle)


def changed() -> TransientError:
    """Return why a file is not taken just now."""
    return TransientError("the file was written to while it was read", code="changed")
