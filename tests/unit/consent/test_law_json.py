"""Which orders and weighings may be written down?"""

from typing import Any

import pytest

from gateway.consent.law_json import check_order, check_weighing, law_to_json, order_from_json, weighing_from_json
from gateway.errors import SchemaViolationError

ORDER: dict[str, Any] = {
    "kind": "requires_disclosure",
    "court": "Family Court at Nowhere",
    "reference": "ZZ26C00001",
    "made_on": "2026-11-20",
    "recorded_by": "person:1",
    "recipients": ["camhs-1"],
}
FORBIDS = {"kind": "prohibits_disclosure", "recipients": None}
WEIGHING: dict[str, Any] = {
    "recipients": ["camhs-1"],
    "purposes": ["COORDINATE"],
    "relevant": True,
    "rationale": "Invented reasons.",
    "made_by": "person:1",
    "made_at": "2026-11-23T09:00:00Z",
}


def test_an_order_comes_back_as_it_was_kept() -> None:
    order = check_order({**ORDER, "effective_from": "2026-11-21T00:00:00Z", "categories": ["CAT-ID"]})

    assert order_from_json(law_to_json(order)) == order
    assert "purposes" not in law_to_json(order)


def test_a_weighing_comes_back_as_it_was_kept() -> None:
    weighing = check_weighing({**WEIGHING, "harmful": False})

    assert weighing_from_json(law_to_json(weighing)) == weighing
    assert law_to_json(weighing)["harmful"] is False


def test_an_order_of_a_kind_nobody_knows_is_read_and_forbids() -> None:
    order = order_from_json({**ORDER, "kind": "suggests"})

    assert not order.requires


def test_an_order_that_forbids_to_tell_anybody_names_nobody() -> None:
    assert check_order({**ORDER, **FORBIDS}).recipients == ()


@pytest.mark.parametrize(
    "change",
    [
        {"expires_on": "2026-11-22T00:00:00Z"},
        {"effective_from": "2026-11-21T00:00:00Z", "expires_on": "2026-11-22T00:00:00Z"},
        {"document_sha256": "0123456789abcdef" * 4},
    ],
    ids=["an end alone", "a beginning and an end", "a digest"],
)
def test_an_order_may_have_an_end_and_the_digest_of_its_paper(change: dict[str, Any]) -> None:
    order = check_order({**ORDER, **change})

    assert law_to_json(order) == {**law_to_json(check_order(ORDER)), **change}


NO_ORDERS: dict[str, tuple[dict[str, Any], str]] = {
    "a requirement towards nobody": ({"recipients": []}, "recipients"),
    "a kind there is not": ({"kind": "suggests"}, "kind"),
    "a purpose there is not": ({"purposes": ["GOSSIP"]}, "purposes"),
    "a kind of information there is not": ({"categories": ["CAT-HORSES"]}, "categories"),
    "a prohibition for one purpose": ({**FORBIDS, "purposes": ["COORDINATE"]}, "purposes"),
    "a prohibition of one kind of information": ({**FORBIDS, "categories": ["CAT-ID"]}, "categories"),
    "an end before the beginning": (
        {"effective_from": "2026-11-21T00:00:00Z", "expires_on": "2026-11-21T00:00:00Z"},
        "expires_on",
    ),
    "a digest that is none": ({"document_sha256": "abc"}, "document_sha256"),
    "no court": ({"court": None}, "court"),
    "a key there is not": ({"judge": "somebody"}, "judge"),
}
NO_WEIGHINGS: dict[str, tuple[dict[str, Any], str]] = {
    "towards nobody": ({"recipients": []}, "recipients"),
    "for nothing": ({"purposes": []}, "purposes"),
    "without a reason": ({"rationale": "  "}, "rationale"),
    "a purpose there is not": ({"purposes": ["GOSSIP"]}, "purposes"),
    "over already": ({"expires_on": "2026-11-23T09:00:00Z"}, "expires_on"),
    "without a word on relevance": ({"relevant": None}, "relevant"),
}


@pytest.mark.parametrize(("change", "path"), NO_ORDERS.values(), ids=NO_ORDERS)
def test_what_can_be_no_order_is_refused_with_its_field(change: dict[str, Any], path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_order({**ORDER, **change})

    assert str(caught.value.place.path).partition("[")[0] == path


@pytest.mark.parametrize(("change", "path"), NO_WEIGHINGS.values(), ids=NO_WEIGHINGS)
def test_what_can_be_no_weighing_is_refused_with_its_field(change: dict[str, Any], path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_weighing({**WEIGHING, **change})

    assert str(caught.value.place.path).partition("[")[0] == path
