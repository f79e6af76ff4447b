"""What can be shown afterwards of what was decided, over HTTP, on the broker and on the database."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.audit.event import EventKind
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from gateway.simulators.school import superstar_report
from tests.acceptance.families import (
    AGREED,
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
    told_to,
)
from tests.acceptance.forms import wait_for
from tests.acceptance.told import events, policy_version, to

pytestmark = pytest.mark.timeout(300)
WHY = "The wrong surgery was picked from the list; the right one is across the river."


def test_somebody_is_told_four_weeks_before_consent_runs_out_and_notices_flow_when_it_has(team: Team) -> None:
    family, stage = team.family(), team.stage
    until = (stage.clock.now() + timedelta(days=31)).date().isoformat()
    first = family.opens({**AGREED, "expires_on": until})
    arrived(team, first, "gp-1")
    child = child_of(team, first)
    held = {one["id"] for one in team.order("consents.list", child=child)["facts"] if one["kind"] == "consent"}
    assert not held & asked_about(team, "H-CONSENT-EXPIRING").keys()

    stage.pass_time(timedelta(days=3))

    (warned,) = held & asked_about(team, "H-CONSENT-EXPIRING").keys()
    assert asked_about(team, "H-CONSENT-EXPIRING")[warned].role == "CAF_COORDINATOR"
    stage.pass_time(timedelta(days=28))
    second = family.opens({**AGREED, "expires_on": until})
    assert {refused(team, second, name) for name in TEAM} == {"D-EXPIRED"}
    note = {"field": "child.telephones", "category": "CAT-CONTACT", "note": "That number is no longer theirs."}
    team.order("records.correct", child=child, rationale="The family rang to tell us.", **note)
    stage.until("the notice", lambda: about(team, first, "caf.notice.sent") == [(State.ACKNOWLEDGED, "P-ADMIN")])
    assert about(team, first, "caf.correction.sent") == [(State.REFUSED, "D-EXPIRED")]
    (told,) = [one for one in told_to(team, "gp-1", "caf.notice.sent") if due_id(team, first) in one["documents"]]
    assert told["step"] == "CORRECTION"


def about(team: Team, message: MessageId, kind: str) -> list[tuple[State, str | None]]:
    """Return state and reason of all of a kind that is due to the surgery about the child of a message."""
    child = due(team, message, "gp-1").subjects[0]
    return [(one.state, one.reason) for one in to(team.stage, "gp-1") if one.kind == kind and child in one.subjects]


def due_id(team: Team, message: MessageId) -> str:
    """Return what a message was handed to the surgery as."""
    return due(team, message, "gp-1").delivery_id


def test_a_school_s_form_without_a_consent_block_is_kept_as_a_draft_and_nobody_else_gets_it(team: Team) -> None:
    family = team.family()
    named = {"given_names": "Ruby", "family_name": "Makebelieve"}
    pupil = {"primary_id": "54001", "Forename": "Ruby", "Surname": "Makebelieve", "Gender": "F"}
    pupil |= {"DOB": f"{family.born}T00:00:00+00:00", "Postcode": "ZZ99 3AA"}

    answer = team.post("sims/superstar-1", superstar_report([pupil]), by="school-example", media="application/xml")

    message = MessageId(answer.json()["message_id"])
    assert wait_for(team.stage, message, State.ACKNOWLEDGED).recipient == "barnet-ecaf"
    (drafted,) = [one for one in team.stage.effects("barnet-ecaf") if one["correlation_id"] == message]
    assert drafted["document"]["document"]["state"] == "draft"
    made = decided(team, message, "barnet-ecaf")
    assert (made["reason"], "O-NOCONTENT-OUT" in made["obligations"]) == ("P-DRAFT", True)
    onward = family.opens(state="draft", child=family.child(**named))
    assert {refused(team, onward, name) for name in TEAM} == {"D-NONE"}


def test_a_mis_sent_record_is_purged_with_a_certificate_and_a_breach_is_opened(team: Team) -> None:
    message = team.family().opens(AGREED)
    arrived(team, message, "gp-1")
    sent = due_id(team, message)

    done = team.order("deliveries.recall", delivery=sent, rationale=WHY, lesson="wrong-recipient-picked")

    assert done["done"] == "purge-requested"
    team.stage.until("the purge", lambda: bool(purges(team, sent)))
    (asked,) = purges(team, sent)
    assert duties_of(team, ("N-PURGED",), asked.delivery_id) == {"N-PURGED": "open"}
    assert duties_of(team, ("N-BREACH",), sent) == {"N-BREACH": "open"}
    certify(team, asked.delivery_id)
    team.stage.until(
        "the certificate", lambda: duties_of(team, ("N-PURGED",), asked.delivery_id) == {"N-PURGED": "settled"}
    )
    (kept,) = [one for one in team.stage.effects("gp-1") if one["message_id"] == sent]
    assert kept["purged"].startswith("IN-PURGE-")
    assert "document" not in kept
    assert duties_of(team, ("N-BREACH",), sent) == {"N-BREACH": "open"}
    (recalled,) = events(team.stage, message, EventKind.DELIVERY_RECALLED)
    assert recalled["lesson"] == "wrong-recipient-picked"


def purges(team: Team, sent: str) -> list[Any]:
    """Return the notices to destroy a document that the surgery has had."""
    acknowledged = [one for one in to(team.stage, "gp-1") if one.state is State.ACKNOWLEDGED]
    asked = [one for one in told_letters(team) if one["document"]["documents"] == [sent]]
    names = {one["message_id"] for one in asked if one["document"]["step"] == "PURGE"}
    return [one for one in acknowledged if one.delivery_id in names]


def told_letters(team: Team) -> list[dict[str, Any]]:
    """Return the notices that the surgery has, whole."""
    return [one["document"] for one in team.stage.effects("gp-1") if one["kind"] == "caf.notice.sent"]


def certify(team: Team, notice: str) -> None:
    """Let the surgery's own answer to a notice come in."""
    url = f"{team.stage.simulators['gp-1'].url}/_simulator/notices"
    (said,) = [one for one in httpx.get(url).json()["answers"] if one["in_answer_to"] == notice]
    assert said["answer"] == "PURGED"
    team.take("ecaf/notice-answer-1", said, by="gp-1")


def test_each_decision_is_pinned_to_the_rules_of_its_day_and_they_say_the_same_again(hertfordshire: Team) -> None:
    family, stage = hertfordshire.family(), hertfordshire.stage
    old = policy_version(stage)
    stage.mood("gp-1", {"behaviour": "unavailable"})
    message = family.opens(AGREED)
    assert "Worries at night" in str(arrived(hertfordshire, message, "school-1"))

    stage.pass_time(timedelta(days=120))
    stage.mood("gp-1", {"behaviour": "ok"})

    assert "Worries at night" not in str(arrived(hertfordshire, message, "gp-1"))
    new = policy_version(stage)
    assert (old, new) == ("sharing-2026.1/hertfordshire-2026.1", "sharing-2027.1/hertfordshire-2026.1")
    made = events(stage, message, EventKind.DECISION_MADE)
    assert [one["policy_version"] for one in made if one["recipient"] == "school-1"] == [old]
    assert [one["policy_version"] for one in made if one["recipient"] == "gp-1"] == [old, new]
    again = [replayed(hertfordshire, one["permit_id"]) for one in made]
    assert [one["as_stored"] for one in again] == [True] * len(made)
    assert [one["under"] for one in again] == [one["policy_version"] for one in made]
    assert {one["newer"]["under"] for one in again} == {new}
    assert [bool(one["newer"]["changes"]) for one in again] == [one["policy_version"] == old for one in made]


def replayed(team: Team, permit: str) -> dict[str, Any]:
    """Return what the rules of then, and those of now, say about a decision once more."""
    told: dict[str, Any] = team.order("decisions.explain", name=permit, replay=True)["replay"]
    return told


def test_where_the_duty_to_share_is_in_force_each_decision_says_so(team: Team, hertfordshire: Team) -> None:
    switched = [switches_of(team), switches_of(hertfordshire)]

    assert [one["s16LA"] for one in switched] == [False, True]


def switches_of(team: Team) -> dict[str, bool]:
    """Return which laws a decision on a question of the MASH says were in force."""
    message = team.take("mash/partner-check-1", check("M-LAW", team.family().who(), rag="AMBER"), by="barnet-mash")
    team.until_decided(message)
    explained = team.order("decisions.explain", name=due(team, message, HEALTH).delivery_id)
    switches: dict[str, bool] = explained["switches"]
    assert decided(team, message, HEALTH)["switches"] == switches
    return switches
