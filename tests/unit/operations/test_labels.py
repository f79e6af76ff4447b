"""What does nobody's code list know, and what do people say it means?"""

from typing import Any

import pytest

from gateway.errors import NotFoundError
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
