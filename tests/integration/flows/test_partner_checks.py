"""What leaves for a partner when a MASH asks whether it knows a child: identifiers, by need or consent, and no more."""

import json
from typing import Any

import pytest

from gateway.flows.order import NO_RECIPIENT
from gateway.flows.rows import Lane, State
from gateway.model.identifiers import OrganisationId
from tests.integration.flows.house import MASH, House, profile

HEALTH = OrganisationId("community-health")
CHILD = {"given_names": "Testina", "family_name": "Exampleton", "born": "2016-06-14", "nhs_number": "9434765919"}


def check(**told: Any) -> bytes:
    """Return what a MASH asks its partners about Testina."""
    document = {"reference": "M-1", "question": "KNOWN", "due_at": "2026-11-23T11:00:00Z", "children": [CHILD], **told}
    return json.dumps(
        {
            "format": "mash/partner-check-1",
            "message": "mash.check.requested",
            "message_id": "check-M-1",
            "correlation_id": "M-1",
            "sent_at": "2026-11-23T09:00:00Z",
            "sender": "barnet-mash",
            "document": document,
        }
    ).encode()


def ask(house: House, **told: Any) -> None:
    house.enrol(profile("community-health"))
    house.accept(check(**told), by=MASH, form="mash/partner-check-1")
    house.work()


def test_a_red_check_goes_to_the_partner_with_identifiers_alone(house: House) -> None:
    ask(house, rag="RED")

    assert house.outlet.to(HEALTH) == [
        {
            "reference": "M-1",
            "rag": "RED",
            "question": "KNOWN",
            "due_at": "2026-11-23T11:00:00+00:00",
            "children": [CHILD],
        }
    ]
    assert [(one.reason, one.lane) for one in house.deliveries(HEALTH)] == [("P-S47", Lane.URGENT)]


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ({"rag": "AMBER"}, State.IN_REVIEW, "H-S17"),
        ({"rag": "GREEN"}, State.REFUSED, "D-NONE"),
        ({}, State.REFUSED, "D-NONE"),
    ],
    ids=["amber without consent: a manager decides", "green without consent", "nothing said of need"],
)
def test_below_red_a_check_needs_the_family_s_word_or_a_manager_s(
    house: House, told: dict[str, str], state: State, reason: str
) -> None:
    ask(house, **told)

    assert house.outlet.to(HEALTH) == []
    assert [(one.state, one.reason) for one in house.deliveries(HEALTH)] == [(state, reason)]


def test_a_check_that_no_partner_takes_is_shown_to_a_person(house: House) -> None:
    house.accept(check(rag="RED"), by=MASH, form="mash/partner-check-1")
    house.work()

    assert len(house.reviews(NO_RECIPIENT)) == 1


def test_where_an_address_is_withheld_a_check_still_tells_no_place(house: House) -> None:
    """There is none in it: a check has no field that could tell where anybody is."""
    ask(house, rag="RED")

    assert not any("address" in text or "school" in text for text in json.dumps(house.outlet.to(HEALTH)).split('"'))
