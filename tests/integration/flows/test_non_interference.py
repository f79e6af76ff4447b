"""Can a sender tell from our answers what we know of a child?"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app.http.readiness import Readiness
from gateway.app.processes.http_server import ServerThread
from gateway.app.processes.up import http_side
from gateway.audit.log import sequence
from gateway.flows.receiving.message_state import state_of
from gateway.flows.store.rows import Credential, State
from gateway.model.identifiers import ChildRef, MessageId
from tests.acceptance.forms import form
from tests.fakes.clock import MONDAY_MORNING
from tests.integration.flows.house import MASH, PORTAL, House, profile
from tests.integration.flows.test_siblings import ENDPOINT, SHARED

CREDENTIAL, SECRET = "crd_00000000000000000000000001", "s" * 43
HEADERS = {"Authorization": f"Bearer {CREDENTIAL}.{SECRET}", "Content-Type": "application/json"}
ALIKE = {"child_name": "Rubi Makebelieve", "child_postcode": "ZZ99 3CZ"}
SOMEBODY = {"child_name": "Otto Unreal", "child_dob": "03/02/2012"}
DRAWN = re.compile(rb'msg_[0-9a-z]{26}|"leaf_hash\\*":\\*"[0-9a-f]{64}|barnet\.example/audit/2026 [A-Za-z0-9+/=]{90,}')
"""What is drawn at random for each document, whatever it holds: its id, its blinded leaf, the signature over them."""


@dataclass(frozen=True, slots=True)
class World:
    """A gateway that knows something, and a sender's way to it."""

    house: House
    client: httpx.Client

    def knows(self, **answers: str) -> ChildRef:
        """Let a child be known by an earlier form, and return our reference of it."""
        self.house.accept(form("early-help-consent", "EARLIER", **answers), key="earlier")
        self.house.work()
        return self.house.deliveries(MASH)[-1].subjects[0]


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Open a gateway that discloses every referral to its early-help system."""
    folder.mkdir()
    house = House.build(folder, routes=SHARED)
    house.enrol(profile("barnet-ecaf", endpoints=[ENDPOINT], could_reidentify=True))
    shown = Credential(
        credential_id=CREDENTIAL,
        organisation=PORTAL,
        secret_sha256=hashlib.sha256(SECRET.encode()).hexdigest(),
        scopes=("mash/govuk-forms",),
        is_enabled=True,
        created_at=MONDAY_MORNING,
    )
    house.app.store.write(lambda uow: uow.directory.put_credential(shown))
    readiness = Readiness()
    running = ServerThread(http_side(house.app, readiness), house.app.settings)
    running.start()
    readiness.open()
    with httpx.Client(base_url=f"http://127.0.0.1:{running.server.port}", trust_env=False) as client:
        yield World(house, client)
    running.stop()
    house.app.bus.close()
    house.app.store.close()


def told(one: World) -> tuple[list[bytes], State]:
    """Return everything the sender of one form is told, before and after it was worked, and the state people see."""
    house, client = one.house, one.client
    sent = client.post("/v1/intake/mash/govuk-forms-1", content=form("early-help-consent", "ASKED1"), headers=HEADERS)
    name = MessageId(sent.json()["message_id"])
    paths = (f"/v1/messages/{name}", f"/v1/audit/receipts/{name}")
    answers = [sent, *(client.get(path, headers=HEADERS) for path in paths)]
    sequence(house.app.store.log_store, house.app.identity, at=house.clock.now(), limit=500)
    house.work()
    again = client.post("/v1/intake/mash/govuk-forms-1", content=form("early-help-consent", "ASKED1"), headers=HEADERS)
    answers += [again, client.get(paths[0], headers=HEADERS)]
    state = house.app.store.read(lambda uow: state_of(uow, uow.messages.get(name)))
    return [f"{answer.status_code} ".encode() + DRAWN.sub(b"drawn", answer.content) for answer in answers], state


def _flag(kind: str, **more: Any) -> Callable[[World, ChildRef], object]:
    return lambda one, child: one.house.app.facts.flags.set(child, {"flag": kind, **more}, actor="usr_1")


def _nothing(_world: World, _child: ChildRef) -> None:
    """Leave the child as it is."""


SECRETS: dict[str, tuple[dict[str, str], Callable[[World, ChildRef], object], State]] = {
    "the child is known": ({}, _nothing, State.ACKNOWLEDGED),
    "somebody alike is known": (ALIKE, _nothing, State.HELD_MATCH),
    "the address is withheld": ({}, _flag("ADDRESS_WITHHELD"), State.IN_REVIEW),
    "the police hold everything back": ({}, _flag("POLICE_HOLD", whole_payload=True), State.REFUSED),
    "the family has withdrawn": (
        {},
        lambda one, child: one.house.app.facts.withdraw_consent(child, actor="usr_1"),
        State.REFUSED,
    ),
}


@pytest.mark.parametrize(("answers", "secret", "state"), SECRETS.values(), ids=SECRETS)
def test_what_a_sender_is_told_is_the_same_whatever_is_known_of_the_child(
    answers: dict[str, str], secret: Callable[[World, ChildRef], object], state: State, tmp_path: Path
) -> None:
    with world(tmp_path / "one") as one, world(tmp_path / "other") as other:
        secret(one, one.knows(**answers))
        secret(other, other.knows(**SOMEBODY))

        here, there = told(one), told(other)

    assert here[1] is state
    assert here[0] == there[0]
