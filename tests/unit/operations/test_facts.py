"""What is known about consent and protection, and what stops when it changes?"""

from typing import Any

import pytest

from gateway.errors import NotAllowedError, NotFoundError, SchemaViolationError
from gateway.model.identifiers import ChildRef
from tests.unit.operations.house import House, a_caller, a_form

COORDINATOR = a_caller("CAF_COORDINATOR")
CONSENT: dict[str, Any] = {
    "status": "GIVEN",
    "capacity": "PARENT_PR",
    "mode": "WRITTEN_SIGNED",
    "from": "2026-09-01T00:00:00Z",
    "until": "2027-09-01T00:00:00Z",
    "purposes": ["COORDINATE"],
    "agencies_denied": ["camhs-1"],
}


def a_child(house: House) -> ChildRef:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("safeguarding-unknown-child.json"))
    house.work()
    record = house.application.store.read(lambda uow: uow.records.of_message(message))[0]
    return record.subjects[0]


def facts(house: House, child: ChildRef) -> list[dict[str, Any]]:
    found = house.order(COORDINATOR, "consents.list", child=child)["facts"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


def epoch(house: House, child: ChildRef) -> int:
    name = f"child:{child}"
    return house.application.store.read(lambda uow: uow.epochs.current([name])[name])


def test_a_recorded_consent_is_held_in_the_shape_decisions_read(house: House) -> None:
    child = a_child(house)

    name = house.order(COORDINATOR, "consents.record", child=child, **CONSENT)["fact"]

    (kept,) = [one["fact"] for one in facts(house, child) if one["id"] == name]
    assert kept["giver_capacity"] == "PARENT_PR"
    assert kept["agencies_denied"] == ["camhs-1"]
    assert kept["kinds"] == ["SHARE"]


def test_every_change_makes_earlier_decisions_stale(house: House) -> None:
    child = a_child(house)
    before = epoch(house, child)

    house.order(COORDINATOR, "consents.record", child=child, **CONSENT)
    house.order(COORDINATOR, "flags.set", child=child, flag="ADDRESS_WITHHELD", need_list=["barnet-mash"])
    house.order(COORDINATOR, "consents.withdraw", child=child)

    assert epoch(house, child) > before + 2


def test_a_withdrawal_turns_every_consent(house: House) -> None:
    child = a_child(house)
    house.order(COORDINATOR, "consents.record", child=child, **CONSENT)

    house.order(COORDINATOR, "consents.withdraw", child=child)

    assert {one["fact"]["status"] for one in facts(house, child) if one["kind"] == "consent"} == {"WITHDRAWN"}


def test_a_flag_is_lifted_only_by_who_may(house: House) -> None:
    child = a_child(house)
    flag = house.order(COORDINATOR, "flags.set", child=child, flag="POLICE_HOLD")["fact"]

    with pytest.raises(NotAllowedError):
        house.order(COORDINATOR, "flags.lift", child=child, fact=flag)
    house.order(a_caller("MASH_MANAGER"), "flags.lift", child=child, fact=flag)

    assert [one for one in facts(house, child) if one["kind"] == "flag"] == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"status": "MAYBE"}, id="a status there is not"),
        pytest.param({"capacity": "UNCLE"}, id="a capacity there is not"),
        pytest.param({"from": "yesterday"}, id="no time"),
        pytest.param({"categories_denied": ["CAT-HORSES"]}, id="a category there is not"),
    ],
)
def test_a_consent_in_words_of_ones_own_is_refused(house: House, change: dict[str, Any]) -> None:
    child = a_child(house)

    with pytest.raises(SchemaViolationError):
        house.order(COORDINATOR, "consents.record", child=child, **{**CONSENT, **change})


def test_a_child_nobody_knows_has_no_consents(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(COORDINATOR, "consents.record", child="chd_" + "0" * 26, **CONSENT)


def test_a_file_of_consents_keeps_the_good_rows_and_names_the_others(house: House) -> None:
    child = a_child(house)
    good = {"child": child, **CONSENT, "agencies_denied": ["camhs", "barnet-mash"]}
    rows = [good, {**good, "status": "MAYBE"}, {"status": "GIVEN", "purposes": "COORDINATE"}]

    answer = house.order(COORDINATOR, "consents.import", rows={"row": rows})

    refused = answer["refused"]
    assert isinstance(refused, list)
    assert answer["recorded"] == 1
    assert [(one["row"], one["path"]) for one in refused if isinstance(one, dict)] == [(2, "status"), (3, "capacity")]
