"""Where does a note that corrects a field stand, so that it is told only where the field may be?"""

from collections.abc import Collection, Mapping
from functools import cache

from gateway.model.category import Tells
from gateway.model.document import DOCUMENTS, Leaf, leaves_of
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
