"""How does a test make a whole installation in a folder, ready for `gateway up` as a process of its own?"""

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import assemble
from gateway.app.engines import STORE_FILE
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Sessions
from gateway.app.operations.users import add_first_user
from gateway.app.settings import Settings
from gateway.demo.engines.ports import free_port

ROOT = Path(__file__).parents[2]
MASH, ECAF, SCHOOL, PORTAL = "barnet-mash", "barnet-ecaf", "school-example", "referral-portal"
PARTNERS = (MASH, ECAF, SCHOOL, PORTAL)
_ROLES = ("ADMINISTRATOR", "INTEGRATION_ENGINEER", "MASH_SCREENER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation, not running.

    Shape: `environment` are its settings as a process is told them; `tokens` is what each organisation shows to it;
    `vkey` is the public key of its log. What `is_spoiled` is reached over a bad network. `more_ports` are those of
    other processes that take documents in, for a sender whom the first does not answer.
    """

    folder: Path
    port: int
    environment: Mapping[str, str]
    tokens: Mapping[str, str]
    vkey: str
    is_spoiled: bool = False
    more_ports: tuple[int, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        """Return everywhere it takes documents in."""
        return tuple(f"http://127.0.0.1:{port}" for port in (self.port, *self.more_ports))

    @property
    def url(self) -> str:
        """Return where it answers when it runs."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """Return the file of its store."""
        return self.folder / "data" / STORE_FILE

    @property
    def drop_folder(self) -> Path:
        """Return where the school puts its reports."""
        return self.folder / "drop" / SCHOOL / "sims" / "superstar-1"

    def settings(self) -> Settings:
        """Return its settings, for a test that looks into its store."""
        return Settings(**{name.removeprefix("GATEWAY_").lower(): value for name, value in self.environment.items()})  # type: ignore[arg-type]  # texts, as in an environment


def install(folder: Path, urls: Mapping[str, str], **chosen: object) -> Installation:
    """Return a fresh installation in *folder* whose partners are at *urls*.

    Args:
        folder: made if it is not there; keys, data and drop folder lie in it.
        urls: address of each partner's endpoint, by organisation.
        chosen: settings that differ from those of a campaign.
    """
    port = free_port()
    told = {name: str(value) for name, value in (_settings(folder, port) | chosen).items()}
    (folder / "drop").mkdir(parents=True)
    create_keys(folder / "keys")
    environment = {f"GATEWAY_{name.upper()}": value for name, value in told.items()}
    settings = Settings(**told)  # type: ignore[arg-type]  # texts, as in an environment
    tokens = _furnish(settings, urls)
    vkey = open_signer(settings.keys_folder, settings.origin).vkey
    return Installation(folder=folder, port=port, environment=environment, tokens=tokens, vkey=vkey)


def environment_of(installation: Installation) -> dict[str, str]:
    """Return the whole environment of a process of *installation*."""
    return {**os.environ, **installation.environment, "PYTHONDONTWRITEBYTECODE": "1"}


def _settings(folder: Path, port: int) -> dict[str, object]:
    return {
        "authority": "E09000003",
        "sender": "barnet-gateway",
        "origin": "gateway.barnet.example/audit/2026",
        "listen_host": "127.0.0.1",
        "listen_port": port,
        "data_folder": folder / "data",
        "keys_folder": folder / "keys",
        "drop_folder": folder / "drop",
        "file_poll_seconds": 0.1,
        "file_stable_seconds": 0.1,
    }


def _furnish(settings: Settings, urls: Mapping[str, str]) -> dict[str, str]:
    """Add the partners as an engineer would, and return what each shows to the gateway."""
    application = assemble(settings)
    password = secrets.token_urlsafe(12)
    add_first_user(
        application, {"user": "engineer", "name": "Ed Exampleton", "password": password, "roles": list(_ROLES)}
    )
    sessions = Sessions(application, seconds=3600)
    door = FrontDoor(application=application, sessions=sessions, door=Door.COMMAND_LINE)
    session = door.sign_in("engineer", password)
    tokens = {}
    for name in PARTNERS:
        answer = door.execute(
            session, "partners.add", {"profile": _profile(name, urls.get(name, "http://127.0.0.1:9"))}
        )
        credential = answer["credential"]
        assert isinstance(credential, dict)
        tokens[name] = str(credential["token"])
    application.stop()
    return tokens


def _profile(name: str, url: str) -> Any:
    """Return a shipped example profile with its addresses at *url*, as JSON has it."""
    text = (ROOT / "deploy" / "partners" / f"{name}.toml").read_text(encoding="utf-8")
    table = json.loads(json.dumps(tomllib.loads(text), default=str))
    for endpoint in table.get("endpoint", ()):
        endpoint["url"] = f"{url}/{name}"
        endpoint.pop("token_file", None)
    if name == PORTAL:
        table["endpoint"] = [{"kind": "mash.feedback.sent", "format": "mash/feedback-1", "url": f"{url}/{name}"}]
        table["is_default"] = False
    return table
