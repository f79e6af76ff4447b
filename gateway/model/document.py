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
from typing import Any, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category, Sensitivity, Tells
from gateway.model.consent_notice import ConsentNotice
from gateway.model.contact import Contact
from gateway.model.episode import Episode
from gateway.model.notice import Correction, Notice, NoticeReply
from gateway.model.partner_check import CheckAnswer, PartnerCheck
from gateway.model.pupil import PupilRecord
from gateway.model.referral import Feedback, MashDecision, Referral
from gateway.model.registration import Enquiry, EnquiryAnswer, FamilyRegistration, Registration
from gateway.model.request import StartRequest
from gateway.model.tree import Group, Tree

Document: TypeAlias = (
    Referral
    | MashDecision
    | Feedback
    | Contact
    | ConsentNotice
    | PartnerCheck
    | StartRequest
    | PupilRecord
    | Episode
    | Registration
    | Enquiry
    | EnquiryAnswer
    | CheckAnswer
    | FamilyRegistration
    | Notice
    | NoticeReply
    | Correction
)

DOCUMENTS: Mapping[str, type[Document]] = types.MappingProxyType(
    {
        "mash.referral": Referral,
        "mash.decision": MashDecision,
        "mash.feedback": Feedback,
        "mash.contact": Contact,
        "mash.check": PartnerCheck,
        "mash.answer": CheckAnswer,
        "ecaf.consent": ConsentNotice,
        "ecaf.request": StartRequest,
        "sims.pupil": PupilRecord,
        "ecaf.episode": Episode,
        "ecaf.registration": Registration,
        "ecaf.enquiry": Enquiry,
        "ecaf.answer": EnquiryAnswer,
        "ecaf.family": FamilyRegistration,
        "ecaf.notice": Notice,
        "ecaf.notice-answer": NoticeReply,
        "ecaf.correction": Correction,
    }
)
"""Every canonical document, by the name mappings and records use for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf of a document.

    Shape: `path` names fields with dots and marks lists with `[]`, such as `children[].address.lines[]`. `category`,
    `sensitivity` and `locates` are the leaf's own; a list or nested document above it never overrides them, unless the
    leaf is declared to be of its part's kind. What is `internal` never leaves. `tells` is what the leaf or anything
    above it is declared to tell of.
    """

    path: str
    kind: type[object]
    category: Category
    sensitivity: Sensitivity
    locates: bool
    internal: bool = False
    tells: frozenset[Tells] = frozenset()


@cache
def leaves_of(document: str) -> Mapping[str, Leaf]:
    """Return every leaf of *document* by its path, in the order the model declares them.

    Raises:
        SchemaViolationError: no document has that name.
    """
    if document not in DOCUMENTS:
        raise SchemaViolationError(f"no canonical document is called {document!r}; there are {sorted(DOCUMENTS)}")
    return types.MappingProxyType({leaf.path: leaf for leaf in _leaves(DOCUMENTS[document], "", _NOTHING_ABOVE)})


_NOTHING_ABOVE: Mapping[str, object] = types.MappingProxyType({"internal": False, "tells": frozenset()})


def _leaves(cls: type, prefix: str, above: Mapping[str, object]) -> Iterator[Leaf]:
    parts = parts_of(cls)
    for spec in fields(cls):
        inner, many = parts[spec.name]
        path = f"{prefix}{spec.name}{'[]' if many else ''}"
        marks = _marks(spec.metadata, above)
        if is_dataclass(inner):
            yield from _leaves(inner, f"{path}.", marks)
        else:
            yield Leaf(path=path, kind=inner, **cast("dict[str, Any]", marks))


def _marks(own: Mapping[str, object], above: Mapping[str, object]) -> Mapping[str, object]:
    """Return what is said of a field: what it says itself, and else what is said of the part it stands in."""
    kind = own if own["category"] is not None else above
    return {
        "category": kind["category"],
        "sensitivity": kind["sensitivity"],
        "locates": own["locates"],
        "internal": bool(own["internal"] or above["internal"]),
        "tells": cast("frozenset[Tells]", own["tells"]) | cast("frozenset[Tells]", above["tells"]),
    }


@cache
def parts_of(cls: type) -> Mapping[str, tuple[type, bool]]:
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
    _prover_of(cast("type", DOCUMENTS[document]))(tree, None)


_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
"""The way to a part of a tree: the way to what holds it, and its name or place there. Spelled out only in errors."""
_Prove: TypeAlias = Callable[[object, _Trail], None]
"""Returns if a part of a tree, to which a trail leads, is what the model has there."""


@cache
def _prover_of(kind: type) -> _Prove:
    """Return what proves one leaf or group of a *kind*."""
    if is_dataclass(kind):
        return _group_prover(kind)
    if issubclass(kind, Enum):
        return _code_prover(kind)
    return _plain_prover(kind) if kind in _PLAIN else _day_prover(kind)


def _group_prover(cls: type) -> _Prove:
    kinds = parts_of(cls)
    texts = frozenset(name for name, kind in kinds.items() if kind == (str, False))
    provers = {name: _list_prover(kind) if many else _prover_of(kind) for name, (kind, many) in kinds.items()}

    def prove_group(tree: object, trail: _Trail) -> None:
        if not isinstance(tree, dict):
            raise _violation(trail, "expected a group of fields")
        if not tree.keys() <= provers.keys():
            unknown = min(tree.keys() - provers.keys())
            raise _violation((trail, unknown), f"{cls.__name__} has no such field")
        for name, part in tree.items():
            # most leaves are single texts, and nothing about those can be wrong but their type
            if type(part) is not str or name not in texts:
                provers[name](part, (trail, name))

    return prove_group


def _list_prover(kind: type) -> _Prove:
    prove_item = _prover_of(kind)
    plain = kind if kind in _PLAIN else None

    def prove_list(part: object, trail: _Trail) -> None:
        if not isinstance(part, (list, tuple)):
            raise _violation(trail, "expected a list")
        for index, item in enumerate(part):
            if type(item) is not plain:
                prove_item(item, (trail, index))

    return prove_list


def _plain_prover(kind: type) -> _Prove:
    def prove_plain(part: object, trail: _Trail) -> None:
        if type(part) is not kind:
            raise _violation(trail, f"expected {kind.__name__}, found {type(part).__name__}")

    return prove_plain


def _code_prover(kind: type[Enum]) -> _Prove:
    """Return what proves that a text is one of the codes of *kind*."""
    codes = frozenset(member.value for member in kind)

    def prove_code(part: object, trail: _Trail) -> None:
        if not isinstance(part, str):
            raise _violation(trail, f"expected text, found {type(part).__name__}")
        if part not in codes:
            raise _violation(trail, f"not a {kind.__name__}")

    return prove_code


def _day_prover(kind: type) -> _Prove:
    """Return what proves that a text writes a day or an instant."""

    def prove_day(part: object, trail: _Trail) -> None:
        if not isinstance(part, str):
            raise _violation(trail, f"expected text, found {type(part).__name__}")
        try:
            _read(kind, part)
        except ValueError:
            raise _violation(trail, f"not a {kind.__name__}") from None

    return prove_day


_PLAIN = frozenset({str, int, bool})


def _read(kind: type, text: str) -> object:
    """Return the day, the instant or the code that *text* writes."""
    return kind.fromisoformat(text) if issubclass(kind, date) else cast("type[Enum]", kind)(text)


def _build(cls: type, tree: Group) -> object:
    """Return what a *tree* tells that is proved to be a *cls*."""
    parts = parts_of(cls)
    return cls(**{name: _built(*parts[name], part) for name, part in tree.items()})


def _built(kind: type, many: bool, part: Tree) -> object:  # noqa: FBT001  # the two halves of one part
    if many:
        return tuple(_built(kind, False, item) for item in cast("list[Tree]", part))
    if is_dataclass(kind):
        return _build(kind, cast("Group", part))
    return part if kind in _PLAIN else _read(kind, cast("str", part))


def _violation(trail: _Trail, message: str) -> SchemaViolationError:
    return SchemaViolationError(message, place=Place(path=_spelled(trail)))


def _spelled(trail: _Trail) -> str:
    if trail is None:
        return ""
    above, name = trail
    path = _spelled(above)
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name
