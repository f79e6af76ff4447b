"""Which documents are there, which leaves has each, and how does one become a tree and come back?

A document travels between layers as a *tree*: nested dictionaries and lists whose leaves are text, whole numbers or
truth values, exactly as JSON would hold it. Dates are ISO 8601 text, enumerations are their values, and what is
absent is not there at all.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category, Sensitivity
from gateway.model.episode import Episode
from gateway.model.pupil import PupilRecord
from gateway.model.referral import Feedback, MashDecision, Referral
from gateway.model.tree import Group, Tree

Document: TypeAlias = Referral | MashDecision | Feedback | PupilRecord | Episode

DOCUMENTS: Mapping[str, type[Document]] = types.MappingProxyType(
    {
        "mash.referral": Referral,
        "mash.decision": MashDecision,
        "mash.feedback": Feedback,
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
        SchemaViolationError: a name the model has not, a leaf of the wrong kind, or a code outside its list; the
            place's path says where, and the message never repeats the value.
    """
    if document not in DOCUMENTS:
        raise SchemaViolationError(f"no canonical document is called {document!r}")
    return cast("Document", _build(DOCUMENTS[document], tree, ""))


def _build(cls: type, tree: object, path: str) -> object:
    if not isinstance(tree, Mapping):
        raise _violation(path, "expected a group of fields")
    parts = _parts_of(cls)
    unknown = sorted(tree.keys() - parts.keys())
    if unknown:
        raise _violation(f"{path}{unknown[0]}", f"{cls.__name__} has no such field")
    values = {
        # most leaves are single texts, and nothing about those can be wrong but their type
        name: part if type(part) is str and parts[name] == _ONE_TEXT else _value(*parts[name], part, f"{path}{name}")
        for name, part in tree.items()
    }
    return cls(**values)


_ONE_TEXT = (str, False)


def _value(inner: type, many: bool, part: object, path: str) -> object:  # noqa: FBT001  # the two halves of one part
    if not many:
        return _leaf(inner, part, path)
    if not isinstance(part, list | tuple):
        raise _violation(path, "expected a list")
    if inner is str and all(type(item) is str for item in part):
        return tuple(part)
    return tuple(_leaf(inner, item, f"{path}[{index}]") for index, item in enumerate(part))


def _leaf(kind: type, part: object, path: str) -> object:
    if is_dataclass(kind):
        return _build(kind, part, f"{path}.")
    if kind in {str, int, bool}:
        if type(part) is not kind:
            raise _violation(path, f"expected {kind.__name__}, found {type(part).__name__}")
        return part
    if not isinstance(part, str):
        raise _violation(path, f"expected text, found {type(part).__name__}")
    try:
        return kind.fromisoformat(part) if issubclass(kind, date) else cast("type[Enum]", kind)(part)
    except ValueError:
        raise _violation(path, f"not a {kind.__name__}") from None


def _violation(path: str, message: str) -> SchemaViolationError:
    return SchemaViolationError(message, place=Place(path=path.rstrip(".")))
