"""Which mapping turns which format into which document?"""

import hashlib
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Files
from datetime import date
from functools import lru_cache, partial
from typing import TypeVar

from gateway.errors import MappingError, UnsupportedFormatError
from gateway.translation.aliases import AliasTables
from gateway.translation.code_lists import CodeLists, CodeTable
from gateway.translation.load import load_mapping
from gateway.translation.mapping import Mapping
from gateway.translation.rows import Direction
from gateway.translation.suggestions import Suggestion, suggestions

_SUFFIX = ".toml"
K = TypeVar("K")


class _Kept:
    """One mapping that was found sound. It is compiled when it is first used: most never are in one process."""

    def __init__(self, load: Callable[[], Mapping]) -> None:
        """Load it once, to know that it is sound and what it is about.

        Raises:
            MappingError: it is odd.
        """
        self._load = load
        self._loaded: Mapping | None = None
        checked = load()
        file = checked.file
        self.name, self.digest, self.is_projection = checked.name, checked.digest, file.direction is Direction.PROJECT
        self.documents = (file.from_document, file.document)
        self.read = (checked.format, *file.also_reads) if checked.inbound is not None else ()
        self.written = (checked.format,) if checked.outbound is not None else ()

    def mapping(self) -> Mapping:
        """Return it. Two threads that ask first at once each load it, and it is the same."""
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def shown(self) -> Mapping:
        """Return it, and keep nothing that was not kept before."""
        return self._loaded or self._load()


class Library:
    """Every mapping an installation goes by, found sound at start and compiled when it is first used.

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
        self._inbound: dict[str, _Kept] = {}
        self._outbound: dict[str, _Kept] = {}
        self._projections: dict[tuple[str, str], _Kept] = {}
        for name, text in sorted(mappings.items()):
            file = name if name.endswith(_SUFFIX) else f"{name}{_SUFFIX}"
            self._add(_Kept(partial(load_mapping, file, text, codes=lists, aliases=others)))
        self._digest = hashlib.sha256("\n".join(one.digest for one in self._all()).encode()).hexdigest()

    def __iter__(self) -> Iterator[Mapping]:
        """Yield every mapping once, by name."""
        return (one.shown() for one in self._all())

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

    def code_table(self, list_name: str, system: str) -> CodeTable:
        """Return a code list as *system* speaks it.

        Raises:
            KeyError: there is no such list.
        """
        return self._lists.table(list_name, system)

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
        return _found(
            self._projections, (from_document, to_document), f"no mapping makes {to_document} of {from_document}"
        )

    def _all(self) -> list[_Kept]:
        """Return every mapping once, by name."""
        found = [*self._inbound.values(), *self._outbound.values(), *self._projections.values()]
        return list({one.name: one for one in sorted(found, key=lambda one: one.name)}.values())

    def _add(self, kept: _Kept) -> None:
        if kept.is_projection:
            _put(self._projections, kept.documents, kept)
            return
        for name in kept.read:
            _put(self._inbound, name, kept)
        for name in kept.written:
            _put(self._outbound, name, kept)


def library_of(mappings: Files[str, bytes], codes: Files[str, bytes], aliases: Files[str, bytes]) -> Library:
    """Return the library of these files; the same one for the same bytes, as nothing ever changes in it.

    Raises:
        MappingError: as `Library`.
    """
    return _library(*(tuple(sorted(files.items())) for files in (mappings, codes, aliases)))


_Sorted = tuple[tuple[str, bytes], ...]


@lru_cache(maxsize=2)
def _library(mappings: _Sorted, codes: _Sorted, aliases: _Sorted) -> Library:
    return Library(dict(mappings), dict(codes), dict(aliases))


def _put(shelf: dict[K, _Kept], key: K, kept: _Kept) -> None:
    if key in shelf:
        raise MappingError(f"{kept.name}: {shelf[key].name} does the same already; take one out")
    shelf[key] = kept


def _found(shelf: dict[K, _Kept], key: K, message: str) -> Mapping:
    if key not in shelf:
        raise UnsupportedFormatError(message)
    return shelf[key].mapping()
