"""What does a CSV file hold, cell by cell, and in which letters?

A file says nothing of its encoding. A byte order mark settles it; else what is UTF-8 through and through is UTF-8, and
anything else can only be windows-1252, which is what older Windows programs write. A file that is partly the one and
partly the other is refused: whichever were taken, names would be spoilt in silence.

Source: RFC 4180; where it leaves room, what Excel and SIMS write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import MalformedMessageError, Place, TooLargeError
from gateway.formats.content_type import ContentType, codec_of
from gateway.formats.limits import Limits, check_size

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CUT_LETTER = "unexpected end of data"
_UTF8_INSIDE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CELL = re.compile(
    r"""(?:[ \t]*+"(?P<quoted>(?:[^"]++|"")*+)"[ \t]*+|(?P<plain>(?![ \t]*+")[^,\r\n]*+))(?P<end>,|\r\n|\n|\r|\Z)"""
)
_OPEN_QUOTE = re.compile(r"""[ \t]*+"(?:[^"]++|"")*+\Z""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A file's letters, and what they were read as: `utf-8-sig` (with its mark), `utf-8` or `cp1252`."""

    text: str
    codec: str
    is_guessed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the table.

    Shape: `number` counts the rows of the spreadsheet from 0, the captions' row; `is_ended` tells whether a line end
    stands behind it.
    """

    number: int
    cells: tuple[str, ...]
    is_ended: bool

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing stands in it."""
        return not any(cell.strip() for cell in self.cells)


def decode(body: bytes, *, declared: ContentType | None, limits: Limits) -> Text:
    """Return the letters of *body*.

    Raises:
        MalformedMessageError: empty, an encoding we do not read, not what is declared, two encodings in one file, cut
            off in the middle of a letter, U+0000.
        TooLargeError: more bytes than allowed.
        UnsupportedFormatError: a declared charset that we do not read.
    """
    check_size(body, limits=limits)
    if body.startswith(_OTHER_MARKS):
        raise _encoding("UTF-16 is not taken for CSV; save it as CSV UTF-8", line=1)
    if b"\0" in body:
        message = "the file holds U+0000: is it UTF-16, or a spreadsheet and no CSV? Save it as CSV UTF-8"
        raise MalformedMessageError(message, code="bad-text", place=Place(line=_line_at(body, body.index(b"\0"))))
    charset = codec_of(declared.charset) if declared is not None and declared.charset else None
    if body.startswith(_UTF8_MARK):
        if charset not in {None, "utf-8"}:
            raise _encoding("the Content-Type and the byte order mark name different encodings", line=1)
        return _not_blank(Text(text=_strict(body[len(_UTF8_MARK) :], "utf-8"), codec="utf-8-sig", is_guessed=False))
    if charset == "cp1252" and not body.isascii() and _is_utf8(body):
        raise _encoding("the Content-Type says windows-1252 and the letters are UTF-8", line=1)
    if charset is not None:
        return _not_blank(Text(text=_strict(body, charset), codec=charset, is_guessed=False))
    return _not_blank(_guessed(body))


def lines_of(text: str, *, limits: Limits) -> Iterator[Line]:
    """Yield the rows of *text*, each cell without its quotation marks.

    Raises:
        MalformedMessageError: a quotation mark that is out of place, or never closed; the place is the row.
        TooLargeError: over a limit of number or length.
    """
    position, number, taken = 0, 0, 0
    cells: list[str] = []
    while position < len(text):
        found = _CELL.match(text, position)
        if found is None:
            raise _bad_quote(text, position, number, len(cells) + 1)
        quoted, plain, end = found.groups()
        cell = plain if quoted is None else quoted.replace('""', '"') if '""' in quoted else quoted
        taken += 1
        if len(cell) > limits.text_length or taken > limits.nodes:
            raise _over(limits, number, len(cells) + 1, is_long=taken <= limits.nodes)
        cells.append(cell)
        position = found.end()
        if end != ",":
            yield Line(number=number, cells=tuple(cells), is_ended=bool(end))
            cells, number = [], number + 1
    if cells:  # the last thing in the file is a comma
        yield Line(number=number, cells=(*cells, ""), is_ended=False)


def place_of(number: int, column: int) -> Place:
    """Return where a cell is: *number* counts rows without the captions' row, *column* from 1."""
    return Place(path=f"Record[{number}].column[{column}]" if number else f"captions.column[{column}]", row=number)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(body: bytes) -> Text:
    try:
        return Text(text=body.decode("utf-8"), codec="utf-8", is_guessed=False)
    except UnicodeDecodeError as error:
        if error.reason == _CUT_LETTER:
            raise _cut_letter(body) from None
    if _UTF8_INSIDE.search(body):
        raise _encoding("some letters are UTF-8 and others are not: it was put together of two files", line=None)
    return Text(text=_strict(body, "cp1252"), codec="cp1252", is_guessed=True)


def _strict(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        if error.reason == _CUT_LETTER:
            raise _cut_letter(body) from None
        raise _encoding(f"a byte that is no letter of {codec}", line=_line_at(body, error.start)) from None


def _not_blank(read: Text) -> Text:
    if not read.text.strip():
        raise MalformedMessageError("the body is empty", code="empty")
    return read


def _encoding(message: str, *, line: int | None) -> MalformedMessageError:
    return MalformedMessageError(message, code="encoding", place=Place(line=line))


def _cut_letter(body: bytes) -> MalformedMessageError:
    message = "the file ends in the middle of a letter: was it cut off?"
    return MalformedMessageError(message, code="cut-off", place=Place(line=_line_at(body, len(body))))


def _line_at(body: bytes, position: int) -> int:
    return body.count(b"\n", 0, position) + 1


def _bad_quote(text: str, position: int, number: int, column: int) -> MalformedMessageError:
    if _OPEN_QUOTE.match(text, position):
        message = "the file ends inside quotation marks: was it cut off, or is one too many?"
        return MalformedMessageError(message, code="cut-off", place=place_of(number, column))
    message = 'something stands behind a closing quotation mark; inside a value write it twice: ""'
    return MalformedMessageError(message, code="quoting", place=place_of(number, column))


def _over(limits: Limits, number: int, column: int, *, is_long: bool) -> TooLargeError:
    if is_long:
        message = f"a text is longer than {limits.text_length} characters"
        return TooLargeError(message, place=place_of(number, column))
    return TooLargeError(f"more than {limits.nodes} cells", code="too-many", place=place_of(number, column))
