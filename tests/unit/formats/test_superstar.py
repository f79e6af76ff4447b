"""Does a SIMS report become its pupils, whatever SIMS does to names, rows and dates?"""

import base64
import contextlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PermanentError, SchemaViolationError
from gateway.formats.limits import Limits
from gateway.formats.superstar import Report, decode_caption, read_report, refuse_failed_report
from gateway.formats.xml import parse
from gateway.model.tree import Group

LIMITS = Limits()


def report_of(rows: str) -> Report:
    """Return what a report with these Record elements holds."""
    return read_report(parse(f"<SuperStarReport>{rows}</SuperStarReport>".encode(), limits=LIMITS))


@pytest.fixture
def three_pupils(example: Callable[[str], bytes]) -> tuple[tuple[Group, ...], ...]:
    """Return the rows of each pupil in the example report."""
    pupils = read_report(parse(example("sims/superstar-three-pupils.xml"), limits=LIMITS)).pupils
    return tuple(pupil.rows for pupil in pupils)


@pytest.mark.parametrize(
    ("element", "caption"),
    [
        ("Forename", "Forename"),
        ("Legal_x0020_Surname", "Legal Surname"),
        ("Home_x0020_Language", "Home Language"),
        ("Class_x0020__x0028_am_x002F_pm_x0029_", "Class (am/pm)"),
        ("_x0031_st_x0020_Contact", "1st Contact"),
        ("multiple_id", "multiple_id"),
        ("a_x005F_x0020_b", "a_x0020_b"),
        ("Caf_x00e9_", "Café"),
        ("_xD83D_", "_xD83D_"),
        ("_x0000_", "_x0000_"),
        ("_x20_", "_x20_"),
        ("_x00200_", "_x00200_"),
    ],
)
def test_a_caption_is_read_from_its_element_name(element: str, caption: str) -> None:
    assert decode_caption(element) == caption


@given(st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=20))
def test_any_caption_comes_back_from_the_name_ado_net_gives_it(caption: str) -> None:
    marked = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", caption).replace("\0", "")
    name = re.sub(r"[^A-Za-z0-9_.-]", lambda letter: f"_x{ord(letter[0]):04X}_", marked)

    assert decode_caption(name) == caption.replace("\0", "")


def test_eleven_rows_become_three_pupils(three_pupils: tuple[tuple[Group, ...], ...]) -> None:
    assert [len(rows) for rows in three_pupils] == [4, 4, 3]
    assert [rows[0]["Forename"] for rows in three_pupils] == ["Aurélie", "Barnaby", "ZOË"]


def test_the_cross_product_keeps_every_contact_and_telephone(three_pupils: tuple[tuple[Group, ...], ...]) -> None:
    numbers = [(row["Contact Forename"], row["Contact Telephone"]) for row in three_pupils[0]]

    assert numbers == [
        ("Siân", "07700 900101"),
        ("Siân", "020 7946 0110"),
        ("Otto", "07700 900102"),
        ("Otto", "020 7946 0111"),
    ]


def test_a_summer_birthday_is_kept_as_it_was_written(three_pupils: tuple[tuple[Group, ...], ...]) -> None:
    assert [rows[0]["DOB"] for rows in three_pupils] == [
        "2016-06-14T00:00:00+01:00",
        "2018-01-09T00:00:00+00:00",
        "2015-10-24T00:00:00+01:00",
    ]


def test_text_is_kept_to_the_blank(three_pupils: tuple[tuple[Group, ...], ...]) -> None:
    assert three_pupils[0][0]["Year"] == "Year  5"
    assert three_pupils[0][0]["Adno"] == "001001"
    assert three_pupils[2][0]["Surname"] == "O\u2019SAMPLE"


def test_an_empty_column_is_simply_not_there(three_pupils: tuple[tuple[Group, ...], ...]) -> None:
    assert "Legal Surname" in three_pupils[0][0]
    assert "Legal Surname" not in three_pupils[1][0]
    assert "CAF Consent Given" not in three_pupils[1][0]


def test_the_attached_form_comes_with_every_row_of_its_pupil(three_pupils: tuple[tuple[Group, ...], ...]) -> None:
    contents = {str(row["CAF Form Content"]) for row in three_pupils[0]}

    assert len(contents) == 1
    assert base64.b64decode(contents.pop()).startswith(b"%PDF-")
    assert three_pupils[0][0]["CAF Form File Name"] == "CAF Aurélie Makebelieve.pdf"


def test_a_report_in_windows_1252_keeps_its_letters(example: Callable[[str], bytes]) -> None:
    report = read_report(parse(example("sims/superstar-windows-1252.xml"), limits=LIMITS))

    assert report.pupils[0].rows[0]["Forename"] == "Zoë"
    assert report.pupils[0].rows[0]["Surname"] == "O\u2019Sample"


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ("<UPN>U1</UPN><primary_id>1</primary_id><multiple_id>2,3</multiple_id>", "primary_id:1"),
        ("<multiple_id> 2 ,3</multiple_id><UPN>U1</UPN>", "multiple_id:2"),
        ("<multiple_id>2</multiple_id>", "multiple_id:2"),
        ("<Adno>001</Adno><UPN>U1</UPN>", "UPN:U1"),
        ("<UPN> </UPN><Adno>001</Adno>", "Adno:001"),
        ("<multiple_id>,5</multiple_id><Adno>001</Adno>", "Adno:001"),
    ],
)
def test_rows_are_gathered_by_the_best_column_there_is(columns: str, key: str) -> None:
    report = report_of(f"<Record>{columns}<a>1</a></Record><Record>{columns}<a>2</a></Record>")

    assert [(pupil.key, len(pupil.rows)) for pupil in report.pupils] == [(key, 2)]
    assert report.warnings == ()


def test_rows_of_one_pupil_need_not_stand_together() -> None:
    report = report_of("".join(f"<Record><primary_id>{n}</primary_id></Record>" for n in "12121"))

    assert [(pupil.key, len(pupil.rows)) for pupil in report.pupils] == [("primary_id:1", 3), ("primary_id:2", 2)]


def test_a_row_without_any_id_is_a_pupil_of_its_own_and_said_to_be() -> None:
    report = report_of("<Record><Forename>Ada</Forename></Record><Record><Forename>Ada</Forename></Record>")

    assert [pupil.key for pupil in report.pupils] == ["row:1", "row:2"]
    assert [(warning.path, warning.code) for warning in report.warnings] == [
        ("Record[1]", "no-pupil-id"),
        ("Record[2]", "no-pupil-id"),
    ]


def test_a_report_without_rows_is_said_to_be_empty() -> None:
    report = report_of("")

    assert report.pupils == ()
    assert [warning.code for warning in report.warnings] == ["empty-report"]


def test_attributes_of_a_column_are_said_to_be_left_out_once() -> None:
    report = report_of('<Record><Adno>1</Adno><a b="1">x</a></Record><Record><Adno>2</Adno><a b="1">x</a></Record>')

    assert [(warning.path, warning.code) for warning in report.warnings] == [("Record.a", "attribute-ignored")]


def test_the_attribute_ado_net_puts_on_blanks_is_nothing_to_warn_of() -> None:
    report = report_of('<Record><Adno>1</Adno><a xml:space="preserve"> </a></Record>')

    assert report.warnings == ()
    assert report.pupils[0].rows[0]["a"] == " "


@pytest.mark.parametrize("column", ["<a><b/></a>", "<a>1</a><a>2</a>"], ids=["elements inside", "twice"])
def test_what_no_report_can_be_is_refused_with_its_row(column: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        report_of(f"<Record><Adno>1</Adno></Record><Record>{column}</Record>")

    assert caught.value.place.row == 2
    assert caught.value.place.path == "Record[2].a"


def test_a_report_sims_could_not_run_is_refused_with_that_reason(example: Callable[[str], bytes]) -> None:
    root = parse(example("sims/commandreporter-error.xml"), limits=LIMITS)

    with pytest.raises(SchemaViolationError, match="SIMS could not run the report") as caught:
        refuse_failed_report(root)

    assert caught.value.code == "report-failed"


PIECES = [
    "<Record>",
    "</Record>",
    "<a>",
    "</a>",
    "<a/>",
    "<primary_id>",
    "</primary_id>",
    "1",
    " ",
    "<_x0020_/>",
    "<b:a/>",
    "<!--x-->",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_anything_like_a_report_is_read_or_refused_with_a_reason(rows: str) -> None:
    with contextlib.suppress(PermanentError):
        report_of(rows)
