"""What stands in one table of a mapping file? Reads it piece by piece and refuses whatever is odd, saying where."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import TypeAlias

from gateway.errors import MappingError
from gateway.translation.rows import Scalar, Spot

_HEADER = re.compile(r"^\s*\[(?P<array>\[)?\s*(?P<name>[A-Za-z_][\w.-]*)\s*\]")
Trail: TypeAlias = tuple[tuple[str, int], ...]


class Table:
    """One table, with its place in the file."""

    def __init__(self, data: Mapping[str, object], spot: Spot, lines: Mapping[Trail, int]) -> None:
        self._data = data
        self._lines = lines
        self.spot = spot

    def only(self, allowed: frozenset[str]) -> None:
        """Refuse every key but those *allowed*.

        Raises:
            MappingError: there is another.
        """
        for key in self._data:
            if key not in allowed:
                near = difflib.get_close_matches(key, sorted(allowed), n=1)
                fix = f"did you mean {near[0]!r}?" if near else f"allowed here are {', '.join(sorted(allowed))}"
                raise self.spot.wrong(f"unknown key {key!r}", fix)

    def has(self, key: str) -> bool:
        """Tell whether *key* is there."""
        return key in self._data

    def text(self, key: str) -> str | None:
        """Return the text under *key*, if there is one."""
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.spot.wrong(f"{key!r} must be a text", 'put it in quotes, like "this"')
        return value

    def required(self, key: str) -> str:
        """Return the text under *key*, which must be there."""
        value = self.text(key)
        if value is None:
            raise self.spot.wrong(f"{key!r} is missing", f"add {key} = ...")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts under *key*: none, one, or a list of them."""
        value = self._data.get(key, [])
        if isinstance(value, str):
            return (self.required(key),)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.spot.wrong(f"{key!r} must be a text or a list of texts", 'write ["this", "that"]')
        return tuple(value)

    def is_list(self, key: str) -> bool:
        """Tell whether *key* holds a list."""
        return isinstance(self._data.get(key), list)

    def flag(self, key: str) -> bool:
        """Return the truth value under *key*, false when absent."""
        value = self._data.get(key, False)
        if not isinstance(value, bool):
            raise self.spot.wrong(f"{key!r} must be true or false", f"write {key} = true, or take it out")
        return value

    def number(self, key: str, *, default: int) -> int:
        """Return the whole number under *key*, at least 1."""
        value = self._data.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.spot.wrong(f"{key!r} must be a whole number from 1", f"write {key} = {default}")
        return value

    def scalar(self, key: str) -> Scalar | None:
        """Return the text, whole number or truth value under *key*, if there is one."""
        value = self._data.get(key)
        if value is None or isinstance(value, str | bool | int):
            return value
        raise self.spot.wrong(f"{key!r} must be a text, a whole number or a truth value", "simplify it")

    def items(self) -> Mapping[str, object]:
        """Return what the table holds, as it is."""
        return self._data

    def table(self, key: str) -> "Table | None":
        """Return the table under *key*, if there is one."""
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.spot.wrong(f"{key!r} must be a table", f"write [{key}]")
        return self._below(value, (*self.spot.trail, (key, 1)))

    def tables(self, key: str) -> list["Table"]:
        """Return the tables of the array *key*, none when absent."""
        value = self._data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.spot.wrong(f"{key!r} must be an array of tables", f"write [[{key}]]")
        return [self._below(item, (*self.spot.trail, (key, number))) for number, item in enumerate(value, start=1)]

    def filled(self, hole: str, filling: str) -> "Table":
        """Return this table with every *hole* in its texts filled."""
        data = {str(key): _filled(value, hole, filling) for key, value in self._data.items()}
        return Table(data, self.spot, self._lines)

    def _below(self, data: Mapping[str, object], trail: Trail) -> "Table":
        return Table(data, Spot(self.spot.file, trail, self._lines.get(trail)), self._lines)


def read_toml(file: str, text: bytes) -> Table:
    """Return the whole of a TOML file as one table.

    Raises:
        MappingError: it is not TOML in UTF-8.
    """
    try:
        decoded = text.decode("utf-8")
        data = tomllib.loads(decoded)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{file}: not TOML in UTF-8 ({error}); mend the file") from error
    return Table(data, Spot(file), _lines_of(decoded))


def _lines_of(text: str) -> Mapping[Trail, int]:
    """Return the line each table starts on, because the parser does not keep it."""
    lines: dict[Trail, int] = {}
    current: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found = _HEADER.match(line)
        if found is None:
            continue
        names = tuple(found["name"].split("."))
        if found["array"]:
            current[names] = current.get(names, 0) + 1
            for deeper in [key for key in current if len(key) > len(names) and key[: len(names)] == names]:
                del current[deeper]
        trail = tuple((names[depth], current.get(names[: depth + 1], 1)) for depth in range(len(names)))
        lines.setdefault(trail, number)
    return lines


def _filled(value: object, hole: str, filling: str) -> object:
    match value:
        case str():
            return value.replace(hole, filling)
        case list():
            return [_filled(item, hole, filling) for item in value]
        case dict():
            return {key: _filled(item, hole, filling) for key, item in value.items()}
        case _:
            return value
