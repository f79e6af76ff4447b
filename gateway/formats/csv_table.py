"""What does a CSV file hold, row by row and cell by cell?

Source: RFC 4180; where it leaves room, what Excel and SIMS write.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from gateway.errors import MalformedMessageError, Place, TooLargeError
from gateway.formats.body import Held
from gateway.formats.content_type import ContentType
from gateway.formats.csv_letters import find_letters
from gateway.formats.limits import Limits, check_size

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
    stands behind it. `length` is how long it was as it was written, its line end too, by the measure of its reader.
    """

    number: int
    cells: tuple[str, ...]
    is_ended: bool
    length: int = 0

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
    found = find_letters(Held(body), declared=declared)
    return Text(text=body[found.mark_bytes :].decode(found.plain), codec=found.codec, is_guessed=found.is_guessed)


def lines_of(text: str, *, limits: Limits) -> Iterator[Line]:
    """Yield the rows of *text*, each cell without its quotation marks.

    Raises:
        MalformedMessageError: a quotation mark that is out of place, or never closed; the place is the row.
        TooLargeError: over a limit of number or length.
    """
    return Table(limits).lines(text, is_last=True)


class Table:
    """Cuts a table into rows while its text comes piece by piece; a cell that is not whole waits for the next piece.

    Shape: *measure* says how long a part of the text is as it was written. With *is_stream* the limit of cells is one
    of each row, because there is no end to the rows.
    """

    def __init__(self, limits: Limits, *, measure: Callable[[str], int] = len, is_stream: bool = False) -> None:
        self._limits = limits
        self._measure = measure
        self._is_stream = is_stream
        self._rest = ""
        self._cells: list[str] = []
        self._number = 0
        self._taken = 0
        self._length = 0
        """How long what is no longer in the rest was of the row that is being read."""

    def lines(self, piece: str, *, is_last: bool = False) -> Iterator[Line]:
        """Yield the rows that are whole with this *piece*.

        Raises:
            MalformedMessageError: a quotation mark that is out of place, or never closed; the place is the row.
            TooLargeError: over a limit of number or length.
        """
        text, position, begin, longest = self._rest + piece, 0, 0, self._limits.text_length
        while position < len(text):
            found = _CELL.match(text, position)
            if not is_last and _may_go_on(found, text, position):
                break
            if found is None:
                self._refuse_quote(text, position)
            quoted, plain, end = found.groups()
            cell = plain if quoted is None else quoted.replace('""', '"') if '""' in quoted else quoted
            self._taken += 1
            if len(cell) > longest or self._taken > self._limits.nodes:
                self._refuse_over(is_long=len(cell) > longest)
            self._cells.append(cell)
            position = found.end()
            if end != ",":
                yield self._ended(text[begin:position], is_ended=bool(end))
                begin = position
        self._wait(text, begin, position)
        if is_last and self._cells:  # the last thing in the file is a comma
            self._cells.append("")
            yield self._ended("", is_ended=False)

    def _wait(self, text: str, begin: int, position: int) -> None:
        """Keep what is not whole yet: of the row that begins at *begin*, the cell that begins at *position*."""
        self._rest = text[position:]
        self._length += self._measure(text[begin:position])
        if len(self._rest) > self._limits.text_length:
            self._refuse_over(is_long=True)
        if self._is_stream and self._length > self._limits.record_bytes:
            raise TooLargeError(f"one row has more than {self._limits.record_bytes} bytes", place=self._place())

    def _ended(self, written: str, *, is_ended: bool) -> Line:
        """Return the row whose cells are all there, and begin the next."""
        length = self._length + self._measure(written)
        line = Line(number=self._number, cells=tuple(self._cells), is_ended=is_ended, length=length)
        self._cells, self._length = [], 0
        self._number += 1
        if self._is_stream:
            self._taken = 0
        return line

    def _place(self) -> Place:
        return place_of(self._number, len(self._cells) + 1)

    def _refuse_over(self, *, is_long: bool) -> NoReturn:
        if is_long:
            raise TooLargeError(f"a text is longer than {self._limits.text_length} characters", place=self._place())
        what = f"more than {self._limits.nodes} cells{' in one row' if self._is_stream else ''}"
        raise TooLargeError(what, code="too-many", place=self._place())

    def _refuse_quote(self, text: str, position: int) -> NoReturn:
        if _OPEN_QUOTE.match(text, position):
            message = "the file ends inside quotation marks: was it cut off, or is one too many?"
            raise MalformedMessageError(message, code="cut-off", place=self._place())
        message = 'something stands behind a closing quotation mark; inside a value write it twice: ""'
        raise MalformedMessageError(message, code="quoting", place=self._place())


def _may_go_on(found: re.Match[str] | None, text: str, position: int) -> bool:
    """Tell whether what comes behind *text* may belong to the cell at *position*."""
    if found is None:
        return _OPEN_QUOTE.match(text, position) is not None
    return not found["end"] or (found["end"] == "\r" and found.end() == len(text))


def place_of(number: int, column: int) -> Place:
    """Return where a cell is: *number* counts rows without the captions' row, *column* from 1."""
    return Place(path=f"Record[{number}].column[{column}]" if number else f"captions.column[{column}]", row=number)
