"""What a family said, and what protects it, holds over HTTP, on the broker and on the database councils run."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from gateway.audit.event import EventKind
from gateway.demo.engines.both import running_engines
from gateway.demo.stage import Stage, _profile
from gateway.flows.rows import Delivery, ReviewTask, State
from gateway.model.identifiers import MessageId
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import run
from tests.acceptance.forms import LEVEL_4, deliveries, form, send
from tests.acceptance.told import events, policy_version

pytestmark = pytest.mark.timeout(300)
TEAM = {"camhs-1": ("health", "camhs"), "gp-1": ("health", "gp"), "school-1": ("sims", "school")}
ROUTES = "".join(
    f"""
    [[route]]
    message = "caf.episode.opened"
    to = "{system}"
    format = "ecaf/episode-1"
    document = "ecaf.episode"
    mode = "DISCLOSE"
    direction = "out"
    purpose = "COORDINATE"
    """
    for system in ("health", "sims")
).encode()
AGREED = {
    "agrees_to_help": "Y",
    "agrees_to_share": "Y",
    "signatory": "Mona Exampleton",
    "signatory_capacity": "PARENT_PR",
    "mode": "WRITTEN_SIGNED",
    "given_on": "2026-11-16",
}
ELEMENTS = {
    "emotional_and_social": {"needs": "Worries at night"},
    "mental_health": {"needs": "Low mood since the summer"},
}
REFUGE = {"lines": ["9 Refuge Row"], "postcode": "ZZ99 9ZZ", "kind": "home"}


@dataclass(slots=True)
class Team:
    """A gateway on RabbitMQ and PostgreSQL, and those who work with the families."""

    stage: Stage
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def family(self) -> "Family":
        """Return a child nobody has heard of yet."""
        return Family(team=self, number=next(self.numbers))


@dataclass(slots=True)
class Family:
    """One invented child; `sent` counts its documents."""

    team: Team
    number: int
    sent: int = 0

    @property
    def name(self) -> str:
        """Return a family name that no other test uses."""
        return f"Exampleton-{'abcdefghijklmnopqrstuvwxyz'[self.number]}"

    def opens(self, consent: dict[str, Any] | None = None, **more: Any) -> MessageId:
        """Post the record as the early-help system does, and return our id once everything due is decided."""
        self.sent += 1
        reference = f"NW-{self.number}-{self.sent}"
        document = {
            "reference": f"NW-{self.number}",
            "version": self.sent,
            "state": "active",
            "opened_on": "2026-09-01",
            "authority": "E09000003",
            "child": self.child(),
            "assessment": {"version": self.sent, "started_on": "2026-09-01", "elements": ELEMENTS},
            **({"consent": consent} if consent else {}),
            **more,
        }
        message = self._post(reference, document)
        self.team.stage.until(
            f"{reference} to be decided", lambda: len(deliveries(self.team.stage, message)) == len(TEAM)
        )
        return message

    def child(self) -> dict[str, Any]:
        """Return its details."""
        born = f"2015-{self.number % 12 + 1:02}-{self.number % 28 + 1:02}"
        return {
            "given_names": "Testina",
            "family_name": self.name,
            "born": born,
            "sex": "2",
            "nhs_number": nhs_number(self.number),
            "address": {"lines": [f"{self.number} Nowhere Lane"], "postcode": "ZZ99 3AA", "kind": "home"},
            "telephones": [f"00000 9000{self.number:02}"],
            "general_practice": f"Nowhere Surgery {self.number}",
            "schooling": {"name": f"Nowhere Primary School {self.number}"},
        }

    def _post(self, reference: str, document: dict[str, Any]) -> MessageId:
        stage = self.team.stage
        letter = {
            "format": "ecaf/episode-1",
            "message": "caf.episode.opened",
            "message_id": reference,
            "correlation_id": reference,
            "sent_at": "2026-11-23T09:00:00+00:00",
            "sender": "barnet-ecaf",
            "document": document,
        }
        answer = httpx.post(
            f"{stage.url}/v1/intake/ecaf/episode-1",
            content=json.dumps(letter),
            headers={"Authorization": f"Bearer {stage.tokens['barnet-ecaf']}", "Content-Type": "application/json"},
        )
        assert answer.status_code == 202, answer.text
        return MessageId(answer.json()["message_id"])


def nhs_number(number: int) -> str:
    """Return one of those that are never given to anybody (they begin with 999), with its check digit."""
    digits = next(f"9990{more:05}" for more in range(number * 20, number * 20 + 20) if _check(f"9990{more:05}") < 10)
    return f"{digits}{_check(digits)}"


def _check(digits: str) -> int:
    return (11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Everybody is there and works; tests have families of their own."""
    with ExitStack() as stack:
        engines = stack.enter_context(running_engines())
        folder = tmp_path_factory.mktemp("team") / "gateway"
        stage = stack.enter_context(Stage(folder, engines=engines, routes=ROUTES))
        for name, (system, type_) in TEAM.items():
            partner = partner_app(Partner(prefix="IN", journal=Journal(), clock=stage.clock.now))
            stage.simulators[name] = stack.enter_context(run(partner))
            stage.order("partners.add", {"profile": profile_of(stage, name, system, type_)})
        yield Team(stage)


def profile_of(stage: Stage, name: str, system: str, type_: str) -> dict[str, Any]:
    """Return the profile of somebody who takes early-help records."""
    shipped: dict[str, Any] = dict(_profile("community-health", stage.simulators[name].url))
    endpoint = {"kind": "caf.episode.opened", "format": "ecaf/episode-1", "url": f"{stage.simulators[name].url}/{name}"}
    told = {"organisation": name, "system": system, "type": type_, "listed_safeguarding_person": False}
    return {**shipped, **told, "is_default": True, "endpoint": [endpoint]}


def due(team: Team, message: MessageId, recipient: str) -> Delivery:
    """Return what was due to *recipient* because of a message."""
    return next(one for one in deliveries(team.stage, message) if one.recipient == recipient)


def arrived(team: Team, message: MessageId, recipient: str) -> dict[str, Any]:
    """Return what *recipient* got of a message, once it has."""
    stage = team.stage
    states = State.ACKNOWLEDGED, State.REFUSED, State.IN_REVIEW, State.HELD_MATCH
    stage.until(f"{recipient} to have it", lambda: due(team, message, recipient).state in states)
    delivery = due(team, message, recipient)
    assert (delivery.state, delivery.reason) == (State.ACKNOWLEDGED, delivery.reason)
    wanted = due(team, message, recipient).delivery_id
    effects: list[Any] = stage.effects(recipient)
    return dict(next(one["document"] for one in effects if one["message_id"] == wanted))


def decided(team: Team, message: MessageId, recipient: str) -> dict[str, Any]:
    """Return the newest decision about *recipient*, as the audit log has it."""
    made = events(team.stage, message, EventKind.DECISION_MADE)
    newest = [one for one in made if one["recipient"] == recipient][-1]
    assert newest["policy_version"] == policy_version(team.stage)
    return newest


def refused(team: Team, message: MessageId, recipient: str) -> str:
    """Return why *recipient* got nothing, and see that it has not."""
    delivery = due(team, message, recipient)
    assert delivery.state is State.REFUSED
    effects: list[Any] = team.stage.effects(recipient)
    assert delivery.delivery_id not in {one["message_id"] for one in effects}
    assert decided(team, message, recipient)["reason"] == delivery.reason
    return str(delivery.reason)


def asked_about(team: Team, reason: str) -> dict[str, ReviewTask]:
    """Return the questions of a reason, by what they are about."""
    found = team.stage.application.store.read(lambda uow: uow.reviews.find(status=None, limit=500))
    return {one.subject_id: one for one in found if one.reason == reason}


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

    stage.order("consents.withdraw", {"child": str(due(team, first, "gp-1").subjects[0])})
    stage.mood("gp-1", {"behaviour": "ok"})

    stage.until("the stop", lambda: due(team, first, "gp-1").state is State.WITHDRAWN)
    assert due(team, first, "gp-1").reason == "D-WITHDRAWN"
    second = family.opens(AGREED)
    assert {refused(team, second, name) for name in TEAM} == {"D-WITHDRAWN"}


def test_after_a_withdrawal_a_danger_still_reaches_the_mash(team: Team) -> None:
    family, stage = team.family(), team.stage
    first = family.opens(AGREED)
    stage.order("consents.withdraw", {"child": str(due(team, first, "gp-1").subjects[0])})
    born = family.child()["born"]
    harmed = form(
        "single-child",
        "AFTER-WITHDRAWAL",
        child_name=f"Testina {family.name}",
        child_dob="/".join(reversed(born.split("-"))),
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
    child = str(due(team, first, "gp-1").subjects[0])
    team.stage.order("flags.set", {"child": child, "flag": "COMPETENT_CONFIDENTIAL"})

    message = family.opens(AGREED)

    assert "Low mood" not in json.dumps(arrived(team, message, "school-1"))
    assert "Low mood" in json.dumps(arrived(team, message, "camhs-1"))
    assert "R-COMPETENT" in decided(team, message, "school-1")["redactions"]


def test_where_parents_disagree_a_person_decides_and_nothing_goes_before(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED)
    other = {
        "child": str(due(team, first, "gp-1").subjects[0]),
        "status": "GIVEN",
        "capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
        "from": "2026-11-17T00:00:00Z",
        "until": "2027-11-17T00:00:00Z",
        "purposes": ["COORDINATE"],
        "conflict": True,
    }
    team.stage.order("consents.record", other)

    message = family.opens(AGREED)

    assert {due(team, message, name).state for name in TEAM} == {State.IN_REVIEW}
    assert {due(team, message, name).reason for name in TEAM} == {"H-PARENT-CONFLICT"}
    waiting = {due(team, message, name).delivery_id for name in TEAM}
    assert waiting <= asked_about(team, "H-PARENT-CONFLICT").keys()


def test_the_word_of_somebody_without_parental_responsibility_is_a_person_s_to_weigh(team: Team) -> None:
    message = team.family().opens({**AGREED, "signatory_capacity": "PARENT_NO_PR"})

    assert {due(team, message, name).state for name in TEAM} == {State.IN_REVIEW}
    assert {decided(team, message, name)["reason"] for name in TEAM} == {"H-CAPACITY"}


def test_a_refuge_is_told_to_nobody_by_anything_that_could_give_it_away(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED)
    child = str(due(team, first, "gp-1").subjects[0])
    team.stage.order("flags.set", {"child": child, "flag": "ADDRESS_WITHHELD"})
    there = {**family.child(), "address": REFUGE, "general_practice": "Refuge Surgery", "telephones": ["00000 999999"]}
    there["schooling"] = {"name": "Refuge Primary School"}

    message = family.opens(AGREED, child=there, authority="E09000007")

    for_all = json.dumps([arrived(team, message, name) for name in TEAM])
    assert family.name in for_all
    assert "Refuge" not in for_all
    assert not [word for word in ("ZZ99 9ZZ", "999999", "E09000007") if word in for_all]


def test_a_question_about_a_child_in_need_that_nobody_answers_goes_up_and_is_never_refused(team: Team) -> None:
    stage = team.stage
    stage.order("partners.add", {"profile": checked_by(stage)})
    answer = httpx.post(
        f"{stage.url}/v1/intake/mash/partner-check-1",
        content=json.dumps(check("AMBER")),
        headers={"Authorization": f"Bearer {stage.tokens['barnet-mash']}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 202, answer.text
    message = MessageId(answer.json()["message_id"])
    stage.until("a decision", lambda: bool(deliveries(stage, message)))
    (waiting,) = deliveries(stage, message)
    assert (waiting.state, waiting.reason) == (State.IN_REVIEW, "H-S17")

    stage.pass_time(timedelta(days=2))

    question = asked_about(team, "H-S17")[waiting.delivery_id]
    assert (question.status, question.role) == ("escalated", "MASH_MANAGER")
    assert deliveries(stage, message)[0].state is State.IN_REVIEW


def checked_by(stage: Stage) -> dict[str, Any]:
    """Return the profile of a health service that answers checks."""
    return {**_profile("community-health", stage.simulators["camhs-1"].url), "organisation": "community-health"}


def check(rag: str) -> dict[str, Any]:
    """Return what a MASH asks its partners about a child."""
    child = {"given_names": "Checked", "family_name": "Fictional", "born": "2014-02-03"}
    document = {"reference": "M-1", "rag": rag, "question": "KNOWN", "children": [child]}
    return {
        "format": "mash/partner-check-1",
        "message": "mash.check.requested",
        "message_id": "check-M-1",
        "correlation_id": "M-1",
        "sent_at": "2026-11-23T09:00:00Z",
        "sender": "barnet-mash",
        "document": {**document, "due_at": "2026-11-25T11:00:00Z"},
    }
