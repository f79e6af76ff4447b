"""Who writes down what courts require or forbid to tell of a child, and what practitioners weighed?"""

import json
from typing import Any

import pytest

from gateway.errors import ConflictError, NotAllowedError, NotFoundError, SchemaViolationError
from gateway.flows.documents import child_key
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef
from tests.unit.operations.house import House, a_caller, a_form

SCREENER = a_caller("MASH_SCREENER")
OFFICER, OTHER_OFFICER = a_caller("IG_OFFICER", user="i.officer"), a_caller("IG_OFFICER", user="o.officer")
LEAD = a_caller("DSL", user="d.lead")
ORDER: dict[str, Any] = {
    "kind": "requires_disclosure",
    "court": "Family Court at Nowhere",
    "reference": "ZZ26C00001",
    "made_on": "2026-11-20",
    "recipients": ["community-health"],
}
FORBIDS: dict[str, Any] = {**ORDER, "kind": "prohibits_disclosure"}
WHY = "Testina told her teacher what happens at night."
WEIGHED: dict[str, Any] = {
    "recipients": ["community-health"],
    "purposes": ["SAFEGUARD_S17"],
    "relevant": "yes",
    "rationale": WHY,
}


@pytest.fixture
def child(house: House) -> ChildRef:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("safeguarding-unknown-child.json"))
    house.work()
    return house.application.store.read(lambda uow: uow.records.of_message(message))[0].subjects[0]


def listed(house: House, child: ChildRef, what: str = "court-orders") -> tuple[list[Any], list[Any]]:
    """Return what is held, and what was."""
    answer: Any = house.order(OFFICER if what == "court-orders" else SCREENER, f"{what}.list", child=child)
    return answer[what.removeprefix("court-")], answer["past"]


def epoch(house: House, child: ChildRef) -> int:
    name = f"child:{child}"
    return house.application.store.read(lambda uow: uow.epochs.current([name])[name])


def told(house: House, child: ChildRef, kind: str) -> list[dict[str, Any]]:
    """Return the sealed words of the events of one kind about a child."""
    desk = house.application.desk

    def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        rows = [row for row in uow.audit.of_child(child) if row.kind == kind]
        return [json.loads(desk.trail.reveal(row, child_key(uow, child))[1]) for row in rows]

    return desk.store.read(read)


def test_an_order_is_kept_as_not_verified(house: House, child: ChildRef) -> None:
    house.order(SCREENER, "court-orders.record", child=child, **ORDER)

    ((kept,), past) = listed(house, child)
    assert (kept["state"], past) == ("not verified", [])
    assert {name: kept["fact"][name] for name in ORDER} == ORDER
    assert "verified_by" not in kept["fact"]


def test_another_person_verifies_it_and_what_it_was_before_stays_as_history(house: House, child: ChildRef) -> None:
    name = house.order(OFFICER, "court-orders.record", child=child, **ORDER)["order"]

    with pytest.raises(NotAllowedError):
        house.order(OFFICER, "court-orders.verify", child=child, order=name)
    house.order(OTHER_OFFICER, "court-orders.verify", child=child, order=name)

    ((kept,), (before,)) = listed(house, child)
    assert (kept["state"], kept["fact"]["version"]) == ("in force", 2)
    assert kept["fact"]["verified_by"] != kept["fact"]["recorded_by"]
    assert "verified_by" not in before["fact"]
    with pytest.raises(ConflictError):
        house.order(OTHER_OFFICER, "court-orders.verify", child=child, order=name)


def test_who_screens_records_an_order_and_neither_verifies_nor_ends_it(house: House, child: ChildRef) -> None:
    name = house.order(SCREENER, "court-orders.record", child=child, **FORBIDS)["order"]

    with pytest.raises(NotAllowedError):
        house.order(SCREENER, "court-orders.verify", child=child, order=name)
    with pytest.raises(NotAllowedError):
        house.order(SCREENER, "court-orders.end", child=child, order=name)


def test_an_order_that_forbids_is_in_force_at_once_and_ends_with_its_history_kept(
    house: House, child: ChildRef
) -> None:
    name = house.order(SCREENER, "court-orders.record", child=child, **FORBIDS)["order"]
    assert listed(house, child)[0][0]["state"] == "in force"

    house.order(OFFICER, "court-orders.end", child=child, order=name)

    held, (ended,) = listed(house, child)
    assert held == []
    assert (ended["id"], ended["fact"]["kind"]) == (name, "prohibits_disclosure")


@pytest.mark.parametrize(
    ("times", "state"),
    [
        pytest.param({"from": "2099-01-01T00:00:00Z"}, "to come", id="to come"),
        pytest.param({"until": "2020-01-01T00:00:00Z"}, "over", id="over"),
    ],
)
def test_the_list_says_when_an_order_does_not_hold_now(
    house: House, child: ChildRef, times: dict[str, str], state: str
) -> None:
    house.order(SCREENER, "court-orders.record", child=child, **{**FORBIDS, **times})

    assert listed(house, child)[0][0]["state"] == state


def test_every_change_of_an_order_or_a_weighing_makes_earlier_decisions_stale(house: House, child: ChildRef) -> None:
    before = epoch(house, child)

    order = house.order(OFFICER, "court-orders.record", child=child, **ORDER)["order"]
    house.order(OTHER_OFFICER, "court-orders.verify", child=child, order=order)
    house.order(OFFICER, "court-orders.end", child=child, order=order)
    weighing = house.order(LEAD, "weighings.record", child=child, **WEIGHED)["weighing"]
    house.order(LEAD, "weighings.end", child=child, weighing=weighing)

    assert epoch(house, child) == before + 5


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "an order to tell nobody": ("court-orders", {**ORDER, "recipients": []}, "recipients"),
    "an order to tell somebody nobody knows": ("court-orders", {**ORDER, "recipients": ["camhs-9"]}, "recipients[0]"),
    "an order to tell a type of organisation": ("court-orders", {**ORDER, "recipients": ["health"]}, "recipients[0]"),
    "an order not to tell somebody nobody knows": (
        "court-orders",
        {**FORBIDS, "recipients": ["barnet-mash", "camhs-9"]},
        "recipients[1]",
    ),
    "an order that ends before it begins": (
        "court-orders",
        {**ORDER, "from": "2026-11-21T00:00:00Z", "until": "2026-11-20T00:00:00Z"},
        "until",
    ),
    "an order without a day": ("court-orders", {**ORDER, "made_on": "in spring"}, "made_on"),
    "harm towards somebody nobody knows": ("weighings", {**WEIGHED, "recipients": ["camhs-9"]}, "recipients[0]"),
    "harm in words of one's own": ("weighings", {**WEIGHED, "harmful": "perhaps"}, "harmful"),
    "a weighing that is over": ("weighings", {**WEIGHED, "until": "2020-01-01T00:00:00Z"}, "until"),
}


@pytest.mark.parametrize(("what", "args", "path"), WRONG.values(), ids=WRONG)
def test_what_would_bind_nobody_or_cannot_be_so_is_refused_with_its_argument(
    house: House, child: ChildRef, what: str, args: dict[str, Any], path: str
) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        house.order(SCREENER, f"{what}.record", child=child, **args)

    assert caught.value.place.path == path
    assert "camhs-9" not in str(caught.value)
    assert listed(house, child, what) == ([], [])


def test_an_order_may_forbid_to_tell_a_type_of_organisation(house: House, child: ChildRef) -> None:
    house.order(SCREENER, "court-orders.record", child=child, **{**FORBIDS, "recipients": ["health"]})

    assert listed(house, child)[0][0]["fact"]["recipients"] == ["health"]


def test_what_is_not_held_is_neither_verified_nor_ended(house: House, child: ChildRef) -> None:
    weighing = str(house.order(LEAD, "weighings.record", child=child, **WEIGHED)["weighing"])

    with pytest.raises(NotFoundError):
        house.order(OFFICER, "court-orders.end", child=child, order="order/ord_none")
    with pytest.raises(NotFoundError):
        house.application.facts.orders.verify(child, weighing, actor="person:1")


def test_a_weighing_is_kept_and_ends_with_its_history_kept(house: House, child: ChildRef) -> None:
    name = house.order(LEAD, "weighings.record", child=child, **WEIGHED, harmful="no")["weighing"]
    ((kept,), _) = listed(house, child, "weighings")
    assert (kept["state"], kept["fact"]["relevant"], kept["fact"]["harmful"]) == ("counts", True, False)

    house.order(LEAD, "weighings.end", child=child, weighing=name)

    held, (ended,) = listed(house, child, "weighings")
    assert (held, ended["fact"]["rationale"]) == ([], WHY)


def test_a_weighing_in_which_nobody_spoke_of_harm_has_not_weighed_it(house: House, child: ChildRef) -> None:
    house.order(LEAD, "weighings.record", child=child, **WEIGHED)

    assert "harmful" not in listed(house, child, "weighings")[0][0]["fact"]


def test_the_log_has_each_step_sealed_and_the_reason_apart_from_the_fact(house: House, child: ChildRef) -> None:
    order = house.order(OFFICER, "court-orders.record", child=child, **ORDER)["order"]
    house.order(OTHER_OFFICER, "court-orders.verify", child=child, order=order)
    house.order(OFFICER, "court-orders.end", child=child, order=order)
    weighing = house.order(LEAD, "weighings.record", child=child, **WEIGHED)["weighing"]
    house.order(LEAD, "weighings.end", child=child, weighing=weighing)

    steps = ("court_order.recorded", "court_order.verified", "court_order.ended")
    assert [told(house, child, step)[0]["order"] for step in steps] == ["requires_disclosure"] * 3
    (recorded,), (ended,) = told(house, child, "weighing.recorded"), told(house, child, "weighing.ended")
    assert (recorded["rationale"], ended["rationale"]) == (WHY, WHY)
    assert "rationale" not in recorded["fact"]


def test_nothing_of_an_order_or_a_weighing_stands_in_clear(house: House, child: ChildRef) -> None:
    house.order(OFFICER, "court-orders.record", child=child, **ORDER)
    house.order(LEAD, "weighings.record", child=child, **WEIGHED)

    folder = house.application.settings.data_folder
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert str(child).encode() in stored
    assert [word for word in (b"Family Court at Nowhere", b"ZZ26C00001", WHY.encode()) if word in stored] == []


def test_who_answers_a_question_about_a_child_sees_what_was_ordered_and_weighed(house: House, child: ChildRef) -> None:
    house.order(OFFICER, "court-orders.record", child=child, **ORDER)
    house.order(LEAD, "weighings.record", child=child, **WEIGHED)

    shown: Any = house.order(OFFICER, "consents.list", child=child)["facts"]
    held = house.application.facts.held_about(child)

    assert {"order", "weighing"} <= {one["kind"] for one in shown}
    assert {"order", "weighing"} <= {one["kind"] for one in held}
