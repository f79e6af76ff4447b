"""Hackney's form: misspelt names, names that repeat, lists that run in parallel."""

from collections.abc import Callable

import pytest

from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, translate_in

Read = Callable[..., list[Translated]]
FORM = ("mash/flat-1", "mash/flat-hackney.form", "application/x-www-form-urlencoded")


@pytest.fixture
def referral(read: Read) -> Translated:
    return read(*FORM)[0]


def flat(library: Library, **names: str | list[str]) -> Translated:
    """Translate names with their texts, as a form post gives them."""
    source: Group = {name: [value] if isinstance(value, str) else list(value) for name, value in names.items()}
    return translate_in(library.inbound("mash/flat-1"), source, meaning=nothing_known)


def test_nothing_of_the_example_is_lost_or_odd(referral: Translated) -> None:
    assert (referral.losses, referral.warnings, referral.unmapped) == ((), (), ())


def test_a_form_post_and_the_same_as_json_are_one_referral(read: Read, referral: Translated) -> None:
    (from_json,) = read("mash/flat-1", "mash/flat-hackney.json", "application/json")

    assert from_json.tree == referral.tree


def test_children_are_put_together_from_parallel_lists(referral: Translated) -> None:
    home = {"lines": ["1 Nowhere Lane", "Exampleton"], "postcode": "ZZ99 3AA"}

    assert referral.tree["children"] == [
        {
            "given_names": "Testina",
            "family_name": "Exampleton",
            "born": "2016-06-14",
            "sex": "2",
            "ethnicity": "WBRI",
            "ethnicity_as_written": "White British",
            "first_language": "English",
            "schooling": {"name": "Nowhere Primary School"},
            "address": home,
        },
        {
            "given_names": "Tobias",
            "family_name": "Exampleton",
            "born": "2019-04-03",
            "sex": "1",
            "ethnicity": "WBRI",
            "ethnicity_as_written": "White British",
            "first_language": "English",
            "schooling": {"name": "Nowhere Nursery"},
            "address": home,
        },
        {"family_name": "Exampleton", "expected": "2027-03-12", "sex": "0", "address": home},
    ]


def test_the_mother_s_address_comes_three_times_under_one_name(referral: Translated) -> None:
    mother, father = referral.tree["parents"]

    assert mother["address"]["lines"] == ["1 Nowhere Lane", "Exampleton", "Greater Nowhere"]
    assert (mother["relationship"], mother["born"]) == ("Mother", "1990-03-02")
    assert (father["relationship"], father["born"]) == ("Father", "1988-11-19")
    assert father["address"] == {"lines": ["7 Imaginary Court"], "postcode": "ZZ99 3AC"}


def test_the_wider_family_s_two_underscores_are_understood(referral: Translated) -> None:
    assert referral.tree["household"] == [
        {"name": "Nana Exampleton", "born": "1958-05-01", "relationship": "Grandmother"},
        {"name": "Baby Pretendman", "born": "2025-02-20", "relationship": "Half-brother"},
    ]


def test_each_professional_gets_three_lines_of_address(referral: Translated) -> None:
    addresses = [one["address"]["lines"] for one in referral.tree["professionals"]]

    assert addresses == [
        ["Nowhere Health Centre", "3 Nowhere Lane", "Exampleton"],
        ["Imaginary Youth Club", "5 Nowhere Lane"],
    ]


def test_the_misspelt_question_and_the_one_with_a_blank_are_read(referral: Translated) -> None:
    assert referral.tree["referrer_involvement"] == "I see Testina every day and have met her mother four times."
    assert referral.tree["support_wanted"] == "Her grandmother\u2019s help, and somebody to visit the home."


def test_support_is_not_sharing(referral: Translated) -> None:
    assert referral.tree["consent"] == {
        "agrees_to_help": "N",
        "reason_not_sought": "Mother was told and did not want other services to know.",
    }


def test_a_question_of_the_council_s_own_is_carried(referral: Translated) -> None:
    assert {"key": "x-form", "question": "how_did_you_hear_of_us", "answer": "School newsletter"} in (
        referral.tree["local"]
    )


def test_the_kind_of_help_is_kept_in_the_form_s_words(library: Library) -> None:
    made = flat(library, childSupport="Early help targeted youth support")

    assert made.tree["request_type"] == "EARLY_HELP"
    assert made.tree["local"] == [
        {"key": "x-form", "question": "childSupport", "answer": "Early help targeted youth support"}
    ]


@pytest.mark.parametrize(
    ("text", "child", "codes"),
    [
        ("14/06/2016", {"born": "2016-06-14"}, []),
        ("EDD 01/02/2027", {"expected": "2027-02-01"}, []),
        ("unborn", {"born_as_written": "unborn"}, ["date-not-read"]),
        ("about 4 years old", {"born_as_written": "about 4 years old"}, ["date-not-read"]),
        ("14/06/16", {"born_as_written": "14/06/16"}, ["two-digit-year"]),
        ("31/02/2016", {"born_as_written": "31/02/2016"}, ["date-not-read"]),
        (
            "due 01/02/2027, twins",
            {"expected": "2027-02-01", "born_as_written": "due 01/02/2027, twins"},
            [],
        ),
    ],
)
def test_a_date_of_birth_is_read_or_kept_as_written(
    library: Library, text: str, child: Group, codes: list[str]
) -> None:
    made = flat(library, date_of_birth=text)

    assert made.tree == {"children": [child]}
    assert [warning.code for warning in made.warnings] == codes
    assert made.losses == ()


def test_a_date_after_the_form_s_own_day_is_a_day_to_come(library: Library) -> None:
    made = flat(library, date_of_birth="01/02/2027", submitted_at="2026-11-18T09:00:00Z")

    assert made.tree["children"] == [{"expected": "2027-02-01"}]


def test_a_postcode_is_put_in_order_or_kept_as_written(library: Library) -> None:
    made = flat(library, post_code=["zz993aa", "Nowhere"])

    assert [one["address"]["postcode"] for one in made.tree["children"]] == ["ZZ99 3AA", "Nowhere"]
    assert [(one.path, one.code) for one in made.warnings] == [("post_code[1]", "postcode-shape")]


def test_an_unknown_ethnicity_waits_for_a_person_and_keeps_its_text(library: Library) -> None:
    made = flat(library, ethnicity="Wite Brit")

    assert made.tree["children"] == [{"ethnicity_as_written": "Wite Brit"}]
    assert [(one.path, one.list_name, one.label) for one in made.unmapped] == [
        ("ethnicity[0]", "ethnicity", "Wite Brit")
    ]


def test_a_form_may_state_level_danger_and_consent(library: Library) -> None:
    made = flat(
        library,
        childSupport="Safeguarding",
        perceived_level="Level 4",
        immediate_danger="Yes",
        consent_to_share="No",
        consent_agencies_excluded=["CAMHS", "The uncle"],
    )

    assert (made.tree["request_type"], made.tree["level"], made.tree["immediate_danger"]) == ("SAFEGUARDING", "L4", "Y")
    assert made.tree["consent"] == {"agrees_to_share": "N", "agencies_excluded": ["camhs", "UNKNOWN"]}
    assert [one.label for one in made.unmapped] == ["The uncle"]


def test_yes_and_no_together_are_neither(library: Library) -> None:
    made = flat(library, consent_to_share=["Yes", "No"])

    assert "consent" not in made.tree
    assert [(one.path, one.code) for one in made.warnings] == [("consent_to_share[1]", "several-values")]
    assert [one["answer"] for one in made.tree["local"]] == ["Yes", "No"]


def test_lists_out_of_step_are_told(library: Library) -> None:
    made = flat(library, first_name=["Ada", "Bea"], last_name=["Exampleton"])

    assert [one.code for one in made.warnings] == ["uneven-lists"]
    assert made.tree["children"] == [{"given_names": "Ada", "family_name": "Exampleton"}, {"given_names": "Bea"}]


NAMED = {
    "reference": ("R-1", "R-1"),
    "form_name": ("Tell us", "Tell us"),
    "submitted_at": ("2026-11-18T09:00:00Z", "2026-11-18T09:00:00+00:00"),
    "level": ("Level 3", "L3"),
    "immediate_danger": ("No", "N"),
    "discussed_by_phone": ("With the duty desk", "With the duty desk"),
    "safeguarding_lead_consulted": ("Yes", "Y"),
    "harm": ("A bruise", "A bruise"),
    "parenting": ("Warm", "Warm"),
    "going_well": ("School", "School"),
}
SAID = {
    "parent_aware": ("parent_aware", "Yes", "Y"),
    "child_aware": ("child_aware", "No", "N"),
    "consent_to_share": ("agrees_to_share", "I do not know", "U"),
    "consent_agencies": ("agencies_agreed", "School", ["school"]),
    "consent_agencies_excluded": ("agencies_excluded", "Police", ["police"]),
    "consent_information_excluded": ("categories_excluded", "Home address", ["CAT-ADDR"]),
    "share_without_consent_reason": ("shared_without_consent_because", "Danger", "Danger"),
    "consent_signatory": ("signatory", "Mona Exampleton", "Mona Exampleton"),
    "consent_signatory_capacity": ("signatory_capacity", "Carer", "CARER"),
    "consent_mode": ("mode", "Electronically", "ELECTRONIC"),
    "consent_date": ("given_on", "17/11/2026", "2026-11-17"),
}


@pytest.mark.parametrize(("name", "text", "value"), [(name, *pair) for name, pair in NAMED.items()], ids=NAMED)
def test_a_council_s_own_form_may_ask_what_hackney_s_does_not(
    library: Library, name: str, text: str, value: str
) -> None:
    made = flat(library, **{name: text})

    assert (made.tree, made.losses, made.warnings) == ({name: value}, (), ())


@pytest.mark.parametrize(("name", "part", "text", "value"), [(name, *said) for name, said in SAID.items()], ids=SAID)
def test_so_it_may_about_consent(library: Library, name: str, part: str, text: str, value: str | list[str]) -> None:
    made = flat(library, **{name: text})

    assert (made.tree, made.losses, made.warnings) == ({"consent": {part: value}}, (), ())


@pytest.mark.parametrize(
    ("name", "group"), [("mothers_DOB", "parents"), ("Fathers_DOB", "parents"), ("wider_family__DOB", "household")]
)
def test_a_grown_up_s_date_of_birth_is_kept_as_written_too(library: Library, name: str, group: str) -> None:
    made = flat(library, **{name: "in her forties"})

    (person,) = made.tree[group]
    assert person["born_as_written"] == "in her forties"
    assert [one.code for one in made.warnings] == ["date-not-read"]


def test_both_parents_have_an_email(library: Library) -> None:
    made = flat(library, mother_email="m@home.example", father_email="f@home.example")

    assert [one["emails"] for one in made.tree["parents"]] == [["m@home.example"], ["f@home.example"]]
