"""Families, those who work with them and those who ask about them, for scenarios on consent to play with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from gateway.audit.event import EventKind
from gateway.demo.engines.both import Engines
from gateway.demo.stage import USER, Added, Stage, _profile
from gateway.flows.store.rows import Delivery, ReviewTask, State
from gateway.model.identifiers import MessageId
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import run
from tests.acceptance.forms import deliveries
from tests.acceptance.told import events, policy_version

TEAM = {"camhs-1": ("health", "camhs"), "gp-1": ("health", "gp"), "school-1": ("sims", "school")}
HEALTH = "community-health"
UNSIGNED = "drop-in-1"
"""Who has not signed the agreement, and asks all the same."""
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
_UNSIGNED = {
    "organisation": UNSIGNED,
    "system": "sims",
    "type": "voluntary",
    "is_default": False,
    "staff": {"training_valid": True, "agreement_signed": False, "callers_verified": True},
    "intake": {"scopes": ["ecaf/enquiry"]},
    "endpoint": [{"kind": "caf.enquiry.answered", "format": "ecaf/enquiry-answer-1"}],
}
_NAMES = (
    "Badger",
    "Clover",
    "Falcon",
    "Nettle",
    "Quince",
    "Walnut",
    "Yarrow",
    "Zephyr",
    "Violet",
    "Pebble",
    "Quartz",
    "Rabbit",
    "Salmon",
    "Turnip",
    "Ferret",
    "Garlic",
    "Hermit",
    "Iguana",
    "Jigsaw",
    "Kitten",
    "Lizard",
    "Magnet",
    "Nutmeg",
    "Orchid",
    "Pollen",
    "Radish",
    "Spruce",
    "Tulips",
    "Velvet",
    "Willow",
    "Cactus",
    "Dahlia",
    "Embers",
    "Fennel",
    "Ginger",
    "Indigo",
    "Jasper",
    "Laurel",
    "Mallow",
    "Onions",
    "Parrot",
    "Thrush",
    "Bonnet",
    "Hamper",
    "Acorns",
    "Blazer",
    "Cobweb",
    "Oyster",
    "Umpire",
    "Wombat",
    "Sphinx",
    "Muffin",
)
"""Names as unlike one another as they come: two families of one postcode are never taken for one. All of one length."""
_EPISODE = "ecaf/episode-1"
_SETTLED = frozenset({State.ACKNOWLEDGED, State.REFUSED, State.IN_REVIEW, State.HELD_MATCH})


def episode_routes(purposes: Mapping[str, str]) -> bytes:
    """Return a council's own routes: an opened episode goes to each system of *purposes*, for what stands there."""
    return "".join(
        f"""
        [[route]]
        message = "caf.episode.opened"
        to = "{system}"
        format = "ecaf/episode-1"
        document = "ecaf.episode"
        mode = "DISCLOSE"
        direction = "out"
        purpose = "{purpose}"
        """
        for system, purpose in purposes.items()
    ).encode()


ROUTES = episode_routes({"health": "COORDINATE", "sims": "COORDINATE"})


@dataclass(slots=True)
class Team:
    """A gateway on RabbitMQ and PostgreSQL, and those who work with the families."""

    stage: Stage
    members: tuple[str, ...]
    """Who gets each record that is opened, if they may."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def family(self) -> "Family":
        """Return a child nobody has heard of yet."""
        return Family(team=self, number=next(self.numbers))

    def order(self, operation: str, **args: Any) -> dict[str, Any]:
        """Return what an operation answers, over HTTP, to the person who plays in the demo and signs in for it."""
        given = {"user": USER, "password": self.stage.password}
        session = httpx.post(f"{self.stage.url}/v1/sessions", json=given).raise_for_status().json()
        shown = {"Authorization": f"Bearer {session['token']}"}
        answer = httpx.post(f"{self.stage.url}/v1/control/{operation}", json=args, headers=shown)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def post(self, form: str, body: bytes, *, by: str, media: str = "application/json") -> httpx.Response:
        """Return the answer to a document that the organisation *by* posts."""
        headers = {"Authorization": f"Bearer {self.stage.tokens[by]}", "Content-Type": media}
        return httpx.post(f"{self.stage.url}/v1/intake/{form}", content=body, headers=headers)

    def take(self, form: str, letter: Mapping[str, Any], *, by: str) -> MessageId:
        """Return our id of a document that the organisation *by* posts, and that is taken."""
        answer = self.post(form, json.dumps(letter).encode(), by=by)
        assert answer.status_code == 202, answer.text
        return MessageId(answer.json()["message_id"])

    def until_decided(self, message: MessageId) -> None:
        """Return once something is settled about whatever a message is due to somebody for."""
        self.stage.until(f"{message} to be decided", lambda: bool(deliveries(self.stage, message)))


@dataclass(slots=True)
class Family:
    """One invented child; `sent` counts its documents."""

    team: Team
    number: int
    sent: int = 0

    @property
    def name(self) -> str:
        """Return a family name that no other test uses."""
        return _NAMES[self.number]

    @property
    def born(self) -> str:
        """Return the child's birthday."""
        return f"{2008 + self.number % 9}-{self.number % 12 + 1:02}-{self.number % 28 + 1:02}"

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
        sent = letter(_EPISODE, "caf.episode.opened", reference, document, sender="barnet-ecaf")
        message = self.team.take(_EPISODE, sent, by="barnet-ecaf")
        stage = self.team.stage
        stage.until(f"{reference} to be decided", lambda: len(deliveries(stage, message)) == len(self.team.members))
        return message

    def who(self, **more: Any) -> dict[str, Any]:
        """Return what the child is known by, some of it otherwise than usual."""
        known = {"given_names": "Testina", "family_name": self.name, "born": self.born, "sex": "2"}
        known["nhs_number"] = nhs_number(self.number)
        return known | more

    def child(self, **more: Any) -> dict[str, Any]:
        """Return its details, some of them otherwise than usual."""
        usual = {
            **self.who(),
            "address": {"lines": [f"{self.number} Nowhere Lane"], "postcode": "ZZ99 3AA", "kind": "home"},
            "telephones": [f"00000 9000{self.number:02}"],
            "general_practice": f"Nowhere Surgery {self.number}",
            "schooling": {"name": f"Nowhere Primary School {self.number}"},
        }
        return usual | more


def letter(form: str, kind: str, name: str, document: Mapping[str, Any], *, sender: str) -> dict[str, Any]:
    """Return *document* in the envelope of ours."""
    return {
        "format": form,
        "message": kind,
        "message_id": name,
        "correlation_id": name,
        "sent_at": "2026-11-23T09:00:00+00:00",
        "sender": sender,
        "document": document,
    }


def nhs_number(number: int) -> str:
    """Return one of those that are never given to anybody (they begin with 999), with its check digit."""
    digits = next(f"9990{more:05}" for more in range(number * 20, number * 20 + 20) if _check(f"9990{more:05}") < 10)
    return f"{digits}{_check(digits)}"


def _check(digits: str) -> int:
    return (11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11


@contextmanager
def team_of(
    engines: Engines,
    folder: Path,
    *,
    authority: str,
    policies: Mapping[str, bytes] | None = None,
    routes: bytes = ROUTES,
    members: Mapping[str, tuple[str, str]] = MappingProxyType(TEAM),
) -> Iterator[Team]:
    """Let everybody be there and work in one area; tests have families of their own."""
    own = engines.beside(folder.name)
    with ExitStack() as stack:
        made = Stage(
            folder / "gateway", engines=own, authority=authority, added=Added(routes=routes, policies=policies or {})
        )
        team = Team(stack.enter_context(made), tuple(members))
        for name, (system, type_) in members.items():
            join(team, stack, name, profile_of(name, system, type_))
        join(team, stack, HEALTH, {"organisation": HEALTH})
        join(team, stack, UNSIGNED, _UNSIGNED)
        yield team


def join(team: Team, stack: ExitStack, name: str, told: Mapping[str, Any]) -> None:
    """Let an organisation take part: *told* is what its profile says otherwise than the shipped health service's."""
    stage = team.stage
    partner = partner_app(Partner(prefix="IN", journal=Journal(), clock=stage.clock.now))
    running = stage.simulators[name] = stack.enter_context(run(partner))
    profile = {**_profile(HEALTH, running.url), **told}
    profile["endpoint"] = [{**one, "url": f"{running.url}/{name}"} for one in profile["endpoint"]]
    added: Any = stage.order("partners.add", {"profile": profile})
    stage.tokens = {**stage.tokens, name: added["credential"]["token"]}


def profile_of(name: str, system: str, type_: str) -> dict[str, Any]:
    """Return what is told of somebody who takes early-help records, and notices about them."""
    kinds = {"caf.episode.opened": _EPISODE, "caf.notice.sent": "ecaf/notice-1"}
    kinds["caf.correction.sent"] = "ecaf/correction-1"
    endpoint = [{"kind": kind, "format": form} for kind, form in kinds.items()]
    told = {"organisation": name, "system": system, "type": type_, "listed_safeguarding_person": False}
    return {**told, "is_default": True, "endpoint": endpoint}


def due(team: Team, message: MessageId, recipient: str) -> Delivery:
    """Return what was due to *recipient* because of a message."""
    return next(one for one in deliveries(team.stage, message) if one.recipient == recipient)


def child_of(team: Team, message: MessageId) -> str:
    """Return our reference of the child a message is about."""
    return str(deliveries(team.stage, message)[0].subjects[0])


def arrived(team: Team, message: MessageId, recipient: str) -> dict[str, Any]:
    """Return what *recipient* got of a message, once it has."""
    stage = team.stage
    stage.until(f"{recipient} to have it", lambda: due(team, message, recipient).state in _SETTLED)
    delivery = due(team, message, recipient)
    assert (delivery.state, delivery.reason) == (State.ACKNOWLEDGED, delivery.reason)
    effects: list[Any] = stage.effects(recipient)
    return dict(next(one["document"] for one in effects if one["message_id"] == delivery.delivery_id))


def told_to(team: Team, recipient: str, kind: str) -> list[dict[str, Any]]:
    """Return the documents of one *kind* that *recipient* got, oldest first."""
    effects: list[Any] = team.stage.effects(recipient)
    return [one["document"]["document"] for one in effects if one["kind"] == kind]


def decided(team: Team, message: MessageId, recipient: str) -> dict[str, Any]:
    """Return the newest decision about *recipient*, as the audit log has it."""
    made = events(team.stage, message, EventKind.DECISION_MADE)
    newest = [one for one in made if one["recipient"] == recipient][-1]
    assert newest["policy_version"] == policy_version(team.stage)
    return newest


def refused(team: Team, message: MessageId, recipient: str) -> str:
    """Return why *recipient* got nothing, and see that it has not."""
    team.stage.until(f"an answer about {recipient}", lambda: due(team, message, recipient).state in _SETTLED)
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


def duties_of(team: Team, codes: Iterable[str], about: str) -> dict[str, str]:
    """Return how the duties of some kinds stand that one delivery brought, by their codes."""
    wanted = set(codes)
    found = team.stage.application.store.read(lambda uow: uow.duties.of(about))
    return {one.code: one.status for one in found if one.code in wanted}


def check(reference: str, child: Mapping[str, Any], *, rag: str) -> dict[str, Any]:
    """Return what a MASH asks its partners about a child."""
    document = {"reference": reference, "rag": rag, "question": "KNOWN", "children": [child]}
    document["due_at"] = "2026-11-25T11:00:00Z"
    return letter("mash/partner-check-1", "mash.check.requested", f"check-{reference}", document, sender="barnet-mash")
