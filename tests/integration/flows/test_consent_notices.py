"""What becomes of a family's word about sharing that another system tells us as a message?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.consent.permission import Permission
from gateway.errors import SchemaViolationError
from gateway.model.identifiers import ChildRef, MessageId
from tests.integration.flows.house import House

NOTICE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "examples" / "ecaf" / "consent.json").read_bytes()
)


def tell(house: House, **changes: Any) -> MessageId:
    told = {name: value for name, value in {**NOTICE, **changes}.items() if value is not None}
    message = house.accept(json.dumps(told).encode(), form="ecaf/consent-1")
    house.work()
    return message


def taken_back(house: House, **changes: Any) -> MessageId:
    bare = {name: None for name in NOTICE if name not in {"reference", "child"}}
    return tell(house, **{**bare, "status": "WITHDRAWN", "said_at": "2026-11-22T10:00:00Z", **changes})


def child(house: House, message: MessageId) -> ChildRef:
    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    return record.subjects[0]


def held(house: House, message: MessageId) -> list[Permission]:
    ref = child(house, message)
    return house.app.store.read(lambda uow: house.app.permissions.held(uow, ref))


def test_a_word_that_comes_as_a_message_is_a_permission(house: House) -> None:
    (kept,) = held(house, tell(house))

    assert (kept.status, kept.giver, kept.giver_capacity) == ("GIVEN_LIMITED", "Mother Exampleton", "PARENT_PR")
    assert (kept.agencies_denied, kept.categories_denied) == (("camhs",), ("CAT-HEALTH-S",))
    assert kept.persons_excluded == ("the father, who lives elsewhere",)
    assert kept.evidence_sha256 == NOTICE["evidence_sha256"]
    assert house.reviews("H-CORRECT") == []


def test_a_withdrawal_finds_the_word_it_takes_back_by_its_reference(house: House) -> None:
    tell(house)
    tell(house, reference="EH-CONSENT-2", kinds=["TRANSFER"])

    found = held(house, taken_back(house, reason="They have changed their mind."))

    assert sorted((one.source_reference or "", one.status or "") for one in found) == [
        ("EH-CONSENT-1", "WITHDRAWN"),
        ("EH-CONSENT-2", "GIVEN_LIMITED"),
    ]


def test_a_withdrawal_of_what_we_never_heard_of_takes_back_everything(house: House) -> None:
    tell(house)

    found = held(house, taken_back(house, reference="EH-CONSENT-9"))

    assert [one.status for one in found] == ["WITHDRAWN"]


def test_a_withdrawal_before_anything_was_given_is_kept(house: House) -> None:
    (kept,) = held(house, taken_back(house))

    assert (kept.status, set(kept.kinds)) == ("WITHDRAWN", {"SHARE", "TRANSFER"})


def test_only_what_a_withdrawal_names_is_taken_back(house: House) -> None:
    tell(house)

    (kept,) = held(house, taken_back(house, purposes=["REQUEST_EH"]))

    assert kept.status == "GIVEN_LIMITED"
    assert [one.purposes for one in kept.withdrawals] == [("REQUEST_EH",)]


def test_a_later_word_takes_the_place_of_an_earlier_one(house: House) -> None:
    tell(house)

    (kept,) = held(house, tell(house, said_at="2026-11-21T10:00:00Z", categories_denied=["CAT-FIN"]))

    assert (kept.version, kept.categories_denied) == (2, ("CAT-FIN",))


def test_a_yes_after_a_withdrawal_is_put_before_a_person(house: House) -> None:
    tell(house)
    taken_back(house)

    (kept,) = held(house, tell(house, said_at="2026-11-22T11:00:00Z"))

    assert kept.status == "WITHDRAWN"
    assert len(house.reviews("H-CORRECT:consent-held-back")) == 1


def test_a_spoken_yes_nobody_heard_is_put_before_a_person_and_not_kept(house: House) -> None:
    message = tell(house, mode="VERBAL_WITNESSED")

    assert held(house, message) == []
    assert len(house.reviews("H-CORRECT:schema")) == 1


def test_a_word_about_who_may_be_somebody_else_is_put_before_a_person(house: House) -> None:
    tell(house)

    message = tell(house, reference="X", child={**NOTICE["child"], "born": "2016-06-16"})

    assert held(house, message) == []
    assert len(house.reviews("H-CORRECT:child-not-sure")) == 1


@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param("status", {"status": "PERHAPS"}, id="a status there is not"),
        pytest.param("purposes", {"purposes": None}, id="a yes to nothing in particular"),
        pytest.param("said_at", {"said_at": "yesterday"}, id="no time"),
    ],
)
def test_a_notice_that_breaks_its_schema_is_refused_by_the_name_of_its_field(
    house: House, path: str, change: dict[str, Any]
) -> None:
    told = {name: value for name, value in {**NOTICE, **change}.items() if value is not None}

    with pytest.raises(SchemaViolationError) as refused:
        house.accept(json.dumps(told).encode(), form="ecaf/consent-1")

    assert path in f"{refused.value.place.path} {refused.value.message}"
