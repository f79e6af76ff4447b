"""What is left of a document when everything that may not go has been taken out?

Content Filter: it only ever takes away. What it reports as withheld follows from the permit alone, so a receiver
cannot tell from the list whether there was anything to withhold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias, cast

from gateway.consent.decision import Permit
from gateway.consent.hidden_person import HiddenPerson
from gateway.consent.person_filter import without
from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category, Tells
from gateway.model.document import Leaf, leaves_of
from gateway.model.provenance import PROVENANCE
from gateway.model.tree import Group, Tree

_Node: TypeAlias = "Leaf | Mapping[str, _Node]"
_Plan: TypeAlias = Mapping[str, _Node]
_Cutting: TypeAlias = "Mapping[str, bool | _Cutting]"
"""What stays of a document, nested as its trees are: of each leaf, whether it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What kind of information a document goes without, and why: the visible marker "withheld by policy".

    Shape: `reason` is a redaction's code; with `locating`, everything that can tell where somebody is went too, and so
    did what can tell of any of `telling`; with `persons`, whoever may be a hidden person, if anybody was.
    """

    reason: str
    categories: tuple[Category, ...]
    locating: bool = False
    telling: tuple[Tells, ...] = ()
    persons: bool = False

    def __str__(self) -> str:
        """Return it for a line beside a document: `R-ADDR: CAT-ADDR CAT-CONTACT`, or `R-STAFF` alone."""
        return f"{self.reason}: {' '.join(self.categories)}" if self.categories else self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document's tree as far as it may go, and what it goes without."""

    tree: Group
    withheld: tuple[Withheld, ...]


@cache
def categories_of(document: str) -> tuple[Category, ...]:
    """Return every category that *document* can hold, whatever one such document holds, in the model's order.

    Asking with these, rather than with what a document happens to hold, keeps the answer independent of its content.
    """
    return tuple(dict.fromkeys(leaf.category for leaf in leaves_of(document).values()))


def holds_content(document: str) -> bool:
    """Tell whether *document* can hold anything but what handling needs."""
    return categories_of(document) != (Category.ROUTING,)


def categories_in(document: str, tree: Group) -> frozenset[Category]:
    """Return the categories that this one *tree* really holds, without what is internal and never goes.

    Raises:
        SchemaViolationError: the tree has a name that the document has not.
    """
    found: set[Category] = set()
    _gather(_plan_of(document), tree, "", found)
    return frozenset(found)


def lets_go(document: str, path: str, permit: Permit) -> bool:
    """Tell whether *permit* lets the leaf at *path* of such a document go, whatever one document holds there."""
    return _keep_of(permit).allows(leaves_of(document)[path])


def hides_persons(permit: Permit) -> bool:
    """Tell whether *permit* withholds whoever may be a hidden person."""
    return any(redaction.persons for redaction in permit.redactions)


def cut(document: str, tree: Group, permit: Permit, hidden: tuple[HiddenPerson, ...] = ()) -> Cut:
    """Return *tree* without any leaf that *permit* does not let go.

    A leaf stays if its category is on the permit's cut list and no redaction names it; under a locating redaction
    everything that can tell a place goes, and whatever tells of what a redaction takes out by itself. What handling
    needs (`CAT-ROUTING`) always stays, and what is internal always goes. Groups and lists that are left empty vanish;
    so do words about where a field came from that does not go, and a part of which nothing else is left.

    Where a redaction hides persons, nobody stays who may be one of *hidden*; where nobody is named, no adult does.

    Raises:
        SchemaViolationError: the tree has a name that the document has not; the message says where.
    """
    whole = tree
    if hides_persons(permit):
        whole = without(document, tree, hidden, on=permit.grounds.decided_at.date())
    kept = _group(_cutting_of(document, _keep_of(permit)), whole, "")
    # What can hold nothing but routing data goes without nothing: a list would only tell that somebody is protected.
    redactions = permit.redactions if holds_content(document) else ()
    withheld = tuple(
        Withheld(
            reason=one.reason,
            categories=one.categories,
            locating=one.locating,
            telling=one.telling,
            persons=one.persons,
        )
        for one in redactions
    )
    return Cut(tree=kept, withheld=withheld)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keep:
    """Which leaves stay."""

    categories: frozenset[Category]
    may_locate: bool
    untold: frozenset[Tells] = frozenset()

    def allows(self, leaf: Leaf) -> bool:
        """Tell whether *leaf* may stay."""
        if leaf.internal:
            return False
        if leaf.category is Category.ROUTING:
            return True
        is_told = self.may_locate or not leaf.locates
        return leaf.category in self.categories and is_told and leaf.tells.isdisjoint(self.untold)


def _keep_of(permit: Permit) -> _Keep:
    redacted = {category for redaction in permit.redactions for category in redaction.categories}
    return _Keep(
        categories=frozenset(permit.kept) - redacted,
        may_locate=not any(redaction.locating for redaction in permit.redactions),
        untold=frozenset(mark for redaction in permit.redactions for mark in redaction.telling),
    )


@cache
def _plan_of(document: str) -> _Plan:
    """Return the document's leaves nested as its trees are, so that one walk meets both."""
    plan: dict[str, _Node] = {}
    for path, leaf in leaves_of(document).items():
        *groups, name = path.replace("[]", "").split(".")
        here = plan
        for group in groups:
            here = here.setdefault(group, {})  # type: ignore[assignment]  # a group's name is never a leaf's
        here[name] = leaf
    return plan


@lru_cache(maxsize=256)  # few permits differ in what they keep
def _cutting_of(document: str, keep: _Keep) -> _Cutting:
    """Return which leaves of *document* stay, so that a walk over a tree asks nothing twice."""
    return _decided(_plan_of(document), keep)


def _decided(plan: _Plan, keep: _Keep) -> _Cutting:
    return {name: keep.allows(node) if isinstance(node, Leaf) else _decided(node, keep) for name, node in plan.items()}


def _group(cutting: _Cutting, tree: Mapping[str, Tree], path: str) -> Group:
    kept: Group = {}
    for name, part in tree.items():
        stays = cutting.get(name)
        if stays is True:
            left = part if type(part) is str else _copied(part, f"{path}{name}")
        elif stays is False:
            continue
        elif stays is None:
            raise _no_such_field(path, name)
        else:
            left = _part(stays, part, f"{path}{name}")
        if left is not None:
            kept[name] = left
    return _with_provenance(cutting, kept) if PROVENANCE in kept else kept


def _with_provenance(cutting: _Cutting, kept: Group) -> Group:
    """Return *kept* whose provenance names nothing that does not stay; of a part with nothing else, nothing."""
    said = kept[PROVENANCE]
    entries = [_of_what_stays(cutting, cast("Group", entry)) for entry in said] if isinstance(said, list) else []
    left: list[Tree] = [entry for entry in entries if entry is not None]
    if len(kept) == 1:
        return {}
    return {name: left if name == PROVENANCE else part for name, part in kept.items() if left or name != PROVENANCE}


def _of_what_stays(cutting: _Cutting, entry: Group) -> Group | None:
    """Return *entry* of a provenance, naming only what stays; None where it named nothing else, or says nothing of it.

    What stays is asked of the permit, not of the document, so that the answer tells nothing of what was there.
    """
    names = entry.get("of")
    if not isinstance(names, list):
        return entry
    if len(entry) == 1:
        return None
    staying: list[Tree] = [name for name in names if isinstance(name, str) and _stays(cutting, name)]
    return {**entry, "of": staying} if staying else None


def _stays(cutting: _Cutting, path: str) -> bool:
    """Tell whether anything stays of the field at *path*, which is told from the part that *cutting* is about."""
    node: bool | _Cutting | None = cutting
    for name in path.split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    return _any_stays(node)


def _any_stays(node: "bool | _Cutting | None") -> bool:
    if isinstance(node, Mapping):
        return any(_any_stays(part) for name, part in node.items() if name != PROVENANCE)
    return node is True


def _part(cutting: _Cutting, part: Tree, path: str) -> Tree:
    """Return what is left of *part*, a group or a list of groups, or None when nothing is."""
    match part:
        case dict():
            return _group(cutting, part, f"{path}.") or None
        case list():
            items = (_part(cutting, item, f"{path}[]") for item in part)
            return [item for item in items if item is not None] or None
        case _:
            raise SchemaViolationError("expected a group of fields", place=Place(path=path))


def _copied(leaf: Tree, path: str) -> Tree:
    """Return a leaf, or a fresh list of leaves, so that nobody holds on to a part of what was cut."""
    match leaf:
        case list():
            return [_copied(item, path) for item in leaf] or None
        case dict():
            raise SchemaViolationError("expected a value, found a group of fields", place=Place(path=path))
        case _:
            return leaf


def _gather(plan: _Plan, part: Tree, path: str, found: set[Category]) -> None:
    match part:
        case dict():
            for name, inner in part.items():
                node = plan.get(name)
                if node is None:
                    raise _no_such_field(path, name)
                if not isinstance(node, Leaf):
                    _gather(node, inner, f"{path}{name}.", found)
                elif not node.internal and (type(inner) is str or _copied(inner, f"{path}{name}.") is not None):
                    found.add(node.category)
        case list():
            for item in part:
                _gather(plan, item, path, found)
        case _:
            raise SchemaViolationError("expected a group of fields", place=Place(path=path.rstrip(".")))


def _no_such_field(path: str, name: str) -> SchemaViolationError:
    return SchemaViolationError("the document has no such field", place=Place(path=f"{path}{name}"))
