"""How is a part of a bucket on somebody's S3 server a shelf?

There is no renaming there: what is claimed is copied on the server and taken away only if it is still what was copied,
so that of several gateways one gets a file, and what a sender has written anew is never taken away unread. A process
that ends in between leaves both, and they have one effect, because their bytes are the same.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.adapters.files.handles import Stand
from gateway.adapters.files.local_shelf import immovable
from gateway.adapters.files.open_file import changed
from gateway.adapters.files.s3_place import HOME, TAKEN, Layout, S3Place
from gateway.adapters.files.walk import Found, Place
from gateway.formats.body import PIECE_BYTES, Body

if TYPE_CHECKING:
    from gateway.adapters.files.s3_bucket import Bucket

_AT_ONCE_BYTES = 4 * 2**20
_PROOF = "may-remove"


class S3Shelf:
    """The part of a bucket that is one organisation's; each look has connections of its own."""

    def __init__(self, place: S3Place, *, seconds: float) -> None:
        self._place = place
        self._seconds = seconds

    @contextmanager
    def opened(self) -> Iterator["_OpenBucket"]:
        """Open it for one look.

        Raises:
            PartnerUnavailableError: see `connected`.
        """
        # The library takes 25 MB: only a gateway that has such a partner loads it.
        from gateway.adapters.files.s3_bucket import connected  # noqa: PLC0415

        with connected(self._place, seconds=self._seconds) as bucket:
            yield _OpenBucket(bucket, Layout(self._place))


class _OpenBucket:
    """A part of a bucket while we speak with its server."""

    def __init__(self, bucket: "Bucket", layout: Layout) -> None:
        self._bucket = bucket
        self._layout = layout
        self._may_remove = False

    def claimed(self) -> Iterator[Found]:
        """Yield every file that was claimed and is not finished."""
        for key, stand in self._bucket.listed(self._layout.taking):
            found = self._layout.claimed(key, stand)
            if found is not None:
                yield found

    def dropped(self) -> Iterator[Found]:
        """Yield every other entry; what lies too deep as one entry, however much it is."""
        last = None
        for key, stand in self._bucket.listed(self._layout.prefix):
            found = self._layout.dropped(key, stand)
            if found is not None and not (found.stand.is_folder and found.key == last):
                last = found.key
                yield found

    @contextmanager
    def claim(self, found: Found, name: str) -> Iterator[Found | None]:
        """Move a file to where only we reach it."""
        yield self._moved(found, Found(folder=TAKEN, place=found.place, name=name, stand=found.stand))

    def _moved(self, found: Found, claimed: Found) -> Found | None:
        here, there, tag = self._layout.key(found), self._layout.key(claimed), found.stand.tag
        try:
            self._prove_that_we_may_remove()
            self._bucket.copy(here, there, tag=tag)
            return claimed if self._is_taken_away(here, there, tag) else None
        except OSError as error:
            if _is_another(error):
                return None  # its sender took it back, or has written it anew
            raise immovable() from None

    def _prove_that_we_may_remove(self) -> None:
        """Return if we may take away what we copy: else every look would leave one more copy."""
        if not self._may_remove:
            self._bucket.write(f"{self._layout.taking}{_PROOF}", b"")
            self._bucket.remove(f"{self._layout.taking}{_PROOF}")
            self._may_remove = True

    def _is_taken_away(self, here: str, there: str, tag: str) -> bool:
        """Tell whether we and nobody else took that very object away; if not, our copy goes."""
        try:
            self._bucket.remove(here, tag=tag)
        except OSError:
            self._bucket.remove(there)
            raise
        return True

    def edges(self, found: Found, *, length: int) -> tuple[bytes, bytes]:
        """Return the first and the last *length* bytes; FileNotFoundError where it is another object by now."""
        key, size, tag = self._layout.key(found), found.stand.size_bytes, found.stand.tag
        with _gone_if_another():
            if size <= 2 * length:
                _, content = self._bucket.whole(key, most=size, tag=tag)
                return content[:length], content[-length:]
            head = self._bucket.span(key, 0, length, tag=tag)
            return head, self._bucket.span(key, size - length, length, tag=tag)

    def read(self, found: Found, *, limit: int) -> tuple[Stand, bytes, Stand]:
        """Return a file's stand before, at most *limit* + 1 of its bytes, and its stand after: an object has one."""
        stand, content = self._bucket.whole(self._layout.key(found), most=limit + 1)
        return stand, content, stand

    @contextmanager
    def body(self, found: Found) -> Iterator[Body]:
        """Open a file that is too large to be held."""
        key = self._layout.key(found)
        yield _FarObject(self._bucket, key, self._bucket.stand(key))

    def put_back(self, claimed: Found, *, original: str) -> str:
        """Move a claimed file back to its place; return its name there."""
        here = self._layout.key(claimed)
        name = claimed.name if self.has(claimed.place, original) else original
        try:
            self._bucket.copy(here, self._layout.home(claimed.place, name), only_new=True)
        except OSError as error:
            if not _is_another(error):
                raise
            name = claimed.name  # its sender has just put another there
            self._bucket.copy(here, self._layout.home(claimed.place, name))
        self._bucket.remove(here)
        return name

    def remove(self, found: Found) -> None:
        """Take a file away for good; where senders write, only what was found there."""
        tag = found.stand.tag if found.folder == HOME else None
        with _gone_if_another():
            self._bucket.remove(self._layout.key(found), tag=tag)

    def write(self, place: Place, name: str, content: bytes, *, first_as: str, at: datetime) -> None:  # noqa: ARG002
        """Put *content* there; an object is whole or not there, and bears the server's own time."""
        self._bucket.write(self._layout.home(place, name), content)

    def forget(self, place: Place, name: str) -> None:
        """Take what is called *name* away, if anything is."""
        with suppress(FileNotFoundError):
            self._bucket.remove(self._layout.home(place, name))

    def has(self, place: Place, name: str) -> bool:
        """Tell whether anything there is called *name*."""
        try:
            self._bucket.stand(self._layout.home(place, name))
        except FileNotFoundError:
            return False
        return True


class _FarObject:
    """An object on the server while it is taken: a `gateway.formats.body.Body`."""

    def __init__(self, bucket: "Bucket", key: str, stand: Stand) -> None:
        self._bucket = bucket
        self._key = key
        self._stand = stand

    @property
    def size_bytes(self) -> int:
        """Return how many bytes it has."""
        return self._stand.size_bytes

    def pieces(self) -> Iterator[bytes]:
        """Return all bytes, piece by piece; TransientError when somebody has written to it meanwhile."""
        for start in range(0, self.size_bytes, _AT_ONCE_BYTES):
            asked = self.span(start, _AT_ONCE_BYTES)
            for begin in range(0, len(asked), PIECE_BYTES):
                yield asked[begin : begin + PIECE_BYTES]

    def span(self, start: int, length: int) -> bytes:
        """Return *length* bytes from *start* on; TransientError when it is another object by now."""
        length = min(length, self.size_bytes - start)
        if length <= 0:
            return b""
        try:
            return self._bucket.span(self._key, start, length, tag=self._stand.tag)
        except OSError as error:
            if _is_another(error):
                raise changed() from None
            raise


@contextmanager
def _gone_if_another() -> Iterator[None]:
    """Say of an object that is another by now that what we mean is gone."""
    try:
        yield
    except OSError as error:
        if _is_another(error):
            raise FileNotFoundError("it is another object by now") from None
        raise


def _is_another(error: OSError) -> bool:
    return isinstance(error, FileNotFoundError) or error.errno == errno.ESTALE
