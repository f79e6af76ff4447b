"""Where does the demo play? A fresh installation under one folder, with its partners simulated on loopback."""

import json
import secrets
import shutil
import time
import tomllib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import structlog

from gateway.adapters.http.outlet import HttpOutlet
from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application, World, assemble
from gateway.app.drop_folder import drop_folder_ticker
from gateway.app.http.readiness import Readiness
from gateway.app.ids import SortableIds
from gateway.app.logging import configure_logging
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Session, Sessions
from gateway.app.operations.users import add_first_user
from gateway.app.processes.http_server import ServerThread
from gateway.app.processes.serve import http_side
from gateway.app.resources import read_resources
from gateway.app.settings import Settings
from gateway.demo.clock import DemoClock
from gateway.demo.engines.both import Engines
from gateway.errors import ConflictError, PartnerUnavailableError
from gateway.model.tree import Group, Tree
from gateway.simulators.ecaf import ecaf_app
from gateway.simulators.journal import Journal
from gateway.simulators.mash import mash_app
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import Running, run

_CHECKOUT = Path(__file__).resolve().parents[2]
_PROFILES = _CHECKOUT / "deploy" / "partners"
PARTNERS = ("barnet-mash", "barnet-ecaf", "school-example", "referral-portal", "health-visitors")
_MARK = "made-by-the-demo"
_BARNET = "E09000003"
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.02
_ROLES = ("ADMINISTRATOR", "INTEGRATION_ENGINEER", "MASH_SCREENER", "MASH_MANAGER", "CAF_COORDINATOR", "IG_OFFICER")
USER = "demo-screener"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What an installation goes by beside what is shipped: lines of the table of routes, and files of the policy.

    Shape: a policy file of a shipped one's name stands in its place.
    """

    routes: bytes = b""
    policies: Mapping[str, bytes] = field(default_factory=dict)


_NOTHING = Added()


class Stage:
    """A gateway and its partners, running.

    Shape: `folders` are all in which something is written; `tokens` are what each organisation shows to the gateway;
    `simulators` are the partners' servers.
    """

    def __init__(
        self,
        folder: Path,
        *,
        listen_port: int = 0,
        engines: Engines | None = None,
        authority: str = _BARNET,
        added: Added = _NOTHING,
        scanner: str | None = None,
    ) -> None:
        """Prepare one in *folder* that goes by what is shipped and by what is *added* to it."""
        self.folder = folder
        self.folders = (folder, *(engines.folders if engines else ()))
        self.clock = DemoClock()
        self.tokens: Mapping[str, str] = {}
        self.password = secrets.token_urlsafe(12)
        self._open = ExitStack()
        self._settings = fresh_settings(folder, listen_port, engines, scanner=scanner).model_copy(
            update={"authority": authority}
        )
        self._added = added

    def __enter__(self) -> Self:
        """Start everything and return when it answers."""
        log = self._open.enter_context((self.folder / "gateway.log").open("a", encoding="utf-8", buffering=1))
        self._open.callback(structlog.reset_defaults)
        configure_logging(self.clock, stream=log)
        self.simulators = self._simulators()
        ids = SortableIds(self.clock)
        world = World(clock=self.clock, ids=ids, outlet=HttpOutlet(self.clock))
        resources = read_resources(self._settings)
        resources = replace(
            resources,
            routes=self._added.routes + resources.routes,
            policies={**resources.policies, **self._added.policies},
        )
        self.application: Application = assemble(self._settings, world, resources)
        self.sessions = Sessions(self.application, seconds=self._settings.session_seconds)
        self.door = FrontDoor(application=self.application, sessions=self.sessions, door=Door.COMMAND_LINE)
        self.session = first_person(self.application, self.door, self.password)
        self.tokens = add_partners(self.order, {name: running.url for name, running in self.simulators.items()})
        self._serve(ids)
        self._tell_mash()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything, the gateway before its partners."""
        self._open.close()

    def order(self, operation: str, args: Group) -> Group:
        """Return what an operation answers to the person who plays in the demo."""
        return self.door.execute(self.session, operation, args)

    def until(self, what: str, is_so: Callable[[], bool]) -> None:
        """Return when *is_so*; the demo fails when that takes too long.

        Raises:
            PartnerUnavailableError: it did not come about in time.
        """
        limit = time.monotonic() + _PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > limit:
                raise PartnerUnavailableError(f"the demo waited in vain: {what}")
            time.sleep(_POLL_SECONDS)

    def mash(self, path: str, body: Group) -> None:
        """Tell the MASH simulator something."""
        httpx.post(f"{self.simulators['barnet-mash'].url}/_simulator/{path}", json=body).raise_for_status()

    def mood(self, partner: str, body: Group) -> None:
        """Set how a partner behaves from now on."""
        httpx.post(f"{self.simulators[partner].url}/_simulator/behaviour", json=body).raise_for_status()

    def effects(self, partner: str) -> list[Group]:
        """Return what a partner took, once each."""
        answer = httpx.get(f"{self.simulators[partner].url}/_simulator/effects").json()
        return list(answer)

    def pass_time(self, by: timedelta) -> None:
        """Let time pass, and act on whatever that makes due."""
        self.clock.move_on(by)
        while self.application.clocks.tick():
            continue

    def _simulators(self) -> dict[str, Running]:
        apps = {
            "barnet-mash": mash_app(Journal(), clock=self.clock.now),
            "barnet-ecaf": ecaf_app(Journal(), clock=self.clock.now),
        }
        for name in PARTNERS:
            apps.setdefault(name, partner_app(Partner(prefix="IN", journal=Journal(), clock=self.clock.now)))
        return {name: self._open.enter_context(run(app)) for name, app in apps.items()}

    def _serve(self, ids: SortableIds) -> None:
        readiness = Readiness()
        server = ServerThread(http_side(self.application, readiness), self._settings)
        drop = drop_folder_ticker(self.application, self.folder / "drop", ids=ids)
        for part in (self.application, drop, server):
            part.start()
            self._open.callback(part.stop)
        readiness.open()
        self.url = f"http://127.0.0.1:{server.server.port}"

    def _tell_mash(self) -> None:
        self.mash("gateway", {"url": self.url, "token": self.tokens["barnet-mash"]})
        self.mash("automatic", {"acknowledge": True})


def fresh_settings(folder: Path, listen_port: int, engines: Engines | None, *, scanner: str | None = None) -> Settings:
    """Return the settings of a new installation in *folder*, with keys of its own; an earlier demo's is removed.

    Raises:
        ConflictError: what lies in *folder* is not a demo's.
    """
    _clear(folder)
    (folder / "drop").mkdir(parents=True)
    (folder / _MARK).touch()
    create_keys(folder / "keys")
    chosen = engines.settings(folder) if engines else {}
    return Settings(
        **chosen,
        authority=_BARNET,
        sender="barnet-gateway",
        origin="gateway.barnet.example/audit/2026",
        listen_host="127.0.0.1",
        listen_port=listen_port,
        data_folder=folder / "data",
        keys_folder=folder / "keys",
        drop_folder=folder / "drop",
        file_poll_seconds=0.1,
        file_stable_seconds=0.2,
        retry_first_seconds=0.2,
        retry_most_seconds=1.0,
        attempts_limit=100,
        scanner=scanner,
    )


def first_person(application: Application, door: FrontDoor, password: str) -> Session:
    """Return the session of the one person of a new installation, who may do everything."""
    roles: list[Tree] = list(_ROLES)
    add_first_user(application, {"user": USER, "name": "Dee Demonstrator", "password": password, "roles": roles})
    return door.sign_in(USER, password)


def add_partners(order: Callable[[str, Group], Group], urls: Mapping[str, str]) -> Mapping[str, str]:
    """Add the example partners at *urls* as an integration engineer would; return what each shows to the gateway."""
    tokens: dict[str, str] = {}
    for name in PARTNERS:
        credential = order("partners.add", {"profile": _profile(name, urls[name])}).get("credential")
        if isinstance(credential, dict):
            tokens[name] = str(credential["token"])
    return tokens


def _clear(folder: Path) -> None:
    """Remove what an earlier demo left, and nothing else: a folder the demo has not made may be a real store."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise ConflictError(f"{folder} was not made by the demo, which would delete it; choose another folder")
        shutil.rmtree(folder)


def _profile(name: str, url: str) -> Group:
    """Return a shipped example profile with its addresses on loopback, as JSON has it."""
    table = tomllib.loads((_PROFILES / f"{name}.toml").read_text(encoding="utf-8"))
    for endpoint in table.get("endpoint", ()):
        endpoint["url"] = f"{url}/{name}"
        endpoint.pop("token_file", None)
    if name == "referral-portal":
        # The shipped portal tells its senders itself; in the demo one sees what they would read.
        table["endpoint"] = [{"kind": "mash.feedback.sent", "format": "mash/feedback-1", "url": f"{url}/{name}"}]
        table["is_default"] = False
    shown: Group = json.loads(json.dumps(table, default=str))
    return shown
