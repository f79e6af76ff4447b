"""What is left of a document once nobody in it can be a hidden person?

Where people stand in a document is read from the model: a group of type `Person`, a signature, and whoever was present
goes whole, with everything in it. Of people at work (whose names the model marks so) those go who bear a name that may
be the hidden one, since nothing keeps a father from being asked to a meeting. What people wrote freely is cut by its
category, as before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final, cast

from gateway.consent.hidden_person import SOMEBODY, HiddenPerson, Told, is_surely_somebody_else, words_of_name
from gateway.model.assessment import PersonPresent, View
from gateway.model.category import Tells
from gateway.model.checklist import Checklist
from gateway.model.consent_statement import ConsentStatement, Signature
from gateway.model.document import DOCUMENTS, parts_of
from gateway.model.family import Person
from gateway.model.notice import Remark
from gateway.model.plan import Action
from gateway.model.review import TeamMeeting
from gateway.model.score import Score
from gateway.model.tree import Group, Tree

FAMILY: Final = frozenset({Person, PersonPresent, Signature})
"""Groups that are about one person who may be of the family."""
NAMES: Final[Mapping[tuple[type, str], bool]] = MappingProxyType(
    {
        (ConsentStatement, "signatory"): False,
        (View, "name"): False,
        (Score, "about"): False,
        (Checklist, "completed_by"): True,
        (Checklist, "who_will_do_it"): True,
        (TeamMeeting, "minutes_shared_with"): True,
        (Action, "for_person"): True,
    }
)
"""Fields that hold a name though the model does not mark them so, and whether it is mostly of somebody at work.

Each may also hold what the document calls one of the family.
"""
_NAME: Final = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Who is looked for, on which day, among whom; `called` is what the document calls those who may be one of them."""

    hidden: tuple[HiddenPerson, ...]
    on: date
    everybody: tuple[Told, ...]
    called: frozenset[str] = field(default=frozenset())

    def may_be_one(self, told: Told, *, at_work: bool = False) -> bool:
        """Tell whether somebody is not surely somebody else than each hidden person; *at_work*, only by a name."""
        if told.reference in self.called:
            return True
        is_named = bool(words_of_name(*told.names))
        looked_for = [one for one in self.hidden if not at_work or (is_named and words_of_name(one.name))]
        return not all(is_surely_somebody_else(told, one, on=self.on, others=self.everybody) for one in looked_for)


def without(document: str, tree: Group, hidden: tuple[HiddenPerson, ...], *, on: date) -> Group:
    """Return *tree* without anybody who may be one of *hidden*; lists of which nothing is left stay, empty.

    Args:
        document: the canonical document's name.
        tree: the document.
        hidden: who must not be told of. Where there is none, somebody is hidden and nobody knows who.
        on: the day of the decision.
    """
    cls = cast("type", DOCUMENTS[document])
    looked_for, everybody = hidden or (SOMEBODY,), tuple(_everybody(cls, tree))
    alone = _Search(hidden=looked_for, on=on, everybody=everybody)
    called = {one.reference for one in everybody if alone.may_be_one(one)} | {one.reference for one in looked_for}
    known = frozenset(one for one in called if one is not None)
    return _group(cls, tree, _Search(hidden=looked_for, on=on, everybody=everybody, called=known))


def told_of(group: Mapping[str, Tree]) -> Told:
    """Return what a group about one person says of who it is."""
    written = (group.get(name) for name in ("name", "given_names", "family_name"))
    return Told(
        names=tuple(name for name in written if isinstance(name, str)),
        born=_text(group.get("born")),
        reference=_text(group.get("reference")),
        unborn="expected" in group and "born" not in group,
    )


@cache
def _is_name(cls: type, name: str) -> bool | None:
    """Tell whether a field that holds a name by itself is mostly about people at work; None, where it holds none."""
    if (cls, name) in NAMES:
        return NAMES[cls, name]
    return True if Tells.STAFF in _tells(cls, name) else None


@cache
def _tells(cls: type, name: str) -> frozenset[Tells]:
    return cast("frozenset[Tells]", next(one for one in fields(cls) if one.name == name).metadata["tells"])


@cache
def _is_about_one(cls: type) -> bool:
    """Tell whether a group is about one person: one of the family, or one at work who bears a name."""
    return cls in FAMILY or (_NAME in parts_of(cls) and _is_name(cls, _NAME) is True)


def _everybody(cls: type, tree: Mapping[str, Tree]) -> Iterator[Told]:
    """Yield what a document says of each of the family."""
    for name, (kind, _) in parts_of(cls).items():
        for group in _groups(tree.get(name)):
            if kind is Person:
                yield told_of(group)
            else:
                yield from _everybody(kind, group)


def _group(cls: type, tree: Group, search: _Search) -> Group:
    left = {name: _part(cls, name, part, search) if name in parts_of(cls) else part for name, part in tree.items()}
    return {name: part for name, part in left.items() if part is not None}


def _part(cls: type, name: str, part: Tree, search: _Search) -> Tree:
    """Return what is left of the field *name* of a *cls*; None, where nothing is."""
    kind, tells = parts_of(cls)[name][0], _tells(cls, name)
    if kind is Remark and Tells.RELATIVE in tells:
        return None  # a note beside what is told of one of the family does not say of whom
    if is_dataclass(kind):
        return _parts(kind, part, search, at_work=kind not in FAMILY or Tells.STAFF in tells)
    at_work = _is_name(cls, name)
    return part if at_work is None else _names(part, search, at_work=at_work)


def _parts(kind: type, part: Tree, search: _Search, *, at_work: bool) -> Tree:
    """Return what is left of a group or a list of groups; None, where nothing is of a group."""
    if isinstance(part, list):
        left = (_parts(kind, item, search, at_work=at_work) for item in part)
        return [one for one in left if one is not None]
    if not isinstance(part, dict):
        return part
    if _is_about_one(kind) and search.may_be_one(told_of(part), at_work=at_work):
        return None
    return _group(kind, part, search)


def _names(part: Tree, search: _Search, *, at_work: bool) -> Tree:
    """Return the names of *part*, one or a list, that are surely somebody else's; None, where it is one and is not."""
    if isinstance(part, list):
        return [one for one in part if _names(one, search, at_work=at_work) is not None]
    named = Told(names=(str(part),), reference=str(part))
    return None if search.may_be_one(named, at_work=at_work) else part


def _groups(part: Tree) -> Iterator[Mapping[str, Tree]]:
    for one in part if isinstance(part, list) else [part]:
        if isinstance(one, dict):
            yield one


def _text(part: Tree | None) -> str | None:
    return part if isinstance(part, str) else None
