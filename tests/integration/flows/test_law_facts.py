"""Does what a court orders bind every document about the child, whenever it is told?"""

import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.flows.by_hand.reviews import Verdict
from gateway.flows.store.rows import Delivery, State
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.acceptance.forms import LEVEL_4, form
from tests.integration.flows.house import ECAF, MASH, House

AGREED = "School, Early help"
FORBIDS: dict[str, Any] = {
    "kind": "prohibits_disclosure",
    "court": "Family Court at Nowhere",
    "reference": "ZZ26C00001",
    "made_on": "2026-11-20",
}
REQUIRES: dict[str, Any] = {**FORBIDS, "kind": "requires_disclosure", "recipients": [str(ECAF)]}


def referred(house: House, reference: str, **answers: str) -> ChildRef:
    """Let a family that agrees be referred, and return the child."""
    house.accept(form("early-help-consent", reference, consent_agencies=AGREED, **answers))
    house.work()
    return house.deliveries(MASH)[-1].subjects[0]


def taken_on(house: House, reference: str) -> Delivery:
    """Let the MASH take the child on, and return what becomes due to the early-help system, not handed over yet."""
    house.decide(reference)
    for message in house.leased_messages():
        house.app.process.work(message)
    return house.deliveries(ECAF)[-1]


def recorded(house: House, child: ChildRef, order: dict[str, Any], **changes: Any) -> str:
    return house.app.facts.orders.record(child, {**order, **changes}, actor="usr_1")


def verified(house: House, child: ChildRef, **changes: Any) -> None:
    order = recorded(house, child, REQUIRES, **changes)
    house.app.facts.orders.verify(child, order, actor="usr_2")


def notices(house: House, recipient: OrganisationId) -> list[Any]:
    """Return the steps that *recipient* was told by notice."""
    sent = [json.loads(body) for who, kind, body in house.outlet.sent if (who, kind) == (recipient, "caf.notice.sent")]
    return [one["document"]["step"] for one in sent]


def later(house: House, hours: int) -> str:
    return (house.clock.now() + timedelta(hours=hours)).isoformat()


def test_an_order_that_comes_while_a_document_waits_stops_it(house: House) -> None:
    child = referred(house, "LAW1")
    assert taken_on(house, "LAW1").state is State.ORDERED

    recorded(house, child, FORBIDS, recipients=[str(ECAF)])
    house.work()

    assert [(one.state, one.reason) for one in house.deliveries(ECAF)] == [(State.REFUSED, "D-LEGAL")]
    assert house.outlet.to(ECAF) == []


def test_an_order_that_begins_while_a_document_waits_stops_it(house: House) -> None:
    """No counter rises when its time comes."""
    child = referred(house, "LAW2")
    recorded(house, child, FORBIDS, effective_from=later(house, 1))
    assert taken_on(house, "LAW2").state is State.ORDERED

    house.clock.move(hours=1)
    house.work()

    assert [(one.state, one.reason) for one in house.deliveries(ECAF)] == [(State.REFUSED, "D-LEGAL")]
    assert house.outlet.to(ECAF) == []


def test_what_was_permitted_by_an_order_does_not_go_once_the_order_is_over(house: House) -> None:
    child = referred(house, "LAW3")
    house.app.facts.withdraw_consent(child, actor="usr_1")
    verified(house, child, expires_on=later(house, 1))
    assert taken_on(house, "LAW3").reason == "P-ORDER"

    house.clock.move(hours=1)
    house.work()

    assert house.deliveries(ECAF)[-1].reason == "D-WITHDRAWN"
    assert house.outlet.to(ECAF) == []


def test_an_order_towards_another_stops_nothing(house: House) -> None:
    child = referred(house, "LAW4")
    recorded(house, child, FORBIDS, recipients=[str(MASH)])

    taken_on(house, "LAW4")
    house.work()

    assert len(house.outlet.to(ECAF)) == 1


def test_an_order_that_has_ended_stops_nothing(house: House) -> None:
    child = referred(house, "LAW5")
    order = recorded(house, child, FORBIDS)
    assert taken_on(house, "LAW5").reason == "D-LEGAL"
    house.app.facts.orders.end(child, order, actor="usr_2")

    assert taken_on_again(house, "LAW6").state is State.ORDERED


def taken_on_again(house: House, reference: str) -> Delivery:
    referred(house, reference)
    return taken_on(house, reference)


def test_a_requirement_waits_for_somebody_to_verify_it_and_then_goes_under_the_order(house: House) -> None:
    child = referred(house, "LAW7")
    order = recorded(house, child, REQUIRES)
    assert (taken_on(house, "LAW7").state, house.deliveries(ECAF)[-1].reason) == (State.IN_REVIEW, "H-ORDER")

    house.app.facts.orders.verify(child, order, actor="usr_2")
    answer = Verdict(choice="permit", by="usr_2", role="IG_OFFICER", rationale="The court's office confirmed it.")
    house.app.reviews.decide(house.reviews("H-ORDER")[-1].review_id, answer)
    house.work()

    assert (house.deliveries(ECAF)[-1].state, house.deliveries(ECAF)[-1].reason) == (State.ACKNOWLEDGED, "P-ORDER")


@pytest.mark.parametrize(
    ("categories", "reason"),
    [
        pytest.param(["CAT-ID"], "H-ORDER", id="less than the document holds"),
        pytest.param([one.value for one in Category], "P-ORDER", id="all it holds"),
        pytest.param([], "P-ORDER", id="everything"),
    ],
)
def test_a_verified_requirement_lets_go_what_it_orders_and_a_person_decides_about_more(
    house: House, categories: list[str], reason: str
) -> None:
    child = referred(house, "LAW8")
    verified(house, child, categories=categories)

    assert taken_on(house, "LAW8").reason == reason


def test_whoever_has_content_and_may_be_told_no_more_is_told_to_stop_sharing_it(house: House) -> None:
    """And the notice itself, which tells nothing, is not stopped by the order."""
    child = referred(house, "LAW9")
    taken_on(house, "LAW9")
    house.work()

    recorded(house, child, FORBIDS, recipients=[str(ECAF)])
    house.work()

    assert (notices(house, ECAF), notices(house, MASH)) == (["STOP_SHARING"], [])


def test_an_order_not_to_tell_anybody_is_told_to_everybody_who_has_content(house: House) -> None:
    child = referred(house, "LAW10")
    taken_on(house, "LAW10")
    house.work()

    recorded(house, child, FORBIDS)
    house.work()

    assert (notices(house, ECAF), notices(house, MASH)) == (["STOP_SHARING"], ["STOP_SHARING"])


@pytest.mark.parametrize(
    "order",
    [
        pytest.param({**FORBIDS, "expires_on": "2026-11-21T00:00:00Z"}, id="one that is over"),
        pytest.param(REQUIRES, id="one that requires"),
        pytest.param({**FORBIDS, "recipients": ["school-example"]}, id="one towards somebody who has nothing"),
    ],
)
def test_an_order_that_forbids_nobody_who_has_content_is_told_to_nobody(house: House, order: dict[str, Any]) -> None:
    child = referred(house, "LAW11")
    taken_on(house, "LAW11")
    house.work()

    recorded(house, child, order)
    house.work()

    assert (notices(house, ECAF), notices(house, MASH)) == ([], [])


def test_an_order_against_a_child_goes_along_when_two_records_are_joined(house: House) -> None:
    referred(house, "KNOWN1")
    taken_on(house, "KNOWN1")
    house.work()
    house.outlet.sent.clear()
    referred(house, "DOUBT1", child_name="Mabel Makebelieve-Unreal", child_postcode="ZZ99 3CZ")
    held = taken_on(house, "DOUBT1")
    assert held.state is State.HELD_MATCH

    recorded(house, held.subjects[0], FORBIDS, recipients=[str(ECAF)])
    said = Verdict(choice="same", by="usr_1", role="MASH_SCREENER", rationale="It is the same girl.")
    house.app.reviews.decide(house.reviews(str(held.reason))[-1].review_id, said)
    house.work()

    joined = house.deliveries(ECAF)[-1]
    assert joined.subjects != held.subjects
    assert (joined.state, joined.reason) == (State.REFUSED, "D-LEGAL")
    assert notices(house, ECAF) == ["STOP_SHARING"]
    assert len(house.outlet.to(ECAF)) == 1


def test_a_referral_about_significant_harm_that_a_court_forbids_is_with_a_manager_within_the_hour(
    house: House,
) -> None:
    house.accept(form("single-child", "LAW12", perceived_level=LEVEL_4))
    house.work()
    child = house.deliveries(MASH)[-1].subjects[0]
    recorded(house, child, FORBIDS, recipients=["mash"])
    house.outlet.sent.clear()

    house.accept(form("single-child", "LAW13", perceived_level=LEVEL_4))
    house.work()

    (task,) = house.reviews("D-LEGAL")
    assert house.deliveries(MASH)[-1].reason == "D-LEGAL"
    assert [one for one in house.outlet.to(MASH) if "reference" in one] == []
    assert task.role == "MASH_MANAGER"
    assert task.due_at - task.opened_at <= timedelta(hours=1)
