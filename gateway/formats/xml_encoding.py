"""In which encoding is this XML, and is that beyond doubt?

A parser that guesses can be made to read other characters than the gate saw; so bytes are decoded here, from a short
list, and every parser after this one is handed UTF-8.

Source: XML 1.0 (fifth edition), 4.3.3 and appendix F.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from gateway.errors import MalformedMessageError, Place

_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(["'])(?P<version>[^"']*)\1"""
    r"""(?:\s+encoding\s*=\s*(["'])(?P<encoding>[^"']*)\3)?"""
    r"""(?:\s+standalone\s*=\s*(["'])(?:yes|no)\5)?\s*\?>""",
    re.ASCII,
)
_HEAD_LENGTH = 256
HEAD_BYTES = 2 * _HEAD_LENGTH + 4
"""So much of a document tells how it starts."""
_MARKS = (  # longest first: the mark of UTF-32 starts like that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "iso-8859-1",
    "windows-1252": "cp1252",
}
"""The encodings we read, as documents declare them, and what Python calls them."""
_WITH_MARK = frozenset({"utf-16", "utf-16-le", "utf-16-be"})
_IN_THE_MIDDLE = frozenset({"unexpected end of data", "truncated data"})
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document as UTF-8 that neither carries nor declares anything else.

    Shape: `codec` is what it came in, by Python's name; lines are where they were.
    """

    utf8: bytes
    codec: str


def to_utf8(body: bytes) -> Decoded:
    """Return *body* as UTF-8, its declaration made true.

    Raises:
        MalformedMessageError: an encoding outside the list, a byte order mark and a declaration that contradict each
            other, bytes that are not in the encoding declared, or a version other than 1.0.
    """
    usual = _usual_start(body[: body.find(b"?>", 0, _HEAD_LENGTH) + 2]) if body.startswith(b"<?xml ") else None
    start = usual or start_of(body)
    content = body[start.skipped :]
    text = _decode(content, start.codec)
    if start.codec != "utf-8":
        content = text.encode()
    if start.declared:
        content = start.ours + content[start.declared :]
    return Decoded(utf8=content, codec=start.codec)


class Start(NamedTuple):
    """How a document starts.

    Shape: `skipped` is the length of its byte order mark, `declared` of its declaration, in whose stead comes `ours`.
    """

    codec: str
    skipped: int
    declared: int
    ours: bytes


@lru_cache(maxsize=32)  # most documents start with one of a few declarations, which tell nothing about anybody
def _usual_start(declared: bytes) -> Start | None:
    """Return the start of a document without a byte order mark, if *declared* is a sound declaration."""
    declaration = _DECLARATION.match(declared.decode("iso-8859-1"))
    return None if declaration is None or declaration["version"] != "1.0" else _start_with(declaration, b"", None)


def start_of(body: bytes) -> Start:
    """Return how a document starts, of which the first HEAD_BYTES are enough.

    Raises:
        MalformedMessageError: as `to_utf8` does, but for what only the rest would show.
    """
    mark, marked = _mark(body)
    if marked is None and (body.startswith((b"<\x00", b"\x00<"))):
        raise _refused("UTF-16 needs its byte order mark")
    head = body[len(mark) : len(mark) + 2 * _HEAD_LENGTH]
    return _start_with(_declaration(head.decode(marked or "iso-8859-1", errors="replace")), mark, marked)


def _start_with(declaration: re.Match[str] | None, mark: bytes, marked: str | None) -> Start:
    codec = _agreed(marked, declaration)
    if declaration is None:
        return Start(codec, len(mark), 0, b"")
    ours = b'<?xml version="1.0"?>' + b"\n" * declaration[0].count("\n")
    return Start(codec, len(mark), declaration.end(), ours)  # plain ASCII: in UTF-8 as many bytes as letters


def _mark(body: bytes) -> tuple[bytes, str | None]:
    if body.startswith(b"<"):  # most have none
        return b"", None
    mark, codec = next((pair for pair in _MARKS if body.startswith(pair[0])), (b"", None))
    if codec == "utf-32":
        raise _refused("UTF-32 is not taken; send UTF-8")
    return mark, codec


def _declaration(head: str) -> re.Match[str] | None:
    """Return the XML declaration, if there is one."""
    if not head.startswith("<?xml") or head[5:6] not in {" ", "\t", "\r", "\n"}:
        return None
    found = _DECLARATION.match(head)
    if found is None:
        raise MalformedMessageError("the XML declaration is not well made", place=Place(line=1))
    if found["version"] != "1.0":
        raise MalformedMessageError("only XML version 1.0 is read", place=Place(line=1), code="xml-version")
    return found


def _agreed(marked: str | None, declaration: re.Match[str] | None) -> str:
    """Return the codec that byte order mark and declaration agree on."""
    declared = declaration["encoding"] if declaration else None
    if declared is None:
        return marked or "utf-8"
    codec = _CODECS.get(declared.lower())
    if codec is None:
        raise _refused("the declared encoding is not one of UTF-8, UTF-16, ISO-8859-1 and windows-1252")
    if marked is None:
        if codec in _WITH_MARK:
            raise _refused("UTF-16 is declared and there is no byte order mark: is it really UTF-8?")
        return codec
    if codec != marked and not (codec == "utf-16" and marked in _WITH_MARK):
        raise _refused("the byte order mark and the declared encoding contradict each other")
    return marked


def _decode(content: bytes, codec: str) -> str:
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        place = Place(line=content.count(b"\n", 0, error.start) + 1)
        raise refused_letter(error, codec, place, is_at_the_end=error.end == len(content)) from None
    refuse_controls(text, codec)
    return text


def refused_letter(
    error: UnicodeDecodeError, codec: str, place: Place, *, is_at_the_end: bool
) -> MalformedMessageError:
    """Return how bytes are refused that are no letter of their encoding."""
    if is_at_the_end and error.reason in _IN_THE_MIDDLE:
        message = "the XML ends in the middle of a letter: was the file cut off?"
        return MalformedMessageError(message, place=place, code="cut-off")
    message = f"the bytes are not {codec}, which is what they are declared, or by default taken, to be"
    return MalformedMessageError(message, place=place, code="encoding")


def refuse_controls(text: str, codec: str) -> None:
    """Refuse what is declared to be ISO-8859-1 and holds what only windows-1252 has letters for.

    Raises:
        MalformedMessageError: it does; code `encoding`.
    """
    if codec == "iso-8859-1" and _CONTROLS.search(text):
        raise _refused("ISO-8859-1 is declared, and bytes only windows-1252 has letters for are used")


def _refused(message: str) -> MalformedMessageError:
    return MalformedMessageError(message, place=Place(line=1), code="encoding")


def check_charset(codec: str, charset: str) -> None:
    """Refuse a `Content-Type` that names another charset than the document is in (Source: RFC 7303, 3).

    Raises:
        MalformedMessageError: it does; code `encoding`.
    """
    names = {codec, "windows-1252"} if codec == "cp1252" else {codec, "utf-16"} if "16" in codec else {codec}
    if charset not in names:
        message = "the Content-Type and the document name different encodings"
        raise MalformedMessageError(message, code="encoding")
