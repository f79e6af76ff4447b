"""What of a document about two children, of which one may be told of and the other may not?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.store.rows import State
from gateway.model.identifiers import ChildRef
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, MASH, House, profile
from tests.integration.flows.test_disclosure import process_only

SHARED = b"""
[[route]]
message = "mash.referral.submitted"
to = "ecaf"
format = "mash/referral-1"
document = "mash.referral"
mode = "DISCLOSE"
direction = "out"
purpose = "REQUEST_EH"
"""
"""An authority that sends every referral to its early-help system as well."""
YES: dict[str, Any] = {
    "giver_capacity": "PARENT_PR",
    "kinds": ["SHARE"],
    "purposes": ["REQUEST_EH"],
    "status": "GIVEN",
    "mode": "WRITTEN_SIGNED",
    "agencies_allowed": ["early_help"],
    "effective_from": "2026-09-01T00:00:00Z",
    "expires_on": "2027-09-01T00:00:00Z",
    "conflict": False,
}
NO = {**YES, "status": "REFUSED"}
ENDPOINT = {"kind": "mash.referral.submitted", "format": "mash/referral-1", "url": "https://ecaf.example/referrals"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A gateway whose early-help system gets referrals too, and that knows two siblings: nothing is agreed yet."""
    built = House.build(tmp_path, routes=SHARED)
    built.enrol(profile("barnet-ecaf", endpoints=[ENDPOINT]))
    built.accept(form("two-siblings", "KNOWN1", consent_to_share=""), key="known")
    built.work()
    built.outlet.sent.clear()
    yield built
    built.app.bus.close()
    built.app.store.close()


def siblings(house: House) -> tuple[ChildRef, ...]:
    return house.deliveries(MASH)[0].subjects


def agree(house: House, *words: dict[str, Any]) -> None:
    """Let each sibling's family say its word, in order."""
    for child, word in zip(siblings(house), words, strict=True):
        house.app.facts.record_consent(child, word, actor="usr_1")


def refer_again(house: House) -> None:
    house.accept(form("two-siblings", "AGAIN1", consent_to_share=""), key="again")


def test_a_document_about_two_siblings_goes_where_both_families_agreed(house: House) -> None:
    agree(house, YES, YES)

    refer_again(house)
    house.work()

    assert house.deliveries(ECAF)[-1].state is State.ACKNOWLEDGED
    assert len(house.outlet.to(ECAF)) == 1


@pytest.mark.parametrize("words", [(YES, NO), (NO, YES)], ids=["the younger refuses", "the elder refuses"])
def test_a_document_about_two_siblings_does_not_go_where_one_refuses(house: House, words: tuple[Any, ...]) -> None:
    agree(house, *words)

    refer_again(house)
    house.work()

    assert house.deliveries(ECAF)[-1].state is State.REFUSED
    assert house.outlet.to(ECAF) == []


def test_a_siblings_consent_does_not_stand_for_a_child_nobody_asked_about(house: House) -> None:
    house.app.facts.record_consent(siblings(house)[0], YES, actor="usr_1")

    refer_again(house)
    house.work()

    assert house.deliveries(ECAF)[-1].state is not State.ACKNOWLEDGED
    assert house.outlet.to(ECAF) == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_withdrawal_for_either_child_stops_what_is_about_both(house: House, number: int) -> None:
    agree(house, YES, YES)
    refer_again(house)
    process_only(house)
    assert house.deliveries(ECAF)[-1].state is State.ORDERED

    house.app.facts.withdraw_consent(siblings(house)[number], actor="usr_1")
    house.work()

    assert house.deliveries(ECAF)[-1].state is State.WITHDRAWN
    assert house.outlet.to(ECAF) == []


def test_what_a_sender_conveys_about_two_siblings_asks_for_nobodys_consent(house: House) -> None:
    agree(house, NO, NO)

    refer_again(house)
    house.work()

    assert [one["reference"] for one in house.outlet.to(MASH)] == ["AGAIN1"]
