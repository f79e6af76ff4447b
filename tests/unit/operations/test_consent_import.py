"""Does an early-help system's list of consents become ours, as often as it comes, and nothing be guessed?"""

from typing import Any

import pytest

from gateway.model.identifiers import ChildRef
from tests.unit.operations.house import House
from tests.unit.operations.test_facts import COORDINATOR, a_child, facts
from tests.unit.operations.test_permissions import record, versions

TESTINA = {
    "given": "Testina",
    "family": "Exampleton",
    "dob": "15/06/2016",
    "postcode": "ZZ99 3AA",
    "address": "1 Nowhere Lane",
}
ROW: dict[str, Any] = {
    **TESTINA,
    "reference": "EH-1",
    "updated_at": "2026-09-02",
    "status": "Consent given",
    "capacity": "Mother (PR)",
    "mode": "In writing, signed",
    "from": "01/09/2026",
    "until": "2027-08-31",
    "kinds": "Sharing | Transfer",
    "purposes": "Team around the family",
    "agencies_denied": "CAMHS|barnet-mash",
    "categories_denied": "Mental health",
    "agrees_to_help": "Yes",
}


def take(house: House, *rows: dict[str, Any], **order: Any) -> dict[str, Any]:
    return dict(house.order(COORDINATOR, "consents.import", rows={"row": list(rows)}, **order))


def refusals(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["row"], one["path"]) for one in answer["refused"]]


def child_of(house: House) -> ChildRef:
    """Return the child that the rows are about, whom a row that contradicts another names."""
    probe = {**ROW, "reference": "probe", "updated_at": None}
    return ChildRef(take(house, probe, {**probe, "giver": "Mother Exampleton"})["noted"][0]["child"])


def held(house: House, child: ChildRef) -> list[dict[str, Any]]:
    own = [one for one in facts(house, child) if one["kind"] == "consent"]
    return [one["fact"] for one in own if one["fact"].get("source_reference") == "EH-1"]


def test_a_row_in_the_systems_own_words_becomes_a_permission(house: House) -> None:
    answer = take(house, ROW)

    (kept,) = held(house, child_of(house))
    assert (answer["recorded"], answer["new_children"], answer["refused"]) == (1, 1, [])
    assert (kept["status"], kept["giver_capacity"], kept["mode"]) == ("GIVEN", "PARENT_PR", "WRITTEN_SIGNED")
    assert (kept["kinds"], kept["purposes"]) == (["SHARE", "TRANSFER"], ["COORDINATE"])
    assert (kept["agencies_denied"], kept["categories_denied"]) == (["camhs", "barnet-mash"], ["CAT-HEALTH-S"])
    assert (kept["effective_from"], kept["expires_on"]) == ("2026-09-01T00:00:00Z", "2027-08-31T00:00:00Z")


def test_the_same_list_again_changes_nothing(house: House) -> None:
    take(house, ROW, {**ROW, "reference": "EH-2"})
    before = len(house.events())

    again = take(house, ROW, {**ROW, "reference": "EH-2"})

    assert (again["unchanged"], again["recorded"]) == (2, 0)
    assert len(house.events()) == before


def test_a_trial_says_the_same_and_keeps_nothing(house: House) -> None:
    events = house.events()

    trial = take(house, ROW, {**ROW, "reference": "EH-2", "status": "Perhaps"}, dry_run=True)

    assert house.events() == events
    assert (trial["dry_run"], trial["recorded"], refusals(trial)) == (True, 1, [(2, "status")])
    assert take(house, ROW)["new_children"] == 1


def test_a_later_word_takes_the_place_of_the_earlier_one_which_is_kept(house: House) -> None:
    take(house, ROW)
    later = take(house, {**ROW, "updated_at": "2026-10-01", "status": "Refused"})

    child = child_of(house)
    assert later["changed"] == 1
    assert [one["status"] for one in held(house, child)] == ["REFUSED"]
    assert [one["fact"]["status"] for one in versions(house, child) if "import" in one["id"]] == ["GIVEN"]


def test_an_older_word_goes_straight_into_history_and_once(house: House) -> None:
    take(house, ROW)
    older = {**ROW, "updated_at": "2026-09-01", "status": "Refused"}

    assert take(house, older)["history"] == 1
    assert take(house, older)["unchanged"] == 1
    child = child_of(house)
    assert [one["status"] for one in held(house, child)] == ["GIVEN"]
    assert [one["fact"]["status"] for one in versions(house, child) if "import" in one["id"]] == ["REFUSED"]


def test_two_rows_that_contradict_each_other_are_both_kept(house: House) -> None:
    undated = {name: value for name, value in ROW.items() if name != "updated_at"}

    answer = take(house, undated, {**undated, "status": "Refused"})

    child = ChildRef(answer["noted"][0]["child"])
    assert (answer["recorded"], answer["conflict"]) == (1, 1)
    assert sorted(one["status"] for one in held(house, child)) == ["GIVEN", "REFUSED"]


def test_what_the_family_took_back_here_no_list_gives_back(house: House) -> None:
    take(house, ROW)
    child = child_of(house)
    house.order(COORDINATOR, "consents.withdraw", child=child)

    later = take(house, {**ROW, "updated_at": "2026-11-01", "giver": "Mother Exampleton"})

    assert later["held_back"] == 1
    assert [one["status"] for one in held(house, child)] == ["WITHDRAWN"]


def test_the_list_and_the_form_meet_in_one_child(house: House) -> None:
    child = a_child(house)

    answer = take(house, {**ROW, "child": child})

    assert answer["new_children"] == 0
    assert len(held(house, child)) == 1


@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param("capacity", {"capacity": "Mum"}, id="a label nobody has mapped"),
        pytest.param("agencies_denied", {"agencies_denied": "CAMHS|Dr Who"}, id="an agency nobody knows"),
        pytest.param("from", {"from": "01/09/26"}, id="a year of two digits"),
        pytest.param("from", {"from": "0001-01-01T00:00:00+05:00"}, id="before the first moment in UTC"),
        pytest.param("until", {"until": "01/09/2026"}, id="over before it begins"),
        pytest.param("purposes", {"purposes": None}, id="a yes to nothing in particular"),
        pytest.param("witness", {"mode": "Verbally, with a witness"}, id="a spoken yes nobody heard"),
        pytest.param("child", {"given": None}, id="nobody in particular"),
        pytest.param("child", {"child": "chd_" + "0" * 26}, id="a child there is not"),
        pytest.param("hat", {"hat": "red"}, id="a column there is not"),
        pytest.param("withdrawn_at", {"withdrawn_at": "2027-01-01"}, id="withdrawn in times to come"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_column_and_nothing_of_it_is_kept(
    shared_house: House, path: str, change: dict[str, Any]
) -> None:
    events = shared_house.events()

    answer = take(shared_house, {**ROW, **change})

    assert refusals(answer) == [(1, path)]
    assert "Dr Who" not in str(answer)
    assert shared_house.events() == events


def test_what_a_person_said_a_label_means_is_taken(house: House) -> None:
    house.order(COORDINATOR, "labels.map", list="signatory_capacity", label="Mum with PR", code="PARENT_PR")

    assert take(house, {**ROW, "capacity": "Mum with PR"})["recorded"] == 1


def test_whoever_imports_says_what_the_signed_words_cover(house: House) -> None:
    answer = take(house, {**ROW, "purposes": None}, purposes=["COORDINATE", "REQUEST_EH"])

    assert answer["recorded"] == 1


def test_who_may_be_two_children_is_left_to_a_person(house: House) -> None:
    take(house, ROW)

    answer = take(house, {**ROW, "reference": "EH-9", "dob": "16/06/2016"})

    assert refusals(answer) == [(1, "child")]


def test_more_rows_than_go_into_one_transaction_come_in(house: House) -> None:
    nowhere = {**ROW, "postcode": None, "address": None}
    rows = [
        {**nowhere, "reference": f"EH-{n}", "given": letter * 4, "family": letter * 6, "dob": f"2016-01-{n:02}"}
        for n, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=1)
    ]

    assert take(house, *rows)["refused"] == []


def test_a_withdrawn_row_is_a_withdrawal(house: House) -> None:
    take(house, {**ROW, "status": "Withdrawn", "withdrawn_at": "01/10/2026", "withdrawn_by": "the mother"})

    (kept,) = held(house, child_of(house))
    assert (kept["status"], kept["withdrawals"][0]["at"]) == ("WITHDRAWN", "2026-10-01T00:00:00Z")


def test_a_listed_yes_beside_a_recorded_no_does_not_undo_it(house: House) -> None:
    child = a_child(house)
    name = record(house, child, status="REFUSED")

    take(house, {**ROW, "child": child})

    assert [one["fact"]["status"] for one in facts(house, child) if one["id"] == name] == ["REFUSED"]
