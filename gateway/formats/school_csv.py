"""Which pupils does a school's CSV report tell about?

The first row holds the captions, as whoever wrote the report typed them; every other row is one of the same cross
product that SIMS writes as XML. A row with a cell too many or too few has usually been pulled out of place by a comma
or a line break nobody quoted, and then every value behind it would go under the wrong caption: such a file is refused.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from gateway.errors import MalformedMessageError, Place, SchemaViolationError
from gateway.formats.content_type import ContentType
from gateway.formats.csv_table import Line, decode, lines_of, place_of
from gateway.formats.limits import Limits
from gateway.formats.pupil_rows import ID_CAPTIONS, Report, gathered
from gateway.formats.warning import GateWarning
from gateway.model.tree import Group

_TELLING = frozenset({*ID_CAPTIONS, "Forename", "Surname", "Legal Surname", "LegalSurname"})
_OTHER_SEPARATORS = (";", "\t", "|")
_NAMES = {
    "utf-8-sig": "UTF-8 with its byte order mark",
    "utf-8": "UTF-8",
    "cp1252": "windows-1252, because it is not UTF-8",
}
_ID_SHAPES = {"primary_id": re.compile(r"\s*\d+\s*"), "multiple_id": re.compile(r"\s*\d+(\s*,\s*\d+)*\s*")}


class Captions(tuple[str, ...]):  # noqa: SLOT001  # what was looked up is kept
    """The captions of a report, which are looked up once: a file may have as many of them as it has rows."""

    @cached_property
    def id_column(self) -> tuple[str, int] | None:
        """Return the report's first id caption, and where it stands from 0."""
        return next(((caption, self.index(caption)) for caption in ID_CAPTIONS if caption in self), None)


def read_school_csv(body: bytes, *, declared: ContentType | None, limits: Limits) -> Report:
    """Return the pupils of *body*; in which encoding it was read is among the warnings.

    Raises:
        MalformedMessageError: the bytes are no CSV in an encoding we read; code `separator`, `quoting`, `cut-off`,
            `encoding`, `bad-text`, `empty`.
        SchemaViolationError: no captions in the first row, one of them twice, a row with more or fewer cells.
        TooLargeError: over a limit.
    """
    read = decode(body, declared=declared, limits=limits)
    lines = (line for line in lines_of(read.text.lstrip("\r\n"), limits=limits) if not line.is_blank)
    captions = read_captions(next(lines, None))
    rows, numbers = [], []
    warnings = [encoding_read(read.codec, is_guessed=read.is_guessed)]
    for line in lines:
        row, noticed = read_row(line, captions)
        rows.append(row)
        numbers.append(line.number)
        warnings += noticed
    if not rows:
        warnings.append(empty_report())
    return gathered(rows, numbers, warnings)


def encoding_read(codec: str, *, is_guessed: bool) -> GateWarning:
    """Return what is told of the encoding a report was read in."""
    code = "encoding-guessed" if is_guessed else "encoding-read"
    return GateWarning(path="", code=code, message=f"read as {_NAMES[codec]}")


def empty_report() -> GateWarning:
    """Return what is said of a report without a row."""
    return GateWarning(path="captions", code="empty-report", message="the report has no row")


def read_captions(line: Line | None) -> Captions:
    """Return the captions of a report whose first row is *line*, white space tidied; one left blank stays blank.

    Raises:
        MalformedMessageError: the columns are not separated by commas.
        SchemaViolationError: there is no caption that says who a row is about, or one comes twice.
    """
    cells = line.cells if line is not None else ()
    captions = Captions(" ".join(cell.split()) for cell in cells)
    if len(captions) == 1 and any(mark in cells[0] for mark in _OTHER_SEPARATORS):
        raise MalformedMessageError("the columns are not separated by commas", code="separator", place=place_of(0, 1))
    if _TELLING.isdisjoint(captions):
        message = "the first row has none of the captions that say who a row is about: is it the captions' row?"
        raise SchemaViolationError(message, code="no-captions", place=Place(path="captions", row=0))
    seen: set[str] = set()
    for column, caption in enumerate(captions, start=1):
        if caption and caption in seen:
            raise SchemaViolationError("a caption comes twice", code="caption-twice", place=place_of(0, column))
        seen.add(caption)
    return captions


def read_row(line: Line, captions: Captions) -> tuple[Group, tuple[GateWarning, ...]]:
    """Return a row, blank cells left out as SIMS leaves out empty columns, and what is odd about it.

    Raises:
        MalformedMessageError: the file stops in the middle of it.
        SchemaViolationError: it has more or fewer cells than there are captions, so that it was pulled out of place.
    """
    cells = line.cells
    noticed: tuple[GateWarning, ...] = ()
    if len(cells) > len(captions) and any(cell.strip() for cell in cells[len(captions) :]):
        message = f"{len(cells)} cells under {len(captions)} captions: is a comma inside a value not quoted?"
        raise SchemaViolationError(message, code="ragged-row", place=place_of(line.number, len(captions) + 1))
    if len(cells) < len(captions):
        noticed = (_short(line, captions),)
    if not line.is_ended:
        message = "the file ends without a line end: if it was cut off, the last value is short"
        noticed = (*noticed, GateWarning(path=f"Record[{line.number}]", code="no-line-end", message=message))
    return row_of(cells, captions, line.number), noticed


def row_of(cells: Sequence[str], captions: Sequence[str], number: int) -> Group:
    """Return the *cells* of row *number* under their captions.

    Raises:
        SchemaViolationError: a value stands under no caption.
    """
    row: Group = {}
    for column, (caption, cell) in enumerate(zip(captions, cells, strict=False), start=1):
        if not cell.strip():
            continue
        if not caption:
            message = "a value stands under no caption"
            raise SchemaViolationError(message, code="no-captions", place=place_of(number, column))
        row[caption] = cell
    return row


def _short(line: Line, captions: Captions) -> GateWarning:
    """Return the warning that a row's last cells are missing, as Excel leaves them out when they are empty.

    Raises:
        MalformedMessageError: it is the last row, and the file stops there.
        SchemaViolationError: its own id is none, so that it is the rest of the row before.
    """
    column = len(line.cells) + 1
    if not line.is_ended:
        message = "the file ends in the middle of a row: was it cut off?"
        raise MalformedMessageError(message, code="cut-off", place=place_of(line.number, column))
    if not _has_id(line, captions):
        message = f"{len(line.cells)} cells under {len(captions)} captions: is a line break inside a value not quoted?"
        raise SchemaViolationError(message, code="ragged-row", place=place_of(line.number, column))
    message = f"the last {len(captions) - len(line.cells)} cells of this row are missing: taken as empty"
    return GateWarning(path=f"Record[{line.number}].column[{column}]", code="short-row", message=message)


def _has_id(line: Line, captions: Captions) -> bool:
    """Tell whether the row names its pupil in the report's first id column, in the shape such ids have."""
    if captions.id_column is None:
        return False
    caption, place = captions.id_column
    cell = line.cells[place] if place < len(line.cells) else ""
    shape = _ID_SHAPES.get(caption)
    return shape.fullmatch(cell) is not None if shape else any(letter.isdigit() for letter in cell)
