"""What protects a child, and whoever speaks up for one, holds over HTTP, on the broker and on the database."""

import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.audit.event import EventKind
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.acceptance.families import (
    AGREED,
    ELEMENTS,
    HEALTH,
    TEAM,
    Team,
    arrived,
    asked_about,
    check,
    child_of,
    decided,
    due,
    duties_of,
    refused,
)
from tests.acceptance.forms import LEVEL_4, deliveries, form
from tests.acceptance.told import events, policy_version, to

pytestmark = pytest.mark.timeout(300)
REFUGE = {"lines": ["9 Refuge Row"], "postcode": "ZZ99 9ZZ", "kind": "home"}
FATHER = {"name": "Otto Fatherly", "relationship": "father", "lives_with_child": "N"}


def test_a_refuge_is_told_to_nobody_by_anything_that_could_give_it_away(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED)
    team.order("flags.set", child=child_of(team, first), flag="ADDRESS_WITHHELD")
    there = {**family.child(), "address": REFUGE, "general_practice": "Refuge Surgery", "telephones": ["00000 999999"]}
    there["schooling"] = {"name": "Refuge Primary School"}

    message = family.opens(AGREED, child=there, authority="E09000007")

    for_all = json.dumps([arrived(team, message, name) for name in TEAM])
    assert family.name in for_all
    assert "Refuge" not in for_all
    assert not [word for word in ("ZZ99 9ZZ", "999999", "E09000007") if word in for_all]


def test_a_question_about_a_child_in_need_that_nobody_answers_goes_up_and_is_never_refused(team: Team) -> None:
    stage = team.stage
    message = team.take("mash/partner-check-1", check("M-1", team.family().who(), rag="AMBER"), by="barnet-mash")
    team.until_decided(message)
    (waiting,) = deliveries(stage, message)
    assert (waiting.state, waiting.reason) == (State.IN_REVIEW, "H-S17")

    stage.pass_time(timedelta(days=2))

    question = asked_about(team, "H-S17")[waiting.delivery_id]
    assert (question.status, question.role) == ("escalated", "MASH_MANAGER")
    assert deliveries(stage, message)[0].state is State.IN_REVIEW


def refer(team: Team, reference: str, *, without: str = "child_upn", **answers: str) -> MessageId:
    """Post the example form, some answers changed and some left out, and return our id once the MASH has it."""
    told = json.loads(form("single-child", reference, child_upn="", child_nhs_number="", **answers))
    told["answers"] = [one for one in told["answers"] if not one["question_id"].startswith(without)]
    answer = team.post("mash/govuk-forms-1", json.dumps(told).encode(), by="referral-portal")
    assert answer.status_code == 202, answer.text
    message = MessageId(answer.json()["message_id"])
    team.stage.until(
        "the MASH to have it", lambda: [one.state for one in deliveries(team.stage, message)] == [State.ACKNOWLEDGED]
    )
    return message


def test_a_worry_at_level_four_that_the_parents_were_not_told_of_is_taken_and_never_goes_back(team: Team) -> None:
    family = team.family()

    message = refer(
        team,
        "NOT-TOLD",
        child_name=f"Testina {family.name}",
        perceived_level=LEVEL_4,
        parent_aware="No",
        consent_to_help="",
        consent_to_share="",
        reason_not_sought="Telling the parents first could put her in danger.",
    )

    made = decided(team, message, "barnet-mash")
    assert (made["result"], made["reason"]) == ("PERMIT", "P-S47")
    assert made["obligations"] == ["O-RATIONALE", "O-INFORM-IF-SAFE"]
    (had,) = [one for one in team.stage.effects("barnet-mash") if one["correlation_id"] == message]
    assert had["document"]["document"]["consent"]["parent_aware"] == "N"
    assert "could put her in danger" in json.dumps(had["document"])
    assert feedback_on(team, "NOT-TOLD") == []
    duties = duties_of(team, ("O-RATIONALE", "O-INFORM-IF-SAFE"), due(team, message, "barnet-mash").delivery_id)
    assert duties == {"O-RATIONALE": "open", "O-INFORM-IF-SAFE": "open"}


def feedback_on(team: Team, reference: str) -> list[dict[str, Any]]:
    """Return the feedback on one form that the portal has had."""
    said = [effect["document"]["document"] for effect in team.stage.effects("referral-portal")]
    return [one for one in said if one.get("reference") == reference]


def test_whoever_refers_without_a_name_is_told_nothing_and_the_log_says_why(team: Team) -> None:
    message = refer(team, "NAMELESS", without="referrer_", child_name=f"Testina {team.family().name}")

    team.stage.mash("decide", {"reference": "NAMELESS", "outcome": "MO5", "reason": "A family worker calls."})

    team.stage.until("the decision to be heard", lambda: "Decided" in steps(team, message))
    assert steps(team, message)["Decided"] == {"to_state": "not_fed_back", "reason": "D-EMPTY"}
    assert feedback_on(team, "NAMELESS") == []
    children = due(team, message, "barnet-mash").subjects
    assert [one for one in to(team.stage, "referral-portal") if one.subjects == children] == []


def steps(team: Team, message: MessageId) -> dict[str, dict[str, Any]]:
    """Return how the conversation about a referral went on, as the log has it: by what happened."""
    told = events(team.stage, message, EventKind.CONVERSATION_STEPPED)
    return {one["step"]: {name: one[name] for name in ("to_state", "reason") if name in one} for one in told}


def test_what_is_told_of_a_father_who_does_not_share_is_withheld_from_the_mother_s_agencies(team: Team) -> None:
    family = team.family()
    told = {**ELEMENTS, "other_people": {"needs": "Her father was treated for his back in May"}}
    whole = {"assessment": {"version": 1, "started_on": "2026-09-01", "kind": "family", "elements": told}}
    whole |= {"kind": "family", "family": [FATHER]}
    first = family.opens(AGREED, **whole)
    team.order(
        "consents.record",
        child=child_of(team, first),
        subject="Otto Fatherly",
        giver="Otto Fatherly",
        capacity="ADULT_SELF",
        status="REFUSED",
        mode="WRITTEN_SIGNED",
        **{"from": "2026-11-17T00:00:00Z"},
    )

    message = family.opens(AGREED, **whole)

    assert not [name for name in TEAM if "his back" in json.dumps(arrived(team, message, name))]
    assert "Worries at night" in json.dumps(arrived(team, message, "gp-1"))
    for_all = [decided(team, message, name) for name in TEAM]
    assert ["R-THIRD" in one["redactions"] for one in for_all] == [True, True, True]
    assert "R-THIRD" in {one["reason"] for one in arrived(team, message, "gp-1")["withheld"]}


def test_who_an_adopted_child_was_leads_nobody_to_who_the_child_is_now(team: Team) -> None:
    family = team.family()
    now = child_of(team, family.opens(AGREED))
    team.order("flags.set", child=now, flag="ADOPTED")

    message = team.family().opens(child=family.child(family_name="Birthname"))

    assert child_of(team, message) != now
    assert {refused(team, message, name) for name in TEAM} == {"D-NONE"}
    (match,) = events(team.stage, message, EventKind.MATCH_MADE)
    assert (match["match_status"], match.get("rival")) == ("NEW", None)
    assert now not in json.dumps(match)


def test_a_check_of_an_adopted_child_s_old_name_brings_nothing_of_the_new_one(team: Team) -> None:
    family = team.family()
    now = child_of(team, family.opens(AGREED))
    team.order("flags.set", child=now, flag="ADOPTED")

    asked = check("M-OLD-NAME", family.who(family_name="Birthname"), rag="RED")
    message = team.take("mash/partner-check-1", asked, by="barnet-mash")
    team.until_decided(message)

    sent = arrived(team, message, HEALTH)
    assert family.name not in json.dumps(sent)
    assert child_of(team, message) != now
    assert decided(team, message, HEALTH)["policy_version"] == policy_version(team.stage)
