"""Which gateway do both worlds of a pair run? One that `bootstrap` puts together, put back before each world.

The flows, intake, HTTP application, statements, translators, policy and mappings are the real ones. The database lies
in memory; time stands still until the traffic moves it; names are counted; sealing checks keys and places.
"""

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.key_files import create_keys
from gateway.adapters.sql.sqlite_transaction import SqliteTransaction
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.app import bootstrap
from gateway.app.bootstrap import Application, World
from gateway.app.drop_folder import watch
from gateway.app.http.readiness import Readiness
from gateway.app.processes.serve import http_side
from gateway.app.resources import read_resources
from gateway.app.settings import Settings
from gateway.app.workers import Pump
from gateway.audit.note import NoteSigner
from gateway.flows.deciding.rules import bring_into_force
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.routes import load_routes
from gateway.flows.store.rows import Credential, Organisation
from gateway.formats.register import FORMATS
from gateway.model.identifiers import ChildRef, MessageId, OrganisationId
from gateway.model.tree import Group
from tests.fakes.clock import MONDAY_MORNING, SteppedClock
from tests.fakes.scanner import ScriptedScanner
from tests.fakes.stores import a_folder_of_this_run, an_empty_file
from tests.integration.flows.house import profile
from tests.interference.seen import Seen
from tests.interference.ways_out import NAMED, Outlet, herald
from tests.simulation.ports import BARNET, SimBus, SimHeads, SimIds, SimStore, SimVault, SimWriter, Stage

_ROUTES = (Path(__file__).parent / "routes.toml").read_bytes()
_SECRET = "s" * 43
KNOWS = frozenset({"refuge-support", "barnet-mash"})
"""Who is on every need-list of a world: who told of the secret, and the MASH it was told to."""


class Database:
    """One database in memory, put back to where it was kept."""

    def __init__(self, source: sqlite3.Connection) -> None:
        self.connection = sqlite3.connect(
            ":memory:", isolation_level=None, cached_statements=512, check_same_thread=False
        )
        source.backup(self.connection)
        for setting in ("foreign_keys = 1", "recursive_triggers = 1", "temp_store = 2"):
            self.connection.execute(f"PRAGMA {setting}")
        self.writer = SimWriter(self.connection)
        self.view = SqlUnitOfWork(SqliteTransaction(self.connection, authority=BARNET, may_write=False))
        self.connection.execute("BEGIN")

    def keep(self) -> None:
        """Make what happened so far the state to come back to."""
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    def forget(self) -> None:
        """Come back to the state that was kept."""
        self.connection.execute("ROLLBACK")
        self.connection.execute("BEGIN")


class Store(SimStore):
    """The store, whose directory stays as it was kept."""

    directory_version = directory_version_lately = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an HTTP caller gets."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class House:
    """One assembled gateway, with a partner of every kind who may not know."""

    def __init__(self) -> None:
        folder = a_folder_of_this_run("interference-")
        create_keys(folder / "keys")
        self._drop = folder / "drop"
        self.stage, self.clock = Stage(), SteppedClock()
        self.outlet = Outlet(self.clock, folder)
        self.scanner = ScriptedScanner()
        self.store = Store(self.stage, SimBus(self.stage))
        self.app = self._assemble(folder)
        readiness = Readiness()
        self._http = http_side(self.app, readiness)
        readiness.open()
        self._runner = asyncio.Runner()
        for one in _organisations():
            self._enrol(one)
            for endpoint in one.profile["endpoints"]:
                (folder / str(endpoint.get("token_file", "none.token"))).write_text("nobodys-token")
        self.store.database.keep()
        self._names = self.stage.names
        self.pumps = [worker for worker in self.app.workers if isinstance(worker, Pump)]

    def enter(self) -> None:
        """Begin a world: nothing has happened yet."""
        self.store.database.forget()
        self.stage.__init__()  # type: ignore[misc]  # the ports keep this very object
        self.stage.names = self._names
        self.clock._at = MONDAY_MORNING
        self.outlet.seen = []
        self.scanner.says.clear()

    def close(self) -> None:
        """Let everything go."""
        self._runner.close()
        self.store.database.connection.close()

    def accept(self, body: bytes, *, by: str, name: str, key: str | None = None) -> MessageId:
        """Take in a document of somebody who knows."""
        incoming = Incoming(organisation=OrganisationId(by), format=FORMATS[name], body=body, idempotency_key=key)
        return self.app.receive.accept(incoming).message_id

    def call(self, who: str, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Let *who* ask our HTTP side something, and note the answer as theirs."""
        sent = [(b"authorization", f"Bearer {credential_of(who)}.{_SECRET}".encode())]
        sent += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        answer = self._runner.run(self._exchange(method, path, body, sent))
        told = ("answer", method, path, str(answer.status), repr(answer.headers))
        self.outlet.seen.append(Seen(who=who, what=told, at=self.clock.now(), body=answer.body))
        return answer

    def drop(self, who: str, form: str, name: str, body: bytes) -> None:
        """Let *who* drop a file, work it through, and note the reports that lie beside it then."""
        folder = self._drop / who / form
        shutil.rmtree(self._drop, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / name).write_bytes(body)
        watched = watch(self.app, self._drop, ids=SimIds(self.stage))
        for _ in range(3):
            watched.look()
            self.clock.move(seconds=1000)
            self.work()
        for path in sorted(folder.iterdir()):
            told = ("report", form, path.name)
            self.outlet.seen.append(Seen(who=who, what=told, at=self.clock.now(), body=path.read_bytes()))

    def children_of(self, message: MessageId) -> tuple[ChildRef, ...]:
        """Return whom a message that is worked through is about."""
        records = self.app.store.read(lambda uow: uow.records.of_message(message))
        return tuple(ref for record in records for ref in record.subjects)

    def flag(self, child: ChildRef, flag: Group) -> None:
        """Protect *child*."""
        self.app.facts.flags.set(child, flag, actor="usr_1")

    def work(self) -> None:
        """Work everything through that was taken in; hand nothing over."""
        while sum(_turn(pump) for pump in self.pumps[:3]):
            continue

    def deliver(self) -> None:
        """Hand everything over that is due, scan what was attached, and tell named persons."""
        while sum(_turn(pump) for pump in self.pumps[3:]) + self.app.scans.sweep() + self.app.teller.sweep():
            continue

    async def _exchange(self, method: str, path: str, body: bytes, headers: list[tuple[bytes, bytes]]) -> Answer:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "headers": [*headers, (b"content-length", b"%d" % len(body))],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        pending = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            return pending.pop(0) if pending else {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await self._http(scope, receive, send)  # type: ignore[arg-type]
        whole = b"".join(one.get("body", b"") for one in sent[1:])
        return Answer(status=sent[0]["status"], headers=tuple(sent[0]["headers"]), body=whole)

    def _enrol(self, organisation: Organisation) -> None:
        shown = Credential(
            credential_id=credential_of(organisation.organisation),
            organisation=organisation.organisation,
            secret_sha256=hashlib.sha256(_SECRET.encode()).hexdigest(),
            scopes=("mash/govuk-forms", "mash/flat", "sims/superstar", "sims/csv", "mash/referral"),
            is_enabled=True,
            created_at=MONDAY_MORNING,
        )
        self.app.store.write(lambda uow: uow.directory.put_organisation(organisation))
        self.app.store.write(lambda uow: uow.directory.put_credential(shown))

    def _assemble(self, folder: Path) -> Application:
        named = folder / "named-persons.toml"
        named.write_text(NAMED)
        settings = Settings(
            authority=BARNET,
            sender="barnet-gateway",
            origin="gateway.barnet.example/audit/2026",
            listen_host="127.0.0.1",
            listen_port=0,
            data_folder=folder / "data",
            keys_folder=folder / "keys",
            named_persons_file=named,
        )
        self.store.database = Database(sqlite3.connect(an_empty_file()))  # type: ignore[assignment]
        signer = open_signer(folder / "keys", settings.origin)
        world = World(clock=self.clock, ids=SimIds(self.stage), outlet=self.outlet, scanner=self.scanner)
        sign = NoteSigner.of(signer.vkey, signer.sign)
        resources = read_resources(settings)
        desk = bootstrap._desk(settings, world, resources, self.store, SimVault(self.stage), sign)  # type: ignore[arg-type]
        desk = replace(desk, routes=load_routes(_ROUTES + resources.routes))
        bring_into_force(desk)
        world = replace(world, messenger=herald(named, self.outlet, desk))
        app = bootstrap._wire(settings, world, desk, self.store, self.store._bus)  # type: ignore[arg-type]
        app.sequencer._heads = SimHeads(self.stage)  # type: ignore[assignment]
        return app


def credential_of(who: str) -> str:
    """Return the id of the credential of *who*."""
    return f"crd_{hashlib.sha256(who.encode()).hexdigest()[:26]}"


def _turn(pump: "Pump[Any]") -> int:
    items = pump._lease(20)
    for item in items:
        pump._work(item)
    return len(items)


def _endpoints(*kinds: str) -> list[dict[str, str]]:
    return [{"kind": kind, "format": "any", "url": "https://partner.example/gateway"} for kind in kinds]


def _organisations() -> list[Organisation]:
    """Return who there is: somebody who may not know in every system, and two who know."""
    feedback, referral, request = "mash.feedback.sent", "mash.referral.submitted", "caf.request.submitted"
    episode, accepted, form = "caf.episode.opened", "caf.request.accepted", "sims.form.received"
    staff = {"training_valid": True, "agreement_signed": True}
    made: dict[str, Callable[[], Organisation]] = {
        "referral-portal": lambda: profile("referral-portal"),
        "barnet-mash": lambda: profile("barnet-mash", need_list=["ADDRESS_WITHHELD", "POLICE_HOLD", "INFORMANT"]),
        "barnet-ecaf": lambda: profile("barnet-ecaf", endpoints=_endpoints(referral, accepted, form)),
        "community-health": lambda: profile("community-health"),
        "school-example": lambda: profile("school-example", endpoints=_endpoints(feedback)),
        "health-visitors": lambda: profile("health-visitors", staff=staff),
        "refuge-support": lambda: profile("health-visitors", called="refuge-support", staff=staff),
        "off-school": lambda: profile(
            "school-example", called="off-school", is_default=True, endpoints=_endpoints(episode)
        ),
        "off-council": lambda: replace(
            profile("barnet-ecaf", called="off-council", endpoints=_endpoints(request, episode)),
            system="borough",
            type="council",
        ),
        "off-social-care": lambda: replace(
            profile("barnet-ecaf", called="off-social-care", endpoints=_endpoints(referral, episode)),
            system="ics",
            type="social_care",
        ),
    }
    told = _endpoints("caf.notice.sent", "caf.correction.sent")
    return [_with(make(), told) for make in made.values()]


def _with(one: Organisation, told: list[dict[str, str]]) -> Organisation:
    """Return an organisation that takes notices and corrections as well."""
    kinds = {endpoint["kind"] for endpoint in told}
    others = [endpoint for endpoint in one.profile.get("endpoints", ()) if endpoint["kind"] not in kinds]
    return replace(one, profile={**one.profile, "endpoints": [*others, *told]})
