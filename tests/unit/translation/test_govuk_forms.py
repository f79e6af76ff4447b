"""A GOV.UK Forms submission: answers by question id, texts that may be lists, more than one child."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, translate_in

Read = Callable[..., list[Translated]]
FOLDER = Path(__file__).parents[2] / "vectors" / "examples" / "mash"
FORMS = sorted(path.name for path in FOLDER.glob("govuk-forms-*.json"))


def form(library: Library, *entries: Group, **top: str) -> Translated:
    source: Group = {"answers": list(entries), **top}
    return translate_in(library.inbound("mash/govuk-forms-1"), source, meaning=nothing_known)


def entry(name: str, text: str | list[str] = "", **parts: str | list[str]) -> Group:
    """Return one answer whose wording is the expected one, as far as it matters here: none."""
    return {"question_id": name, "answer_text": text, **parts}


def the_child(made: Translated) -> Group:
    (child,) = made.tree["children"]
    assert isinstance(child, dict)
    return child


@pytest.mark.parametrize("file", FORMS)
def test_nothing_of_an_example_is_lost_or_odd(read: Read, file: str) -> None:
    (made,) = read("mash/govuk-forms-1", f"mash/{file}", "application/json")

    assert (made.losses, made.warnings, made.unmapped) == ((), (), ())


@pytest.mark.parametrize("file", FORMS)
def test_every_answer_of_an_example_is_somewhere(read: Read, file: str) -> None:
    (made,) = read("mash/govuk-forms-1", f"mash/{file}", "application/json")
    told = json.dumps(made.tree, ensure_ascii=False)
    free = [
        one["answer_text"]
        for one in json.loads((FOLDER / file).read_text())["answers"]
        if isinstance(one["answer_text"], str) and len(one["answer_text"]) > 60 and "," not in one["answer_text"]
    ]

    assert [text for text in free if json.dumps(text, ensure_ascii=False)[1:-1] not in told] == [
        "I am worried that a child is being harmed or at risk of harm"
    ] * free.count("I am worried that a child is being harmed or at risk of harm")


def test_a_referral_states_what_it_asks_for(read: Read) -> None:
    (made,) = read("mash/govuk-forms-1", "mash/govuk-forms-s47-unknown-child.json", "application/json")

    stated = {name: made.tree[name] for name in ("reference", "request_type", "level", "immediate_danger")}
    assert stated == {
        "reference": "K7RD9WPA",
        "request_type": "SAFEGUARDING",
        "level": "L4",
        "immediate_danger": "Y",
    }
    assert made.tree["children"] == [
        {
            "given_names": "Jo",
            "sex": "0",
            "born_as_written": "About 9",
            "current_location": "With me at Imaginary Youth Club, 5 Nowhere Lane, Exampleton",
        }
    ]


def test_siblings_are_children_of_one_referral(read: Read) -> None:
    (made,) = read("mash/govuk-forms-1", "mash/govuk-forms-two-siblings.json", "application/json")

    named = [(one["given_names"], one["family_name"], one["born"]) for one in made.tree["children"]]
    assert named[1] == ("Bea", "Fictional", "2018-07-28")
    assert len(named) == 2


def test_consent_is_read_in_codes(read: Read) -> None:
    (made,) = read("mash/govuk-forms-1", "mash/govuk-forms-early-help-consent.json", "application/json")

    assert made.tree["consent"] == {
        "parent_aware": "Y",
        "child_aware": "Y",
        "agrees_to_help": "Y",
        "agrees_to_share": "Y",
        "agencies_agreed": ["school", "health", "early_help"],
        "agencies_excluded": ["camhs"],
        "categories_excluded": ["CAT-HEALTH-S", "CAT-FIN"],
        "signatory": "Siân Makebelieve",
        "signatory_capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
        "given_on": "2026-11-17",
    }


def test_a_repeating_question_gives_one_person_a_turn(read: Read) -> None:
    (made,) = read("mash/govuk-forms-1", "mash/govuk-forms-single-child.json", "application/json")

    assert made.tree["household"] == [
        {"given_names": "Nana", "family_name": "Exampleton", "relationship": "Grandmother", "born": "1958-05-01"},
        {
            "given_names": "Baby",
            "family_name": "Pretendman",
            "relationship": "Half-brother",
            "born": "2025-02-20",
            "school": "Nowhere Nursery",
        },
    ]


def test_a_question_of_the_council_s_own_is_carried_with_its_wording(read: Read) -> None:
    (made,) = read("mash/govuk-forms-1", "mash/govuk-forms-single-child.json", "application/json")

    assert made.tree["local"][0] == {
        "key": "pets_in_home",
        "question": "Are there animals in the home that a visitor should know of?",
        "answer": "A friendly dog called Placeholder",
    }


def test_a_question_set_about_a_child_may_itself_repeat(library: Library) -> None:
    made = form(
        library,
        entry(
            "child_name", ["Ada Exampleton", "Bea Exampleton"], first_name=["Ada", "Bea"], last_name=["Exampleton"] * 2
        ),
        entry("child_dob", ["14/06/2016", "03/04/2019"]),
        entry("child_2_name", "Cy Fictional", first_name="Cy", last_name="Fictional"),
    )

    assert made.tree["children"] == [
        {"given_names": "Ada", "family_name": "Exampleton", "born": "2016-06-14"},
        {"given_names": "Bea", "family_name": "Exampleton", "born": "2019-04-03"},
        {"given_names": "Cy", "family_name": "Fictional"},
    ]
    assert (made.losses, made.warnings) == ((), ())


def test_a_reworded_question_is_taken_by_its_id_and_told(library: Library) -> None:
    asked = "What worries you most?"

    made = form(library, {"question_id": "worry", "question_text": asked, "answer_text": "Hungry"})

    assert made.tree["worry"] == "Hungry"
    assert [(one.path, one.code) for one in made.warnings] == [("answers[0].question_text", "question-drift")]
    assert made.tree["local"] == [{"key": "worry", "question": asked}]


@pytest.mark.parametrize(
    ("parts", "child", "codes"),
    [
        ({"first_name": "Ada", "middle_names": "May", "last_name": "Test"}, ("Ada May", "Test"), []),
        ({"last_name": "Test"}, (None, "Test"), []),
        ({"full_name": "Ada Test"}, ("Ada Test", None), ["name-not-split"]),
        ({}, ("Ada Test", None), ["name-not-split"]),
    ],
)
def test_a_name_is_never_taken_apart(
    library: Library, parts: dict[str, str | list[str]], child: tuple[str | None, ...], codes: list[str]
) -> None:
    made = form(library, entry("child_name", "Ada Test", **parts))

    assert (the_child(made).get("given_names"), the_child(made).get("family_name")) == child
    assert [one.code for one in made.warnings] == codes


def test_an_unborn_child_has_a_day_to_come(library: Library) -> None:
    by_its_question = form(library, entry("child_expected_date", "12/03/2027"), entry("child_dob", ""))
    by_the_day = form(library, entry("child_dob", "12/03/2027"), submitted_at="2026-11-18T09:15:30.000Z")

    assert the_child(by_its_question) == {"expected": "2027-03-12"}
    assert the_child(by_the_day) == {"expected": "2027-03-12"}


def test_an_estimated_age_stands_in_only_where_no_date_is_given(library: Library) -> None:
    made = form(library, entry("child_dob", "14/06/2016"), entry("child_estimated_age", "About 10"))

    assert the_child(made) == {"born": "2016-06-14"}
    assert made.tree["local"] == [{"key": "child_estimated_age", "answer": "About 10"}]


def test_a_restriction_in_unknown_words_is_not_forgotten(library: Library) -> None:
    made = form(
        library,
        entry("consent_information_excluded", "School, Dad\u2019s job", selections=["School", "Dad\u2019s job"]),
    )

    assert made.tree["consent"] == {"categories_excluded": ["CAT-EDU", "UNKNOWN"]}
    assert [(one.path, one.label) for one in made.unmapped] == [("answers[0].selections[1]", "Dad\u2019s job")]
    assert made.tree["local"] == [
        {"key": "consent_information_excluded", "question": "(selections)", "answer": "Dad\u2019s job"}
    ]


def test_a_ninth_child_is_carried_and_not_dropped(library: Library) -> None:
    made = form(library, entry("child_9_name", "Ida Example", first_name="Ida", last_name="Example"))

    assert "children" not in made.tree
    assert made.tree["local"] == [{"key": "child_9_name", "answer": "Ida Example"}]


def test_a_second_town_in_an_address_is_listed_and_never_carried_as_an_opinion(library: Library) -> None:
    made = form(library, entry("referrer_address", "", town_or_city=["Exampleton", "Nowhere"]))

    assert "local" not in made.tree
    assert [loss.path for loss in made.losses] == ["answers.town_or_city"]


def test_an_address_abroad_is_read_line_by_line(library: Library) -> None:
    made = form(library, entry("child_address", "", street_address="1 Nulle Part\n00000 Nowhere", country="France"))

    assert the_child(made) == {"address": {"lines": ["1 Nulle Part", "00000 Nowhere"], "country": "France"}}


def test_a_grown_up_s_date_of_birth_is_kept_as_written_too(library: Library) -> None:
    made = form(library, entry("parent_dob", "in her forties"), entry("household_member_dob", ["about 3"]))

    assert made.tree["parents"] == [{"born_as_written": "in her forties"}]
    assert made.tree["household"] == [{"born_as_written": "about 3"}]


def test_an_unclear_date_of_birth_is_kept_as_written(library: Library) -> None:
    made = form(library, entry("child_dob", "14/06/16"))

    assert the_child(made) == {"born_as_written": "14/06/16"}
    assert [one.code for one in made.warnings] == ["two-digit-year"]


def test_a_referrer_s_county_and_country_are_kept(library: Library) -> None:
    made = form(library, entry("referrer_address", "", county="Nowhere", country="Wales"))

    assert made.tree == {"referrer": {"address": {"county": "Nowhere", "country": "Wales"}}}
