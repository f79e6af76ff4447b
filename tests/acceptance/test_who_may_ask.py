"""Who may learn that there is a record, where, and what of it, over HTTP, on the broker and on the database."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.audit.event import EventKind
from gateway.demo.engines.both import Engines
from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import MessageId
from tests.acceptance.families import (
    AGREED,
    HEALTH,
    UNSIGNED,
    Family,
    Team,
    asked_about,
    check,
    child_of,
    due,
    letter,
    nhs_number,
    team_of,
)
from tests.acceptance.told import events, policy_version, to

pytestmark = pytest.mark.timeout(300)
SCHOOL = "school-example"
ENQUIRY, ANSWER, ANSWERED = "ecaf/enquiry-1", "ecaf/enquiry-answer-1", "caf.enquiry.answered"
LEAD = {
    "name": "Lena Leadworker",
    "role": "Family support worker",
    "organisation": "Nowhere Family Hub",
    "telephones": ["020 7946 0102"],
}
OWN = {"message_id", "receipt", "received_at", "body_sha256"}
"""What differs between any two documents, whoever they are about."""


@pytest.fixture(scope="module")
def blackburn(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Everybody in Blackburn, where it takes a written word."""
    with team_of(engines, tmp_path_factory.mktemp("blackburn"), authority="E06000008") as there:
        yield there


def said(team: Team, mode: str) -> dict[str, Any]:
    """Return what a mother said this morning."""
    today = team.stage.clock.now().date().isoformat()
    return {
        **{name: value for name, value in AGREED.items() if name != "agrees_to_help"},
        "mode": mode,
        "given_on": today,
    }


def known(family: Family) -> Family:
    """Return *family* once the early-help system has an open record of it."""
    record = {"reference": f"NW-{family.number}", "state": "active", "child": family.child(), "lead_professional": LEAD}
    ecaf = family.team.stage.simulators["barnet-ecaf"].url
    httpx.post(f"{ecaf}/_simulator/records", json=record).raise_for_status()
    return family


def enquire(family: Family, reference: str, consent: dict[str, Any], *, by: str = SCHOOL) -> MessageId:
    """Ask whether there is a record of a family, and return our id of the question."""
    asked = {
        "reference": reference,
        "enquirer": {"name": "Mo Mockteacher", "role": "Head of year", "organisation": "Nowhere Lane Primary School"},
        "child": family.who(),
        "purpose": "To know whether there is somebody to talk to.",
        "consent": consent,
        "local": [{"key": "x-enquiry", "question": "Called back", "answer": "By the helpdesk, 10:40"}],
    }
    return family.team.take(ENQUIRY, letter(ENQUIRY, "caf.enquiry.requested", reference, asked, sender=by), by=by)


def looked_up(team: Team, reference: str) -> dict[str, Any]:
    """Let the early-help system answer a question, and return its answer."""
    url = f"{team.stage.simulators['barnet-ecaf'].url}/_simulator/answers/{reference}"
    team.stage.until("the early-help system to have it", lambda: httpx.get(url).status_code == httpx.codes.OK)
    found: dict[str, Any] = httpx.get(url).json()
    return found


def answered(team: Team, reference: str, *, to_whom: str = SCHOOL) -> Delivery:
    """Let the early-help system answer, and return what that comes to for whoever asked, once it is settled."""
    before = {one.delivery_id for one in answers(team, to_whom)}
    team.take(ANSWER, looked_up(team, reference), by="barnet-ecaf")

    def new() -> list[Delivery]:
        settled = State.ACKNOWLEDGED, State.REFUSED
        return [one for one in answers(team, to_whom) if one.delivery_id not in before and one.state in settled]

    team.stage.until("the answer to be settled", lambda: bool(new()))
    return new()[0]


def answers(team: Team, to_whom: str) -> list[Delivery]:
    """Return every answer that was ever due to somebody."""
    return [one for one in to(team.stage, to_whom) if one.kind == ANSWERED]


def had(team: Team, delivery: Delivery) -> list[dict[str, Any]]:
    """Return what the enquirer got of an answer."""
    effects: list[Any] = team.stage.effects(delivery.recipient)
    return [one["document"]["document"] for one in effects if one["message_id"] == delivery.delivery_id]


def why(team: Team, delivery: Delivery) -> dict[str, Any]:
    """Return the one decision about an answer, as the audit log has it."""
    (made,) = events(team.stage, delivery.message_id, EventKind.DECISION_MADE)
    assert (made["reason"], made["policy_version"]) == (delivery.reason, policy_version(team.stage))
    return made


def test_an_account_that_signed_no_agreement_learns_nothing_not_even_by_how_it_is_answered(team: Team) -> None:
    ours, stranger = known(team.family()), team.family()
    ours.opens(AGREED)
    asked = [
        enquire(family, f"ASK-{family.number:03}", said(team, "WRITTEN_SIGNED"), by=UNSIGNED)
        for family in (ours, stranger)
    ]

    about_ours = answered(team, f"ASK-{ours.number:03}", to_whom=UNSIGNED)
    about_stranger = answered(team, f"ASK-{stranger.number:03}", to_whom=UNSIGNED)

    assert looked_up(team, f"ASK-{ours.number:03}")["document"]["open"] == "Y"
    assert looked_up(team, f"ASK-{stranger.number:03}")["document"]["open"] == "N"
    assert shown(team, asked[0]) == shown(team, asked[1])
    assert [why(team, one)["reason"] for one in (about_ours, about_stranger)] == ["D-ACCOUNT", "D-ACCOUNT"]
    assert team.stage.effects(UNSIGNED) == []


def shown(team: Team, message: MessageId) -> tuple[int, int, dict[str, Any]]:
    """Return status, length and words of what the gateway shows an enquirer of its own question, but for ids."""
    bearer = {"Authorization": f"Bearer {team.stage.tokens[UNSIGNED]}"}
    answer = httpx.get(f"{team.stage.url}/v1/messages/{message}", headers=bearer)
    told = {name: value for name, value in answer.json().items() if name not in OWN}
    return answer.status_code, len(answer.content), told


def test_in_hertfordshire_a_spoken_word_and_a_call_back_are_enough_to_learn_whom_to_call(hertfordshire: Team) -> None:
    family = known(hertfordshire.family())

    enquire(family, "HERTS-1", said(hertfordshire, "VERBAL_WITNESSED"))
    delivery = answered(hertfordshire, "HERTS-1")

    (told,) = had(hertfordshire, delivery)
    assert told.pop("answered_at")
    assert told == {"reference": "HERTS-1", "open": "Y", **{f"contact_{part}": LEAD[part] for part in LEAD}}
    made = why(hertfordshire, delivery)
    assert (made["reason"], "hertfordshire" in made["policy_version"]) == ("P-CHECK", True)


@pytest.mark.parametrize(
    ("mode", "reason", "got"),
    [("VERBAL_WITNESSED", "D-CHECK", 0), ("WRITTEN_SIGNED", "P-CHECK", 1)],
    ids=["spoken", "written"],
)
def test_in_blackburn_it_takes_a_written_word_to_learn_that_there_is_a_record(
    blackburn: Team, mode: str, reason: str, got: int
) -> None:
    family, reference = known(blackburn.family()), f"BLACKBURN-{mode}"

    enquire(family, reference, said(blackburn, mode))
    delivery = answered(blackburn, reference)

    assert len(had(blackburn, delivery)) == got
    made = why(blackburn, delivery)
    assert (made["reason"], "blackburn" in made["policy_version"]) == (reason, True)


def test_a_question_about_one_of_two_children_nobody_can_tell_apart_waits_for_a_person(team: Team) -> None:
    family, twin = team.family(), team.family()
    first = child_of(team, family.opens(AGREED))
    second = child_of(team, family.opens(AGREED, child=family.child(nhs_number=nhs_number(twin.number))))
    assert first != second

    asked = {name: value for name, value in family.who().items() if name != "nhs_number"}
    message = team.take("mash/partner-check-1", check("M-TWO", asked, rag="AMBER"), by="barnet-mash")
    team.until_decided(message)

    (match,) = events(team.stage, message, EventKind.MATCH_MADE)
    assert match["match_status"] == "MANY"
    waiting = due(team, message, HEALTH)
    assert (waiting.state, waiting.reason) == (State.HELD_MATCH, "H-MATCH")
    assert asked_about(team, "H-MATCH")[waiting.delivery_id].status == "open"
    assert waiting.delivery_id not in {one["message_id"] for one in team.stage.effects(HEALTH)}
    (made,) = events(team.stage, message, EventKind.DECISION_MADE)
    assert (made["reason"], made["policy_version"]) == ("H-MATCH", policy_version(team.stage))
