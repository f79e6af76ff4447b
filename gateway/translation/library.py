"""Which mapping turns which format into which document?"""

import hashlib
from collections.abc import Iterator
from collections.abc import Mapping as Files
from datetime import date
from typing import TypeVar

from gateway.errors import MappingError, UnsupportedFormatError
from gateway.translation.aliases import AliasTables
from gateway.translation.code_lists import CodeLists
from gateway.translation.load import load_mapping
from gateway.translation.mapping import Mapping
from gateway.translation.rows import Direction
from gateway.translation.suggestions import Suggestion, suggestions

_SUFFIX = ".toml"
K = TypeVar("K")


class Library:
    """Every mapping an installation goes by, loaded once at start.

    Shape: *mappings* by path below mappings/, with or without its ending; *codes* and *aliases* by list name or
    file name.

    Raises:
        MappingError: one of them is odd, or two say how to do the same.
    """

    def __init__(
        self, mappings: Files[str, bytes], codes: Files[str, bytes], aliases: Files[str, bytes] | None = None
    ) -> None:
        self._lists = lists = CodeLists(codes)
        others = AliasTables(aliases or {})
        self._inbound: dict[str, Mapping] = {}
        self._outbound: dict[str, Mapping] = {}
        self._projections: dict[tuple[str, str], Mapping] = {}
        for name, text in sorted(mappings.items()):
            file = name if name.endswith(_SUFFIX) else f"{name}{_SUFFIX}"
            self._add(load_mapping(file, text, codes=lists, aliases=others))
        self._digest = hashlib.sha256("\n".join(one.digest for one in self).encode()).hexdigest()

    def __iter__(self) -> Iterator[Mapping]:
        """Yield every mapping once, by name."""
        found = [*self._inbound.values(), *self._outbound.values(), *self._projections.values()]
        yield from {one.name: one for one in sorted(found, key=lambda one: one.name)}.values()

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) of everything in the library: two alike translate alike."""
        return self._digest

    def codes(self, list_name: str) -> frozenset[str]:
        """Return the codes of a list: what a person may say a label of it means; none, where there is no such list."""
        return self._lists.table(list_name, "").codes if list_name in self._lists.names else frozenset()

    def codes_on(self, list_name: str, on: date) -> Files[str, str]:
        """Return the codes a list has on the day *on*, each with its first label; none, where there is no such list."""
        if list_name not in self._lists.names:
            return {}
        there = self._lists.table(list_name, "").codes_on(on)
        labels = {row.ours: row.theirs for row in reversed(self._lists.rows(list_name))}
        return {code: labels[code] for code in there}

    def suggestions(self, list_name: str, label: str, *, on: date) -> tuple[Suggestion, ...]:
        """Return what *label*, which the list does not know, might mean: for a person, who decides."""
        return suggestions(self._lists.rows(list_name), label, on=on) if list_name in self._lists.names else ()

    def inbound(self, format_name: str) -> Mapping:
        """Return the mapping that reads *format_name*.

        Raises:
            UnsupportedFormatError: there is none.
        """
        return _found(self._inbound, format_name, f"no mapping reads {format_name}")

    def outbound(self, format_name: str) -> Mapping:
        """Return the mapping that writes *format_name*.

        Raises:
            UnsupportedFormatError: there is none.
        """
        return _found(self._outbound, format_name, f"no mapping writes {format_name}")

    def projection(self, from_document: str, to_document: str) -> Mapping:
        """Return the mapping that makes one canonical document of another.

        Raises:
            UnsupportedFormatError: there is none.
        """
        key = (from_document, to_document)
        if key not in self._projections:
            raise UnsupportedFormatError(f"no mapping makes {to_document} of {from_document}")
        return self._projections[key]

    def _add(self, mapping: Mapping) -> None:
        if mapping.file.direction is Direction.PROJECT:
            key = (mapping.file.from_document, mapping.document)
            _put(self._projections, key, mapping)
            return
        if mapping.inbound is not None:
            for name in (mapping.format, *mapping.file.also_reads):
                _put(self._inbound, name, mapping)
        if mapping.outbound is not None:
            _put(self._outbound, mapping.format, mapping)


def _put(shelf: dict[K, Mapping], key: K, mapping: Mapping) -> None:
    if key in shelf:
        raise MappingError(f"{mapping.name}: {shelf[key].name} does the same already; take one out")
    shelf[key] = mapping


def _found(shelf: dict[str, Mapping], name: str, message: str) -> Mapping:
    if name not in shelf:
        raise UnsupportedFormatError(message)
    return shelf[name]
