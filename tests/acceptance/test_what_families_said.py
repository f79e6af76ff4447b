"""What a family said holds over HTTP, on the broker and on the database councils run."""

import json

import pytest

from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.acceptance.families import (
    AGREED,
    TEAM,
    Team,
    arrived,
    asked_about,
    child_of,
    decided,
    due,
    refused,
)
from tests.acceptance.forms import LEVEL_4, deliveries, form, send

pytestmark = pytest.mark.timeout(300)


def test_an_agency_the_family_left_out_gets_nothing_and_the_others_do(team: Team) -> None:
    message = team.family().opens({**AGREED, "agencies_excluded": ["camhs"]})

    assert refused(team, message, "camhs-1") == "D-AGENCY"
    assert arrived(team, message, "gp-1")["document"]["assessment"]["elements"]["emotional_and_social"]
    assert decided(team, message, "gp-1")["reason"] == "P-CONSENT"


def test_an_agency_that_is_not_on_the_family_s_list_gets_nothing(team: Team) -> None:
    message = team.family().opens({**AGREED, "agencies_agreed": ["school"]})

    assert refused(team, message, "gp-1") == "D-AGENCY-NOTLISTED"
    assert arrived(team, message, "school-1")


def test_a_kind_of_information_the_family_left_out_is_marked_as_withheld_and_never_sent(team: Team) -> None:
    message = team.family().opens({**AGREED, "categories_excluded": ["CAT-HEALTH-S"]})

    letter = arrived(team, message, "gp-1")
    assert "Low mood" not in json.dumps(letter)
    assert "Worries at night" in json.dumps(letter)
    assert "CAT-HEALTH-S" in json.dumps(letter["withheld"])
    made = decided(team, message, "gp-1")
    assert (made["result"], "O-MARK-INCOMPLETE" in made["obligations"]) == ("PERMIT_REDACTED", True)


def test_without_any_word_of_the_family_nothing_goes(team: Team) -> None:
    message = team.family().opens()

    assert {refused(team, message, name) for name in TEAM} == {"D-NONE"}


def test_a_refusal_is_kept_to(team: Team) -> None:
    message = team.family().opens({**AGREED, "agrees_to_share": "N"})

    assert {refused(team, message, name) for name in TEAM} == {"D-REFUSED"}


def test_consent_that_has_run_out_lets_nothing_go(team: Team) -> None:
    message = team.family().opens({**AGREED, "given_on": "2025-11-01", "expires_on": "2026-11-01"})

    assert {refused(team, message, name) for name in TEAM} == {"D-EXPIRED"}


def test_a_withdrawal_stops_what_has_not_left_and_everything_after_it(team: Team) -> None:
    family, stage = team.family(), team.stage
    stage.mood("gp-1", {"behaviour": "unavailable"})
    first = family.opens(AGREED)
    arrived(team, first, "school-1")

    team.order("consents.withdraw", child=child_of(team, first))
    stage.mood("gp-1", {"behaviour": "ok"})

    stage.until("the stop", lambda: due(team, first, "gp-1").state is State.WITHDRAWN)
    assert due(team, first, "gp-1").reason == "D-WITHDRAWN"
    second = family.opens(AGREED)
    assert {refused(team, second, name) for name in TEAM} == {"D-WITHDRAWN"}


def test_after_a_withdrawal_a_danger_still_reaches_the_mash(team: Team) -> None:
    family, stage = team.family(), team.stage
    first = family.opens(AGREED)
    team.order("consents.withdraw", child=child_of(team, first))
    harmed = form(
        "single-child",
        "AFTER-WITHDRAWAL",
        child_name=f"Testina {family.name}",
        child_dob="/".join(reversed(family.born.split("-"))),
        child_upn="",
        child_nhs_number="",
        perceived_level=LEVEL_4,
    )

    message = MessageId(send(stage, harmed).json()["message_id"])

    stage.until(
        "the MASH to have it", lambda: [one.state for one in deliveries(stage, message)] == [State.ACKNOWLEDGED]
    )
    assert due(team, message, "barnet-mash").reason == "P-S47"
    assert decided(team, message, "barnet-mash")["obligations"] == ["O-RATIONALE", "O-INFORM-IF-SAFE"]


def test_a_young_person_s_confidence_is_kept_from_the_school_and_not_from_those_who_treat_it(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED)
    child = child_of(team, first)
    team.order("flags.set", child=child, flag="COMPETENT_CONFIDENTIAL")

    message = family.opens(AGREED)

    assert "Low mood" not in json.dumps(arrived(team, message, "school-1"))
    assert "Low mood" in json.dumps(arrived(team, message, "camhs-1"))
    assert "R-COMPETENT" in decided(team, message, "school-1")["redactions"]


def test_where_parents_disagree_a_person_decides_and_nothing_goes_before(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED)
    other = {
        "child": child_of(team, first),
        "status": "GIVEN",
        "capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
        "from": "2026-11-17T00:00:00Z",
        "until": "2027-11-17T00:00:00Z",
        "purposes": ["COORDINATE"],
        "conflict": True,
    }
    team.order("consents.record", **other)

    message = family.opens(AGREED)

    assert {due(team, message, name).state for name in TEAM} == {State.IN_REVIEW}
    assert {due(team, message, name).reason for name in TEAM} == {"H-PARENT-CONFLICT"}
    waiting = {due(team, message, name).delivery_id for name in TEAM}
    assert waiting <= asked_about(team, "H-PARENT-CONFLICT").keys()


def test_the_word_of_somebody_without_parental_responsibility_is_a_person_s_to_weigh(team: Team) -> None:
    message = team.family().opens({**AGREED, "signatory_capacity": "PARENT_NO_PR"})

    assert {due(team, message, name).state for name in TEAM} == {State.IN_REVIEW}
    assert {decided(team, message, name)["reason"] for name in TEAM} == {"H-CAPACITY"}
