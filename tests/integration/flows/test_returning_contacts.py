"""A contact whom a school had taken off a pupil comes back through an old record: nobody is told anything of it."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.flows.by_hand.reviews import Verdict
from gateway.flows.documents import open_document
from gateway.flows.store.rows import Record
from gateway.flows.understanding.contacts import name_of
from gateway.simulators.school import PUPIL, csv_report, superstar_report
from gateway.simulators.transfers import TESTINA, transfer_file
from tests.fakes.attached import AGREED
from tests.integration.flows.house import SCHOOL, House

MOTHER = {"Contact Forename": "Mock", "Contact Surname": "Exampleton", "Contact Relationship": "Mother"}
FATHER = {"Contact Forename": "Trial", "Contact Surname": "Sampleby", "Contact Relationship": "Father"}


def export(house: House, *contacts: dict[str, str], week: int, form: str = "sims/csv-1", **more: str) -> Record:
    """Let the school send this week's export, and return what became of the pupil."""
    rows = [{**PUPIL, "Start date": f"2026-09-{week:02}", **more, **contact} for contact in contacts or ({},)]
    write = csv_report if form == "sims/csv-1" else superstar_report
    message = house.accept(write(rows), by=SCHOOL, form=form)
    house.work()
    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    return record


def family(house: House, record: Record) -> list[str]:
    tree = house.app.store.read(lambda uow: open_document(house.app.desk.vault, uow, record))
    people: Any = tree.get("family", [])
    return [name_of(person) for person in people]


def questions(house: House) -> Sequence[Any]:
    return house.reviews("H-CONTACT")


def answer(house: House, choice: str) -> None:
    (task,) = questions(house)
    verdict = Verdict(choice=choice, by="usr_1", role="CAF_COORDINATOR", rationale="I rang the school's office.")
    house.app.reviews.decide(task.review_id, verdict)


@pytest.mark.parametrize("form", ["sims/csv-1", "sims/superstar-1"])
def test_a_contact_who_was_gone_and_is_back_is_held_back(house: House, form: str) -> None:
    export(house, MOTHER, FATHER, week=1, form=form)
    without = export(house, MOTHER, week=2, form=form)
    assert questions(house) == []

    back = export(house, MOTHER, FATHER, week=3, form=form)

    assert family(house, without) == family(house, back) == ["mock exampleton"]
    (task,) = questions(house)
    assert (task.kind, task.role, task.subject_id) == ("contact", "CAF_COORDINATOR", back.record_id)
    assert house.app.store.read(lambda uow: house.app.reviews.keeper.contacts.held_back(uow, back)) == [
        "trial sampleby"
    ]


def test_the_deleted_contact_is_in_nothing_that_leaves(house: House) -> None:
    export(house, MOTHER, FATHER, week=1, **AGREED)
    export(house, MOTHER, week=2, **AGREED)
    house.outlet.sent.clear()

    export(house, MOTHER, FATHER, week=3, **AGREED)

    told = [body.decode() for _, _, body in house.outlet.sent]
    assert ["Sampleby" in one for one in told] == [False]
    assert "Mock" in told[0]


def test_it_is_in_the_account_that_somebody_was_held_back(house: House) -> None:
    first = export(house, MOTHER, FATHER, week=1)
    export(house, MOTHER, week=2)

    back = export(house, MOTHER, FATHER, week=3)

    assert back.losses == first.losses + 1


def test_who_is_held_back_stays_so_and_is_asked_about_once(house: House) -> None:
    for week, contacts in enumerate([(MOTHER, FATHER), (MOTHER,), (MOTHER, FATHER), (MOTHER, FATHER)], start=1):
        last = export(house, *contacts, week=week)

    assert family(house, last) == ["mock exampleton"]
    assert len(questions(house)) == 1


def test_a_person_who_asked_the_school_lets_the_contact_in(house: House) -> None:
    for week, contacts in enumerate([(MOTHER, FATHER), (MOTHER,), (MOTHER, FATHER)], start=1):
        export(house, *contacts, week=week)

    answer(house, "attach")

    assert family(house, export(house, MOTHER, FATHER, week=4)) == ["mock exampleton", "trial sampleby"]


def test_a_person_who_says_no_keeps_the_contact_out(house: House) -> None:
    for week, contacts in enumerate([(MOTHER, FATHER), (MOTHER,), (MOTHER, FATHER)], start=1):
        export(house, *contacts, week=week)

    answer(house, "leave")

    assert family(house, export(house, MOTHER, FATHER, week=4)) == ["mock exampleton"]
    assert len(questions(house)) == 1


def test_an_export_without_contacts_at_all_says_nothing_of_who_is_gone(house: House) -> None:
    export(house, MOTHER, FATHER, week=1)
    export(house, week=2)

    back = export(house, MOTHER, FATHER, week=3)

    assert family(house, back) == ["mock exampleton", "trial sampleby"]
    assert questions(house) == []


def test_a_contact_spelt_in_capitals_is_the_same_one(house: House) -> None:
    export(house, MOTHER, FATHER, week=1)
    export(house, MOTHER, week=2)

    back = export(house, MOTHER, {**FATHER, "Contact Surname": "SAMPLEBY ", "Contact Forename": "TRIAL"}, week=3)

    assert family(house, back) == ["mock exampleton"]


@pytest.mark.parametrize("other", ["SIAN O'NEIL SAMPLEBY", "Siân O\u2019Neil-Sampleby", "Sian ONeil-Sampleby"])
def test_a_contact_spelt_with_another_apostrophe_hyphen_or_accent_is_the_same_one(house: House, other: str) -> None:
    export(house, MOTHER, {**FATHER, "Contact Forename": "Siân", "Contact Surname": "O'Neil-Sampleby"}, week=1)
    export(house, MOTHER, week=2)
    given, _, surname = other.partition(" ")

    back = export(house, MOTHER, {**FATHER, "Contact Forename": given, "Contact Surname": surname}, week=3)

    assert family(house, back) == ["mock exampleton"]
    assert len(questions(house)) == 1


def test_a_new_contact_is_taken_at_once(house: House) -> None:
    export(house, MOTHER, week=1)

    assert family(house, export(house, MOTHER, FATHER, week=2)) == ["mock exampleton", "trial sampleby"]


@pytest.mark.parametrize(("qualifier", "kept"), [("full", 1), ("partial", 2)])
def test_only_a_full_transfer_file_says_who_is_gone(house: House, qualifier: str, kept: int) -> None:
    contacts: Any = TESTINA["Contacts"]
    fewer = {**TESTINA, "Contacts": {"Contact": contacts["Contact"][:1]}}
    bodies = [
        transfer_file([TESTINA]),
        transfer_file([fewer], qualifier=qualifier),
        transfer_file([TESTINA], edition=24),
    ]

    for body in bodies:
        message = house.accept(body, by=SCHOOL, form="sims/ctf-25")
        house.work()

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert len(family(house, record)) == kept
