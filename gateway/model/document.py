"""Which documents are there, which leaves has each, and how does one become a tree and come back?

A document travels between layers as a *tree*: nested dictionaries and lists whose leaves are text, whole numbers or
truth values, exactly as JSON would hold it. Dates are ISO 8601 text, enumerations are their values, and what is
absent is not there at all.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category, Sensitivity
from gateway.model.episode import Episode
from gateway.model.partner_check import PartnerCheck
from gateway.model.pupil import PupilRecord
from gateway.model.referral import Feedback, MashDecision, Referral
from gateway.model.request import StartRequest
from gateway.model.tree import Group, Tree

Document: TypeAlias = Referral | MashDecision | Feedback | PartnerCheck | StartRequest | PupilRecord | Episode

DOCUMENTS: Mapping[str, type[Document]] = types.MappingProxyType(
    {
        "mash.referral": Referral,
        "mash.decision": MashDecision,
        "mash.feedback": Feedback,
        "mash.check": PartnerCheck,
        "ecaf.request": StartRequest,
        "sims.pupil": PupilRecord,
        "ecaf.episode": Episode,
    }
)
"""Every canonical document, by the name mappings and records use for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf of a document.

    Shape: `path` names fields with dots and marks lists with `[]`, such as `children[].address.lines[]`. `category`,
    `sensitivity` and `locates` are the leaf's own; a list or nested document above it never overrides them.
    """

    path: str
    kind: type[object]
    category: Category
    sensitivity: Sensitivity
    locates: bool


@cache
def leaves_of(document: str) -> Mapping[str, Leaf]:
    """Return every leaf of *document* by its path, in the order the model declares them.

    Raises:
        SchemaViolationError: no document has that name.
    """
    if document not in DOCUMENTS:
        raise SchemaViolationError(f"no canonical document is called {document!r}; there are {sorted(DOCUMENTS)}")
    return types.MappingProxyType({leaf.path: leaf for leaf in _leaves(DOCUMENTS[document], "")})


def _leaves(cls: type, prefix: str) -> Iterator[Leaf]:
    parts = _parts_of(cls)
    for spec in fields(cls):
        inner, many = parts[spec.name]
        path = f"{prefix}{spec.name}{'[]' if many else ''}"
        if is_dataclass(inner):
            yield from _leaves(inner, f"{path}.")
        else:
            marks = spec.metadata
            yield Leaf(
                path=path,
                kind=inner,
                category=marks["category"],
                sensitivity=marks["sensitivity"],
                locates=marks["locates"],
            )


@cache
def _parts_of(cls: type) -> Mapping[str, tuple[type, bool]]:
    """Return what each field of *cls* holds, and whether it repeats: asked for every document, found out once."""
    return types.MappingProxyType({name: _inner(hint) for name, hint in get_type_hints(cls).items()})


def _inner(hint: object) -> tuple[type, bool]:
    """Return the type inside `X | None` or `tuple[X, ...]`, and whether it repeats."""
    if get_origin(hint) in {Union, types.UnionType}:
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    if get_origin(hint) is tuple:
        return _inner(get_args(hint)[0])[0], True
    return cast("type", hint), False


def to_tree(value: object) -> Tree:
    """Return *value*, a document or a part of one, as a tree without its absent parts."""
    if is_dataclass(value) and not isinstance(value, type):
        named = ((spec.name, getattr(value, spec.name)) for spec in fields(value))
        return {name: to_tree(part) for name, part in named if part is not None and part != ()}
    match value:
        case tuple() | list():
            return [to_tree(part) for part in value]
        case Enum():
            return cast("str", value.value)
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
        case _:
            return cast("str | bool | int", value)


def from_tree(document: str, tree: Group) -> Document:
    """Return the canonical document that *tree* tells.

    Raises:
        SchemaViolationError: see `prove`.
    """
    prove(document, tree)
    return cast("Document", _build(DOCUMENTS[document], tree))


def prove(document: str, tree: Group) -> None:
    """Return if *tree* tells a canonical document, building none.

    Raises:
        SchemaViolationError: a name the model has not, a leaf of the wrong kind, or a code outside its list; the
            place's path says where, and the message never repeats the value.
    """
    if document not in DOCUMENTS:
        raise SchemaViolationError(f"no canonical document is called {document!r}")
    _prover_of(cast("type", DOCUMENTS[document]))(tree, "")


_Prove: TypeAlias = Callable[[object, str], None]
"""Returns if a part of a tree, at a path, is what the model has there."""


@cache
def _prover_of(kind: type) -> _Prove:
    """Return what proves one leaf or group of a *kind*."""
    if is_dataclass(kind):
        return _group_prover(kind)
    return _plain_prover(kind) if kind in _PLAIN else _text_prover(kind)


def _group_prover(cls: type) -> _Prove:
    kinds = _parts_of(cls)
    texts = frozenset(name for name, kind in kinds.items() if kind == (str, False))
    provers = {name: _list_prover(kind) if many else _prover_of(kind) for name, (kind, many) in kinds.items()}

    def prove_group(tree: object, path: str) -> None:
        if not isinstance(tree, dict):
            raise _violation(path, "expected a group of fields")
        if not tree.keys() <= provers.keys():
            unknown = min(tree.keys() - provers.keys())
            raise _violation(_below(path, unknown), f"{cls.__name__} has no such field")
        for name, part in tree.items():
            # most leaves are single texts, and nothing about those can be wrong but their type
            if type(part) is not str or name not in texts:
                provers[name](part, _below(path, name))

    return prove_group


def _list_prover(kind: type) -> _Prove:
    prove_item = _prover_of(kind)

    def prove_list(part: object, path: str) -> None:
        if not isinstance(part, (list, tuple)):
            raise _violation(path, "expected a list")
        for index, item in enumerate(part):
            prove_item(item, f"{path}[{index}]")

    return prove_list


def _plain_prover(kind: type) -> _Prove:
    def prove_plain(part: object, path: str) -> None:
        if type(part) is not kind:
            raise _violation(path, f"expected {kind.__name__}, found {type(part).__name__}")

    return prove_plain


def _text_prover(kind: type) -> _Prove:
    """Return what proves that a text writes a day, an instant or a code."""

    def prove_text(part: object, path: str) -> None:
        if not isinstance(part, str):
            raise _violation(path, f"expected text, found {type(part).__name__}")
        try:
            _read(kind, part)
        except ValueError:
            raise _violation(path, f"not a {kind.__name__}") from None

    return prove_text


_PLAIN = frozenset({str, int, bool})


def _read(kind: type, text: str) -> object:
    """Return the day, the instant or the code that *text* writes."""
    return kind.fromisoformat(text) if issubclass(kind, date) else cast("type[Enum]", kind)(text)


def _build(cls: type, tree: Group) -> object:
    """Return what a *tree* tells that is proved to be a *cls*."""
    parts = _parts_of(cls)
    return cls(**{name: _built(*parts[name], part) for name, part in tree.items()})


def _built(kind: type, many: bool, part: Tree) -> object:  # noqa: FBT001  # the two halves of one part
    if many:
        return tuple(_built(kind, False, item) for item in cast("list[Tree]", part))
    if is_dataclass(kind):
        return _build(kind, cast("Group", part))
    return part if kind in _PLAIN else _read(kind, cast("str", part))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _violation(path: str, message: str) -> SchemaViolationError:
    return SchemaViolationError(message, place=Place(path=path))
