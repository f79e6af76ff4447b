"""What does a disk look like to SQLite that fails when a test says so? A VFS of our own under APSW's SQLite.

Everything is done to real files; beside that the disk knows what would be left of each if the power failed now.
"""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from tests.fault.power import Change, Cut, File, Write

Mishap = Callable[[str, Path], None]
"""Is asked before every call, by its name (read, write, truncate, sync, delete) and file; what it raises happens."""


def nothing_happens(_call: str, _path: Path) -> None:
    """Let every call succeed."""


class Disk(apsw.VFS):
    """One disk.

    Shape: `calls` counts what SQLite asked of it. `mishap` may be changed at any time.
    """

    def __init__(self, name: str, mishap: Mishap = nothing_happens) -> None:
        super().__init__(name, "")
        self.name = name
        self.mishap = mishap
        self.calls = 0
        self._files: dict[Path, File] = {}
        self._lock = threading.RLock()

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """Return an open file that tells this disk what is done to it."""
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "")
        with self._lock:
            known = self._files.get(path)
            if known is None or known.is_gone:
                self._files[path] = _known(path) if known is None else File(durable=known.durable, is_new=True)
        return _OpenFile(self, name, flags, path)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        """Remove a file; only with *syncdir* is that on the disk when this returns."""
        path = Path(filename)
        with self.asked("delete", path):
            super().xDelete(filename, syncdir)
            known = self._files.pop(path, None)
            if known is not None and not syncdir:
                self._files[path] = File(durable=None if known.is_new else known.durable, is_gone=True)

    def excepthook(self, *_: object) -> None:
        """Say nothing of a failure SQLite chose to ignore: it was ours."""

    def asked(self, call: str, path: Path) -> threading.RLock:
        """Return the lock under which *call* is done, after the mishap, if any."""
        with self._lock:
            self.calls += 1
            self.mishap(call, path)
        return self._lock

    def changed(self, path: Path, change: Change) -> None:
        """Know of something that is not on the disk yet."""
        self._files[path].changes.append(change)

    def synced(self, path: Path) -> None:
        """Know that a file is on the disk; if it is new, SQLite syncs the folder too, with every name in it."""
        if self._files[path].is_new:
            self._folder_synced(path.parent)
        self._files[path].synced()

    def _folder_synced(self, folder: Path) -> None:
        for path, file in list(self._files.items()):
            if path.parent == folder and file.is_gone:
                del self._files[path]
            elif path.parent == folder and file.is_new:
                file.named()

    def forgets(self, path: Path) -> None:
        """Know that a sync failed: what it was to bring to the disk never gets there."""
        with self._lock:
            self._files[path].forgotten()

    def after_loss(self, chance: random.Random) -> dict[Path, bytes | None]:
        """Return what is left of each file when the power fails now."""
        with self._lock:
            return {path: file.left(chance) for path, file in self._files.items()}

    def hold(self) -> None:
        """Do nothing more for anybody but the calling thread."""
        self._lock.acquire()


class _OpenFile(apsw.VFSFile):
    """One open file of a disk."""

    def __init__(self, disk: Disk, name: Any, flags: list[int], path: Path) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._path = path

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name
        self._disk.asked("read", self._path)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        with self._disk.asked("write", self._path):
            super().xWrite(data, offset)
            self._disk.changed(self._path, Write(offset=offset, content=bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        with self._disk.asked("truncate", self._path):
            super().xTruncate(newsize)
            self._disk.changed(self._path, Cut(size=newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        try:
            self._disk.asked("sync", self._path)
        except apsw.Error:
            self._disk.forgets(self._path)
            raise
        with self._disk._lock:
            super().xSync(flags)
            self._disk.synced(self._path)


def _known(path: Path) -> File:
    """Return a file as it was before this disk was: all of it on the disk, if it was there."""
    return File(durable=bytearray(path.read_bytes())) if path.is_file() else File(durable=None, is_new=True)
