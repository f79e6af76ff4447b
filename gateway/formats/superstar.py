"""Which pupils does a SIMS report tell about?

A `SuperStarReport` is an ADO.NET DataSet: one flat `Record` a row, the column captions as element names, characters no
XML name may have written `_xHHHH_`, empty columns left out. A pupil with two contacts of two telephones each has four
rows; `gateway.formats.pupil_rows` puts together what belongs together.

Source: the ADO.NET rule for names (XmlConvert.EncodeName); the row rules are read off public consumers of such reports.
"""

import re
from functools import lru_cache

from lxml import etree

from gateway.errors import Place, SchemaViolationError
from gateway.formats.pupil_rows import RECORD, Report, gathered
from gateway.formats.warning import GateWarning
from gateway.formats.xml import Element
from gateway.model.tree import Group

ROOT = "SuperStarReport"
FAILED_ROOT = "CommandReporterError"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES = range(0xD800, 0xE000)
_HARMLESS = "{http://www.w3.org/"
_HAS_MORE_THAN_TEXT = etree.XPath(f"boolean({RECORD}/*/* | {RECORD}/*/@*)")


def refuse_failed_report(root: Element) -> None:
    """Return unless *root* is what SIMS writes when it could not run the report.

    Raises:
        SchemaViolationError: it is; code `report-failed`.
    """
    if root.tag.endswith(FAILED_ROOT) and etree.QName(root).localname == FAILED_ROOT:
        message = f"SIMS could not run the report: the file holds {FAILED_ROOT} instead of {ROOT}; run it again"
        raise SchemaViolationError(message, code="report-failed", place=Place(path=f"/{FAILED_ROOT}"))


def read_report(root: Element) -> Report:
    """Return the pupils under *root*, which the schema has been asked about already.

    Raises:
        SchemaViolationError: a column that holds elements, or comes twice in a row; the place is the row.
    """
    warnings: dict[str, GateWarning] = {}
    rows = read_rows(root, 1, warnings)
    if not rows:
        warnings["empty"] = empty_report()
    return gathered(rows, range(1, len(rows) + 1), tuple(warnings.values()))


def empty_report() -> GateWarning:
    """Return what is said of a report without a row."""
    return GateWarning(path=f"/{ROOT}", code="empty-report", message="the report has no row")


def read_rows(root: Element, first: int, warnings: dict[str, GateWarning]) -> list[Group]:
    """Return the rows under *root*, of which the first has the number *first*; what is noticed is added to *warnings*.

    Raises:
        SchemaViolationError: a column that holds elements, or comes twice in a row; the place is the row.
    """
    records = [child for child in root if child.tag == RECORD]
    rows = None if _HAS_MORE_THAN_TEXT(root) else _plain_rows(records)
    if rows is None:
        rows = [_row(record, number, warnings) for number, record in enumerate(records, start=first)]
    return rows


def read_rows_again(root: Element) -> list[Group]:
    """Return the rows under *root*, which `read_rows` has found to be in order before."""
    return [
        {decode_caption(column.tag): column.text or "" for column in child} for child in root if child.tag == RECORD
    ]


def read_report_again(root: Element) -> Report:
    """Return the pupils under *root*, which `read_report` has found to be in order before."""
    rows = read_rows_again(root)
    return gathered(rows, range(1, len(rows) + 1))


def _plain_rows(records: list[Element]) -> list[Group] | None:
    """Return *records*, whose columns are known to hold text alone, as rows; None if a column comes twice in one."""
    rows: list[Group] = [{decode_caption(column.tag): column.text or "" for column in one} for one in records]
    return rows if all(len(row) == len(one) for row, one in zip(rows, records, strict=True)) else None


@lru_cache(maxsize=512)  # every row of a report has the same few
def decode_caption(name: str) -> str:
    """Return the caption an element's name stands for: `Legal_x0020_Surname` is `Legal Surname`.

    Half a surrogate pair and U+0000 stay written as they are: no caption has them.
    """
    return _ESCAPED.sub(_letter, name) if "_x" in name else name


def _letter(escaped: re.Match[str]) -> str:
    code = int(escaped[1], 16)
    return escaped[0] if code == 0 or code in _SURROGATES else chr(code)


def _row(record: Element, number: int, warnings: dict[str, GateWarning]) -> Group:
    row: Group = {}
    for column in record:
        caption = decode_caption(str(column.tag))
        if len(column) or caption in row:
            fault = "holds elements" if len(column) else "comes twice in one row"
            place = Place(path=f"{RECORD}[{number}].{caption}", row=number)
            raise SchemaViolationError(f"the column {fault}, which a SIMS report never has", place=place)
        if any(not str(name).startswith(_HARMLESS) for name in column.attrib):
            path, message = f"{RECORD}.{caption}", "attributes of this column are not carried"
            warnings.setdefault(path, GateWarning(path=path, code="attribute-ignored", message=message))
        row[caption] = column.text or ""
    return row
