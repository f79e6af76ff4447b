"""Where does a note that corrects a field stand, so that it is told only where the field may be?"""

from collections.abc import Collection, Mapping
from functools import cache

from gateway.model.category import Category, Tells
from gateway.model.document import DOCUMENTS, Leaf, leaves_of
from gateway.model.provenance import PROVENANCE
from gateway.model.tree import Group

_CORRECTION, _ANY_PART = "ecaf.correction", "identity[]."
_OUR_OWN = frozenset({_CORRECTION, "ecaf.notice", "ecaf.notice-answer"})


def annotation(field: str, note: str, leaves: Collection[Leaf]) -> Group:
    """Return *note* beside *field* as a correction has it: in the part that tells of all whom *leaves* can tell of.

    Shape: *leaves* are what the field is in the documents that are corrected; one that is in none can tell of anybody.
    """
    remark: Group = {"field": field, "note": note}
    marks = frozenset(mark for leaf in leaves for mark in leaf.tells) if leaves else frozenset(Tells)
    fitting = [part for part, tells in _parts().items() if marks <= tells]
    part = min(fitting, key=lambda one: len(_parts()[one]))
    return {part: remark} if part else remark


def kind_at(document: str, field: str) -> Category:
    """Return of which kind of information a note beside *field* of *document* is: the field's own.

    Beside where a part came from, it is of the part's kind, if that is one: the name of the field tells of the part.
    """
    leaves = leaves_of(document)
    part, is_source, _ = field.rpartition(f"{PROVENANCE}[].")
    beside = (path for path in leaves if is_source and path.startswith(part) and PROVENANCE not in path)
    kinds = {leaves[path].category for path in beside} - {Category.ROUTING}
    return kinds.pop() if len(kinds) == 1 else leaves[field].category


def kinds_at(field: str) -> frozenset[Category]:
    """Return of which kinds of information a note beside *field* is, in all documents about a child that have it."""
    names = (name for name in DOCUMENTS if name not in _OUR_OWN and field in leaves_of(name))
    return frozenset(kind_at(name, field) for name in names)


@cache
def leaves_at(field: str) -> tuple[Leaf, ...]:
    """Return the leaf at *field* of every document about a child that has one there."""
    trees = (leaves_of(name) for name in DOCUMENTS if name not in _OUR_OWN)
    return tuple(leaves[field] for leaves in trees if field in leaves)


@cache
def _parts() -> Mapping[str, frozenset[Tells]]:
    """Return of whom a note in each part of an annotation tells; the empty name is the annotation itself."""
    inside = {path.removeprefix(_ANY_PART): leaf for path, leaf in leaves_of(_CORRECTION).items() if _ANY_PART in path}
    return {path.removesuffix("note").rstrip("."): leaf.tells for path, leaf in inside.items() if path.endswith("note")}
