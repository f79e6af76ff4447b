"""Which parts has a canonical document, nested as its trees are?"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from gateway.model.document import Leaf, leaves_of
from gateway.translation.paths import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One part of a document: a leaf, or a group of parts.

    Shape: `path` is the part's whole path, with `[]` for lists; `many` tells whether this part repeats.
    """

    path: str
    many: bool
    leaf: Leaf | None
    parts: Mapping[str, "Node"]

    def leaves(self) -> Iterator[Leaf]:
        """Yield every leaf below, in the model's order."""
        if self.leaf is not None:
            yield self.leaf
        for part in self.parts.values():
            yield from part.leaves()

    def is_like(self, other: "Node") -> bool:
        """Tell whether *other* has the same parts of the same kinds, whatever it is called."""
        if self.leaf is not None or other.leaf is not None:
            return self.leaf is not None and other.leaf is not None and self.leaf.kind is other.leaf.kind
        return self.parts.keys() == other.parts.keys() and all(
            part.many == other.parts[name].many and part.is_like(other.parts[name]) for name, part in self.parts.items()
        )

    def at(self, path: Path) -> "Node | None":
        """Return the part that *path* names, from here; None when there is none, or a list is not marked as one."""
        node = self
        for name, many in zip(path.names, path.many, strict=True):
            part = node.parts.get(name)
            if part is None or part.many != many:
                return None
            node = part
        return node


@cache
def shape_of(document: str) -> Node:
    """Return the canonical *document* as one node.

    Raises:
        SchemaViolationError: no document has that name.
    """
    return _node("", "", leaves_of(document))


def _node(name: str, above: str, leaves: Mapping[str, Leaf]) -> Node:
    """Return the node called *name* below *above*, whose leaves are *leaves* by their paths from here."""
    path = f"{above}.{name}" if above else name
    nested: dict[str, dict[str, Leaf]] = {}
    parts: dict[str, Node] = {}
    for relative, leaf in leaves.items():
        head, dot, rest = relative.partition(".")
        if dot:
            nested.setdefault(head, {})[rest] = leaf
            parts.setdefault(head.removesuffix("[]"), _NOTHING)
        else:
            parts[head.removesuffix("[]")] = _leaf(leaf)
    for head, inner in nested.items():
        parts[head.removesuffix("[]")] = _node(head, path, inner)
    return Node(path=path, many=name.endswith("[]"), leaf=None, parts=types.MappingProxyType(parts))


def _leaf(leaf: Leaf) -> Node:
    return Node(path=leaf.path, many=leaf.path.endswith("[]"), leaf=leaf, parts=types.MappingProxyType({}))


_NOTHING = Node(path="", many=False, leaf=None, parts=types.MappingProxyType({}))
