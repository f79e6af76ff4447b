"""Is a large CSV report read as a stream exactly as a small one is read whole?"""

import json
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.errors import IntegrityError, PermanentError, TooLargeError
from gateway.formats.body import Body, Held
from gateway.formats.contents import Entry, Head, Span
from gateway.formats.gate import gate, split, split_large
from gateway.formats.large_csv import rows_of
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from tests.fakes.pieces import InPieces
from tests.fakes.school_files import report, table

VECTORS = Path(__file__).parents[2] / "vectors"
FORM = FORMATS["sims/csv-1"]
WHOLE, STREAM = Limits(whole_bytes=2**40), Limits(whole_bytes=-1)
HEAD = "primary_id,UPN,Forename,Surname,DOB,Contact Surname\r\n"
HOSTILE = [row for row in json.loads((VECTORS / "hostile/table.json").read_bytes()) if row["format"] == "sims/csv-1"]


def read_whole(schemas: SchemaRegister, body: bytes, content_type: str | None = None) -> dict[str, Any]:
    """Return what comes of *body*, read in one piece: what is told of it and its records, or why it is refused."""
    try:
        checked = gate(FORM, body, content_type=content_type, schemas=schemas, limits=WHOLE)
    except PermanentError as error:
        return error.as_json()
    records = list(split(FORM, body, limits=WHOLE, content_type=content_type))
    return {"warnings": checked.warnings, "number": checked.records, "records": records}


def read_streamed(
    schemas: SchemaRegister, body: Body, content_type: str | None = None, *, limits: Limits = STREAM
) -> dict[str, Any]:
    """Return the same of *body*, read piece by piece."""
    try:
        checked = gate(FORM, body, content_type=content_type, schemas=schemas, limits=limits)
    except PermanentError as error:
        return error.as_json()
    assert checked.contents is not None
    records = list(split_large(FORM, body, checked.contents))
    return {"warnings": checked.warnings, "number": checked.records, "records": records}


ROW = "1,,Testina,Exampleton,14/06/2014,A\r\n"
SAME: dict[str, tuple[bytes, str | None]] = {
    "rows of one pupil apart": ((HEAD + ROW + "2,,Mock,Sampleby,,\r\n" + ROW).encode(), None),
    "a byte order mark": (("\ufeff" + HEAD + "1,,Zoë,O\u2019Nobody,,\r\n" + ROW).encode(), None),
    "UTF-8": ((HEAD + "1,,Zoë,O\u2019Nobody 🎓,,\r\n" + ROW).encode(), None),
    "windows-1252, which is told": ((HEAD + "1,,Zoë €,O\u2019Nobody,,\r\n" + ROW).encode("cp1252"), None),
    "windows-1252, as declared": ((HEAD + "1,,Zoë,A,,\r\n").encode("cp1252"), "text/csv; charset=windows-1252"),
    "UTF-8, as declared": ((HEAD + "1,,Zoë,A,,\r\n").encode(), "text/csv; charset=utf-8"),
    "line ends CR": ((HEAD + ROW + ROW).replace("\r\n", "\r").encode(), None),
    "line ends LF": ((HEAD + ROW + ROW).replace("\r\n", "\n").encode(), None),
    "line ends of all kinds": (((HEAD + ROW).replace("\r\n", "\r") + "\n" + ROW + "2,,B,C,,\n\r\n").encode(), None),
    "quoted commas, marks and line breaks": (
        (HEAD + '1,,"Testina ""Tess"", really","Example\r\nton",,\r\n "2" ,,B,"","\n"\r\n').encode(),
        None,
    ),
    "line breaks before the captions": (("\r\n\n\r" + HEAD + ROW).encode(), None),
    "a byte order mark and line breaks before the captions": (("\ufeff\r\n" + HEAD + ROW).encode(), None),
    "blank rows": ((HEAD + ROW + ",,,,,\r\n\r\n  \r\n" + ROW.replace("1", "2", 1)).encode(), None),
    "a short row": ((HEAD + "1,,Testina\r\n" + ROW).encode(), None),
    "no line end at the end": ((HEAD + ROW.rstrip()).encode(), None),
    "a comma at the end": ((HEAD + ROW + "3,,A,B,,").encode(), None),
    "captions alone": (HEAD.encode(), None),
    "captions without a line end": (HEAD.rstrip().encode(), None),
    "captions with odd blanks": ("primary_id, Legal  Surname\u00a0,\n7,Exampleton,\n".encode(), None),
    "one number on two children": (
        ("UPN,Forename\n" + "R201100018042,Testina\nR201100018042,Mock\nR201100018042,Testina\n").encode(),
        None,
    ),
    "rows without a number": (("Forename,Contact Surname\n" + "Testina,A\nMock,\n").encode(), None),
    "the report that XML tells too": ("".join(table(40)).encode(), None),
    "UTF-16": ((HEAD + ROW).encode("utf-16"), None),
    "U+0000 late": ((HEAD + ROW * 3 + "1,Test\0ina,,\r\n").encode(), None),
    "two encodings, far apart": (
        (HEAD + "1,,Zoë,A,,\r\n" + ROW * 9).encode() + "2,,Siân,,,\r\n".encode("cp1252"),
        None,
    ),
    "no letter of windows-1252": ((HEAD + ROW).encode() + b"1,,Zo\x81,,,\r\n", None),
    "cut off in a letter": ((HEAD + ROW + "1,,Zoë").encode()[:-1], None),
    "cut off in a row": ((HEAD + ROW + "1,,Testina,Exam").encode(), None),
    "cut off in quotation marks": ((HEAD + ROW + '1,,Testina,"Exam').encode(), None),
    "a comma nobody quoted": ((HEAD + ROW * 4 + "2,,Mock,1 Nowhere Lane, Exampleton,,\r\n").encode(), None),
    "a line break nobody quoted": ((HEAD + ROW * 4 + "1,,Testina,Example\r\nton,,\r\n").encode(), None),
    "a stray quotation mark": ((HEAD + ROW * 4 + '1,,"Tes"tina,,,\r\n').encode(), None),
    "a value under no caption": (b"primary_id,,Forename\r\n1,,A\r\n2,stray,Testina\r\n", None),
    "semicolons": (b"primary_id;Forename\r\n1;Testina\r\n", None),
    "a caption twice": (b"primary_id,Forename,Forename\r\n1,Testina,Tess\r\n", None),
    "nothing": (b"", None),
    "white space": (b" \r\n\t\r\n", None),
    "white space that is no ASCII": ("\u00a0\r\n".encode(), None),
    "a mark alone": (b"\xef\xbb\xbf", None),
    "a mark that is contradicted": (b"\xef\xbb\xbf" + HEAD.encode(), "text/csv; charset=windows-1252"),
    "UTF-8 declared, and it is not": ((HEAD + "1,,Zoë,,,\n").encode("cp1252"), "text/csv; charset=utf-8"),
    "windows-1252 declared, and it is not": ((HEAD + "1,,Zoë,,,\n").encode(), "text/csv; charset=iso-8859-1"),
    "a charset we do not read": (HEAD.encode(), "text/csv; charset=utf-16"),
}


@pytest.mark.parametrize("size", [1, 7, 100_000], ids=["byte by byte", "in small pieces", "in one piece"])
@pytest.mark.parametrize("name", SAME)
def test_a_report_read_as_a_stream_is_what_it_is_read_whole(schemas: SchemaRegister, name: str, size: int) -> None:
    content, content_type = SAME[name]

    assert read_streamed(schemas, InPieces(content, size), content_type) == read_whole(schemas, content, content_type)


@given(
    st.lists(st.sampled_from([*'1,"\r\n ë€\ta', "\r\n", '","', '""', "Ã«", "R201100018042", "\u00a0"]), max_size=40),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    st.integers(1, 9),
)
@example(["\r", "1"], "utf-8", 1)
def test_any_table_comes_to_the_same_as_a_stream(
    schemas: SchemaRegister, parts: list[str], encoding: str, size: int
) -> None:
    content = ("UPN,Forename\r\n" + "".join(parts)).encode(encoding)

    assert read_streamed(schemas, InPieces(content, size)) == read_whole(schemas, content)


@given(st.binary(max_size=60), st.integers(1, 9))
def test_any_bytes_come_to_the_same_as_a_stream(schemas: SchemaRegister, tail: bytes, size: int) -> None:
    content = b"UPN,Forename\r\n" + tail

    assert read_streamed(schemas, InPieces(content, size)) == read_whole(schemas, content)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("row", HOSTILE, ids=[row["file"] for row in HOSTILE])
def test_a_hostile_table_is_refused_as_a_stream_too(schemas: SchemaRegister, row: Mapping[str, str]) -> None:
    content = (VECTORS / "hostile" / row["file"]).read_bytes()

    refused = read_streamed(schemas, InPieces(content), row["content_type"])

    assert refused["code"] == row["code"]
    assert not [word for word in ("Testina", "Exampleton", "Zo", "Makebelieve") if word in json.dumps(refused)]


def test_the_table_tells_the_same_pupils_as_the_report_in_xml(schemas: SchemaRegister) -> None:
    told = read_streamed(schemas, Held("".join(table(60)).encode()))["records"]

    form, xml = FORMATS["sims/superstar-1"], "".join(report(60)).encode()
    assert [(one.key, one.tree, one.rows) for one in told] == [
        (one.key, one.tree, one.rows) for one in split(form, xml, limits=WHOLE)
    ]


OVER = {
    "cells of a row": ("1," * 50, {"nodes": 40}, "too-many"),
    "rows": ("1,,,,,\n" * 50, {"records": 40}, "too-many"),
    "a value": (f"1,{'x' * 5000}\n", {"text_length": 4000}, "too-large"),
    "a value in quotation marks that are never closed": (f'1,"{"x" * 5000}', {"text_length": 4000}, "too-large"),
    "a row's bytes": ('"é",' * 999, {"record_bytes": 4000}, "too-large"),
    "bytes of the rows of one pupil": (f"1,{'x' * 900}\n" * 5, {"record_bytes": 4000}, "too-large"),
    "all bytes": ("1\n" * 5000, {"size_bytes": 4000}, "too-large"),
}


@pytest.mark.parametrize("name", OVER)
def test_a_table_over_a_limit_is_refused(schemas: SchemaRegister, name: str) -> None:
    rows, limits, code = OVER[name]
    body = InPieces((HEAD + rows).encode(), 50)

    with pytest.raises(TooLargeError) as caught:
        gate(FORM, body, content_type=None, schemas=schemas, limits=Limits(**{"whole_bytes": 0} | limits))

    assert caught.value.code == code


def test_more_cells_than_one_document_may_have_are_taken_as_a_stream(schemas: SchemaRegister) -> None:
    body = Held("".join(table(30)).encode())

    read = read_streamed(schemas, body, limits=Limits(whole_bytes=0, nodes=30))

    assert read["number"] == 30


def test_warnings_without_end_are_counted(schemas: SchemaRegister) -> None:
    read = read_streamed(schemas, Held((HEAD + "1,,Testina\r\n" * 1500).encode()))

    assert len(read["warnings"]) == 1001
    assert (read["warnings"][-1].code, read["warnings"][-1].message[:3]) == ("more-warnings", "501")


def test_splitting_goes_on_where_it_stopped_and_reads_nothing_before(schemas: SchemaRegister) -> None:
    content = "".join(table(40)).encode()
    checked = gate(FORM, Held(content), content_type=None, schemas=schemas, limits=STREAM)
    assert checked.contents is not None
    every = list(split_large(FORM, Held(content), checked.contents))
    asked: list[int] = []

    class Watched(Held):
        def span(self, start: int, length: int) -> bytes:
            asked.append(start)
            return super().span(start, length)

    assert list(split_large(FORM, Watched(content), checked.contents, start=35)) == every[35:]
    assert min(asked) > len(content) // 2


def test_a_table_of_contents_of_another_table_is_not_followed() -> None:
    body, head = Held(HEAD.encode() + b"1,,A,B,,\r\n2,,C,D,,\r\n"), Head(records=1, header={"captions": ["UPN"]})

    with pytest.raises(IntegrityError):
        list(rows_of(body, head, [Entry("UPN:1", (Span(1, len(HEAD), 20),))]))


def test_memory_does_not_grow_with_the_table(schemas: SchemaRegister) -> None:
    gate(FORM, Held((HEAD + ROW).encode()), content_type=None, schemas=schemas, limits=STREAM)
    content = Held("".join(table(3000)).encode())
    tracemalloc.start()

    checked = gate(FORM, content, content_type=None, schemas=schemas, limits=STREAM)
    assert checked.contents is not None
    number = sum(1 for _ in split_large(FORM, content, checked.contents))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 3000
    assert content.size_bytes > 2_800_000
    assert peak < 2_200_000
