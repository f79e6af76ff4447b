"""What do a row's names stand for? Looks paths up in the model and refuses what does not fit it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from gateway.model.category import Category
from gateway.model.document import Leaf
from gateway.translation.code_lists import CodeLists, CodeTable
from gateway.translation.model_shape import Node
from gateway.translation.paths import Path, parse_path
from gateway.translation.reading import GroupFinder
from gateway.translation.rows import Direction, MappingFile, Scalar, Spot
from gateway.translation.transforms import TRANSFORMS, Transform

Token: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where in both trees a row stands.

    Shape: `source` and `target` are nodes of the model, or None on a partner's side; `base` and `out` are the paths so
    far, without list marks and as text. `zips` are the parallel lists one is in, None outside; `is_named` tells whether
    the names of what one looks at are among `Run.names`; `chain` tells which element-making groups and branches lead
    here.
    """

    source: Node | None
    target: Node | None
    base: tuple[str, ...] = ()
    out: str = ""
    zips: frozenset[str] | None = None
    is_root: bool = True
    is_named: bool = True
    chain: tuple[Token, ...] = ()

    def inside(self, token: Token) -> "Where":
        """Return the same place, one element or branch further in."""
        return replace(self, chain=(*self.chain, token))


@dataclass(slots=True, kw_only=True)
class Lookup:
    """Everything rows look names up in, and what they are seen to read and write."""

    file: MappingFile
    way: Direction
    codes: CodeLists
    views: dict[str, str]
    homes: dict[tuple[str, ...], set[Category]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    reads: dict[str, Spot] = field(default_factory=dict)
    writes: dict[str, list[tuple[tuple[Token, ...], Spot]]] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    gathered: set[tuple[str, ...]] = field(default_factory=set)
    others: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    named: list[GroupFinder] = field(default_factory=list)
    """What finds the groups whose names count as the source's, beside the root and the keys."""
    several: int = 0
    """How many rows read more than one leaf."""

    def path(self, spot: Spot, text: str) -> Path:
        """Return *text* as a path."""
        path = parse_path(text)
        if path is None:
            raise spot.wrong(
                f"{text!r} is not a path", 'write names with dots, `[]` after lists, and "quotes" around dots'
            )
        self.known.update(path.names)
        return path

    def source_path(self, spot: Spot, text: str, where: Where) -> tuple[Path, Node | None]:
        """Return a source path and, where the source is canonical, what the model has there."""
        path = self.path(spot, text)
        if path.names and path.names[0] in self.views:
            self._check_view(spot, path, where)
        return path, self._node(spot, path, where.source)

    def target_path(self, spot: Spot, text: str, where: Where) -> tuple[Path, Node | None]:
        """Return a target path and, where the target is canonical, what the model has there."""
        path = self.path(spot, text)
        return path, self._node(spot, path, where.target)

    def generic(self, path: Path, where: Where) -> tuple[str, ...]:
        """Return a source path from the root, without list marks; one through a key stays as it is written."""
        return path.names if path.names and path.names[0] in self.views else (*where.base, *path.names)

    def needs(self, paths: Iterable[Path], where: Where) -> frozenset[str] | None:
        """Return the names without any of which there is nothing at *paths*; None where nobody has looked for names."""
        firsts = self.firsts(path for path in paths if path.names)
        return frozenset(firsts) if where.is_named and firsts else None

    def firsts(self, paths: Iterable[Path]) -> list[str]:
        """Return the name by which each path begins in the source; one through a key begins with the entry's."""
        return [path.names[1] if path.names[0] in self.views else path.names[0] for path in paths]

    def at_home(self, path: Path, where: Where, leaf: Leaf | None) -> None:
        """Remember that what is at *path* belongs into *leaf*."""
        names = self.generic(path, where)
        kinds = self.homes.setdefault(names, set())
        if leaf is not None:
            kinds.add(leaf.category)
        if names[0] in self.views:
            self.ids.setdefault(names[0], set()).add(names[1])
            self.homes.setdefault(names[:2], set()).update(kinds)

    def writing(self, spot: Spot, path: Path, where: Where) -> None:
        """Remember that a row writes *path*, and refuse it if another row that runs beside it does too."""
        whole = f"{where.out}{path}"
        for chain, _ in self.writes.setdefault(whole, []):
            if not _apart(chain, where.chain):
                raise spot.wrong(
                    f"the path {whole!r} is written twice", "give one row all its sources, or take one out"
                )
        self.writes[whole].append((where.chain, spot))

    def transform(self, spot: Spot, name: str) -> Transform:
        """Return the transform called *name*."""
        if name not in TRANSFORMS:
            raise spot.wrong(f"unknown transform {name!r}", f"there are {', '.join(TRANSFORMS)}")
        return TRANSFORMS[name]

    def table(self, spot: Spot, name: str) -> CodeTable:
        """Return the code list called *name*, as this mapping's system speaks it."""
        if name not in self.codes.names:
            names = ", ".join(sorted(self.codes.names)) or "none"
            raise spot.wrong(f"unknown code list {name!r}", f"there are {names}; a list is mappings/codes/<name>.csv")
        return self.codes.table(name, self.file.system)

    def _check_view(self, spot: Spot, path: Path, where: Where) -> None:
        if len(path.names) <= 2:  # noqa: PLR2004  # key, id, part
            raise spot.wrong(f"{path} goes through a key", "write key.id.part")
        if not where.is_root:
            raise spot.wrong(f"{path} goes through a key from inside a list", "only rows outside each and collect may")

    def _node(self, spot: Spot, path: Path, base: Node | None) -> Node | None:
        if base is None:
            return None
        node = base.at(path)
        if node is None:
            raise spot.wrong(f"the model has no {path} here", f"there are {', '.join(_names(base, path))}")
        return node


def _names(base: Node, path: Path) -> Iterator[str]:
    """Yield the names that could have stood where *path* goes wrong."""
    node = base
    while path.names and (part := node.at(Path(path.names[:1], path.many[:1]))) is not None:
        node, path = part, Path(path.names[1:], path.many[1:])
    for name, part in node.parts.items():
        yield f"{name}[]" if part.many else name


def _apart(one: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
    """Tell whether two rows can never write the same place of one element: other elements, or another branch."""
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            same_kind = mine[0] == theirs[0]
            return same_kind and (mine[0] == "element" or mine[1] == theirs[1])
    return False


def fits(kind: type[object], value: Scalar) -> bool:
    """Tell whether a constant is of a canonical leaf's *kind*."""
    if issubclass(kind, Enum):
        return value in {member.value for member in kind}
    return type(value) is kind
