"""Children whom a school's files could make one of two, or two of one; and who must not be found through them."""

from collections.abc import Mapping
from typing import Any

from gateway.flows.documents import open_document
from gateway.flows.store.rows import Record
from gateway.simulators.school import csv_report
from gateway.simulators.transfers import TESTINA, transfer_file
from tests.fakes.attached import AGREED
from tests.integration.flows.house import ECAF, SCHOOL, House

ONE: Mapping[str, str] = {
    "UPN": "B801200005001",
    "Forename": "Testina",
    "Surname": "Exampleton",
    "DOB": "14/06/2014",
    "Gender": "F",
    "Address Line 1": "1 Nowhere Lane",
    "Postcode": "ZZ99 3AA",
}
OTHER_NUMBER = "R201100018042"


def send(house: House, *rows: Mapping[str, str]) -> list[Record]:
    message = house.accept(csv_report(rows), by=SCHOOL, form="sims/csv-1")
    house.work()
    return list(house.app.store.read(lambda uow: uow.records.of_message(message)))


def tree_of(house: House, record: Record) -> Any:
    return house.app.store.read(lambda uow: open_document(house.app.desk.vault, uow, record))


def test_twins_are_two_children(house: House) -> None:
    first, second = send(house, ONE, {**ONE, "Forename": "Mock", "UPN": OTHER_NUMBER})

    assert first.subjects != second.subjects


def test_one_number_on_two_children_joins_nobody(house: House) -> None:
    (known,) = send(house, ONE)

    (other,) = send(house, {**ONE, "Forename": "Mock", "DOB": "03/02/2011", "Gender": "M"})

    assert other.subjects != known.subjects
    assert other.match_status != "MATCH"


def test_two_numbers_on_one_child_are_never_joined_without_a_look(house: House) -> None:
    (known,) = send(house, ONE)

    (again,) = send(house, {**ONE, "UPN": OTHER_NUMBER})

    assert again.subjects == known.subjects or again.match_status != "NEW"
    assert tree_of(house, again)["child"]["upn"] == OTHER_NUMBER


def test_a_wrong_number_finds_nobody_and_loses_nobody(house: House) -> None:
    wrong = {"UPN": "A801200005001"}
    (known,) = send(house, {**ONE, **wrong})

    (other,) = send(house, {**ONE, **wrong, "Forename": "Mock", "Surname": "Sampleby", "DOB": "03/02/2011"})

    assert other.subjects != known.subjects
    assert tree_of(house, other)["child"]["upn"] == "A801200005001"


def test_father_and_son_of_one_name_stay_two(house: House) -> None:
    father = {"Contact Forename": "Testina", "Contact Surname": "Exampleton", "Contact Relationship": "Parent"}

    (record,) = send(house, {**ONE, **father})

    tree = tree_of(house, record)
    assert len(record.subjects) == 1
    assert [one["relationship"] for one in tree["family"]] == ["Parent"]
    assert "born" not in tree["family"][0]


def test_a_former_number_never_joins_an_adopted_child_to_the_child_it_was(house: House) -> None:
    (known,) = send(house, ONE)
    adopted = {
        **TESTINA,
        "UPN": OTHER_NUMBER,
        "Surname": "Sampleby",
        "Forename": "Mock",
        "BasicDetails": {"FormerUPN": "B801200005001", "FormerSurname": "Exampleton", "FormerForename": "Testina"},
        "Address": {"AddressLines": {"AddressLine1": "9 Elsewhere Road"}, "PostCode": "ZZ99 9ZZ"},
        "Contacts": {"Contact": []},
    }

    message = house.accept(transfer_file([adopted]), by=SCHOOL, form="sims/ctf-25")
    house.work()

    (other,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert other.subjects != known.subjects
    assert "Exampleton" not in str(tree_of(house, other))


def test_an_address_that_is_withheld_is_in_nothing_that_leaves(house: House) -> None:
    (known,) = send(house, ONE)
    flag: Any = {"flag": "ADDRESS_WITHHELD", "need_list": []}
    house.app.facts.flags.set(known.subjects[0], flag, actor="usr_1")
    mother = {"Contact Forename": "Mock", "Contact Surname": "Exampleton", "Contact Address Line 1": "1 Nowhere Lane"}

    send(house, {**ONE, **AGREED, **mother, "Contact Postcode": "ZZ99 3AA"})

    told = str(house.outlet.to(ECAF)[1:])
    assert "Testina" in told
    assert not [word for word in ("Nowhere", "ZZ99") if word in told]


def test_where_the_family_said_no_nothing_leaves(house: House) -> None:
    send(house, {**ONE, **AGREED, "CAF Consent Given": "No"})

    assert house.outlet.to(ECAF) == []


def test_where_nobody_was_asked_there_is_a_draft_and_no_request(house: House) -> None:
    send(house, ONE)

    assert [one["state"] for one in house.outlet.to(ECAF)] == ["draft"]
