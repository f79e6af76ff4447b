"""How does a school's office drop its files? At once, in slow pieces, or only half of it.

A SIMS report appears in its folder before it is complete, and when SIMS fails it may stay half a file for ever.
"""

import csv
import io
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from gateway.model.tree import Group

_NAME_START = re.compile(r"[A-Za-z_]")
_NAME_REST = re.compile(r"[A-Za-z0-9_.-]")
_PIECES = 8
_NO_ATTRIBUTES: "AttributesImpl[str]" = AttributesImpl({})

PUPIL: Mapping[str, str] = {
    "primary_id": "1001",
    "UPN": "B801200005001",
    "Forename": "Testina",
    "Legal Surname": "Exampleton",
    "DOB": "2014-06-14T00:00:00+01:00",
    "Gender": "Female",
    "Year": "Year  5",
    "Reg": "5X",
    "Adno": "004711",
}
"""An invented pupil, as a report's columns tell of her."""

CONTACTS: Sequence[Mapping[str, str]] = (
    {"Contact Surname": "Exampleton", "Contact Forename": "Mock", "Telephone": "020 7946 0001"},
    {"Contact Surname": "Exampleton", "Contact Forename": "Mock", "Telephone": "07700 900001"},
    {"Contact Surname": "Sampleby", "Contact Forename": "Trial", "Telephone": "020 7946 0002"},
)
"""Her contacts and their telephones: one row of the report for each."""


def superstar_report(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a `SuperStarReport` with one Record for each of *rows* (caption -> text); empty columns are left out."""
    written = io.StringIO()
    xml = XMLGenerator(written, encoding="utf-8", short_empty_elements=False)
    xml.startDocument()
    xml.startElement("SuperStarReport", _NO_ATTRIBUTES)
    for row in rows:
        xml.startElement("Record", _NO_ATTRIBUTES)
        for caption, text in row.items():
            if text:
                name = encoded_caption(caption)
                xml.startElement(name, _NO_ATTRIBUTES)
                xml.characters(text)
                xml.endElement(name)
        xml.endElement("Record")
    xml.endElement("SuperStarReport")
    xml.endDocument()
    return written.getvalue().encode()


def example_report() -> bytes:
    """Return a report on the invented pupil: three rows, because she has three telephone numbers to ring."""
    return superstar_report([{**PUPIL, **contact} for contact in CONTACTS])


def csv_report(
    rows: Sequence[Mapping[str, str]], *, encoding: str = "utf-8", line_end: str = "\r\n", quote_all: bool = False
) -> bytes:
    """Return *rows* (caption -> text) as the same report saved as CSV, captions in the order they first come.

    Args:
        rows: as many as there are combinations of contact, telephone and address.
        encoding: `utf-8-sig` writes the byte order mark that Excel writes.
        line_end: what stands between rows.
        quote_all: whether every cell is in quotation marks, not only those that need them.
    """
    captions = list(dict.fromkeys(caption for row in rows for caption in row))
    written = io.StringIO(newline="")
    table = csv.DictWriter(
        written,
        captions,
        restval="",
        lineterminator=line_end,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
    )
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode(encoding)


def encoded_caption(caption: str) -> str:
    """Return *caption* as an element name, as SIMS writes it: what no XML name may hold becomes `_xHHHH_`.

    Source: the ADO.NET rule for names of columns (XmlConvert.EncodeName).
    """
    escaped = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", caption)
    return "".join(
        letter if (_NAME_START if place == 0 else _NAME_REST).match(letter) else f"_x{ord(letter):04X}_"
        for place, letter in enumerate(escaped)
    )


def flat_form(answers: Sequence[tuple[str, str]]) -> bytes:
    """Return *answers* as a form post; a key may come more than once, as it does in real ones."""
    return urlencode(answers).encode()


def govuk_form(reference: str, submitted_at: str, answers: Sequence[Group]) -> bytes:
    """Return a GOV.UK Forms submission; each answer has `question_id`, `question_text` and `answer_text` at least."""
    submission = {
        "form_name": "Refer a child to the MASH",
        "submission_reference": reference,
        "submitted_at": submitted_at,
        "answers": list(answers),
    }
    return json.dumps(submission, ensure_ascii=False, indent=1).encode()


def drop(folder: Path, name: str, body: bytes) -> Path:
    """Write a whole file at once, under its name from the first moment that anybody can see it."""
    hidden = folder / f".{name}.part"
    hidden.write_bytes(body)
    return hidden.rename(folder / name)


def drop_slowly(folder: Path, name: str, body: bytes, *, pieces: int = _PIECES, pause_seconds: float = 0.1) -> Path:
    """Write a file as SIMS does: under its name at once, then piece by piece, with a pause after each."""
    path = folder / name
    size = -(-len(body) // pieces)
    with path.open("wb") as file:
        for start in range(0, len(body), size):
            file.write(body[start : start + size])
            file.flush()
            time.sleep(pause_seconds)
    return path


def drop_half(folder: Path, name: str, body: bytes, *, share: float = 0.5) -> Path:
    """Write only the first *share* of a file, as a report that fails on the way leaves it."""
    path = folder / name
    path.write_bytes(body[: int(len(body) * share)])
    return path
