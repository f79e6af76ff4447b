"""May a school's CSV report come in that is too large to be held, and how are its pupils found again?

It is read through twice: once for its letters, because one that is none of UTF-8 may come last, and once row by row.
Each row is asked for what a row of a small report is asked for; what is kept of it is where it lies.
"""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from gateway.errors import IntegrityError, TooLargeError
from gateway.formats.body import Body
from gateway.formats.content_type import ContentType
from gateway.formats.contents import Entry, Gathered, Head, Span, write_contents
from gateway.formats.csv_letters import Letters, find_letters
from gateway.formats.csv_table import Line, Table, lines_of, place_of
from gateway.formats.large import Large
from gateway.formats.limits import Limits, check_length
from gateway.formats.pupil_rows import RECORD, Gathering
from gateway.formats.recoding import refuse_empty
from gateway.formats.register import Format
from gateway.formats.schema_register import SchemaRegister, refuse
from gateway.formats.school_csv import Captions, empty_report, encoding_read, read_captions, read_row, row_of
from gateway.formats.warning import FewWarnings
from gateway.model.tree import Group, Tree

_CAPTIONS = "captions"
_LINE_ENDS = "\r\n"
_UNASKED = Limits(nodes=2**62, text_length=2**62)
"""The gate has asked, by what limits the authority has; whoever reads again asks nothing."""


def read_large_csv(
    fmt: Format, body: Body, *, declared: ContentType | None, schemas: SchemaRegister, limits: Limits
) -> Large:
    """Return *body*, a report as CSV, if it may come in.

    Raises:
        MalformedMessageError: as `gateway.formats.school_csv.read_school_csv` does.
        SchemaViolationError: likewise.
        TooLargeError: over a limit.
    """
    check_length(body.size_bytes, limits=limits)
    refuse_empty(body)
    letters = find_letters(body, declared=declared)
    spans = ((span, line) for span, line in _rows(body, letters, limits) if not line.is_blank)
    captions = read_captions(next((line for _, line in spans), None))
    reading = _Reading(fmt, schemas, limits)
    reading.told[""] = encoding_read(letters.codec, is_guessed=letters.is_guessed)
    for span, line in spans:
        reading.take(span, line, captions)
    head = replace(reading.end(), codec=letters.plain, header={_CAPTIONS: list(captions)})
    return Large(head=head, contents=lambda: write_contents(head, reading.index))


class _Reading:
    """Takes one row after the other, and lets go of each."""

    def __init__(self, fmt: Format, schemas: SchemaRegister, limits: Limits) -> None:
        self.told, self._odd = FewWarnings(), FewWarnings()
        self.index = Gathered(limits.record_bytes)
        self._gathering = Gathering(self._odd)
        self._format, self._schemas, self._limits = fmt, schemas, limits

    def take(self, span: Span, line: Line, captions: Captions) -> None:
        """Take one row.

        Raises:
            MalformedMessageError: the file stops in the middle of it.
            SchemaViolationError: it was pulled out of place, or is not in the agreed shape.
            TooLargeError: there are too many, or too much of one pupil.
        """
        if span.number > self._limits.records:
            place = place_of(span.number, 1)
            raise TooLargeError(f"more than {self._limits.records} rows", code="too-many", place=place)
        row, noticed = read_row(line, captions)
        for one in noticed:
            self.told[f"{one.code}/{one.path}"] = one
        violations = self._schemas.violations(self._format.schema, {RECORD: [row]})
        refuse(tuple(replace(one, place=replace(one.place, row=span.number)) for one in violations))
        self.index.add(self._gathering.place(span.number, row), span)

    def end(self) -> Head:
        """Return what holds for all pupils, now that every row was read."""
        if not self.index:
            self.told["empty"] = empty_report()
        warnings = (*self.told.told(), *self._odd.told())
        return Head(records=len(self.index), tells_contacts=self._gathering.tells_contacts, warnings=warnings)


def rows_of(body: Body, head: Head, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Group]]:
    """Return the rows of each pupil that *entries* tell of, of a report the gate has taken.

    Raises:
        IntegrityError: the table of contents is of another document.
    """
    captions = cast("Sequence[str]", head.header[_CAPTIONS])
    for entry in entries:
        rows: list[Tree] = [_row_again(body, one, head.codec, captions) for one in entry.spans]
        yield entry, {RECORD: rows}


def _row_again(body: Body, span: Span, codec: str, captions: Sequence[str]) -> Group:
    lines = list(lines_of(body.span(span.start, span.length).decode(codec), limits=_UNASKED))
    if len(lines) != 1:
        raise IntegrityError("a table of contents tells of a row that is none", expected="one row")
    return row_of(lines[0].cells, captions, span.number)


def _rows(body: Body, letters: Letters, limits: Limits) -> Iterator[tuple[Span, Line]]:
    """Yield every row, and where in the document it lies."""
    table = Table(limits, measure=_utf8_length if letters.plain == "utf-8" else len, is_stream=True)
    place, is_begun = letters.mark_bytes, False
    for text, is_last in _texts(body, letters):
        piece = text if is_begun else text.lstrip(_LINE_ENDS)
        place += len(text) - len(piece)
        is_begun = is_begun or bool(piece)
        for line in table.lines(piece, is_last=is_last):
            yield Span(line.number, place, line.length), line
            place += line.length


def _texts(body: Body, letters: Letters) -> Iterator[tuple[str, bool]]:
    """Yield the text of a document whose letters are known to be sound, piece by piece, and whether it was the last."""
    decoder = codecs.getincrementaldecoder(letters.plain)()
    left = letters.mark_bytes
    for piece in body.pieces():
        yield decoder.decode(piece[left:]), False
        left = max(0, left - len(piece))
    yield decoder.decode(b"", final=True), True


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
