"""What is left of a file when the power fails? What was synced, and of the rest whatever the disk got round to.

The model: a write that was not synced is kept, dropped, or torn at a sector, each by itself and in any order; a new
file's name, and the removal of an old one, last from the next sync of the file (SQLite syncs the folder with it) or of
the folder. A sync that fails keeps nothing, and the next one does not try those pages again: so does Linux.
Sources: SQLite, "Atomic Commit In SQLite", section 2; Rebello et al., "Can Applications Recover from fsync Failures?",
USENIX ATC 2020.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SECTOR_BYTES = 512
_LEFT = ".after-the-loss"
_GONE = ".gone-with-the-loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Bytes that were written and not synced yet."""

    offset: int
    content: bytes

    def onto(self, image: bytearray, chance: random.Random | None = None) -> None:
        """Put them into *image*: all of them, or of the sectors they cover some, as *chance* has it."""
        grown = self.offset + len(self.content) - len(image)
        image.extend(bytes(max(grown, 0)))
        for start in range(0, len(self.content), _SECTOR_BYTES):
            if chance is None or chance.random() < 0.5:
                piece = self.content[start : start + _SECTOR_BYTES]
                image[self.offset + start : self.offset + start + len(piece)] = piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The file was made shorter, or longer, and that was not synced yet."""

    size: int

    def onto(self, image: bytearray, chance: random.Random | None = None) -> None:
        """Do the same to *image*; this cannot tear."""
        del chance
        del image[self.size :]
        image.extend(bytes(self.size - len(image)))


Change = Write | Cut


@dataclass(slots=True, kw_only=True)
class File:
    """One file: what is on the disk under its name, and what only the machine's memory holds.

    Shape: `durable` is None when the name is not on the disk. A file `is_new` until its name is on the disk; one that
    `is_gone` was removed, and that is not on the disk yet.
    """

    durable: bytearray | None
    is_new: bool = False
    is_gone: bool = False
    changes: list[Change] = field(default_factory=list)

    def synced(self) -> None:
        """Have everything on the disk."""
        image = bytearray() if self.is_new or self.durable is None else self.durable
        for change in self.changes:
            change.onto(image)
        self.durable, self.is_new = image, False
        self.changes.clear()

    def named(self) -> None:
        """Have the name on the disk, and nothing of what was written under it."""
        self.durable, self.is_new = bytearray(), False

    def forgotten(self) -> None:
        """Have nothing on the disk of what was written since the last sync, now or later."""
        self.changes.clear()

    def left(self, chance: random.Random) -> bytes | None:
        """Return what a machine finds that starts again, or None for no such file."""
        if self.is_gone or (self.is_new and chance.random() < 0.5):
            return bytes(self.durable) if self.durable is not None and chance.random() < 0.5 else None
        image = bytearray() if self.is_new or self.durable is None else bytearray(self.durable)
        keeps, tears = chance.choice(((0.0, 0.0), (0.5, 0.0), (0.7, 0.5), (1.0, 0.5)))
        for change in self.changes:
            if chance.random() < keeps:
                change.onto(image, chance if chance.random() < tears else None)
        return bytes(image)


def lay_down(folder: Path, left: dict[Path, bytes | None]) -> None:
    """Keep in *folder* what a machine that starts again is to find, until `pick_up`."""
    for path, content in left.items():
        if content is None:
            (folder / f"{path.name}{_GONE}").touch()
        else:
            (folder / f"{path.name}{_LEFT}").write_bytes(content)


def pick_up(folder: Path) -> Sequence[str]:
    """Put in place what `lay_down` kept, and return the names; what only memory held (the index of a log) goes."""
    names = []
    for path in sorted(folder.glob(f"*{_LEFT}")):
        names.append(path.name.removesuffix(_LEFT))
        path.replace(folder / names[-1])
    for path in sorted(folder.glob(f"*{_GONE}")):
        names.append(path.name.removesuffix(_GONE))
        (folder / names[-1]).unlink(missing_ok=True)
        path.unlink()
    for path in folder.glob("*-shm") if names else ():
        path.unlink()
    return names
