"""A SIMS report: the cross product comes apart, birthdays stay where they are, unknown captions come along."""

import hashlib
from base64 import b64decode
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, translate_in

if TYPE_CHECKING:
    from gateway.model.tree import Group

Read = Callable[..., list[Translated]]


@pytest.fixture
def pupils(read: Read) -> list[Translated]:
    return read("sims/superstar-1", "sims/superstar-three-pupils.xml", "application/xml")


def pupil(library: Library, *rows: dict[str, str]) -> Translated:
    source: Group = {"Record": [dict(row) for row in rows]}
    return translate_in(library.inbound("sims/superstar-1"), source, meaning=nothing_known)


def test_eleven_rows_are_three_pupils(pupils: list[Translated]) -> None:
    assert [one.tree["source_id"] for one in pupils] == ["1001", "1002", "0977"]
    assert [len(one.tree["contacts"]) for one in pupils] == [2, 1, 2]


def test_a_contact_has_all_telephones_and_emails_once(pupils: list[Translated]) -> None:
    (mary,) = pupils[1].tree["contacts"]

    assert mary == {
        "title": "Ms",
        "given_names": "Mary",
        "family_name": "Fictional",
        "relationship": "Mother",
        "priority": 1,
        "parental_responsibility": "Y",
        "court_order": "N",
        "telephones": ["07700 900103", "020 7946 0112"],
        "emails": ["mary@home.example", "mary.fictional@work.example"],
        "address": {"lines": ["12 Imaginary Court", "Exampleton"], "postcode": "ZZ99 3AC"},
    }


def test_a_summer_birthday_stays_on_its_day(pupils: list[Translated], library: Library) -> None:
    assert [one.tree["child"]["born"] for one in pupils] == ["2016-06-14", "2018-01-09", "2015-10-24"]
    assert pupil(library, {"DOB": "2004-06-14T00:00:00+01:00"}).tree == {"child": {"born": "2004-06-14"}}


def test_a_wrong_pupil_number_is_kept_with_a_warning(pupils: list[Translated]) -> None:
    assert pupils[2].tree["child"]["upn"] == "A801200005001"
    assert [(one.path, one.code) for one in pupils[2].warnings] == [("Record[0].UPN", "upn-check")]
    assert (pupils[0].warnings, pupils[1].warnings) == ((), ())


def test_the_attached_form_comes_with_its_digest(pupils: list[Translated]) -> None:
    (attached,) = pupils[0].tree["forms"]

    assert (attached["kind"], attached["written_on"], attached["author"]) == (
        "CAF assessment",
        "2026-10-02",
        "Mo Mockteacher",
    )
    assert attached["sha256"] == hashlib.sha256(b64decode(attached["content"])).hexdigest()


def test_what_the_family_said_is_read_in_codes(pupils: list[Translated]) -> None:
    assert pupils[0].tree["consent"] == {
        "agrees_to_share": "Y",
        "given_on": "2026-10-02",
        "signatory": "Siân Makebelieve",
        "signatory_capacity": "PARENT_PR",
        "agencies_agreed": ["school", "health"],
        "agencies_excluded": ["camhs"],
        "categories_excluded": ["CAT-HEALTH-S"],
    }
    assert "consent" not in pupils[1].tree


def test_captions_nobody_published_are_carried_once(pupils: list[Translated]) -> None:
    assert [one.tree["local"] for one in pupils] == [
        [{"key": "x-sims", "question": "Home Language", "answer": "Welsh"}],
        [{"key": "x-sims", "question": "Home Language", "answer": "English"}],
        [{"key": "x-sims", "question": "SEN Status", "answer": "SEN Support"}],
    ]


def test_what_is_lost_is_listed(pupils: list[Translated]) -> None:
    assert [loss.path for loss in pupils[1].losses] == ["Record[0].multiple_id", "Record[].Contact Telephone Type"]


def test_the_legal_name_is_the_family_name(pupils: list[Translated]) -> None:
    names = [(one.tree["child"]["family_name"], one.tree["child"].get("preferred_name")) for one in pupils]

    assert names == [("Makebelieve-Jones", "Rélie Makebelieve"), ("Fictional", None), ("O\u2019SAMPLE", None)]


def test_two_blanks_in_a_year_group_are_one(pupils: list[Translated]) -> None:
    assert pupils[0].tree["child"]["schooling"]["year_group"] == "Year 5"


def test_both_homes_of_a_contact_are_kept(library: Library) -> None:
    homes = [("1 Nowhere Lane", "ZZ99 3AA"), ("7 Imaginary Court", "ZZ99 3AC")]
    rows = [
        {
            "multiple_id": "1,2",
            "Contact Surname": "Fictional",
            "Contact Telephone": phone,
            "Contact Address Line 1": line,
            "Contact Postcode": code,
        }
        for phone in ("0101", "0102")
        for line, code in homes
    ]

    made = pupil(library, *rows)

    assert made.tree["contacts"] == [
        {
            "family_name": "Fictional",
            "telephones": ["0101", "0102"],
            "address": {"lines": ["1 Nowhere Lane"], "postcode": "ZZ99 3AA"},
            "other_addresses": [{"lines": ["7 Imaginary Court"], "postcode": "ZZ99 3AC"}],
        }
    ]
    assert made.tree.keys() == {"source_id", "contacts"}


def test_without_identifiers_a_contact_is_known_by_name(library: Library) -> None:
    made = pupil(
        library,
        {"primary_id": "1", "Contact Surname": "Fictional", "Contact Forename": "Mary", "Contact Telephone": "0101"},
        {"primary_id": "1", "Contact Surname": "Fictional", "Contact Forename": "Mary", "Contact Telephone": "0102"},
        {"primary_id": "1", "Contact Surname": "Fictional", "Contact Forename": "Otto"},
    )

    named = [(one["given_names"], one.get("telephones")) for one in made.tree["contacts"]]
    assert named == [("Mary", ["0101", "0102"]), ("Otto", None)]


def test_father_and_son_of_one_name_are_two(library: Library) -> None:
    made = pupil(
        library,
        {"multiple_id": "1,2", "Contact Surname": "Fictional", "Contact Forename": "Otto"},
        {"multiple_id": "1,3", "Contact Surname": "Fictional", "Contact Forename": "Otto"},
    )

    assert len(made.tree["contacts"]) == 2


def test_rows_that_disagree_about_a_birthday_decide_nothing(library: Library) -> None:
    made = pupil(library, {"DOB": "2016-06-14T00:00:00+01:00"}, {"DOB": "2016-06-15T00:00:00+01:00"})

    assert "born" not in made.tree.get("child", {})
    assert {(one.path, one.code) for one in made.warnings} == {("Record[1].DOB", "several-values")}


def test_a_court_order_in_unknown_words_waits_for_a_person(library: Library) -> None:
    made = pupil(library, {"Contact Surname": "Fictional", "Contact Court Order": "See file"})

    assert made.tree["contacts"] == [{"family_name": "Fictional"}]
    assert [one.label for one in made.unmapped] == ["See file"]
    assert [loss.path for loss in made.losses] == ["Record[0].Contact Court Order"]


def test_a_windows_file_keeps_its_accents(read: Read) -> None:
    (made,) = read("sims/superstar-1", "sims/superstar-windows-1252.xml", "application/xml")

    assert (made.tree["child"]["given_names"], made.tree["child"]["family_name"]) == ("Zoë", "O\u2019Sample")
    assert made.tree["source_id"] == "2001"


def test_every_published_caption_has_its_place(library: Library) -> None:
    made = pupil(
        library,
        {
            "primary_id": "1",
            "Preferred Forename": "Tina",
            "NHS Number": "999 000 0026",
            "DOB": "not sure",
            "CAF Consent Given": "Yes",
            "CAF Consent Mode": "Verbally, with a witness",
            "Contact Surname": "Fictional",
            "Contact Address Line 2": "Flat 2",
            "Contact Town": "Exampleton",
            "Contact County": "Nowhere",
            "Contact Postcode": "zz993aa",
        },
    )

    assert made.tree == {
        "source_id": "1",
        "child": {"preferred_name": "Tina", "nhs_number": "9990000026", "born_as_written": "not sure"},
        "consent": {"agrees_to_share": "Y", "mode": "VERBAL_WITNESSED"},
        "contacts": [
            {
                "family_name": "Fictional",
                "address": {"lines": ["Flat 2"], "town": "Exampleton", "county": "Nowhere", "postcode": "ZZ99 3AA"},
            }
        ],
    }
    assert made.losses == ()


def test_a_second_address_keeps_all_its_parts(library: Library) -> None:
    homes = (
        {"Contact Address Line 1": "1 Nowhere Lane", "Contact Town": "Exampleton", "Contact County": "Nowhere"},
        {"Contact Address Line 1": "2 Nowhere Lane", "Contact Town": "Sampleton", "Contact County": "Somewhere"},
    )

    made = pupil(library, *({"Contact Surname": "Fictional", **home} for home in homes))

    (contact,) = made.tree["contacts"]
    assert contact["other_addresses"] == [{"lines": ["2 Nowhere Lane"], "town": "Sampleton", "county": "Somewhere"}]
