"""Which records does a large document hold, and which of its bytes is each made of? Its table of contents.

The gate writes it while it reads the document through, and whoever splits it goes by it: to any record at once, without
reading what comes before. It is as personal as the document, and is sealed with it.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Protocol, cast

from gateway.errors import IntegrityError, Place, TooLargeError
from gateway.formats.body import PIECE_BYTES
from gateway.formats.json import read_json_again, write_json
from gateway.formats.warning import GateWarning
from gateway.model.tree import Group, Tree

VERSION = 1
"""How it is written. One of another version was written by another release, and is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What holds for all records.

    Shape: `codec` is the document's encoding, by Python's name; `opening` are the tags above each record of XML, and
    `header` what the document says once for all, such as the captions of a table. `tells_contacts` is as in
    `gateway.formats.gate.RecordSource`.
    """

    records: int
    codec: str = "utf-8"
    opening: str = ""
    header: Group = field(default_factory=dict)
    tells_contacts: bool = False
    warnings: tuple[GateWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of the document: row or record *number* of it."""

    number: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: the sender's own name for it, and what it is made of."""

    key: str
    spans: tuple[Span, ...]


class Index(Protocol):
    """Takes down which bytes each record is made of while a document is read, in the order in which records begin."""

    def __len__(self) -> int:
        """Return how many records there are."""
        ...

    def add(self, key: str, span: Span) -> None:
        """Add what belongs to the record of that *key*.

        Raises:
            TooLargeError: the record has become too large to be held.
        """
        ...

    def lines(self) -> Iterator[bytes]:
        """Return the line of each record in the table of contents."""
        ...


class Listed:
    """An `Index` of records that each lie in one place: their lines, written at once."""

    def __init__(self, most_bytes: int) -> None:
        self._lines = BytesIO()
        self._number = 0
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        """Return how many records there are."""
        return self._number

    def add(self, key: str, span: Span) -> None:
        """Add the record of that *key*; another of the same key is another record."""
        _refuse_large(span.length, self._most_bytes, span.number)
        self._lines.write(_line(key, (span.number, span.start, span.length)) + b"\n")
        self._number += 1

    def lines(self) -> Iterator[bytes]:
        """Return the line of each record."""
        self._lines.seek(0)
        for line in self._lines:
            yield line[:-1]


class Gathered:
    """An `Index` of records whose parts may lie apart: numbers side by side, because there may be millions of parts."""

    def __init__(self, most_bytes: int) -> None:
        self._records: dict[str, int] = {}
        self._first, self._last, self._size = array("I"), array("I"), array("I")
        self._start, self._length, self._number, self._next = array("Q"), array("I"), array("I"), array("I")
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self._records)

    def add(self, key: str, span: Span) -> None:
        """Add a part of the record of that *key*."""
        part, record = len(self._start), self._records.get(key)
        if record is None:
            _refuse_large(span.length, self._most_bytes, span.number)
            self._records[key] = len(self._first)
            self._first.append(part)
            self._last.append(part)
            self._size.append(span.length)
        else:
            _refuse_large(self._size[record] + span.length, self._most_bytes, span.number)
            self._size[record] += span.length
            self._next[self._last[record]] = part
            self._last[record] = part
        self._start.append(span.start)
        self._length.append(span.length)
        self._number.append(span.number)
        self._next.append(part)

    def lines(self) -> Iterator[bytes]:
        """Return the line of each record."""
        for key, record in self._records.items():
            yield _line(key, self._places(self._first[record]))

    def _places(self, part: int) -> Iterator[int]:
        """Return the numbers of a record whose first part is *part*; the last one points at itself."""
        is_more = True
        while is_more:
            yield from (self._number[part], self._start[part], self._length[part])
            is_more, part = self._next[part] != part, self._next[part]


def _refuse_large(size: int, most: int, row: int) -> None:
    if size > most:
        raise TooLargeError(f"one record has more than {most} bytes", place=Place(row=row))


def _line(key: str, places: Iterable[int]) -> bytes:
    numbers: list[Tree] = list(places)
    return write_json([key, numbers])


def write_contents(head: Head, index: Index) -> Iterator[bytes]:
    """Return a table of contents in pieces of at most some hundred KiB, whatever its length."""
    lines, size = [_head_line(head)], 0
    for line in index.lines():
        lines.append(line)
        size += len(line)
        if size > PIECE_BYTES // 2:
            yield b"\n".join((*lines, b""))
            lines, size = [], 0
    yield b"\n".join((*lines, b""))


def read_head(piece: bytes) -> Head:
    """Return the head of a table of contents, of which the first piece is enough.

    Raises:
        IntegrityError: it is none of ours.
    """
    said = read_json_again(piece.partition(b"\n")[0])
    if not isinstance(said, dict) or said.get("version") != VERSION:
        raise IntegrityError("a table of contents is not one of this release", expected=str(VERSION))
    warnings = cast("list[dict[str, str]]", said["warnings"])
    return Head(
        records=cast("int", said["records"]),
        codec=str(said["codec"]),
        opening=str(said["opening"]),
        header=cast("Group", said["header"]),
        tells_contacts=said["tells_contacts"] is True,
        warnings=tuple(GateWarning(path=one["path"], code=one["code"], message=one["message"]) for one in warnings),
    )


def read_entries(pieces: Iterable[bytes]) -> Iterator[Entry]:
    """Return the records of a table of contents, one after the other as they are asked for."""
    rest, is_first = b"", True
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines[is_first:]:
            key, places = cast("tuple[str, list[int]]", read_json_again(line))
            yield Entry(key, _spans(places))
        is_first = False


def _spans(places: list[int]) -> tuple[Span, ...]:
    return tuple(Span(*places[at : at + 3]) for at in range(0, len(places), 3))


def _head_line(head: Head) -> bytes:
    warnings: list[Tree] = [{"path": one.path, "code": one.code, "message": one.message} for one in head.warnings]
    return write_json(
        {
            "version": VERSION,
            "records": head.records,
            "codec": head.codec,
            "opening": head.opening,
            "header": head.header,
            "tells_contacts": head.tells_contacts,
            "warnings": warnings,
        }
    )
