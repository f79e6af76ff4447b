"""What is a place where senders put files, whether on a disk of ours or on somebody's server?

Everything that decides what becomes of a file asks for no more than this, so that it is decided alike wherever it lies.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from gateway.adapters.files.handles import Stand
from gateway.adapters.files.walk import Found, Place


class OpenShelf(Protocol):
    """A shelf while it is looked at. It raises OSError as file systems do, and TransientError when cut off."""

    def claimed(self) -> Iterator[Found]:
        """Yield every file that was claimed and is not finished."""
        ...

    def dropped(self) -> Iterator[Found]:
        """Yield every other entry; OSError for what cannot be read once all else was yielded."""
        ...

    def claim(self, found: Found, name: str) -> AbstractContextManager[Found | None]:
        """Move a file to where only we reach it, under *name*; None when its sender has taken it back.

        Raises:
            PermanentError: it cannot be moved; code `not-movable`.
        """
        ...

    def edges(self, found: Found, *, length: int) -> tuple[bytes, bytes]:
        """Return the first and the last *length* bytes."""
        ...

    def read(self, found: Found, *, limit: int) -> tuple[Stand, bytes, Stand]:
        """Return a file's stand before, at most *limit* + 1 of its bytes, and its stand after."""
        ...

    def put_back(self, claimed: Found, *, original: str) -> str:
        """Move a claimed file back to its place under its *original* name, or its own where that is taken."""
        ...

    def remove(self, found: Found) -> None:
        """Take a file away for good."""
        ...

    def write(self, place: Place, name: str, content: bytes, *, first_as: str, at: datetime) -> None:
        """Put *content* there whole or not at all, in place of what had the name."""
        ...

    def forget(self, place: Place, name: str) -> None:
        """Take what is called *name* away, if anything is."""
        ...

    def has(self, place: Place, name: str) -> bool:
        """Tell whether anything there is called *name*."""
        ...


class Shelf(Protocol):
    """A place where senders put files."""

    def opened(self) -> AbstractContextManager[OpenShelf]:
        """Open it for one look."""
        ...
