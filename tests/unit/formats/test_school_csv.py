"""Is a school's CSV report read as what it is, and refused where reading it would put values under wrong captions?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PermanentError
from gateway.formats.content_type import ContentType, parse_content_type
from gateway.formats.csv_table import lines_of
from gateway.formats.limits import Limits
from gateway.formats.pupil_rows import Report
from gateway.formats.school_csv import read_school_csv
from gateway.simulators.school import CONTACTS, PUPIL, csv_report

HEAD = b"primary_id,Forename,Surname,DOB\r\n"
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


def report(body: bytes, *, declared: ContentType | None = None, limits: Limits | None = None) -> Report:
    return read_school_csv(body, declared=declared, limits=limits or Limits())


def refusal(body: bytes, *, content_type: str | None = None, limits: Limits | None = None) -> dict[str, str | int]:
    with pytest.raises(PermanentError) as caught:
        report(body, declared=parse_content_type(content_type), limits=limits)
    told = caught.value.as_json()
    del told["message"]
    return told


def codes(read: Report) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in read.warnings]


@pytest.mark.parametrize(
    ("encoding", "code", "told"),
    [
        ("utf-8-sig", "encoding-read", "read as UTF-8 with its byte order mark"),
        ("utf-8", "encoding-read", "read as UTF-8"),
        ("cp1252", "encoding-guessed", "read as windows-1252, because it is not UTF-8"),
    ],
)
def test_the_encoding_is_found_out_and_told(encoding: str, code: str, told: str) -> None:
    read = report(csv_report([{"primary_id": "1", "Forename": "Zoë", "Surname": "O\u2019Nobody"}], encoding=encoding))

    assert [dict(row) for row in read.pupils[0].rows] == [
        {"primary_id": "1", "Forename": "Zoë", "Surname": "O\u2019Nobody"}
    ]
    assert [(one.code, one.message) for one in read.warnings] == [(code, told)]


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("quote_all", [True, False], ids=["all-quoted", "quoted-where-needed"])
def test_rows_of_the_cross_product_are_one_pupil(line_end: str, *, quote_all: bool) -> None:
    body = csv_report([{**PUPIL, **contact} for contact in CONTACTS], line_end=line_end, quote_all=quote_all)

    (pupil,) = report(body).pupils

    assert (pupil.key, pupil.numbers) == ("primary_id:1001", (1, 2, 3))
    assert [row["Contact Surname"] for row in pupil.rows] == ["Exampleton", "Exampleton", "Sampleby"]


def test_commas_quotes_and_line_breaks_inside_quotes_belong_to_the_value() -> None:
    body = HEAD + b'1,"Testina ""Tess"", really","Example\r\nton",14/06/2014\r\n'

    (pupil,) = report(body).pupils

    assert pupil.rows[0]["Forename"] == 'Testina "Tess", really'
    assert pupil.rows[0]["Surname"] == "Example\r\nton"


def test_a_blank_cell_is_left_out_and_a_blank_row_is_no_pupil() -> None:
    read = report(HEAD + b"1,Testina,,\r\n,,,\r\n\r\n2,Mock,,\r\n")

    assert [(one.key, one.rows, one.numbers) for one in read.pupils] == [
        ("primary_id:1", ({"primary_id": "1", "Forename": "Testina"},), (1,)),
        ("primary_id:2", ({"primary_id": "2", "Forename": "Mock"},), (4,)),
    ]


def test_captions_are_taken_with_single_blanks() -> None:
    (pupil,) = report("primary_id, Legal  Surname\u00a0,\n7,Exampleton,\n".encode()).pupils

    assert pupil.rows == ({"primary_id": "7", "Legal Surname": "Exampleton"},)


def test_a_row_whose_last_empty_cells_are_missing_is_taken_with_a_warning() -> None:
    read = report(HEAD + b"1,Testina\r\n2,Mock,Sampleby,01/02/2015\r\n")

    assert [len(one.rows[0]) for one in read.pupils] == [2, 4]
    assert codes(read) == [("", "encoding-read"), ("Record[1].column[3]", "short-row")]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            b"1,Testina,Exampleton,14/06/2014\r\n2,Mock,1 Nowhere Lane, Exampleton,01/02/2015\r\n",
            {"code": "ragged-row", "path": "Record[2].column[5]", "row": 2},
        ),
        (
            b"1,Testina,Example\r\nton,14/06/2014\r\n",
            {"code": "ragged-row", "path": "Record[2].column[3]", "row": 2},
        ),
        (b"1,Testina,Exam", {"code": "cut-off", "path": "Record[1].column[4]", "row": 1}),
        (b'1,Testina,"Exam', {"code": "cut-off", "path": "Record[1].column[3]", "row": 1}),
        (b'1,"Tes"tina,Exam,\r\n', {"code": "quoting", "path": "Record[1].column[2]", "row": 1}),
    ],
    ids=["a-comma-nobody-quoted", "a-line-break-nobody-quoted", "cut-in-a-row", "cut-in-quotes", "stray-quote"],
)
def test_what_would_put_values_under_wrong_captions_is_refused(rows: bytes, told: dict[str, str | int]) -> None:
    assert refusal(HEAD + rows) == told


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b",,,\r\n", "no-captions"),
        (b"Testina,Exampleton,14/06/2014\r\n", "no-captions"),
        (b"primary_id;Forename\r\n1;Testina\r\n", "separator"),
        (b"primary_id\tForename\r\n1\tTestina\r\n", "separator"),
        (b"primary_id,Forename,Forename\r\n1,Testina,Tess\r\n", "caption-twice"),
        (b"primary_id,,Forename\r\n1,stray,Testina\r\n", "no-captions"),
        ("primary_id,Forename\n1,Zoë\n".encode("utf-16"), "encoding"),
        ("primary_id,Forename\n1,Zoë\n".encode("utf-16-le"), "bad-text"),
        (HEAD + b"1,Test\0ina,,\r\n", "bad-text"),
        (HEAD + "1,Zoë,".encode() + "Siân,\r\n".encode("cp1252"), "encoding"),
        (HEAD + b"1,Zo\x81,,\r\n", "encoding"),
        (HEAD + "1,Zoë".encode()[:-1], "cut-off"),
    ],
)
def test_no_table_of_ours_is_refused(body: bytes, code: str) -> None:
    assert refusal(body)["code"] == code


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"\xef\xbb\xbf" + HEAD, "text/csv; charset=windows-1252", "encoding"),
        (HEAD + "1,Zoë,,\n".encode("cp1252"), "text/csv; charset=utf-8", "encoding"),
        (HEAD + "1,Zoë,,\n".encode(), "text/csv; charset=iso-8859-1", "encoding"),
        (HEAD + "1,Zoë,É\u2019,\n".encode("cp1252"), "text/csv; charset=windows-1252", "encoding"),
        (HEAD + "1,Zo,,É".encode("cp1252"), "text/csv; charset=windows-1252", "cut-off"),
        (HEAD, "text/csv; charset=utf-16", "unsupported-media-type"),
    ],
)
def test_a_wrongly_declared_encoding_is_refused(body: bytes, content_type: str, code: str) -> None:
    assert refusal(body, content_type=content_type)["code"] == code


def test_too_many_cells_and_too_long_a_text_are_refused_with_their_place() -> None:
    assert refusal(HEAD + b"1,a,b,c\n2,a,b,c\n", limits=Limits(nodes=9)) == {
        "code": "too-many",
        "path": "Record[2].column[2]",
        "row": 2,
    }
    assert refusal(HEAD + b"1,aaaaaaaaaaaaaaaaa,b,c\n", limits=Limits(text_length=16))["code"] == "too-large"


@pytest.mark.timeout(10)
def test_a_table_as_wide_as_it_is_long_is_read_in_no_time() -> None:
    captions = ",".join(("UPN", *(f"c{number}" for number in range(60_000))))
    body = (captions + "\n" + "B801200005001\n" * 60_000).encode()

    assert [len(pupil.rows) for pupil in report(body).pupils] == [60_000]


def test_a_report_without_rows_says_so() -> None:
    assert codes(report(HEAD)) == [("", "encoding-read"), ("captions", "empty-report")]


def test_one_number_on_two_children_makes_two_pupils() -> None:
    head = b"UPN,Forename,Surname,DOB,Contact Surname\n"
    rows = b"R201100018042,Testina,Twin,14/06/2014,A\nR201100018042,Mock,Twin,14/06/2014,A\n"

    read = report(head + rows + b"R201100018042,Testina,Twin,14/06/2014,B\n")

    assert [(one.key, one.numbers) for one in read.pupils] == [
        ("UPN:R201100018042", (1, 3)),
        ("UPN:R201100018042/2", (2,)),
    ]
    assert ("Record[2]", "shared-number") in codes(read)


def test_a_report_says_whether_it_lists_contacts() -> None:
    assert report(csv_report([{**PUPIL, **CONTACTS[0]}])).tells_contacts
    assert not report(csv_report([PUPIL])).tells_contacts


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=4), st.booleans())
def test_what_a_spreadsheet_writes_is_read_as_it_was(rows: list[list[str]], quote_all: bool) -> None:
    body = csv_report([{"one": first, "two": second} for first, second in rows], quote_all=quote_all)

    read = list(lines_of(body.decode(), limits=Limits()))

    assert [line.cells for line in read] == [("one", "two"), *map(tuple, rows)]


def came_of(body: bytes) -> str:
    try:
        report(body)
    except PermanentError as error:
        return error.code
    return "read"


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_a_reason(body: bytes) -> None:
    reasons = {"encoding", "cut-off", "bad-text", "quoting", "ragged-row", "no-captions"}

    assert came_of(HEAD + body) in {"read", *reasons}
