"""What courts order and practitioners weigh reaches the rules, over HTTP, on the broker and on the database."""

import json
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.acceptance.families import HEALTH, Team, arrived, asked_about, check, child_of, decided, due, refused
from tests.acceptance.forms import LEVEL_4, form

pytestmark = pytest.mark.timeout(300)
OFFICER = "o.officer"
PASSWORD = "another horse battery staple"
WHY = "Testina told her teacher what happens at night."
ORDER: dict[str, Any] = {"court": "Family Court at Nowhere", "reference": "ZZ26C00001", "made_on": "2026-11-20"}
NUMBERS = count(1)


def asked(team: Team, child: dict[str, Any]) -> MessageId:
    """Let the MASH ask the health service about a child in need, and return our id once it is decided."""
    letter = check(f"M-LAW-{next(NUMBERS)}", child, rag="AMBER")
    message = team.take("mash/partner-check-1", letter, by="barnet-mash")
    team.until_decided(message)
    return message


def after_weighing(team: Team, **found: str) -> tuple[str, str]:
    """Return result and reason of what the MASH asks about a child once somebody has weighed it."""
    child = team.family().who()
    first = asked(team, child)
    assert decided(team, first, HEALTH)["reason"] == "H-S17"
    towards = {"recipients": [HEALTH], "purposes": ["SAFEGUARD_S17"]}
    team.order("weighings.record", child=child_of(team, first), rationale=WHY, **towards, **found)
    made = decided(team, asked(team, child), HEALTH)
    return made["result"], made["reason"]


@pytest.mark.parametrize(
    ("found", "there"),
    [
        pytest.param({"relevant": "yes", "harmful": "no"}, ("PERMIT", "P-16LA"), id="no harm, row 14"),
        pytest.param({"relevant": "yes", "harmful": "yes"}, ("DENY", "D-DETRIMENT"), id="harm, row 15"),
        pytest.param({"relevant": "yes"}, ("REVIEW", "H-DETRIMENT"), id="not weighed, row 16"),
    ],
)
def test_what_was_weighed_decides_where_the_duty_to_share_is_in_force_and_nowhere_else(
    team: Team, hertfordshire: Team, found: dict[str, str], there: tuple[str, str]
) -> None:
    assert after_weighing(hertfordshire, **found) == there
    assert after_weighing(team, **found) == ("REVIEW", "H-S17")


def verify(team: Team, child: str, order: str) -> int:
    """Let another officer than the one who plays in the demo verify an order, and return the status of the answer."""
    team.order("users.add", user=OFFICER, name="Ola Officer", password=PASSWORD, roles=["IG_OFFICER"])
    session = httpx.post(f"{team.stage.url}/v1/sessions", json={"user": OFFICER, "password": PASSWORD})
    shown = {"Authorization": f"Bearer {session.json()['token']}"}
    args = {"child": child, "order": order}
    return httpx.post(f"{team.stage.url}/v1/control/court-orders.verify", json=args, headers=shown).status_code


def test_what_a_court_requires_waits_until_another_person_has_verified_it(team: Team) -> None:
    family = team.family()
    first = family.opens()
    assert refused(team, first, "gp-1") == "D-NONE"
    child = child_of(team, first)
    requires = {**ORDER, "kind": "requires_disclosure", "recipients": ["gp-1"]}
    order = team.order("court-orders.record", child=child, **requires)["order"]

    unverified = family.opens()
    waiting = due(team, unverified, "gp-1")
    assert (waiting.state, waiting.reason) == (State.IN_REVIEW, "H-ORDER")
    question = asked_about(team, "H-ORDER")[waiting.delivery_id]
    assert question.role == "IG_OFFICER"
    assert verify(team, child, order) == httpx.codes.OK
    team.order("reviews.decide", review=question.review_id, choice="permit", rationale="The court was called.")
    assert family.name in str(arrived(team, unverified, "gp-1"))
    assert decided(team, unverified, "gp-1")["reason"] == "P-ORDER"

    again = family.opens()
    assert family.name in str(arrived(team, again, "gp-1"))
    assert decided(team, again, "gp-1")["reason"] == "P-ORDER"
    assert refused(team, again, "school-1") == "D-NONE"
    explained = team.order("decisions.explain", name=due(team, again, "gp-1").delivery_id, replay=True)
    assert explained["facts"][0]["court_order"] == {"kind": "requires_disclosure", "verified": True}
    assert explained["replay"]["as_stored"] is True


def refer(team: Team, reference: str, name: str) -> MessageId:
    """Post a form about significant harm to a child, and return our id once it is decided."""
    told = json.loads(form("single-child", reference, child_name=f"Testina {name}", perceived_level=LEVEL_4))
    told["answers"] = [one for one in told["answers"] if one["question_id"] not in {"child_upn", "child_nhs_number"}]
    answer = team.post("mash/govuk-forms-1", json.dumps(told).encode(), by="referral-portal")
    message = MessageId(answer.json()["message_id"])
    team.until_decided(message)
    return message


def test_what_a_court_forbids_does_not_go_and_is_with_a_manager_within_the_hour(team: Team) -> None:
    family = team.family()
    first = refer(team, "COURT-1", family.name)
    arrived(team, first, "barnet-mash")
    forbids = {**ORDER, "kind": "prohibits_disclosure", "recipients": ["barnet-mash"]}
    team.order("court-orders.record", child=child_of(team, first), **forbids)

    second = refer(team, "COURT-2", family.name)

    assert child_of(team, second) == child_of(team, first)
    assert refused(team, second, "barnet-mash") == "D-LEGAL"
    task = asked_about(team, "D-LEGAL")[due(team, second, "barnet-mash").delivery_id]
    assert task.role == "MASH_MANAGER"
    assert task.due_at - task.opened_at <= timedelta(hours=1)
    assert team.stage.until("the MASH to be told to stop", lambda: told_to_stop(team, first)) is None


def told_to_stop(team: Team, message: MessageId) -> bool:
    """Tell whether the MASH has had a notice to stop sharing what it was sent of a message."""
    sent = due(team, message, "barnet-mash").delivery_id
    notices = [one["document"]["document"] for one in team.stage.effects("barnet-mash") if "notice" in one["kind"]]
    return any(sent in one["documents"] and one["step"] == "STOP_SHARING" for one in notices)
