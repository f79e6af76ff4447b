"""A whole gateway as tests use it: the real store, keys, rules and tables, and a letterbox instead of partners."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application, World, assemble
from gateway.app.ids import SortableIds
from gateway.app.operations.caller import Caller, Door
from gateway.app.operations.execute import execute
from gateway.app.operations.sessions import Sessions
from gateway.app.operations.users import add_first_user
from gateway.app.resources import Resources, read_resources
from gateway.app.settings import Settings
from gateway.audit.log import sequence
from gateway.errors import PartnerUnavailableError
from gateway.flows.delivering.scanner import Scanner
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.store.rows import AuditRow, Handover
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId, OrganisationId
from gateway.model.tree import Group
from gateway.simulators.school import superstar_report
from gateway.translation.partner_document import PartnerDocument
from tests.fakes.clock import SteppedClock

REPOSITORY = Path(__file__).resolve().parents[3]
PASSWORD = "correct horse battery staple"
PROFILES = REPOSITORY / "deploy" / "partners"
INPUTS = REPOSITORY / "gateway" / "demo" / "inputs"


@dataclass
class Letterbox:
    """Takes every document, or is out of order."""

    taken: list[Handover] = field(default_factory=list)
    is_open: bool = True
    forgets: bool = False

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        assert document.recipient == handover.organisation.organisation
        assert body
        if not self.is_open:
            raise PartnerUnavailableError("nobody answers", code="unreachable")
        self.taken.append(handover)
        return f"IN-{len(self.taken)}"

    def ask(self, handover: Handover) -> str | None:
        known = [one.message_id for one in self.taken]
        return f"IN-{known.index(handover.message_id) + 1}" if handover.message_id in known else None

    def send_test(self, handover: Handover) -> str:
        if not self.is_open:
            raise PartnerUnavailableError("nobody answers", code="unreachable")
        known = [one.message_id for one in self.taken]
        if self.forgets or handover.message_id not in known:
            self.taken.append(handover)
            return f"IN-{len(self.taken)}"
        return f"IN-{known.index(handover.message_id) + 1}"


def a_caller(*roles: str, user: str = "t.exampleton", door: Door = Door.COMMAND_LINE) -> Caller:
    return Caller(user_id=user, name="Testina Exampleton", roles=roles, door=door)


@dataclass
class House:
    """A gateway, and how a test speaks to it."""

    application: Application
    clock: SteppedClock
    letterbox: Letterbox

    def order(self, caller: Caller, operation: str, **args: Any) -> Group:
        return execute(self.application, caller, operation, args)

    def sessions(self) -> Sessions:
        return Sessions(self.application, seconds=3600)

    def add_administrator(self, user: str = "a.administrator") -> None:
        args: Group = {"user": user, "name": "Ada Administrator", "password": PASSWORD, "roles": ["ADMINISTRATOR"]}
        add_first_user(self.application, args)

    def receive(self, sender: str, format_name: str, body: bytes) -> MessageId:
        incoming = Incoming(organisation=OrganisationId(sender), format=FORMATS[format_name], body=body, channel="http")
        return self.application.receive.accept(incoming).message_id

    def work(self) -> None:
        """Do everything that is due now, as the workers would."""
        desk = self.application.desk
        at = self.clock.now()
        for message in desk.store.write(lambda uow: uow.messages.ready(at=at, limit=100, lease_seconds=60)):
            self.application.process.work(message)
        for delivery in desk.store.write(lambda uow: uow.deliveries.ready(at=at, limit=100, lease_seconds=60)):
            self.application.deliver.attempt(delivery)

    def sign(self) -> None:
        """Give every event its leaf, as the sequencer would."""
        sequence(self.application.store.log_store, self.application.identity, at=self.clock.now(), limit=10_000)

    def events(self) -> list[str]:
        """Return the kind of every event so far, in order."""
        log = self.application.store.log_store
        return [str(json.loads(one.header)["kind"]) for one in log.pending(10_000)]

    def last_events_of(self, message: str) -> list[AuditRow]:
        return list(self.application.store.read(lambda uow: uow.audit.of_message(MessageId(message))))


def a_form(name: str) -> bytes:
    return (INPUTS / name).read_bytes()


def a_profile(name: str) -> Group:
    """Return a shipped example profile as the command line sends it."""
    table = tomllib.loads((PROFILES / f"{name}.toml").read_text(encoding="utf-8"))
    for endpoint in table.get("endpoint", ()):
        endpoint.pop("token_file", None)
    plain: Group = json.loads(json.dumps(table, default=str))
    return plain


def two_pupils_who_may_be_one() -> tuple[bytes, bytes]:
    """Return two reports on one invented pupil, whose birthday was mistyped in the second."""
    known = {
        "primary_id": "2001",
        "Forename": "Testina",
        "Surname": "Exampleton",
        "DOB": "2016-06-15T00:00:00+01:00",
        "Gender": "F",
        "Address Line 1": "1 Nowhere Lane",
        "Postcode": "ZZ99 3AA",
        "CAF Consent Given": "Yes",
        "CAF Consent Date": "2026-10-02T00:00:00+01:00",
        "CAF Consent Mode": "In writing, signed",
        "CAF Consent Signatory Capacity": "Parent with parental responsibility",
    }
    mistyped = {**known, "DOB": "2016-06-16T00:00:00+01:00"}
    return superstar_report([known]), superstar_report([mistyped])


@cache
def _resources() -> Resources:
    return read_resources(Settings.model_construct())


@contextmanager
def a_house(folder: Path, *, scanner: Scanner | None = None, **chosen: Any) -> Iterator[House]:
    """Yield a gateway in *folder* with the shipped partners, and nobody who has an account."""
    create_keys(folder / "keys")
    settings = some_settings(folder, **chosen)
    clock, letterbox = SteppedClock(), Letterbox()
    world = World(clock=clock, ids=SortableIds(clock), outlet=letterbox, scanner=scanner)
    application = assemble(settings, world, _resources())
    house = House(application=application, clock=clock, letterbox=letterbox)
    for profile in sorted(PROFILES.glob("*.toml")):
        house.order(a_caller("INTEGRATION_ENGINEER"), "partners.add", profile=a_profile(profile.stem))
    try:
        yield house
    finally:
        application.store.close()


def some_settings(folder: Path, **chosen: Any) -> Settings:
    told: dict[str, Any] = {
        "authority": "E09000003",
        "sender": "barnet-gateway",
        "origin": "gateway.barnet.example/audit",
        "listen_host": "127.0.0.1",
        "listen_port": 0,
        "data_folder": folder / "data",
        "keys_folder": folder / "keys",
        "attempts_limit": 1,
    }
    return Settings(**(told | chosen))
