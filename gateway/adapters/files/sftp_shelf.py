"""How is a folder on somebody's SFTP server a shelf?

    <folder>/<partner>/<message-version>/<name>                 written by the sender, reports beside it by us
    <folder>/.taking/<partner>/<message-version>/<id>~<name>    a file while it is being taken

What is claimed is renamed on the server, by its atomic rename where it has one, so that of several gateways one gets a
file. A file is removed only once it is durable with us; a connection that is lost leaves it to be found again.
"""

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.adapters.files.handles import Stand
from gateway.adapters.files.local_shelf import immovable
from gateway.adapters.files.open_file import changed
from gateway.adapters.files.sftp_connection import SftpPlace, connected, told_when_cut_off
from gateway.adapters.files.walk import LEVELS, TAKING, Found, Place
from gateway.formats.body import PIECE_BYTES, Body

if TYPE_CHECKING:
    from paramiko import SFTPAttributes, SFTPClient, SFTPFile

_HOME, _TAKEN = 0, 1
"""What stands in for a folder's handle: which of the two folders a file lies in."""
_OURS_ALONE = 0o700
_ASKED_AT_ONCE = 64


class SftpShelf:
    """The folder of one organisation on its server; each look is a connection of its own."""

    def __init__(self, place: SftpPlace, *, seconds: float) -> None:
        self._place = place
        self._seconds = seconds

    @contextmanager
    def opened(self) -> Iterator["_OpenSftp"]:
        """Open it for one look.

        Raises:
            PartnerUnavailableError: see `connected`.
        """
        with connected(self._place, seconds=self._seconds) as session:
            yield _OpenSftp(session, self._place)


class _OpenSftp:
    """A folder on a server while we are connected."""

    def __init__(self, session: "SFTPClient", place: SftpPlace) -> None:
        self._session = session
        self._folder = place.folder.rstrip("/") or "/"
        self._top = (place.organisation,)
        self._made: set[str] = set()

    def claimed(self) -> Iterator[Found]:
        """Yield every file that was claimed and is not finished."""
        if self._stand_of(self._path(TAKING)) is not None:
            yield from self._walk(self._path(TAKING), self._top, folder=_TAKEN)

    def dropped(self) -> Iterator[Found]:
        """Yield every other entry."""
        return self._walk(self._folder, self._top, folder=_HOME)

    @contextmanager
    def claim(self, found: Found, name: str) -> Iterator[Found | None]:
        """Rename a file to where only we reach it."""
        claimed = Found(folder=_TAKEN, place=found.place, name=name, stand=found.stand)
        try:
            self._folder_made(TAKING, *found.place[1:])
            self._rename(self._at(found), self._at(claimed))
        except FileNotFoundError:
            yield None  # its sender took it back
        except OSError:
            raise immovable() from None
        else:
            yield claimed

    def edges(self, found: Found, *, length: int) -> tuple[bytes, bytes]:
        """Return the first and the last *length* bytes."""
        with told_when_cut_off(self._session), self._session.open(self._at(found), "rb") as file:
            head = file.read(length)
            size = file.stat().st_size or 0
            file.seek(max(0, size - length))
            return head, file.read(length)

    def read(self, found: Found, *, limit: int) -> tuple[Stand, bytes, Stand]:
        """Return a file's stand before, at most *limit* + 1 of its bytes, and its stand after."""
        with told_when_cut_off(self._session), self._session.open(self._at(found), "rb") as file:
            before = _stand(file.stat())
            file.prefetch(min(before.size_bytes, limit + 1), _ASKED_AT_ONCE)
            return before, _whole(file, limit + 1), _stand(file.stat())

    @contextmanager
    def body(self, found: Found) -> Iterator[Body]:
        """Open a file that is too large to be held."""
        with told_when_cut_off(self._session), self._session.open(self._at(found), "rb") as file:
            yield _RemoteFile(file)

    def put_back(self, claimed: Found, *, original: str) -> str:
        """Move a claimed file back to its place; return its name there."""
        name = claimed.name if self.has(claimed.place, original) else original
        with told_when_cut_off(self._session):
            self._session.rename(self._at(claimed), self._home(claimed.place, name))
        return name

    def remove(self, found: Found) -> None:
        """Take a file away for good."""
        with told_when_cut_off(self._session):
            self._session.remove(self._at(found))

    def write(self, place: Place, name: str, content: bytes, *, first_as: str, at: datetime) -> None:
        """Put *content* there whole or not at all."""
        first, last = self._home(place, first_as), self._home(place, name)
        try:
            with told_when_cut_off(self._session):
                with self._session.open(first, "wx") as file:
                    file.write(content)
                self._session.utime(first, (at.timestamp(), at.timestamp()))
                self._replace(first, last)
        except OSError:
            with suppress(OSError), told_when_cut_off(self._session):
                self._session.remove(first)
            raise

    def forget(self, place: Place, name: str) -> None:
        """Take what is called *name* away, if anything is."""
        with told_when_cut_off(self._session), suppress(FileNotFoundError):
            self._session.remove(self._home(place, name))

    def has(self, place: Place, name: str) -> bool:
        """Tell whether anything there is called *name*."""
        return self._stand_of(self._home(place, name)) is not None

    def _walk(self, path: str, place: Place, *, folder: int) -> Iterator[Found]:
        """Yield every entry below *path*, LEVELS deep; links are entries, not folders."""
        unreadable: OSError | None = None
        for name, stand in self._entries(path):
            if name == TAKING and place == self._top:
                continue
            if not stand.is_folder or len(place) == LEVELS:
                yield Found(folder=folder, place=place, name=name, stand=stand)
                continue
            try:
                yield from self._walk(f"{path}/{name}", (*place, name), folder=folder)
            except PermissionError as error:
                unreadable = error
        if unreadable is not None:
            raise unreadable

    def _entries(self, path: str) -> list[tuple[str, Stand]]:
        with told_when_cut_off(self._session):
            listed = self._session.listdir_attr(path)
        named = [(one.filename, _stand(one)) for one in listed if "/" not in one.filename]
        return sorted(named, key=lambda one: one[0])

    def _stand_of(self, path: str) -> Stand | None:
        with told_when_cut_off(self._session):
            try:
                return _stand(self._session.lstat(path))
            except FileNotFoundError:
                return None

    def _folder_made(self, *steps: str) -> None:
        """Make the folder that *steps* lead to, for us alone, unless it is there."""
        for end in range(1, len(steps) + 1):
            path = self._path(*steps[:end])
            if path not in self._made and self._stand_of(path) is None:
                self._made_there(path)
            self._made.add(path)

    def _made_there(self, path: str) -> None:
        with told_when_cut_off(self._session):
            try:
                self._session.mkdir(path, _OURS_ALONE)
            except OSError:
                if self._stand_of(path) is None:  # another gateway may have made it meanwhile
                    raise

    def _rename(self, old: str, new: str) -> None:
        with told_when_cut_off(self._session):
            try:
                self._session.posix_rename(old, new)
            except OSError as error:
                if error.errno in {errno.ENOENT, errno.EACCES} or self._stand_of(old) is None:
                    raise
                self._session.rename(old, new)  # a server without the extension

    def _replace(self, old: str, new: str) -> None:
        """Rename a file of ours over what has its new name."""
        try:
            self._session.posix_rename(old, new)
        except OSError:
            with suppress(FileNotFoundError):
                self._session.remove(new)
            self._session.rename(old, new)

    def _at(self, found: Found) -> str:
        within = (TAKING,) if found.folder == _TAKEN else ()
        return self._path(*within, *found.place[1:], found.name)

    def _home(self, place: Place, name: str) -> str:
        return self._path(*place[1:], name)

    def _path(self, *steps: str) -> str:
        return "/".join((self._folder.rstrip("/"), *steps))


class _RemoteFile:
    """A file on the server while it is taken: a `gateway.formats.body.Body`."""

    def __init__(self, file: "SFTPFile") -> None:
        self._file = file
        self._first = _stand(file.stat())

    @property
    def size_bytes(self) -> int:
        """Return how many bytes it has."""
        return self._first.size_bytes

    def pieces(self) -> Iterator[bytes]:
        """Return all bytes, piece by piece; TransientError when somebody has written to it meanwhile."""
        for start in range(0, self.size_bytes, PIECE_BYTES):
            yield self.span(start, min(PIECE_BYTES, self.size_bytes - start))
        if _stand(self._file.stat()) != self._first:
            raise changed()

    def span(self, start: int, length: int) -> bytes:
        """Return *length* bytes from *start* on; TransientError when the file has been cut short."""
        self._file.seek(start)
        found = self._file.read(min(length, self.size_bytes - start))
        if len(found) < min(length, self.size_bytes - start):
            raise changed()
        return found


def _whole(file: "SFTPFile", most: int) -> bytes:
    """Return at most so many bytes; piece by piece, because the library copies all it has for each answer it gets."""
    pieces, left = [], most
    while left > 0 and (piece := file.read(min(left, PIECE_BYTES))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _stand(told: "SFTPAttributes") -> Stand:
    """Return how a file stands; a server tells neither its number nor how many names it has."""
    return Stand(
        inode=0,
        size_bytes=told.st_size or 0,
        changed_ns=int((told.st_mtime or 0) * 1_000_000_000),
        mode=told.st_mode or stat.S_IFCHR,
        links=1,
    )
