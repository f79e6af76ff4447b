"""How is a folder on a disk of ours a shelf? By open handles, never by path, so that no link can be slipped in.

<drop>/<organisation>/<partner>/<message-version>/<name>                 written by the sender
<drop>/<organisation>/<partner>/<message-version>/<name>.accepted.json   or .refused.json, written by us
<drop>/<organisation>/<partner>/<message-version>/<name>.records.json    what became of each record, likewise
<drop>/.taking/<organisation>/<partner>/<message-version>/<id>~<name>    ours alone, while a file is being taken
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from gateway.adapters.files.handles import (
    Stand,
    edges_of,
    made_folder,
    move_back,
    opened_folder,
    opened_place,
    read_whole,
    remove_durably,
    stand_of,
    write_durably,
)
from gateway.adapters.files.walk import TAKING, Found, Place, walk
from gateway.errors import PermanentError


class LocalShelf:
    """The folder *drop*, which is made if it is not there."""

    def __init__(self, drop: Path) -> None:
        drop.mkdir(parents=True, exist_ok=True)
        self._drop = drop.resolve()

    @contextmanager
    def opened(self) -> Iterator["_OpenFolder"]:
        """Open it for one look."""
        with opened_folder(str(self._drop)) as root, made_folder(TAKING, within=root) as taking:
            yield _OpenFolder(root, taking)


class _OpenFolder:
    """A drop folder by its handle, and the handle of the folder of what is being taken."""

    def __init__(self, root: int, taking: int) -> None:
        self._root = root
        self._taking = taking

    def claimed(self) -> Iterator[Found]:
        """Yield every file that was claimed and is not finished."""
        return walk(self._taking)

    def dropped(self) -> Iterator[Found]:
        """Yield every other entry."""
        return walk(self._root)

    @contextmanager
    def claim(self, found: Found, name: str) -> Iterator[Found | None]:
        """Rename a file to where only we reach it."""
        with ExitStack() as opened:
            folder = self._taking
            for step in found.place:
                folder = opened.enter_context(made_folder(step, within=folder))
            yield self._renamed(found, name, folder)

    def _renamed(self, found: Found, name: str, folder: int) -> Found | None:
        try:
            os.rename(found.name, name, src_dir_fd=found.folder, dst_dir_fd=folder)
        except FileNotFoundError:
            return None  # its sender took it back
        except OSError:
            raise immovable() from None
        os.fsync(folder)
        return Found(folder=folder, place=found.place, name=name, stand=found.stand)

    def edges(self, found: Found, *, length: int) -> tuple[bytes, bytes]:
        """Return the first and the last *length* bytes."""
        return edges_of(found.name, within=found.folder, length=length)

    def read(self, found: Found, *, limit: int) -> tuple[Stand, bytes, Stand]:
        """Return a file's stand before, at most *limit* + 1 of its bytes, and its stand after."""
        return read_whole(found.name, within=found.folder, limit=limit)

    def put_back(self, claimed: Found, *, original: str) -> str:
        """Move a claimed file back to its place; return its name there."""
        with opened_place(self._root, claimed.place) as home:
            return move_back(claimed.name, within=claimed.folder, to=home, original=original)

    def remove(self, found: Found) -> None:
        """Take a file away for good."""
        remove_durably(found.name, within=found.folder)

    def write(self, place: Place, name: str, content: bytes, *, first_as: str, at: datetime) -> None:
        """Put *content* there whole or not at all."""
        with opened_place(self._root, place) as folder:
            write_durably(name, content, within=folder, first_as=first_as, at=at)

    def forget(self, place: Place, name: str) -> None:
        """Take what is called *name* away, if anything is."""
        with opened_place(self._root, place) as folder, suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)

    def has(self, place: Place, name: str) -> bool:
        """Tell whether anything there is called *name*."""
        with opened_place(self._root, place) as folder:
            try:
                stand_of(name, within=folder)
            except FileNotFoundError:
                return False
            return True


def immovable() -> PermanentError:
    """Return why a file that may be read and not moved stays where it is."""
    message = "the gateway may not move files out of this folder, or the folder is a disk of its own; put that right"
    return PermanentError(message, code="not-movable")
