"""Which files lie in a drop folder, and in whose part of it?"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from gateway.adapters.files.handles import Stand, names_in, opened_folder, stand_of

TAKING = ".taking"
LEVELS = 3
"""Organisation, partner, message-version."""

Place: TypeAlias = tuple[str, ...]
"""The names of the folders under the drop folder that lead to a file's own; LEVELS of them where documents belong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry. `folder` is its folder, open only until the next entry is asked for."""

    folder: int
    place: Place
    name: str
    stand: Stand

    @property
    def key(self) -> tuple[Place, str]:
        """Return what tells it from every other entry."""
        return self.place, self.name


def walk(folder: int, place: Place = ()) -> Iterator[Found]:
    """Yield every entry of an open folder and of the folders in it, LEVELS deep; links are entries, not folders.

    What goes away meanwhile is left out; a folder that cannot be read raises OSError once the others are through.
    """
    unreadable: OSError | None = None
    for name in names_in(folder):
        if name == TAKING and not place:
            continue
        with suppress(FileNotFoundError):
            stand = stand_of(name, within=folder)
            if not stand.is_folder or len(place) == LEVELS:
                yield Found(folder=folder, place=place, name=name, stand=stand)
                continue
            try:
                with opened_folder(name, within=folder) as inner:
                    yield from walk(inner, (*place, name))
            except (PermissionError, NotADirectoryError) as error:
                unreadable = error
    if unreadable is not None:
        raise unreadable
