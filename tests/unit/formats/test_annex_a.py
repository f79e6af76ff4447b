"""Are the lists of Annex A read as what they are, and written so that no spreadsheet works anything out?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PermanentError, SchemaViolationError
from gateway.formats.annex_a import CAPTIONS, age_on, read_list, uk_day, write_list
from gateway.formats.limits import Limits
from gateway.formats.pupil_rows import Report

HEAD = ",".join(CAPTIONS[1]).encode()
ROW = b"EX0001,a) Male,a) WBRI,14/06/2014,12,03/09/2026,2A) Schools"
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=8)


def read(body: bytes, number: int = 1) -> Report:
    return read_list(number, body, declared=None, limits=Limits())


def refusal(body: bytes, number: int = 1) -> str:
    with pytest.raises(PermanentError) as caught:
        read(body, number)
    return caught.value.code


def test_every_row_is_a_record_of_its_own() -> None:
    report = read(b"\r\n".join([HEAD, ROW, ROW, b""]))

    assert [(one.key, one.numbers) for one in report.pupils] == [("row:1", (1,)), ("row:2", (2,))]
    assert report.pupils[0].rows[0]["Contact Source"] == "2A) Schools"
    assert not report.tells_contacts


def test_captions_are_known_in_any_case_and_order_and_with_blanks_that_do_not_break() -> None:
    body = "contact source,DATE OF\u00a0CONTACT,Child  Unique ID\r\n6,\u00a03/9/2026\u00a0,EX1\r\n".encode()

    (only,) = read(body).pupils

    assert only.rows[0] == {"Contact Source": "6", "Date of Contact": "3/9/2026", "Child Unique ID": "EX1"}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("#N/A", "error-value"),
        ("#n/a", "error-value"),
        ("#REF!", "error-value"),
        ("########", "error-value"),
        ("=H2+5", "formula"),
        ("+B7", "formula"),
        ("-$C$4*2", "formula"),
    ],
)
def test_a_cell_that_holds_no_value_is_left_out_and_told(cell: str, code: str) -> None:
    report = read(HEAD + f"\r\nEX0001,a,a,14/06/2014,{cell},03/09/2026,6\r\n".encode())

    assert "Age" not in report.pupils[0].rows[0]
    assert [(one.path, one.code) for one in report.warnings] == [("Record[1].Age", code)]


@pytest.mark.parametrize("cell", ["12", "-5", "A+B", "1=1", "none", "+44 20"])
def test_what_only_looks_a_little_like_a_formula_is_kept(cell: str) -> None:
    report = read(HEAD + f"\r\nEX0001,a,a,14/06/2014,{cell},03/09/2026,6\r\n".encode())

    assert report.pupils[0].rows[0]["Age"] == cell
    assert report.warnings == ()


def test_what_the_list_needs_and_a_row_has_not_is_told_once() -> None:
    report = read(HEAD + b"\r\n#N/A,a,a,14/06/2014,12,,6\r\n")

    assert sorted((one.path, one.code) for one in report.warnings) == [
        ("Record[1].Child Unique ID", "error-value"),
        ("Record[1].Date of Contact", "needed"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(HEAD.replace(b",", b";"), "separator", id="semicolons"),
        pytest.param(b"Child Unique ID,Gender\r\n1,a\r\n", "no-captions", id="another table"),
        pytest.param(HEAD + b",Age\r\n" + ROW + b",1\r\n", "caption-twice", id="a caption twice"),
        pytest.param(HEAD + b"\r\n" + ROW + b",Nowhere\r\n", "ragged-row", id="a comma nobody quoted"),
        pytest.param(HEAD + b",\r\n" + ROW + b",x\r\n", "no-captions", id="a value under no caption"),
    ],
)
def test_what_is_no_list_is_refused(body: bytes, code: str) -> None:
    assert refusal(body) == code


def test_one_list_is_not_taken_for_the_other() -> None:
    assert refusal(HEAD + b"\r\n" + ROW, number=2) == "no-captions"


def test_a_warning_repeats_no_value_and_no_caption_of_its_own() -> None:
    report = read(HEAD + b",Testina's mother\r\n" + ROW + b",=A1\r\n")

    assert [one.path for one in report.warnings] == ["Record[1].a column of its own"]


def test_a_list_is_written_with_its_captions_in_their_order() -> None:
    written = write_list(2, [("EX1", "b) Female", "u) UNKNOWN", "", "", "01/07/2026", "", "Zoë's, Nowhere")])

    assert written.decode("utf-8-sig").splitlines() == [
        ",".join(CAPTIONS[2]),
        'EX1,b) Female,u) UNKNOWN,,,01/07/2026,,"Zoë\'s, Nowhere"',
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1"])
def test_no_written_cell_is_worked_out_by_a_spreadsheet(cell: str) -> None:
    written = write_list(1, [(cell, *[""] * 6)])

    assert written.decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")


def test_a_row_of_another_length_is_not_written() -> None:
    with pytest.raises(SchemaViolationError):
        write_list(1, [("EX1",)])


@given(row=st.tuples(*[CELLS] * 7))
def test_what_is_written_is_read_back_but_for_what_is_told(row: tuple[str, ...]) -> None:
    report = read(write_list(1, [("EX1", *row[1:5], "03/09/2026", "6")]))

    (only,) = report.pupils
    left_out = {one.path.rpartition(".")[2] for one in report.warnings}
    filled = {name for name, cell in zip(CAPTIONS[1][1:5], row[1:5], strict=True) if cell.split()}
    assert filled - left_out <= set(only.rows[0]) | {
        name for name, cell in zip(CAPTIONS[1][1:5], row[1:5], strict=True) if set(cell) <= {"\ufeff", "\u200b", " "}
    }


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2014, 11, 22), 12),
        (date(2014, 11, 23), 11),
        (date(2026, 11, 22), 0),
        (date(2026, 11, 23), None),
        (date(2012, 2, 29), 14),
    ],
)
def test_an_age_counts_birthdays(born: date, age: int | None) -> None:
    assert age_on(born, date(2026, 11, 22)) == age


def test_days_are_written_as_the_lists_write_them() -> None:
    assert uk_day(date(2026, 3, 9)) == "09/03/2026"
