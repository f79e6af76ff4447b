"""What other councils call a question is a row in a table."""

from collections.abc import Callable

import pytest

from gateway.errors import MappingError
from gateway.model.tree import Group
from gateway.translation.aliases import AliasTables, fold_name
from gateway.translation.library import Library
from gateway.translation.load import load_mapping
from gateway.translation.message_translator import Translated, nothing_known, translate_in

HEAD = b'title = "t"\nformat = "mash/try-1"\ndirection = "inbound"\ndocument = "mash.referral"\naliases = ["names"]\n'
ROWS = (
    b'[[field]]\nfrom = "why"\nto = "worry"\n'
    b'[[group]]\nto = "children[]"\ntimes = ["", "_2"]\nzip = ["first{}", "last{}", "home{}"]\n'
    b'[[group.field]]\nfrom = ["home{}"]\nto = "address.lines[]"\n'
    b'[[group.choose]]\non = "last{}"\n[[group.choose.when]]\npresent = true\n'
    b'[[group.choose.when.field]]\nfrom = "last{}"\nto = "family_name"\n'
    b'[group.choose.else]\n[[group.choose.else.field]]\nfrom = "first{}"\nto = "family_name"\n'
    b'[[carry]]\nto = "local[]"\nkey = "x"\n'
)
TITLES = "ours,theirs,form,source,note\n"
TABLE = f"{TITLES}why,Reason for referral,B,here,\nlast{{}},child{{}}_surname,B,here,\n"
Try = Callable[..., Translated]


def made(table: str, source: Group) -> Translated:
    mapping = load_mapping("mash/try-1.inbound.toml", HEAD + ROWS, aliases=AliasTables({"names.csv": table.encode()}))
    return translate_in(mapping, source, meaning=nothing_known)


def test_another_name_is_read_as_ours() -> None:
    done = made(TABLE, {"Reason for referral": ["Invented"]})

    assert (done.tree, done.losses, done.warnings) == ({"worry": "Invented"}, (), ())


@pytest.mark.parametrize(
    "name",
    [
        "REASON FOR REFERRAL",
        "reason_for_referral",
        "reason-for-referral",
        "ReasonForReferral",
        "Reason\u00a0for  referral",
        "\uff32eason for referral",
        "Reason for referral:",
    ],
    ids=["upper case", "underscores", "hyphens", "one word", "non-breaking blank", "full width", "punctuation"],
)
def test_names_are_compared_by_their_letters_alone(name: str) -> None:
    done = made(TABLE, {name: ["Invented"]})

    assert (done.tree, done.losses) == ({"worry": "Invented"}, ())


def test_two_names_that_are_one_stay_as_they_are_and_nothing_is_lost() -> None:
    done = made(TABLE, {"WHY": ["One"], "Why?": ["Two"]})

    assert "worry" not in done.tree
    assert [(one["question"], one["answer"]) for one in done.tree["local"]] == [("WHY", "One"), ("Why?", "Two")]


def test_the_name_itself_comes_before_one_that_is_like_it() -> None:
    done = made(TABLE, {"why": ["One"], "WHY": ["Two"]})

    assert done.tree == {"worry": "One", "local": [{"key": "x", "question": "WHY", "answer": "Two"}]}


@pytest.mark.parametrize(
    ("name", "child"),
    [("child_surname", 0), ("child_1_surname", 0), ("child1surname", 0), ("child_2_surname", 1), ("Child2 Surname", 1)],
)
def test_numbers_count_sets_of_questions(name: str, child: int) -> None:
    done = made(TABLE, {"first": ["Ada"], "first_2": ["Bea"], name: ["Exampleton"]})

    assert [one["family_name"] for one in done.tree["children"]][child] == "Exampleton"


def test_other_names_run_in_parallel_lists_too() -> None:
    done = made(TABLE, {"child_surname": ["Exampleton", "Pretendman"], "home": ["1 Nowhere Lane", "2 Nowhere Lane"]})

    assert [one["address"]["lines"] for one in done.tree["children"]] == [["1 Nowhere Lane"], ["2 Nowhere Lane"]]
    assert [one["family_name"] for one in done.tree["children"]] == ["Exampleton", "Pretendman"]


def test_lists_under_other_names_are_told_to_be_uneven() -> None:
    done = made(TABLE, {"CHILD_SURNAME": ["A", "B"], "HOME": ["1 Nowhere Lane"]})

    assert [(one.path, one.code) for one in done.warnings] == [("home", "uneven-lists")]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("ours,theirs\nwhy,x\n", "the columns must be"),
        (f"{TITLES}why,x,B\n", "row 1: expected 5 columns"),
        (f"{TITLES}why,,B,here,\n", "row 1: `theirs` is empty"),
        (f"{TITLES}why,x,B,,\n", "row 1: `source` is empty"),
        (f"{TITLES}why,x,,here,\n", "row 1: `form` is empty"),
        (f"{TITLES}why,x{{}},B,here,\n", "row 1: `{}` stands in both names"),
        (f"{TITLES}why,reason,B,here,\nlast,Reason,B,here,\n", "row 2: this name is in the table already"),
        (f"{TITLES}wy,reason,B,here,\n", "no row reads 'wy'"),
        (f"{TITLES}why,First,B,here,\n", "a row reads 'First' already"),
        ("\ufeffours;theirs\n", "the columns must be"),
    ],
    ids=["columns", "short", "theirs", "source", "form", "hole", "twice", "unread", "taken", "semicolons"],
)
def test_a_table_that_is_not_in_order_is_refused(table: str, told: str) -> None:
    with pytest.raises(MappingError) as caught:
        made(table, {})

    assert told in caught.value.message


def test_a_table_that_is_not_there_is_refused() -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping("mash/try-1.inbound.toml", HEAD + ROWS, aliases=AliasTables({"other.csv": TABLE.encode()}))

    assert "no alias table is called 'names'" in caught.value.message


def test_what_we_write_ourselves_has_no_other_names() -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(
            "mash/try-1.outbound.toml",
            HEAD.replace(b"inbound", b"outbound") + b'[[same]]\nfrom="."\nto="."\n',
            aliases=AliasTables({"names.csv": TABLE.encode()}),
        )

    assert "for inbound forms" in caught.value.message


def test_another_table_is_another_mapping() -> None:
    one, other = (
        load_mapping("mash/try-1.inbound.toml", HEAD + ROWS, aliases=AliasTables({"names.csv": text.encode()}))
        for text in (TABLE, f"{TABLE}why,grounds,C,here,\n")
    )

    assert one.digest != other.digest


# The shipped table, on whole forms.

MARF: Group = {
    "Reason for Referral": ["Invented worry"],
    "Childs Forename": ["Testina"],
    "CHILD_SURNAME": ["Exampleton"],
    "D.O.B": ["14/06/2016"],
    "Ethinicity": ["White British"],
    "Poscode": ["ZZ99 3AA"],
    "child_2_forename": ["Tobias"],
    "child_2_surname": ["Exampleton"],
    "child 2 DOB": ["03/04/2019"],
    "parent carer name": ["Mona Exampleton"],
    "Parental Responsibility": ["Yes"],
    "Referrer Job Title": ["Class teacher"],
    "Your name": ["Mo Mockteacher"],
    "immediate-risk": ["Yes"],
    "pets in the home": ["A cat"],
}


def test_a_council_s_form_that_nobody_has_mapped_is_read(library: Library) -> None:
    done = translate_in(library.inbound("mash/flat-1"), MARF, meaning=nothing_known)

    assert (done.losses, done.warnings, done.unmapped) == ((), (), ())
    assert done.tree == {
        "worry": "Invented worry",
        "immediate_danger": "Y",
        "referrer": {"name": "Mo Mockteacher", "role": "Class teacher"},
        "children": [
            {
                "given_names": "Testina",
                "family_name": "Exampleton",
                "born": "2016-06-14",
                "ethnicity": "WBRI",
                "ethnicity_as_written": "White British",
                "address": {"postcode": "ZZ99 3AA"},
            },
            {"given_names": "Tobias", "family_name": "Exampleton", "born": "2019-04-03"},
        ],
        "parents": [{"name": "Mona Exampleton", "parental_responsibility": "Y"}],
        "local": [{"key": "x-form", "question": "pets in the home", "answer": "A cat"}],
    }


def test_one_box_for_a_child_s_name_is_not_taken_apart(library: Library) -> None:
    done = translate_in(
        library.inbound("mash/flat-1"), {"Name of child": ["Testina Exampleton"]}, meaning=nothing_known
    )

    assert done.tree == {"children": [{"given_names": "Testina Exampleton"}]}
    assert [one.code for one in done.warnings] == ["name-not-split"]


@pytest.mark.parametrize("name", ["Address", "Consent given", "Organisation", "Contact number"])
def test_a_name_that_may_mean_two_things_is_carried_and_not_guessed(library: Library, name: str) -> None:
    done = translate_in(library.inbound("mash/flat-1"), {name: ["Yes"]}, meaning=nothing_known)

    assert done.tree == {"local": [{"key": "x-form", "question": name, "answer": "Yes"}]}


@pytest.mark.parametrize(("one", "other"), [("Straße", "STRASSE"), ("d_o_b", "DOB"), ("child 1", "child_1")])
def test_folding_knows_letters_and_digits(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def two_tables(more: str) -> None:
    head = HEAD.replace(b'["names"]', b'["names", "more"]')
    tables = AliasTables({"names.csv": TABLE.encode(), "more.csv": f"{TITLES}{more}".encode()})
    mapping = load_mapping("mash/try-1.inbound.toml", head + ROWS, aliases=tables)
    done = translate_in(mapping, {"Grounds": ["Invented"]}, meaning=nothing_known)

    assert done.tree == {"worry": "Invented"}


def test_several_tables_are_one() -> None:
    two_tables("why,grounds,C,here,\n")


def test_a_name_that_two_tables_take_for_different_things_is_refused() -> None:
    with pytest.raises(MappingError) as caught:
        two_tables("last,REASON for referral,C,here,\n")

    assert "is in another table too" in caught.value.message
