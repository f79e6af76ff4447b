"""What does one translation remember while it goes through its steps?

The engine, never a mapping's author, writes down which leaves were read. A leaf is known by the container that holds
it and its name or place therein, so that reading costs one entry in a set and paths are worked out only for what must
be reported.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias

from gateway.model.tree import Group, Tree

Meaning: TypeAlias = Callable[[str, str], str | None]
"""Returns the code a person gave a label of a list, if one has."""
Container: TypeAlias = Group | list[Tree]
CONTAINERS = (dict, list)
Hit: TypeAlias = tuple[Container, str | int, Tree]
"""One leaf that has a value: its container, its name or place there, and the value without white space around it."""


class Scope(NamedTuple):
    """Where a step looks: one group of the source, several that were gathered, or one place in parallel lists.

    Shape: `place` is the place in parallel lists and `length` how many there are.
    """

    rows: Sequence[Group]
    place: int = 0
    length: int = 1


@dataclass(slots=True)
class Run:
    """One translation in progress.

    Shape: `names` are those of the mapping's names that the source has where rows begin to look. `read` holds, for the
    identity of each container, what was read of it. `doubt` is set by a conversion that puts something in place of what
    it could not read.
    """

    meaning: Meaning
    on: date | None
    views: Mapping[str, Mapping[str, Group]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    pick: int | None = None
    read: defaultdict[int, set[str | int]] = field(default_factory=lambda: defaultdict(set))
    doubt: bool = False
    notes: list[tuple[Container, str | int, str, str]] = field(default_factory=list)
    lost: list[tuple[Container, str | int, str]] = field(default_factory=list)
    unmapped: list[tuple[Container, str | int, str, str]] = field(default_factory=list)
    trace: "list[Traced] | None" = None
    moved: dict[int, tuple[Container, int]] = field(default_factory=dict)
    """Where containers went that were merged into others, and from which place on: only for the trace."""

    def mark(self, hit: Hit) -> None:
        """Write down that a leaf was read."""
        self.read[id(hit[0])].add(hit[1])

    def is_sure(self) -> bool:
        """Tell whether what was last made of a leaf says what the leaf said, and forget that it may not."""
        sure = not self.doubt
        self.doubt = False
        return sure

    def note(self, hit: Hit, code: str, message: str) -> None:
        """Write down a warning about a leaf."""
        self.notes.append((hit[0], hit[1], code, message))


@dataclass(frozen=True, slots=True)
class Traced:
    """One value on its way: from where, how (never what), and to where.

    Shape: `target` and `key` are None where the value went nowhere.
    """

    source: Container
    name: str | int
    how: str
    target: Container | None = None
    key: str | int | None = None


def places(root: Container, shown: Callable[[str], str]) -> dict[int, str]:
    """Return the path of every container below *root*, by its identity, with names as *shown* tells them."""
    found: dict[int, str] = {}
    _place(root, "", shown, found)
    return found


def spell(base: str, name: str | int, shown: Callable[[str], str]) -> str:
    """Return the path of what is called *name* (or stands at that place) in the container at *base*."""
    if isinstance(name, int):
        return f"{base}[{name}]"
    return f"{base}.{shown(name)}" if base else shown(name)


def _place(holder: Container, path: str, shown: Callable[[str], str], found: dict[int, str]) -> None:
    found[id(holder)] = path
    for name, inner in holder.items() if isinstance(holder, dict) else enumerate(holder):
        if type(inner) is not str and isinstance(inner, CONTAINERS):  # most are texts
            _place(inner, spell(path, name, shown), shown, found)
