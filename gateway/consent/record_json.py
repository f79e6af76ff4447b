"""How does one of consent's records become JSON, and come back?

The keys are the fields' names. What is absent, or null, takes the field's default; what has no default must be there.
Nothing is guessed and nothing is ignored: an unknown key is refused, and no message repeats a value.
"""

import types
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from gateway.errors import Place, SchemaViolationError
from gateway.model.tree import Group, Tree

if TYPE_CHECKING:
    from enum import StrEnum

R = TypeVar("R")
Codes = Mapping[str, Collection[str]]
"""Which texts a field may hold, by `Class.field`; a field that is not named may hold any."""
NO_CODES: Final[Codes] = types.MappingProxyType({})


def write_record(record: object) -> Group:
    """Return *record* as JSON has it, without the parts that are not known."""
    return {
        name: cast("Tree", value) if type(value) in _PLAIN else _writer_of(type(value))(value)
        for name, value in _named_values(record)
        if value is not None
    }


def read_record(cls: type[R], tree: object, *, path: str = "", codes: Codes = NO_CODES) -> R:
    """Return the *cls* that *tree* tells.

    Raises:
        SchemaViolationError: an unknown key, a missing one, a value of the wrong kind, a code outside its list, or a
            time without its zone; the place's path says where.
    """
    if codes is NO_CODES and type(tree) is dict:
        try:
            return cast("R", _reader_of(cls)(tree))
        except _ODD:
            pass  # what is wrong, and where, is said below
    if not isinstance(tree, Mapping):
        raise _violation(path, f"expected a group, found {_kind(tree)}")
    parts = _parts(cls)
    unknown = sorted(str(name) for name in tree if name not in parts)
    if unknown:
        raise _violation(f"{path}{unknown[0]}", f"there is no such key; there are {', '.join(parts)}")
    told = {name: part for name, part in tree.items() if part is not None}
    missing = [name for name, part in parts.items() if part.is_required and name not in told]
    if missing:
        raise _violation(f"{path}{missing[0]}", "this key must be given")
    values: dict[str, object] = {name: None for name, part in parts.items() if part.is_null_unless_told}
    for name, part in told.items():
        values[name] = _read(parts[name].hint, part, f"{path}{name}", codes, f"{cls.__name__}.{name}")
    return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One field of a record class, as far as reading needs to know it."""

    hint: object
    has_default: bool
    may_be_null: bool

    @property
    def is_required(self) -> bool:
        return not self.has_default and not self.may_be_null

    @property
    def is_null_unless_told(self) -> bool:
        return not self.has_default and self.may_be_null


_PARTS: Final[dict[type, Mapping[str, _Part]]] = {}


def _parts(cls: type) -> Mapping[str, _Part]:
    """Return the fields of a record class; worked out once for each class."""
    if cls not in _PARTS:
        hints = get_type_hints(cls)
        _PARTS[cls] = {
            spec.name: _Part(
                hint=hints[spec.name],
                has_default=spec.default is not MISSING or spec.default_factory is not MISSING,
                may_be_null=type(None) in get_args(hints[spec.name]),
            )
            for spec in fields(cls)
        }
    return _PARTS[cls]


_PLAIN: Final = frozenset({str, bool, int})


_GETTERS: Final[dict[type, tuple[tuple[str, ...], Callable[[object], Iterable[object]]]]] = {}


def _named_values(record: object) -> Iterable[tuple[str, object]]:
    kind = type(record)
    if kind not in _GETTERS:
        names = tuple(_parts(kind))
        one = names[0]
        _GETTERS[kind] = names, attrgetter(*names) if len(names) > 1 else lambda record: (getattr(record, one),)
    names, values_of = _GETTERS[kind]
    return zip(names, values_of(record), strict=True)


_MADE: Final[dict[type, Callable[[Any], Tree]]] = {}


def _writer_of(kind: type) -> Callable[[Any], Tree]:
    """Return what writes values of one type; worked out once for each, because digests are taken often."""
    if kind not in _MADE:
        bases = (writer for base, writer in _WRITERS.items() if issubclass(kind, base))
        _MADE[kind] = next(bases, write_record)
    return _MADE[kind]


_WRITERS: Final[Mapping[type, Callable[[Any], Tree]]] = {
    str: str.__str__,  # a code of a StrEnum becomes the bare text
    tuple: lambda value: [item if type(item) is str else _writer_of(type(item))(item) for item in value],
    datetime: lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    float: lambda value: Decimal(repr(value)),
    Mapping: lambda value: {
        str(name): item if type(item) in _PLAIN else _writer_of(type(item))(item) for name, item in value.items()
    },
    bool: bool,
    int: int,
}


# What we wrote ourselves is read back often, and is nearly always as it should be. So each type gets a reader of its
# own, made once, that knows nothing of paths. Whatever it does not take goes the long way, which says what is wrong.
_ODD: Final = (KeyError, TypeError, ValueError, SchemaViolationError)
_READERS: Final[dict[object, Callable[[Any], Any]]] = {}


def _reader_of(hint: object) -> Callable[[Any], Any]:
    if hint not in _READERS:
        _READERS[hint] = _made_reader(hint)
    return _READERS[hint]


def _made_reader(hint: object) -> Callable[[Any], Any]:
    if get_origin(hint) in {Union, types.UnionType}:
        return _reader_of(next(arg for arg in get_args(hint) if arg is not type(None)))
    if get_origin(hint) is tuple:
        inner = _reader_of(get_args(hint)[0])
        return lambda part: tuple([inner(item) for item in _exactly(list, part)])
    if get_origin(hint) is not None:
        value = _reader_of(get_args(hint)[1])
        return lambda part: types.MappingProxyType({name: value(item) for name, item in _exactly(dict, part).items()})
    kind = cast("type", hint)
    if is_dataclass(kind):
        return _record_reader(kind)
    if kind in _PLAIN:
        return lambda part: _exactly(kind, part)
    return lambda part: _leaf(kind, part, "")


def _record_reader(cls: type) -> Callable[[Any], Any]:
    parts = _parts(cls)
    nulls = {name: None for name, part in parts.items() if part.is_null_unless_told}
    readers = {name: _reader_of(part.hint) for name, part in parts.items()}

    def read(part: object) -> object:
        told = {name: readers[name](value) for name, value in _exactly(dict, part).items() if value is not None}
        return cls(**(nulls | told))

    return read


def _exactly(kind: type, part: object) -> Any:  # noqa: ANN401 - whatever the type is
    """Return *part* if it is of this very type: true is no number, and a text is no list."""
    if type(part) is not kind:
        raise TypeError
    return part


def _read(hint: object, part: object, path: str, codes: Codes, code: str) -> object:
    if get_origin(hint) in {Union, types.UnionType}:
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(part, list | tuple):
            raise _violation(path, f"expected a list, found {_kind(part)}")
        inner = get_args(hint)[0]
        return tuple(_read(inner, item, f"{path}[{index}]", codes, code) for index, item in enumerate(part))
    if origin is not None:
        return _read_mapping(get_args(hint)[1], part, path, codes)
    kind = cast("type", hint)
    if is_dataclass(kind):
        return read_record(kind, part, path=f"{path}.", codes=codes)
    value = _leaf(kind, part, path)
    if code in codes and value not in codes[code]:
        raise _violation(path, f"expected one of {', '.join(sorted(codes[code]))}")
    return value


def _read_mapping(inner: object, part: object, path: str, codes: Codes) -> Mapping[str, object]:
    if not isinstance(part, Mapping):
        raise _violation(path, f"expected a group, found {_kind(part)}")
    read = {str(name): _read(inner, item, f"{path}.{name}", codes, path) for name, item in part.items()}
    return types.MappingProxyType(read)


def _leaf(kind: type, part: object, path: str) -> object:
    if kind in {str, bool, int}:
        if type(part) is not kind:
            raise _violation(path, f"expected {_NAMES[kind]}, found {_kind(part)}")
        return part
    if kind is float:
        return _fraction(part, path)
    if not isinstance(part, str):
        raise _violation(path, f"expected text, found {_kind(part)}")
    if kind is datetime:
        return _instant(part, path)
    try:
        return kind(part)
    except ValueError:
        raise _violation(path, f"expected one of {', '.join(cast('type[StrEnum]', kind))}") from None


def _fraction(part: object, path: str) -> float:
    if isinstance(part, bool) or not isinstance(part, int | float | Decimal):
        raise _violation(path, f"expected a number, found {_kind(part)}")
    return float(part)


def _instant(part: str, path: str) -> datetime:
    try:
        at = datetime.fromisoformat(part)
    except ValueError:
        raise _violation(path, "expected a date and time such as 2026-11-23T09:00:00Z") from None
    if at.tzinfo is None:
        raise _violation(path, "expected a date and time with its zone, such as 2026-11-23T09:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise _violation(path, "expected a date and time that there is in UTC too") from None


_NAMES: Final = types.MappingProxyType({str: "text", bool: "true or false", int: "a whole number"})


def _kind(part: object) -> str:
    match part:
        case None:
            return "nothing"
        case str():
            return "text"
        case bool():
            return "true or false"
        case int() | float() | Decimal():
            return "a number"
        case Mapping():
            return "a group"
        case _:
            return "a list"


def _violation(path: str, message: str) -> SchemaViolationError:
    where = path.removesuffix(".")
    return SchemaViolationError(f"{where or 'the whole'}: {message}", place=Place(path=where))
