"""What leaves for a partner when a MASH asks whether it knows a child: identifiers, by need or consent, and no more."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.consent.question import Purpose
from gateway.errors import MappingError
from gateway.flows.conversing.order import NO_RECIPIENT
from gateway.flows.routes import load_routes
from gateway.flows.store.rows import Lane, State
from gateway.model.category import Category
from gateway.model.document import leaves_of
from gateway.model.identifiers import OrganisationId
from tests.integration.flows.house import MASH, House, profile

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "mash"
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


@pytest.mark.parametrize("due_at", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z"])
def test_a_red_check_due_at_a_moment_no_calendar_reaches_goes_all_the_same(house: House, due_at: str) -> None:
    ask(house, rag="RED", due_at=due_at)

    assert [one["reference"] for one in house.outlet.to(HEALTH)] == ["M-1"]


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


RISK = "Two appointments were missed without word this autumn."


def answer(house: House, name: str = "check-answer-known.json", *, by: OrganisationId = HEALTH, **changes: Any) -> None:
    told: dict[str, Any] = json.loads((EXAMPLES / name).read_bytes())
    body = {**told, "document": {**told["document"], **changes}}
    house.accept(json.dumps(body).encode(), by=by, form="mash/check-answer-1")
    house.work()


def test_what_a_partner_answers_goes_to_the_mash_that_asked(house: House) -> None:
    ask(house, rag="RED")
    answer(house)

    (told,) = house.outlet.to(MASH)
    assert (told["reference"], told["known"], told["risk"]) == ("M-1", "Y", RISK)
    assert [(one.kind, one.mode, one.lane) for one in house.deliveries(MASH)] == [
        ("mash.check.returned", "CONVEY", Lane.URGENT)
    ]


def test_what_a_partner_answers_goes_to_nobody_else(house: House) -> None:
    """Never to early help, to a school or into a record that travels: it is for the decision alone."""
    house.enrol(profile("neighbour-mash", transport="http"))
    ask(house, rag="RED")
    answer(house)

    assert {who for who, _, body in house.outlet.sent if RISK.encode() in body} == {MASH}


@pytest.mark.parametrize("to", ["ecaf", "sims", "borough", "mash", "health"])
def test_a_route_that_would_take_it_elsewhere_does_not_load(to: str) -> None:
    row = f"""[[route]]
message = "mash.check.returned"
to = "{to}"
format = "mash/check-answer-1"
document = "mash.answer"
mode = "DISCLOSE"
purpose = "COORDINATE"
"""

    with pytest.raises(MappingError, match="goes to whoever asked and to nobody else"):
        load_routes(row.encode())


@pytest.mark.parametrize(
    "purpose",
    ["REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT", "STEP_DOWN", "TRANSFER", "CHECK_EXISTS", "FEEDBACK", "REPORTING"],
)
def test_nothing_of_it_is_within_what_early_help_schools_or_transfers_may_carry(house: House, purpose: str) -> None:
    most = house.app.desk.policy.tables.minimum[Purpose(purpose)]
    told = {leaf.category for leaf in leaves_of("mash.answer").values()} - {Category.ROUTING}

    assert told
    assert told.isdisjoint(most)


def test_an_answer_to_a_check_that_went_to_another_is_shown_to_a_person(house: House) -> None:
    other = profile("community-health", called="other-health", is_default=False)
    house.enrol(other)
    ask(house, rag="RED")
    answer(house, by=other.organisation)

    assert house.outlet.to(MASH) == []
    assert len(house.reviews("H-CORRECT:unknown-reference")) == 1


def test_a_red_check_that_is_not_answered_in_time_is_shown_to_the_mash(house: House) -> None:
    ask(house, rag="RED", due_at="2026-11-23T11:00:00Z")
    house.clock.move(hours=2, minutes=1)
    house.app.clocks.tick()

    assert [task.role for task in house.reviews("H-CHECK-LATE")] == ["MASH_SCREENER"]


def test_where_two_were_asked_the_silence_of_one_is_noticed(house: House) -> None:
    house.enrol(profile("community-health", called="second-health"))
    ask(house, rag="RED")
    answer(house, "check-answer-not-known.json")
    house.clock.move(hours=3)
    house.app.clocks.tick()

    assert len(house.reviews("H-CHECK-LATE")) == 1


def test_one_that_everybody_answered_in_time_is_not(house: House) -> None:
    ask(house, rag="RED")
    answer(house)
    house.clock.move(hours=3)
    house.app.clocks.tick()

    assert house.reviews("H-CHECK-LATE") == []
