"""Which records does a large document hold, and which of its bytes is each made of? Its table of contents.

The gate writes it while it reads the document through, and whoever splits it goes by it: to any record at once, without
reading what comes before. It is as personal as the document, and is sealed with it.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

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
    `header` what the document says once for all. `tells_contacts` is as in `gateway.formats.gate.RecordSource`.
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


class Index:
    """Gathers the entries while a document is read, in the order in which their records begin."""

    def __init__(self, most_bytes: int) -> None:
        self._entries: dict[str | int, _Gathered] = {}
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, identity: str | int, key: str, span: Span) -> None:
        """Add what belongs to the record of that *identity*.

        Raises:
            TooLargeError: the record has become too large to be held.
        """
        found = self._entries.get(identity)
        if found is None:
            found = self._entries[identity] = _Gathered(key)
        found.places.extend((span.number, span.start, span.length))
        found.size_bytes += span.length
        if found.size_bytes > self._most_bytes:
            raise TooLargeError(f"one record has more than {self._most_bytes} bytes", place=Place(row=span.number))

    def entries(self) -> Iterator[Entry]:
        """Return every record."""
        for found in self._entries.values():
            yield Entry(found.key, _spans(found.places))


class _Gathered:
    """What is known of one record so far; numbers side by side, because there may be very many."""

    __slots__ = ("key", "places", "size_bytes")

    def __init__(self, key: str) -> None:
        self.key = key
        self.places = array("Q")
        self.size_bytes = 0


def write_contents(head: Head, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Return a table of contents in pieces of at most some hundred KiB, whatever its length."""
    lines, size = [_head_line(head)], 0
    for entry in entries:
        places: list[Tree] = [number for one in entry.spans for number in (one.number, one.start, one.length)]
        lines.append(write_json([entry.key, places]))
        size += len(lines[-1])
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


def _spans(places: "array[int] | list[int]") -> tuple[Span, ...]:
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
