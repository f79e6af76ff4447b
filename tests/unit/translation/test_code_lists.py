from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.errors import MappingError
from gateway.model.assessment import ElementCode
from gateway.model.category import Category
from gateway.model.child import Disability, Sex, UpnUnknown
from gateway.model.document import parts_of
from gateway.model.factors import Factors
from gateway.model.family import Answer
from gateway.model.referral import Level, RequestType
from gateway.model.review import ClosureReason
from gateway.translation.code_lists import CodeLists, fold, tidy

HEAD = "ours,theirs,system,valid_from,valid_to,source,note\n"
FOLDER = Path(__file__).parents[3] / "mappings" / "codes"


def lists(rows: str) -> CodeLists:
    return CodeLists({"codes/colour.csv": (HEAD + rows).encode()})


@pytest.mark.parametrize("label", ["Siân's Choice", "sia\u0302n's  CHOICE", "\u00a0Siân's\tChoice\n", "SIÂN'S CHOICE"])
def test_a_label_is_known_whatever_its_case_white_space_and_accents_form(label: str) -> None:
    table = lists("S,Siân's Choice,,,,here,\n").table("colour", "mash")

    assert table.code_of(label, None) == "S"


@pytest.mark.parametrize("label", ["Sian's Choice", "Siân\u2019s Choice", "Siân's Choice.", "Siân's", "S"])
def test_nothing_else_is_forgiven(label: str) -> None:
    table = lists("S,Siân's Choice,,,,here,\n").table("colour", "mash")

    assert table.code_of(label, None) is None


def test_a_system_says_a_label_its_own_way_and_shares_the_rest() -> None:
    codes = lists("1,Other,,,,here,\n2,Other,mash,,,here,\n3,None,,,,here,\n4,Odd,sims,,,here,\n")

    table = codes.table("colour", "mash")

    assert [table.code_of(label, None) for label in ("Other", "None", "Odd")] == ["2", "3", None]
    assert codes.table("colour", "sims").code_of("Other", None) == "1"


def test_a_row_holds_from_its_first_day_to_its_last() -> None:
    table = lists("18A,Harm,,,2020-12-31,here,\n18B,Harm,,2021-01-01,,here,\n").table("colour", "ics")

    codes = [table.code_of("Harm", on) for on in (date(2020, 12, 31), date(2021, 1, 1), None)]

    assert codes == ["18A", "18B", None]


def test_a_list_has_a_code_on_the_days_any_of_its_rows_holds() -> None:
    rows = "18A,Harm,,,2020-12-31,here,\n18B,Harm,,2021-01-01,,here,\n18A,Once more,ics,2025-01-01,,here,\n"
    table = lists(rows).table("colour", "mash")

    days = [date(2020, 12, 31), date(2021, 1, 1), date(2025, 1, 1)]

    assert [table.codes_on(day) for day in days] == [("18A",), ("18B",), ("18A", "18B")]
    assert (table.has("18A", date(2022, 1, 1)), table.has("18A", None), table.has("", None)) == (False, True, False)


def test_wide_letters_and_ligatures_are_the_letters_they_stand_for() -> None:
    table = lists("F,Official,,,,here,\n").table("colour", "mash")

    assert [table.code_of(label, None) for label in ("O\ufb03cial", "\uff2fFFICIAL")] == ["F", "F"]


def test_a_label_that_holds_no_longer_is_unknown() -> None:
    table = lists("18A,Harm,,,2020-12-31,here,\n").table("colour", "ics")

    assert table.code_of("Harm", date(2021, 1, 1)) is None


def test_the_first_label_of_a_code_is_the_one_we_write() -> None:
    table = lists("R,Red,,,,here,\nR,Scarlet,,,,here,\n").table("colour", "mash")

    assert (table.label_of("R", None), table.label_of("G", None)) == ("Red", None)


@pytest.mark.parametrize(
    ("rows", "row", "says"),
    [
        ("R,Red,,,,here\n", 1, "expected 7 columns"),
        ("R,Red,,,,here,,\n", 1, "expected 7 columns"),
        ("R,Red,,,,here,\nB,,,,,here,\n", 2, "`theirs` is empty"),
        ("R,Red,,,,,\n", 1, "`source` is empty"),
        ("R,Red,,01/02/2020,,here,\n", 1, "yyyy-mm-dd"),
        ("R,Red,,2021-01-01,2020-01-01,here,\n", 1, "`valid_to` is before"),
        ("R,Red,,,,here,\nB,RED,,,,here,\n", 2, "listed twice"),
        ("R,Red,,,2020-06-01,here,\nB,Red,,2020-06-01,,here,\n", 2, "listed twice"),
    ],
)
def test_an_odd_row_is_refused_with_its_number(rows: str, row: int, says: str) -> None:
    with pytest.raises(MappingError, match=says) as refused:
        lists(rows)

    assert refused.value.place.row == row
    assert "colour.csv" in refused.value.message


@pytest.mark.parametrize(
    "text", [b"a,b\n", b"", HEAD.encode("utf-16"), b'ours,theirs,system,valid_from,valid_to,source,note\n"x"y,1\n']
)
def test_a_file_that_is_no_such_table_is_refused(text: bytes) -> None:
    with pytest.raises(MappingError, match="codes/colour"):
        CodeLists({"codes/colour.csv": text})


def test_a_byte_order_mark_does_no_harm() -> None:
    codes = CodeLists({"colour": b"\xef\xbb\xbf" + HEAD.encode() + b"R,Red,,,,here,\n"})

    assert codes.names == {"colour"}


def test_folding_and_tidying_differ_by_case_alone() -> None:
    assert (tidy(" A\u00a0 B "), fold(" A\u00a0 B ")) == ("A B", "a b")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("answer", set(Answer)),
        ("sex", set(Sex)),
        ("level", set(Level)),
        ("request_type", set(RequestType)),
        ("information", set(Category)),
        ("signatory_capacity", {"PARENT_PR", "PARENT_NO_PR", "CARER", "CHILD_COMPETENT", "YP_16_17", "LA_PR"}),
        ("element", set(ElementCode)),
        ("disability", set(Disability)),
        ("closure", set(ClosureReason)),
        ("upn_unknown", set(UpnUnknown)),
        ("factor", {code for kind in parts_of(Factors).values() for code in cast("Any", kind[0])}),
        ("consent_mode", {"WRITTEN_SIGNED", "ELECTRONIC", "VERBAL_WITNESSED"}),
    ],
)
def test_our_lists_use_no_code_of_their_own(name: str, allowed: set[str]) -> None:
    codes = CodeLists({name: (FOLDER / f"{name}.csv").read_bytes()})

    assert codes.table(name, "mash").codes <= allowed


def test_not_given_is_not_refused() -> None:
    table = CodeLists({"ethnicity": (FOLDER / "ethnicity.csv").read_bytes()}).table("ethnicity", "sims")

    codes = [table.code_of(label, None) for label in ("Not given", "Information Not Yet Obtained", "Refused")]

    assert codes == ["NOBT", "NOBT", "REFU"]


def test_all_twenty_ethnicity_codes_have_a_label() -> None:
    table = CodeLists({"ethnicity": (FOLDER / "ethnicity.csv").read_bytes()}).table("ethnicity", "mash")

    assert len(table.codes) == 20


@pytest.mark.parametrize("label", ["Unknown", "Prefer not to say", "I do not know"])
def test_not_knowing_is_never_turned_into_neither(label: str) -> None:
    table = CodeLists({"sex": (FOLDER / "sex.csv").read_bytes()}).table("sex", "mash")

    assert table.code_of(label, None) == "0"


@pytest.mark.parametrize(
    ("list_name", "label", "on", "code"),
    [
        ("factor", "Physical abuse", date(2020, 3, 31), "18A"),
        ("factor", "Physical abuse", date(2020, 4, 1), None),
        ("factor", "Physical abuse: child on child", date(2020, 3, 31), None),
        ("factor", "Physical abuse: child on child", date(2020, 4, 1), "18B"),
        ("contact_source", "Local authority: early help", date(2022, 3, 31), None),
        ("contact_source", "Local authority: early help", date(2022, 4, 1), "5D"),
        ("need", "Abuse or neglect", date(2025, 3, 31), "N1"),
        ("need", "Abuse or neglect", date(2025, 4, 1), None),
        ("social_care_closure", "RC9", date(2022, 3, 31), None),
    ],
)
def test_a_code_counts_in_its_years(list_name: str, label: str, on: date, code: str | None) -> None:
    table = CodeLists({list_name: (FOLDER / f"{list_name}.csv").read_bytes()}).table(list_name, "ics")

    assert table.code_of(label, on) == code


@pytest.mark.parametrize(("list_name", "size"), [("element", 19), ("closure", 13), ("disability", 13), ("factor", 44)])
def test_a_list_is_complete(list_name: str, size: int) -> None:
    table = CodeLists({list_name: (FOLDER / f"{list_name}.csv").read_bytes()}).table(list_name, "ecaf")

    assert len(table.codes) == size
