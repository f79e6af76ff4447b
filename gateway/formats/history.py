"""Which episodes does a history hold? One file, a line each, so that the largest is read line by line.

The first line is the envelope and says how many episodes follow; each other line holds one document. A file that was
cut off is known by its last line, or by the lines that are missing.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from gateway.errors import MalformedMessageError, Place, SchemaViolationError, TooLargeError
from gateway.formats.body import Body
from gateway.formats.json import read_json, read_json_again, write_json
from gateway.formats.limits import Limits, check_size
from gateway.formats.warning import GateWarning
from gateway.model.tree import Group, Tree

FORMAT = "ecaf/history-1"
HEADER = ("format", "message", "message_id", "correlation_id", "sent_at", "sender")
_EPISODES = "episodes"
_OF_ALL = frozenset({*HEADER, _EPISODES, "handling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One episode of a history.

    Shape: `row` counts from 1; `key` is the sender's own reference, or empty. `start` and `length` say which bytes of
    the file it is.
    """

    row: int
    key: str
    tree: Group
    start: int
    length: int


def read_header(body: bytes, *, limits: Limits) -> Group:
    """Return the first line.

    Raises:
        MalformedMessageError: it is no JSON, or the file is empty.
        TooLargeError: over a limit.
        SchemaViolationError: it is no header of a history.
    """
    check_size(body, limits=limits)
    return header_of(io.BytesIO(body).readline(), limits=limits)


def header_of(line: bytes, *, limits: Limits) -> Group:
    """Return the first line of a history, as `read_header` does."""
    header = _read(line, Place(line=1), partial(read_json, limits=limits))
    missing = [name for name in (*HEADER, _EPISODES) if name not in header]
    if missing:
        raise SchemaViolationError(f"the first line lacks {missing[0]!r}", place=Place(path=missing[0], line=1))
    odd = sorted(header.keys() - _OF_ALL)
    if odd:
        raise SchemaViolationError("the first line holds a part this format does not have", place=Place(line=1))
    for name in HEADER:
        if not isinstance(header[name], str) or not header[name]:
            raise SchemaViolationError(f"{name} is another kind of value than expected", place=Place(path=name, line=1))
    if header["format"] != FORMAT:
        raise SchemaViolationError("the first line is of another format", place=Place(path="format", line=1))
    episodes = header[_EPISODES]
    if isinstance(episodes, bool) or not isinstance(episodes, int) or episodes < 0:
        raise SchemaViolationError("episodes is no number of lines", place=Place(path=_EPISODES, line=1))
    return header


def lines_of(body: Body, *, limits: Limits) -> Iterator[bytes]:
    """Return the lines of a history, each with its end, without holding more than one.

    Raises:
        TooLargeError: a line is longer than a record may be.
    """
    rest = b""
    for piece in body.pieces():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(rest) > limits.record_bytes:
            raise TooLargeError(f"one line has more than {limits.record_bytes} bytes")
    if rest:
        yield rest


def read_lines(lines: Iterable[bytes], *, limits: Limits) -> Iterator[Line]:
    """Return the episodes of a history, whose *lines* begin with the header.

    Raises:
        MalformedMessageError: a line is no JSON, or there are fewer or more of them than the header says.
        TooLargeError: a line is over a limit.
        SchemaViolationError: a line is no group of named parts.
    """
    rest = iter(lines)
    first = next(rest, b"")
    wanted = cast("int", header_of(first, limits=limits)[_EPISODES])
    return _lines(rest, len(first), wanted, 0, partial(read_json, limits=limits))


def read_lines_again(body: bytes, *, start: int = 0) -> Iterator[Line]:
    """Return the episodes from position *start* on, of a history `read_lines` has taken; others are passed over unread.

    Raises:
        MalformedMessageError: it has not taken it.
        SchemaViolationError: likewise.
    """
    lines = io.BytesIO(body)
    first = lines.readline()
    wanted = _read(first, Place(line=1), read_json_again).get(_EPISODES)
    if not isinstance(wanted, int):
        raise SchemaViolationError("episodes is no number of lines", place=Place(path=_EPISODES, line=1))
    return _lines(lines, len(first), wanted, start, read_json_again)


def read_line_again(line: bytes) -> Group:
    """Return what one line holds, of a history `read_lines` has taken.

    Raises:
        MalformedMessageError: it has not taken it.
        SchemaViolationError: likewise.
    """
    return _read(line, Place(), read_json_again)


def _lines(
    lines: Iterable[bytes], begin: int, wanted: int, start: int, read: Callable[[bytes], Tree]
) -> Iterator[Line]:
    row, place = 0, begin
    for number, line in enumerate(lines, start=2):
        begin, place = place, place + len(line)
        if line.isspace():
            continue
        row += 1
        if start < row <= wanted:
            tree = _read(line, Place(row=row, line=number), read)
            yield Line(row=row, key=_key(tree), tree=tree, start=begin, length=len(line))
    if row != wanted:
        message = f"the first line says {wanted} episodes, and {row} follow: was the file cut off?"
        raise MalformedMessageError(message, place=Place(line=1), code="cut-off" if row < wanted else "too-many-lines")


def repeated(keys: Sequence[str]) -> tuple[GateWarning, ...]:
    """Return a warning for each row whose reference an earlier row has too."""
    seen: set[str] = set()
    warnings: list[GateWarning] = []
    for row, key in enumerate(keys, start=1):
        if key and key in seen:
            message = "an earlier line has the same reference: both are kept, and neither replaces the other"
            warnings.append(GateWarning(path=f"[{row}].document.reference", code="reference-twice", message=message))
        seen.add(key)
    return tuple(warnings)


def write_history(envelopes: Sequence[Group]) -> bytes:
    """Return one history of documents that each came in an envelope of their own; the first one's is the file's."""
    first = envelopes[0]
    head: Group = {name: part for name, part in first.items() if name in _OF_ALL}
    lines = [head | {_EPISODES: len(envelopes)}, *map(_line, envelopes)]
    return b"".join(write_json(line) + b"\n" for line in lines)


def _line(envelope: Group) -> Group:
    return {name: part for name, part in envelope.items() if name not in _OF_ALL}


def _read(line: bytes, place: Place, read: Callable[[bytes], Tree]) -> Group:
    """Return one line, with the line itself as the place of whatever is wrong with it."""
    try:
        tree = read(line.strip())
    except (MalformedMessageError, TooLargeError) as error:
        raise type(error)(error.message, place=place, code=error.code) from None
    if not isinstance(tree, dict):
        raise SchemaViolationError("a line is no object with named parts (rule type)", place=place)
    return tree


def _key(tree: Group) -> str:
    document = tree.get("document")
    reference = document.get("reference") if isinstance(document, dict) else None
    return reference if isinstance(reference, str) else ""
