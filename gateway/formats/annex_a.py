"""Which rows does a list of Annex A hold, and how is one written?

The lists are the child-level data that a local authority hands to its inspectors: one table a list, its columns known
by their captions. They come out of spreadsheets, with what spreadsheets leave behind: blanks that do not break, error
values, formulas nobody worked out. Such a cell is left out and told; what should have stood there is never guessed.

Source: Ofsted's published guidance for inspections of local authority children's services, Annex A, lists 1 and 2.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from gateway.errors import MalformedMessageError, Place, SchemaViolationError
from gateway.formats.content_type import ContentType
from gateway.formats.csv_table import Line, decode, lines_of, place_of
from gateway.formats.limits import Limits
from gateway.formats.pupil_rows import Pupil, Report
from gateway.formats.warning import GateWarning
from gateway.model.tree import Group

CHILD_ID, GENDER, ETHNICITY, BORN, AGE = "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age"
CONTACTED, SOURCE = "Date of Contact", "Contact Source"
STARTED, COMPLETED = "Assessment start date", "Assessment completion date"
ORGANISATION = "Organisation completing assessment"
_CHILD = (CHILD_ID, GENDER, ETHNICITY, BORN, AGE)
CAPTIONS: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {1: (*_CHILD, CONTACTED, SOURCE), 2: (*_CHILD, STARTED, COMPLETED, ORGANISATION)}
)
"""The columns of each list, in their order."""
_NEEDED: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {1: (CHILD_ID, CONTACTED, SOURCE), 2: (CHILD_ID, STARTED, ORGANISATION)}
)
"""What no row of a list may be without; a row without it is told."""
_OTHER_SEPARATORS = (";", "\t", "|")
_ERROR_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|#+)?", re.IGNORECASE)
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
_FORMULA = re.compile(r"=.|[+-]\$?[A-Za-z]{1,3}\$?\d", re.DOTALL)


def read_list(number: int, body: bytes, *, declared: ContentType | None, limits: Limits) -> Report:
    """Return the rows of *body* as list *number*; each row is a record of its own.

    Raises:
        MalformedMessageError: the bytes are no CSV in an encoding we read; codes as those of a school's CSV.
        SchemaViolationError: a caption of the list is missing or comes twice, or a row has more cells than captions.
        TooLargeError: over a limit.
    """
    read = decode(body, declared=declared, limits=limits)
    lines = (line for line in lines_of(read.text.lstrip("\r\n"), limits=limits) if not _is_blank(line))
    captions = _captions(number, next(lines, Line(number=0, cells=(), is_ended=True)))
    warnings: list[GateWarning] = []
    rows: list[Pupil] = []
    for line in lines:
        row, noticed = _row(line, captions)
        warnings += noticed
        warnings += _gaps(number, line, row, {one.path for one in noticed})
        rows.append(Pupil(key=f"row:{line.number}", rows=(row,), numbers=(line.number,)))
    if read.is_guessed:
        message = "read as windows-1252, because it is not UTF-8"
        warnings.append(GateWarning(path="", code="encoding-guessed", message=message))
    if not rows:
        warnings.append(GateWarning(path="captions", code="empty-report", message="the list has no row"))
    return Report(pupils=tuple(rows), warnings=tuple(warnings), tells_contacts=False)


def write_list(number: int, rows: Iterable[Sequence[str]]) -> bytes:
    """Return list *number* as CSV in UTF-8 with its mark, so that spreadsheets read its letters.

    A cell that a spreadsheet would work out gets an apostrophe before it, as a spreadsheet marks text itself.

    Raises:
        SchemaViolationError: a row has another number of cells than the list has captions.
    """
    captions = CAPTIONS[number]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(captions)
    for row in rows:
        if len(row) != len(captions):
            raise SchemaViolationError(f"a row of list {number} has {len(captions)} cells")
        writer.writerow([_harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def age_on(born: date, on: date) -> int | None:
    """Return how many birthdays somebody *born* that day has had *on* a day; None for one not born yet."""
    if born > on:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def uk_day(day: date) -> str:
    """Return *day* as the lists write days: dd/mm/yyyy."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA_MARKS) or cell.startswith(_FORMULA_MARKS) else cell


def _captions(number: int, line: Line) -> tuple[str, ...]:
    """Return the captions as the list spells them; a column the list has not keeps the caption it came with."""
    known = {_folded(caption): caption for caption in CAPTIONS[number]}
    cells = [_tidy(cell) for cell in line.cells]
    if len(cells) == 1 and any(mark in line.cells[0] for mark in _OTHER_SEPARATORS):
        raise MalformedMessageError("the columns are not separated by commas", code="separator", place=place_of(0, 1))
    captions = tuple(known.get(_folded(cell), cell) for cell in cells)
    for column, caption in enumerate(captions):
        if caption and caption in captions[:column]:
            raise SchemaViolationError("a caption comes twice", code="caption-twice", place=place_of(0, column + 1))
    missing = [caption for caption in _NEEDED[number] if caption not in captions]
    if missing:
        message = f"the first row has no column {', '.join(missing)}: is it list {number} of Annex A?"
        raise SchemaViolationError(message, code="no-captions", place=Place(path="captions", row=0))
    return captions


def _row(line: Line, captions: tuple[str, ...]) -> tuple[Group, list[GateWarning]]:
    """Return a row without its blank cells, and which cells were left out because they hold no value."""
    if any(_tidy(cell) for cell in line.cells[len(captions) :]):
        message = f"{len(line.cells)} cells under {len(captions)} captions: is a comma inside a value not quoted?"
        raise SchemaViolationError(message, code="ragged-row", place=place_of(line.number, len(captions) + 1))
    row: Group = {}
    noticed: list[GateWarning] = []
    for column, (caption, cell) in enumerate(zip(captions, line.cells, strict=False), start=1):
        value = _tidy(cell)
        if not value:
            continue
        if not caption:
            message = "a value stands under no caption"
            raise SchemaViolationError(message, code="no-captions", place=place_of(line.number, column))
        if _ERROR_VALUE.fullmatch(value):
            noticed.append(_left_out(line, caption, "error-value", "a spreadsheet's error value: left out"))
        elif _FORMULA.match(value):
            noticed.append(_left_out(line, caption, "formula", "a formula and not its result: left out"))
        else:
            row[caption] = value
    return row, noticed


def _gaps(number: int, line: Line, row: Group, told: set[str]) -> Iterator[GateWarning]:
    """Yield what the list needs and the row has not, where nobody said so yet."""
    for caption in _NEEDED[number]:
        path = f"Record[{line.number}].{caption}"
        if caption not in row and path not in told:
            yield GateWarning(path=path, code="needed", message="the list needs a value here, and there is none")


def _left_out(line: Line, caption: str, code: str, message: str) -> GateWarning:
    shown = caption if any(caption in captions for captions in CAPTIONS.values()) else "a column of its own"
    return GateWarning(path=f"Record[{line.number}].{shown}", code=code, message=message)


def _is_blank(line: Line) -> bool:
    return not any(_tidy(cell) for cell in line.cells)


def _tidy(cell: str) -> str:
    """Return *cell* with single blanks; blanks that do not break and that nobody sees are blanks or nothing."""
    return " ".join(cell.replace("\ufeff", "").replace("\u200b", "").split())


def _folded(caption: str) -> str:
    return caption.casefold()
