"""A whole gateway as tests start it: assembled as it ships, over the real store, with nothing doubled."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application, assemble
from gateway.app.http.readiness import Readiness
from gateway.app.operations.users import add_first_user
from gateway.app.processes.http_server import ServerThread
from gateway.app.processes.serve import http_side
from gateway.audit.log import sequence
from tests.integration.http.house import SCHOOL, SECRET, a_credential, an_organisation, some_settings

EVERYTHING = (
    "sims/superstar",
    "sims/csv",
    "sims/ctf",
    "mash/flat",
    "mash/govuk-forms",
    "mash/decision",
    "mash/referral",
    "ecaf/episode",
    "ecaf/xml",
    "ecaf/history",
)
OTHER = "crd_00000000000000000000000003"
ADMINISTRATOR = "a.dministrator"
PASSWORD = "three invented words"
FOLDERS = ["sims/superstar-1", "mash/flat-1", "mash/govuk-forms-1"]


@dataclass
class Gateway:
    """The gateway, and a way to speak to it."""

    application: Application
    client: httpx.Client
    readiness: Readiness

    def headers(self, credential: str = SCHOOL, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {credential}.{SECRET}", "Content-Type": "application/json", **more}

    def sequence(self) -> None:
        """Give every event its leaf, as the workers would."""
        sequence(
            self.application.store.log_store, self.application.identity, at=self.application.desk.clock.now(), limit=500
        )

    def sign_in(self, user: str = ADMINISTRATOR, password: str = PASSWORD) -> dict[str, str]:
        token = self.client.post("/v1/sessions", json={"user": user, "password": password}).json()["token"]
        return {"Authorization": f"Bearer {token}"}


@contextmanager
def opened_gateway(folder: Path, **chosen: Any) -> Iterator[Gateway]:
    """Open a gateway whose workers do not run: what is taken in stays as it came."""
    settings = some_settings(folder, **chosen)
    create_keys(settings.keys_folder)
    application = assemble(settings)
    _furnish(application)
    readiness = Readiness()
    running = ServerThread(http_side(application, readiness), settings)
    running.start()
    readiness.open()
    with httpx.Client(base_url=f"http://127.0.0.1:{running.server.port}", trust_env=False) as client:
        yield Gateway(application, client, readiness)
    running.stop()
    application.bus.close()
    application.store.close()


def _furnish(application: Application) -> None:
    def write(uow: Any) -> None:
        uow.directory.put_organisation(an_organisation("school-example", intake={"folders": FOLDERS}))
        uow.directory.put_organisation(an_organisation("other-school"))
        uow.directory.put_credential(a_credential(SCHOOL, "school-example", *EVERYTHING))
        uow.directory.put_credential(a_credential(OTHER, "other-school", *EVERYTHING))

    application.store.write(write)
    account = {"user": ADMINISTRATOR, "name": "A. Dministrator", "password": PASSWORD}
    add_first_user(application, {**account, "roles": ["ADMINISTRATOR", "INTEGRATION_ENGINEER"]})
