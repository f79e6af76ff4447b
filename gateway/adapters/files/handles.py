"""How are files touched so that nobody can swap a folder for a link meanwhile? By open folders, never by path."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How a file stands: the same twice means that nobody wrote to it in between. Units: bytes, nanoseconds.

    `tag` is what a server says that changes with a file's content, where one does.
    """

    inode: int
    size_bytes: int
    changed_ns: int
    mode: int
    links: int
    tag: str = ""

    @property
    def is_plain(self) -> bool:
        """Tell whether it is a regular file under one name only: no link, no device, no pipe."""
        return stat.S_ISREG(self.mode) and self.links == 1

    @property
    def is_folder(self) -> bool:
        """Tell whether it is a folder itself, not a link to one."""
        return stat.S_ISDIR(self.mode)


@contextmanager
def opened_folder(name: str, *, within: int | None = None) -> Iterator[int]:
    """Yield the folder *name*, opened; a link to a folder is not one."""
    handle = os.open(name, _FOLDER, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def made_folder(name: str, *, within: int) -> Iterator[int]:
    """Yield the folder *name*, made for us alone, and on disk, if it is not there."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=within)
        os.fsync(within)
    with opened_folder(name, within=within) as handle:
        yield handle


def names_in(folder: int) -> list[str]:
    """Return all names in an open folder, sorted."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)


def stand_of(name: str, *, within: int) -> Stand:
    """Return how *name* stands, without following a link."""
    return _stand(os.stat(name, dir_fd=within, follow_symlinks=False))


def edges_of(name: str, *, within: int, length: int) -> tuple[bytes, bytes]:
    """Return the first and the last *length* bytes."""
    handle = os.open(name, FILE, dir_fd=within)
    try:
        size = os.fstat(handle).st_size
        return os.pread(handle, length, 0), os.pread(handle, length, max(0, size - length))
    finally:
        os.close(handle)


def read_whole(name: str, *, within: int, limit: int) -> tuple[Stand, bytes, Stand]:
    """Return a file's stand before, at most *limit* + 1 of its bytes, and its stand after."""
    handle = os.open(name, FILE, dir_fd=within)
    try:
        before, pieces, left = _stand(os.fstat(handle)), [], limit + 1
        while left > 0 and (piece := os.read(handle, min(left, _PIECE_BYTES))):
            pieces.append(piece)
            left -= len(piece)
        return before, b"".join(pieces), _stand(os.fstat(handle))
    finally:
        os.close(handle)


def write_durably(name: str, content: bytes, *, within: int, first_as: str, at: datetime) -> None:
    """Put *content* under *name*, whole or not at all, and on disk.

    Args:
        name: what it is called in the end; what had the name before is replaced.
        content: all of it.
        within: the open folder.
        first_as: a free name in the same folder.
        at: the time the file shall bear.

    Raises:
        OSError: it could not be written; nothing of it is left.
    """
    try:
        _write_whole(first_as, content, within=within, at=at)
        os.rename(first_as, name, src_dir_fd=within, dst_dir_fd=within)
    except OSError:
        with suppress(OSError):
            os.unlink(first_as, dir_fd=within)
        raise
    os.fsync(within)


def _write_whole(name: str, content: bytes, *, within: int, at: datetime) -> None:
    """Put *content* into a new file; a disk that is nearly full takes a part of it, and says so only the next time."""
    handle = os.open(name, _NEW, 0o644, dir_fd=within)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        os.utime(handle, (at.timestamp(), at.timestamp()))
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_durably(name: str, *, within: int) -> None:
    """Take *name* away, on disk too.

    The bytes are not overwritten first: journals, copy-on-write and wear levelling keep old blocks wherever they like,
    so overwriting would promise what it cannot do. The disk under a drop folder must be encrypted.
    """
    os.unlink(name, dir_fd=within)
    os.fsync(within)


def _stand(found: os.stat_result) -> Stand:
    return Stand(
        inode=found.st_ino,
        size_bytes=found.st_size,
        changed_ns=found.st_mtime_ns,
        mode=found.st_mode,
        links=found.st_nlink,
    )


@contextmanager
def opened_place(root: int, place: Iterable[str]) -> Iterator[int]:
    """Yield the folder that the names of *place* lead to from the open folder *root*."""
    with ExitStack() as opened:
        folder = root
        for step in place:
            folder = opened.enter_context(opened_folder(step, within=folder))
        yield folder


def move_back(name: str, *, within: int, to: int, original: str) -> str:
    """Move a file back under its *original* name, or under *name* when somebody has taken that; return which."""
    home = original if not _exists(original, within=to) else name
    os.rename(name, home, src_dir_fd=within, dst_dir_fd=to)
    os.fsync(to)
    return home


def _exists(name: str, *, within: int) -> bool:
    try:
        os.stat(name, dir_fd=within, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def stand_of_handle(handle: int) -> Stand:
    """Return how an open file stands."""
    return _stand(os.fstat(handle))
