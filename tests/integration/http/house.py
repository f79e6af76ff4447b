"""A gateway's HTTP side as tests start it: the real server, the real store, and a way in that holds what it gets."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from gateway.adapters.sql.sqlite import SqliteStore
from gateway.app.http.api import build_app
from gateway.app.http.readiness import Readiness
from gateway.app.pressure import Limits, Pressure
from gateway.app.processes.http_server import ServerThread
from gateway.app.settings import Settings
from gateway.flows.receiving.envelope import Accepted, Admit, Incoming
from gateway.flows.routes import Routes, load_routes
from gateway.flows.store.rows import Credential, Lane, Message, Organisation
from gateway.flows.tally import Tally
from gateway.model.identifiers import MessageId, OrganisationId
from gateway.model.tree import Group, Tree
from tests.fakes.clock import MONDAY_MORNING, SteppedClock
from tests.fakes.stores import a_store

ROOT = Path(__file__).parents[3]
SECRET = "s" * 43
SCHOOL = "crd_00000000000000000000000001"
PORTAL = "crd_00000000000000000000000002"


def some_settings(folder: Path, **chosen: Any) -> Settings:
    told: dict[str, Any] = {
        "authority": "E09000003",
        "sender": "barnet-gateway",
        "origin": "gateway.barnet.example/audit",
        "listen_host": "127.0.0.1",
        "listen_port": 0,
        "data_folder": folder / "data",
        "keys_folder": folder / "keys",
    }
    return Settings(**(told | chosen))


@dataclass
class HoldingReceiver:
    """Holds what it is given and hands back a receipt, or the error a test put into it."""

    held: list[Incoming] = field(default_factory=list)
    raises: Exception | None = None
    answers: list[Future[Accepted]] = field(default_factory=list)
    reads: Lane = Lane.NORMAL

    def submit(self, incoming: Incoming, admit: Admit | None = None) -> Future[Accepted]:
        assert admit is not None
        admit(self.reads)
        self.held.append(incoming)
        if self.raises is not None:
            raise self.raises
        if self.answers:
            return self.answers.pop(0)
        done: Future[Accepted] = Future()
        done.set_result(Accepted(message_id=MessageId(f"msg_{len(self.held):026d}"), receipt="signed", repeated=False))
        return done


@dataclass
class HoldingAcknowledger:
    answers: dict[str, Group] = field(default_factory=dict)
    attached: list[Tree] = field(default_factory=list)

    def told(self, message_id: MessageId) -> Group | None:
        return self.answers.get(message_id)

    def documents(self, message: Message) -> list[Tree]:
        assert message.message_id
        return self.attached


@dataclass
class HeldDesk:
    clock: SteppedClock
    store: SqliteStore
    routes: Routes = field(default_factory=lambda: load_routes((ROOT / "mappings/routes.toml").read_bytes()))
    tally: Tally = field(default_factory=Tally)


@dataclass
class House:
    """What the HTTP side is given, and how to speak to it."""

    settings: Settings
    desk: HeldDesk
    store: SqliteStore
    pressure: Pressure
    receive: HoldingReceiver
    acknowledge: HoldingAcknowledger
    readiness: Readiness
    queues: None = None
    client: httpx.Client = field(init=False)

    def headers(self, credential: str = SCHOOL, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {credential}.{SECRET}", "Content-Type": "application/json", **more}


def an_organisation(name: str, **profile: Any) -> Organisation:
    return Organisation(organisation=OrganisationId(name), system="sims", type="school", profile=profile)


def a_credential(credential_id: str, organisation: str, *scopes: str) -> Credential:
    return Credential(
        credential_id=credential_id,
        organisation=OrganisationId(organisation),
        secret_sha256=hashlib.sha256(SECRET.encode()).hexdigest(),
        scopes=scopes,
        is_enabled=True,
        created_at=MONDAY_MORNING,
    )


def furnish(store: SqliteStore) -> None:
    """Make two organisations known: a school, and the public form."""

    def write(uow: Any) -> None:
        uow.directory.put_organisation(an_organisation("school-example"))
        uow.directory.put_organisation(an_organisation("referral-portal"))
        uow.directory.put_credential(a_credential(SCHOOL, "school-example", "sims/superstar", "mash/flat"))
        uow.directory.put_credential(a_credential(PORTAL, "referral-portal", "mash/govuk-forms"))

    store.write(write)


@contextmanager
def opened_house(folder: Path, **chosen: Any) -> Iterator[House]:
    store = a_store(folder)
    furnish(store)
    settings, clock = some_settings(folder, **chosen), SteppedClock()
    house = House(
        settings=settings,
        desk=HeldDesk(clock=clock, store=store),
        store=store,
        pressure=Pressure(store, Limits.of(settings), clock),
        receive=HoldingReceiver(),
        acknowledge=HoldingAcknowledger(),
        readiness=Readiness(),
    )
    running = ServerThread(build_app(house, readiness=house.readiness), house.settings)
    running.start()
    house.readiness.open()
    with httpx.Client(base_url=f"http://127.0.0.1:{running.server.port}", trust_env=False) as client:
        house.client = client
        yield house
    running.stop()
    store.close()


def change(store: SqliteStore, credential_id: str, **changed: Any) -> None:
    """Change one credential."""

    def write(uow: Any) -> None:
        uow.directory.put_credential(replace(uow.directory.credential(credential_id), **changed))

    store.write(write)
