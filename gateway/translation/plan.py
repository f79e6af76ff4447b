"""What is a mapping once it is loaded: everything a translation needs, looked up and made ready to run?"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.model.category import Category
from gateway.model.tree import Group, Tree
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

    Shape: `expects` holds the expected wordings by id; `ids` are the ids that rows name.
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
    mapping's paths use.
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
    dated: Finder | None
    others: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Lists of which one element is picked, and why the others stay behind."""

    def may_carry(self, path: tuple[str, ...]) -> bool:
        """Tell whether what is at *path* of the source and was not read may become a local answer.

        A part of an entry that no row names is as private as the parts beside it.
        """
        kinds = self.homes.get(path)
        if kinds is None:
            kinds = self.homes.get(path[:-1], frozenset())
        return kinds <= FREE

    def source_of(self, tree: Group) -> Tree:
        """Return the part of the source that the rows speak of."""
        return tree if self.body is None else tree.get(self.body)
