"""How does a row of ours become a row of a table, and back?"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

R = TypeVar("R")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_MICROSECOND = timedelta(microseconds=1)

_Change = Callable[[Any], Any]
_Codec = tuple[_Change, _Change]


def to_micros(at: datetime) -> int:
    """Return *at* as the store keeps it.

    Units: microseconds since 1970-01-01 UTC, a whole number, so that it sorts, compares and comes back exactly.

    Raises:
        TypeError: *at* has no time zone.
    """
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the time that `to_micros` was given, in UTC."""
    return _EPOCH + micros * _MICROSECOND


def as_json(value: object) -> str:
    """Return *value* as compact JSON."""
    return _COMPACT.encode(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShape(Generic[R]):
    """The columns of one kind of row, in the order of its fields, and the values that change on the way."""

    kind: Callable[..., R]
    columns: tuple[str, ...]
    take: Callable[[R], tuple[Any, ...]]
    encoders: tuple[tuple[int, _Change], ...]
    decoders: tuple[tuple[int, _Change], ...]

    def values(self, row: R) -> list[Any]:
        """Return the row's values in the order of `columns`, as the driver takes them."""
        values = list(self.take(row))
        for number, change in self.encoders:
            if values[number] is not None:
                values[number] = change(values[number])
        return values

    def read(self, values: Iterable[Any], **more: object) -> R:
        """Return the row that *values* make, with *more* for the fields that are not columns."""
        found = list(values)
        for number, change in self.decoders:
            if found[number] is not None:
                found[number] = change(found[number])
        return self.kind(**dict(zip(self.columns, found, strict=True)), **more)


def shape_of(kind: type[R], *, only: Sequence[str] = (), leaving_out: Sequence[str] = ()) -> RowShape[R]:
    """Return the shape of the dataclass *kind*, or of part of it; its field types say how each value is kept."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    columns = tuple(name for name in names if name not in leaving_out and (not only or name in only))
    codecs = [(number, _codec_of(hints[name])) for number, name in enumerate(columns)]
    return RowShape(
        kind=kind,
        columns=columns,
        take=attrgetter(*columns),
        encoders=tuple((number, codec[0]) for number, codec in codecs if codec),
        decoders=tuple((number, codec[1]) for number, codec in codecs if codec),
    )


def insert_into(table: str, columns: Sequence[str]) -> str:
    """Return the statement that stores one row: its authority first, then *columns*."""
    marks = ", ".join("?" * (len(columns) + 1))
    return f"INSERT INTO {table} (authority, {', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names are constants


def insert_next(table: str, columns: Sequence[str], next_number: str) -> str:
    """Return the statement that stores one row as `insert_into` does, and its place behind all others."""
    marks = ", ".join("?" * (len(columns) + 1))
    names = f"authority, {', '.join(columns)}, position"
    return f"INSERT INTO {table} ({names}) VALUES ({marks}, {next_number.format(table=table)})"  # noqa: S608 - names are constants


@cache
def insert_rows(table: str, columns: tuple[str, ...], count: int) -> str:
    """Return the statement that stores *count* rows at once: of each row its authority first, then *columns*."""
    marks = f"({', '.join('?' * (len(columns) + 1))})"
    rows = ", ".join([marks] * count)
    return f"INSERT INTO {table} (authority, {', '.join(columns)}) VALUES {rows}"  # noqa: S608 - names are constants


@cache
def any_of(column: str, count: int) -> str:
    """Return the condition that *column* is one of *count* values."""
    return f" AND {column} IN ({', '.join('?' * count)})"


def select_from(table: str, columns: Sequence[str]) -> str:
    """Return the start of a statement that reads rows of one authority; more conditions follow with AND."""
    return f"SELECT {', '.join(columns)} FROM {table} WHERE authority = ?"  # noqa: S608 - names are constants


def put_into(table: str, columns: Sequence[str], *, key: Sequence[str]) -> str:
    """Return the statement that stores one row, or replaces all of it but its *key*."""
    changed = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
    return f"{insert_into(table, columns)} ON CONFLICT (authority, {', '.join(key)}) DO UPDATE SET {changed}"


def update_of(table: str, columns: Sequence[str], *, key: str) -> str:
    """Return the statement that replaces *columns* of one row; its parameters are they, the authority, the key."""
    changed = ", ".join(f"{column} = ?" for column in columns)
    return f"UPDATE {table} SET {changed} WHERE authority = ? AND {key} = ?"  # noqa: S608 - names are constants


def _codec_of(hint: Any) -> _Codec | None:  # noqa: ANN401 - a type annotation can be anything
    """Return how a value of this type is written and read, or None when the driver takes it as it is."""
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    alternatives = [part for part in get_args(hint) if part is not NoneType]
    if NoneType in get_args(hint):
        return _codec_of(alternatives[0])
    if get_origin(hint) is tuple:
        return as_json, lambda text: tuple(json.loads(text))
    if get_origin(hint) is Mapping:
        return lambda value: as_json(dict(value)), json.loads
    return _codec_of_class(hint)


def _codec_of_class(hint: type) -> _Codec | None:
    """Return how a value of a plain class is written and read."""
    if issubclass(hint, datetime):
        return to_micros, from_micros
    if issubclass(hint, bool):
        return int, bool
    if issubclass(hint, Enum):
        return (int if issubclass(hint, IntEnum) else attrgetter("value")), hint
    return None
