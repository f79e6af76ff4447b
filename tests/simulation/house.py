"""Which gateway is simulated? The one `bootstrap` puts together, on simulated ports, put back after each history."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.key_files import create_keys
from gateway.app import bootstrap
from gateway.app.bootstrap import Application, World
from gateway.app.resources import read_resources
from gateway.app.settings import Settings
from gateway.app.workers import Pump
from gateway.audit.note import NoteSigner
from gateway.flows.deciding.rules import bring_into_force
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.routes import load_routes
from gateway.flows.store.rows import Organisation
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId, OrganisationId
from tests.acceptance.forms import form
from tests.fakes.stores import a_folder_of_this_run, an_empty_file
from tests.integration.flows.house import MASH, PORTAL, SCHOOL, sims
from tests.integration.flows.house import profile as shipped
from tests.integration.flows.test_siblings import ENDPOINT, SHARED
from tests.simulation.ports import (
    BARNET,
    Database,
    SimBus,
    SimClock,
    SimHeads,
    SimIds,
    SimLock,
    SimOutlet,
    SimRoutes,
    SimStore,
    SimVault,
    Stage,
)

AGREED = "School, Early help"
IN_FORCE = {"id": "dsa-early-help-1", "version": "2", "status": "in_force"}
ENDED = {**IN_FORCE, "status": "expired", "expires_on": "2026-11-20"}
ENDS_TODAY = {**IN_FORCE, "expires_on": "2026-11-23"}
ONCE, ASKED = "at-most-once", "query-first"
_BREAKER = {"failures": 2, "pause_seconds": 30}
"""Partners are given up on sooner than in earnest: a history is short."""


def profile(name: str, **changes: Any) -> Organisation:
    """Return a shipped example partner with *changes*."""
    return shipped(name, breaker=_BREAKER, **changes)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Scene:
    """A state a history begins in: the database, what time it is, how many names were given, what was seen so far."""

    database: Database
    at: datetime
    names: int
    head: str | None
    taken: frozenset[str]
    is_shared: bool
    journal: tuple[tuple[Any, ...], ...]


class House:
    """One assembled gateway, taken from scene to scene."""

    def __init__(self) -> None:
        folder = a_folder_of_this_run("simulation-")
        create_keys(folder / "keys")
        self.stage = Stage()
        self.bus = SimBus(self.stage)
        self.store = SimStore(self.stage, self.bus)
        self.app = self._assemble(folder)
        pumps = [worker for worker in self.app.workers if isinstance(worker, Pump)]
        self.pumps: dict[str, Pump[Any]] = {
            **{f"message.{name}": pump for name, pump in zip(("urgent", "normal", "bulk"), pumps, strict=False)},
            "delivery.urgent": pumps[3],
            "delivery.#": pumps[4],
        }
        self.scenes = {name: self._played(play) for name, play in _SCENES.items()}
        """Where histories may begin, each played once, before anybody plants a bug."""

    def enter(self, scene: Scene) -> None:
        """Begin a history in *scene*, as nothing had ever happened since."""
        self.store.database = scene.database
        stage = self.stage
        stage.__init__()  # type: ignore[misc]  # the ports keep this very object
        stage.at, stage.names, stage.head = scene.at, scene.names, scene.head
        stage.taken, stage.is_shared = set(scene.taken), scene.is_shared

    def close(self) -> None:
        """Let the databases go."""
        for scene in (self._first, *self.scenes.values()):
            scene.database.connection.close()

    def seen(self, *values: Any) -> None:
        """Note a row as a statement has left it."""
        self.stage.note(*values)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a statement finds in the database as it is now."""
        return self.store.database.connection.execute(sql).fetchall()

    def enrol(self, organisation: Organisation) -> None:
        """Store or replace an organisation, as `gateway partners add` does."""
        name = organisation.organisation

        def put(uow: Any) -> None:
            uow.directory.put_organisation(organisation)
            uow.epochs.lift([f"recipient:{name}"])

        self.store.write(put)

    def accept(
        self, body: bytes, *, by: OrganisationId = PORTAL, name: str = "mash/govuk-forms-1", key: str | None = None
    ) -> MessageId:
        """Return our id of a document that is taken in."""
        incoming = Incoming(organisation=by, format=FORMATS[name], body=body, idempotency_key=key)
        return self.app.receive.accept(incoming).message_id

    def send_in(self, document: str) -> MessageId:
        """Take in one of the documents a plan may name."""
        return _DOCUMENTS[document](self)

    def refer(self, reference: str, **answers: str) -> MessageId:
        """Take in a referral of a family that agrees."""
        answers.setdefault("consent_agencies", AGREED)
        return self.accept(form("early-help-consent", reference, **answers))

    def decide(self, reference: str, *, outcome: str = "MO3") -> MessageId:
        """Take in the MASH's decision that a CAF is to start."""
        told = {"reference": reference, "step": "decided", "at": "2026-11-23T09:00:00Z", "outcome": outcome}
        body = json.dumps({**told, "advice": "A coordinator will call."}).encode()
        return self.accept(body, by=MASH, name="mash/decision-1", key=f"decided-{reference}")

    def hear(self, reference: str) -> MessageId:
        """Take in the MASH's word that it has a referral."""
        body = json.dumps({"reference": reference, "step": "acknowledged", "at": "2026-11-23T09:00:00Z"}).encode()
        return self.accept(body, by=MASH, name="mash/decision-1")

    def work_messages(self) -> None:
        """Work everything through that was taken in."""
        for lane in ("urgent", "normal", "bulk"):
            _run(self.pumps[f"message.{lane}"])

    def deliver(self) -> None:
        """Hand everything over that is due."""
        _run(self.pumps["delivery.#"])

    def _assemble(self, folder: Path) -> Application:
        settings = Settings(
            authority=BARNET,
            sender="barnet-gateway",
            origin="gateway.barnet.example/audit/2026",
            listen_host="127.0.0.1",
            listen_port=0,
            data_folder=folder / "data",
            keys_folder=folder / "keys",
            attempts_limit=5,
            records_a_transaction=2,
        )
        self.store.database = Database(sqlite3.connect(an_empty_file()), self.seen)
        signer = open_signer(folder / "keys", settings.origin)
        world = World(clock=SimClock(self.stage), ids=SimIds(self.stage), outlet=SimOutlet(self.stage))
        sign = NoteSigner.of(signer.vkey, signer.sign)
        vault = SimVault(self.stage)
        resources = read_resources(settings)
        desk = bootstrap._desk(settings, world, resources, self.store, vault, sign)  # type: ignore[arg-type]
        usual, shared = desk.routes, load_routes(SHARED + resources.routes)
        routes = SimRoutes(stage=self.stage, shared=shared, routes=usual.routes, urgent=usual.urgent, lanes=usual.lanes)
        desk = replace(desk, routes=routes)
        bring_into_force(desk)
        app = bootstrap._wire(settings, world, desk, self.store, self.bus)  # type: ignore[arg-type]
        app.sequencer._heads = SimHeads(self.stage)  # type: ignore[assignment]
        app.deliver._suspects._alone = SimLock(self.stage)  # type: ignore[assignment]  # the one of messages too
        for name in ("referral-portal", "barnet-mash", "barnet-ecaf", "school-example"):
            self.enrol(profile(name))
        self._first = self._kept()
        return app

    def _kept(self) -> Scene:
        self.store.database.keep()
        stage = self.stage
        return Scene(
            database=self.store.database,
            at=stage.at,
            names=stage.names,
            head=stage.head,
            taken=frozenset(stage.taken),
            is_shared=stage.is_shared,
            journal=tuple(stage.journal),
        )

    def _played(self, play: "Callable[[House], None]") -> Scene:
        database = Database(self._first.database.connection, self.seen)
        self.enter(self._first)
        self.store.database = database
        self.stage.journal.extend(self._first.journal)
        play(self)
        self.app.sequencer.give_places()
        return self._kept()


def _run(pump: "Pump[Any]") -> None:
    while items := pump._lease(20):
        for item in items:
            pump._work(item)


def _ordered(house: House) -> None:
    """Two early-help requests about one child and a referral wait to be handed over."""
    for reference in ("R1", "R2"):
        house.refer(reference)
        house.work_messages()
    house.deliver()
    house.refer("R3")
    house.work_messages()
    for reference in ("R1", "R2"):
        house.decide(reference)
    house.work_messages()


def _ordered_once(house: House) -> None:
    """The same, for partners that take twice what they are sent twice."""
    for name in ("barnet-ecaf", "barnet-mash"):
        house.enrol(profile(name, idempotency=ONCE))
    _ordered(house)


def _ordered_asked(house: House) -> None:
    """The same, for partners that are asked before they are sent anything twice."""
    for name in ("barnet-ecaf", "barnet-mash"):
        house.enrol(profile(name, idempotency=ASKED))
    _ordered(house)


def _siblings(house: House) -> None:
    """Documents about two children together, and about each, wait to be handed over."""
    house.accept(form("two-siblings", "S1", consent_agencies=AGREED))
    house.work_messages()
    house.deliver()
    for reference in ("S2", "S3"):
        house.accept(form("two-siblings", reference, consent_agencies=AGREED))
    house.work_messages()
    house.decide("S1")
    house.work_messages()


def _shared(house: House) -> None:
    """Documents about two children wait that may go only if each family lets them."""
    house.stage.is_shared = True
    kept = profile("barnet-ecaf")
    house.enrol(profile("barnet-ecaf", endpoints=[*kept.profile["endpoints"], ENDPOINT]))
    for reference in ("S1", "S2"):
        house.accept(form("two-siblings", reference, consent_agencies=AGREED))
    house.work_messages()


def _known(house: House) -> None:
    """A child is known, and the MASH has its referral."""
    for reference in ("R1", "R2"):
        house.refer(reference)
        house.work_messages()
    house.deliver()


def _accepted(house: House) -> None:
    """Three documents about the child are taken in, and not worked through yet."""
    _known(house)
    house.decide("R1")
    house.refer("R9")
    house.decide("R2")


def _held(house: House) -> None:
    """The early-help system's agreement has just run out: a person is asked."""
    _known(house)
    house.enrol(profile("barnet-ecaf", agreement=ENDED))
    for reference in ("R1", "R2"):
        house.decide(reference)
    house.work_messages()


def _last_day(house: House) -> None:
    """An early-help request waits on the last day of the agreement it rests on."""
    _known(house)
    house.enrol(profile("barnet-ecaf", agreement=ENDS_TODAY))
    house.decide("R1")
    house.work_messages()


def _dead(house: House) -> None:
    """A delivery is set aside, a later one about the same child waits."""
    _ordered_once(house)
    house.stage.answers.extend(["takes, silent"])
    (first, *_) = house.pumps["delivery.#"]._lease(1)
    house.pumps["delivery.#"]._work(first)


_SCENES: dict[str, Callable[[House], None]] = {
    "ordered": _ordered,
    "ordered once": _ordered_once,
    "ordered asked": _ordered_asked,
    "siblings": _siblings,
    "shared": _shared,
    "known": _known,
    "accepted": _accepted,
    "school": _known,
    "held": _held,
    "last day": _last_day,
    "dead": _dead,
}
_DOCUMENTS: dict[str, Callable[[House], MessageId]] = {
    "decision": lambda house: house.decide("R1"),
    "decision again": lambda house: house.decide("R1"),
    "word": lambda house: house.hear("R1"),
    "word again": lambda house: house.hear("R1"),
    "urgent": lambda house: house.accept(form("s47-unknown-child", "U1")),
    "referral": lambda house: house.refer("R9"),
    "refusal": lambda house: house.refer("R8", consent_to_share="No"),
    "school": lambda house: house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, name="sims/superstar-1"),
}


@contextmanager
def quiet() -> Iterator[None]:
    """Let nobody log: a history of failures is what is asked for here."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)
