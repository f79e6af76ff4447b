"""What does nobody's code list know, and what do people say it means?"""

from typing import Any

import pytest

from gateway.errors import NotAllowedError, NotFoundError
from gateway.simulators.school import superstar_report
from tests.unit.operations.house import House, a_caller

SCREENER = a_caller("MASH_SCREENER")
PUPIL = {"primary_id": "7", "Forename": "Testina", "Surname": "Exampleton", "DOB": "2016-06-15T00:00:00+01:00"}


def a_report(house: House, label: str, primary_id: str = "7") -> None:
    pupil = {**PUPIL, "primary_id": primary_id, "Forename": f"Testina{primary_id}", "Ethnicity": label}
    house.receive("school-example", "sims/superstar-1", superstar_report([pupil]))
    house.work()


def listed(house: House) -> list[dict[str, Any]]:
    found = house.order(SCREENER, "labels.list")["labels"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


def test_a_label_nobody_knows_waits_once_however_many_forms_hold_it(house: House) -> None:
    a_report(house, "Wholly  Invented", "7")
    a_report(house, "Wholly  Invented", "8")

    (waiting,) = listed(house)

    assert (waiting["list"], waiting["label"], waiting["records"]) == ("ethnicity", "Wholly Invented", 2)


def test_a_label_that_was_mapped_is_understood_from_then_on(house: House) -> None:
    a_report(house, "Wholly Invented", "7")

    answer = house.order(SCREENER, "labels.map", list="ethnicity", label="Wholly  Invented", code="WBRI")

    a_report(house, "Wholly Invented", "8")
    assert answer["records"] == 1
    assert listed(house) == []
    assert "label.mapped" in house.events()


def test_a_code_the_list_has_not_is_refused(house: House) -> None:
    a_report(house, "Wholly Invented")

    with pytest.raises(NotFoundError) as refused:
        house.order(SCREENER, "labels.map", list="ethnicity", label="Wholly Invented", code="ZZZZ")

    assert refused.value.place.path == "code"
    assert "WBRI" in refused.value.message


def test_a_label_is_listed_with_who_sent_it_what_it_holds_and_what_it_might_mean(house: House) -> None:
    a_report(house, "White, Brittish", "7")
    a_report(house, "WHITE, Brittish", "8")

    (waiting,) = listed(house)

    assert (waiting["organisations"], waiting["formats"]) == (["school-example"], ["sims/superstar-1"])
    assert (waiting["messages"], waiting["records"]) == (2, 2)
    assert waiting["suggestions"][0]["code"] == "WBRI"
    assert waiting["suggestions"][0]["because"].startswith("spelt alike")


def test_nobody_without_the_permission_sees_a_label(house: House) -> None:
    a_report(house, "Wholly Invented")

    with pytest.raises(NotAllowedError):
        house.order(a_caller("AUDITOR"), "labels.list")


def test_a_label_is_nowhere_in_clear_in_the_log(house: House) -> None:
    a_report(house, "Wholly Invented")
    house.order(SCREENER, "labels.map", list="ethnicity", label="Wholly Invented", code="WBRI")

    headers = [one.header for one in house.application.store.log_store.pending(10_000)]

    assert not [header for header in headers if b"Invented" in header]


def test_the_rows_of_a_file_are_mapped_and_those_that_are_wrong_are_told(house: House) -> None:
    a_report(house, "Wholly Invented")
    good = {"list": "ethnicity", "label": "Wholly Invented", "code": "WBRI", "authority": "E09000003"}
    rows = [{**good, "code": "ZZZZ"}, good, {**good, "authority": "E09000007"}, {**good, "list": "nosuch"}]

    answer = house.order(SCREENER, "labels.import", rows={"row": rows})

    assert (answer["mapped"], answer["records"]) == (1, 1)
    refused = answer["refused"]
    assert isinstance(refused, list)
    assert [(one["row"], one["path"]) for one in refused if isinstance(one, dict)] == [
        (1, "code"),
        (3, "authority"),
        (4, "list"),
    ]
    assert listed(house) == []


def test_a_mapped_label_is_listed_and_can_be_taken_back(house: House) -> None:
    a_report(house, "Wholly Invented", "7")
    house.order(SCREENER, "labels.map", list="ethnicity", label="Wholly Invented", code="WBRI")
    mapped = house.order(SCREENER, "labels.list", mapped=True)["labels"]

    house.order(SCREENER, "labels.retract", list="ethnicity", label="wholly invented")

    assert isinstance(mapped, list)
    assert [(one["label"], one["code"]) for one in mapped if isinstance(one, dict)] == [("Wholly Invented", "WBRI")]
    assert [one["label"] for one in listed(house)] == ["Wholly Invented"]
    assert "label.retracted" in house.events()


def test_what_nobody_mapped_cannot_be_taken_back(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(SCREENER, "labels.retract", list="ethnicity", label="Wholly Invented")
