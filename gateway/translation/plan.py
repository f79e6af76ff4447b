"""What is a mapping once it is loaded: everything a translation needs, looked up and made ready to run?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from gateway.model.category import Category
from gateway.model.tree import Group, Tree
from gateway.translation.aliases import fold_name
from gateway.translation.field_steps import Put, Step
from gateway.translation.reading import Finder, GroupFinder
from gateway.translation.rows import Direction, MappingFile, NotCarried
from gateway.translation.run import Run, Scope

FREE = frozenset({Category.ID, Category.OPINION, Category.ROUTING, Category.CONSENT})
"""Kinds of information that may be carried as a local answer, which is an opinion.

What a family may ask to have left out by itself, an address or what concerns health, is never carried under another
name: if its own field has no room for it, it is listed as lost, and the sealed original keeps it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A `[[key]]`, ready to use.

    Shape: `expects` holds the expected wordings by id; `ids` are the ids that rows name; `frame` are the parts of an
    entry that are no answer, `apart` those that are no part of one.
    """

    name: str
    path: tuple[str, ...]
    find: GroupFinder
    by: str
    wording: str | None
    whole: str | None
    repeats: str | None
    expects: Mapping[str, str]
    ids: frozenset[str]
    frame: frozenset[str]
    apart: frozenset[str | None]

    def asks_as_expected(self, name: str, entry: Group) -> bool:
        """Tell whether the entry called *name* is worded to the letter as the mapping expects, if it says how."""
        return self.wording is None or self.expects.get(name) == entry.get(self.wording)

    def build(self, source: Group, run: Run) -> Mapping[str, Group]:
        """Return the entries of the list by their ids; of two with one id the first counts."""
        found: dict[str, Group] = {}
        for entry in self.find(Scope((source,)), run):
            name = entry.get(self.by)
            if isinstance(name, str):
                found.setdefault(name.strip(), entry)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryTo:
    """A `[[carry]]`, ready to use."""

    put: Put
    key: str
    distinct: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One direction of one mapping.

    Shape: `body` is the name under which the source holds the document, if it is wrapped. `homes` tells for each place
    of the source, without list marks, which kinds of information the rows that read it fill; a place that is not
    there is unknown to the mapping. `gathered` are the lists whose rows are gathered. `known` are all names the
    mapping's paths use; `named` finds the groups whose names rows are chosen by, beside the root's.
    """

    file: MappingFile
    way: Direction
    steps: Step
    body: str | None
    header: tuple[str, ...]
    views: tuple[View, ...]
    homes: Mapping[tuple[str, ...], frozenset[Category]]
    not_carried: Mapping[tuple[str, ...], NotCarried]
    gathered: frozenset[tuple[str, ...]]
    carry: CarryTo | None
    known: frozenset[str]
    named: tuple[GroupFinder, ...]
    dated: Finder | None
    others: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Lists of which one element is picked, and why the others stay behind."""
    spellings: Mapping[str, str] | None = None
    """The names rows look for at the top, by the letters they are compared by; None where names are exact."""

    def may_carry(self, path: tuple[str, ...]) -> bool:
        """Tell whether what is at *path* of the source and was not read may become a local answer.

        A part of an entry that no row names is as private as the parts beside it.
        """
        kinds = self.homes.get(path)
        if kinds is None:
            kinds = self.homes.get(path[:-1], frozenset())
        return kinds <= FREE

    def names_of(self, root: Group, run: Run) -> frozenset[str]:
        """Return which of the mapping's names *root* has where rows begin to look."""
        scope = Scope((root,))
        rows = [group for find in self.named for group in find(scope, run)]
        return _the_same(self.known.intersection(chain(root, *run.views.values(), *rows)))

    def source_of(self, tree: Group) -> Tree:
        """Return the part of the source that the rows speak of."""
        return tree if self.body is None else tree.get(self.body)

    def spelled(self, root: Group) -> Group:
        """Return *root* with its names spelled as the rows spell them; where two would be one, both stay as they are.

        The parts stay the very same, so that what is read of them is known by them.
        """
        if self.spellings is None:
            return root
        told = {name: name if (name,) in self.homes else self.spellings.get(fold_name(name), name) for name in root}
        if all(name == exact for name, exact in told.items()):
            return root
        times = Counter(told.values())
        return {name if times[told[name]] > 1 else told[name]: part for name, part in root.items()}


@lru_cache(maxsize=256)
def _the_same(names: frozenset[str]) -> frozenset[str]:
    """Return the one set that stands for all sets equal to *names*, so that they need not be compared again."""
    return names
