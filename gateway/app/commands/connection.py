"""How does an order reach the gateway? Over HTTP to the running one, or straight to a store that nobody holds."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol, TypeAlias

import httpx
import typer

from gateway.app.bootstrap import Application, assemble
from gateway.app.operations.caller import Door
from gateway.app.operations.execute import execute
from gateway.app.operations.sessions import Sessions
from gateway.app.settings import read_settings
from gateway.errors import GatewayError, NotFoundError, PermanentError, Place, TransientError, UnauthenticatedError
from gateway.model.tree import Group

_SESSION_FILE = "session.json"
_SECONDS = 60.0
_BUG_STATUS = 500
_GOOD = range(200, 300)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

Server: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--server", envvar="GATEWAY_SERVER", help="Address of the running gateway, such as https://gw.example."
    ),
]
Local: TypeAlias = Annotated[
    bool, typer.Option("--local", help="Work on the store itself; no gateway may be running on it.")
]
UserName: TypeAlias = Annotated[
    str | None, typer.Option("--user", envvar="GATEWAY_USER", help="Your account, where you are asked who you are.")
]
PasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--password-file", envvar="GATEWAY_PASSWORD_FILE", help="File with your password, mode 0600."),
]
StateFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option("--state-folder", envvar="GATEWAY_STATE_FOLDER", help="Where `gateway login` keeps the session."),
]


class ServerAnsweredError(PermanentError):
    """The running gateway refused; code, message and place are its own."""

    code = "refused"


class ServerMistakeError(Exception):
    """The running gateway made a mistake."""


class Connection(Protocol):
    """A way to the gateway."""

    def run(self, operation: str, args: Group) -> Group:
        """Return what *operation* answers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the person said about where the gateway is and who they are."""

    server: str | None = None
    local: bool = False
    user: str | None = None
    password_file: Path | None = None
    state_folder: Path | None = None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Yield the way to the gateway: the server that is named or was signed in to, else the store itself."""
        kept = None if self.local else read_session(self.state_folder)
        if self.local or (self.server is None and kept is None):
            with local_application() as application:
                yield _LocalConnection(application, self)
        elif kept is None or (self.server is not None and kept["server"] != self.server.rstrip("/")):
            raise UnauthenticatedError(f"not signed in there: gateway login --server {self.server}")
        else:
            with httpx.Client(timeout=_SECONDS) as client:
                yield _HttpConnection(client, server=str(kept["server"]), token=str(kept["token"]))

    def name_and_password(self) -> tuple[str, str]:
        """Return who the person is and their password: as they said it, from a file, or asked for."""
        name = self.user or str(typer.prompt("Account", err=True))
        return name, read_password(self.password_file)


class _LocalConnection:
    """Orders straight to the store; the person proves who they are for each command."""

    def __init__(self, application: Application, access: Access) -> None:
        self._application = application
        name, password = access.name_and_password()
        sessions = Sessions(application, seconds=application.settings.session_seconds)
        self._caller = sessions.sign_in(name, password, door=Door.COMMAND_LINE).caller

    def run(self, operation: str, args: Group) -> Group:
        """Return what *operation* answers."""
        return execute(self._application, self._caller, operation, args)


class _HttpConnection:
    """Orders to the running gateway."""

    def __init__(self, client: httpx.Client, *, server: str, token: str) -> None:
        self._client = client
        self._server = server
        self._headers = {"authorization": f"Bearer {token}"}

    def run(self, operation: str, args: Group) -> Group:
        """Return what *operation* answers."""
        return post(self._client, f"{self._server}/v1/control/{operation}", args, headers=self._headers)


def post(client: httpx.Client, url: str, body: Group, *, headers: dict[str, str] | None = None) -> Group:
    """Return the JSON that *url* answers.

    Raises:
        ServerAnsweredError: it refused; code, message and place are its own.
        TransientError: it cannot be reached.
    """
    try:
        answer = client.post(url, json=body, headers=headers)
    except httpx.HTTPError as error:
        raise TransientError(
            f"the gateway at {httpx.URL(url).host} cannot be reached: {type(error).__name__}", code="server-unreachable"
        ) from error
    told = _group(answer)
    if answer.status_code in _GOOD:
        return told
    if answer.status_code == _BUG_STATUS:
        raise ServerMistakeError("the running gateway made a mistake; see its log")
    raise _refusal(told, answer.status_code)


def _group(answer: httpx.Response) -> Group:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise TransientError("what answers there is not a gateway", code="server-unreachable")
    return told


def _refusal(told: Group, status: int) -> GatewayError:
    path, row, line = told.get("path"), told.get("row"), told.get("line")
    place = Place(
        path=path if isinstance(path, str) else None,
        row=row if isinstance(row, int) else None,
        line=line if isinstance(line, int) else None,
    )
    message = told.get("detail") or told.get("title") or f"the gateway answered {status}"
    return ServerAnsweredError(str(message), place=place, code=str(told.get("code") or "refused"))


@contextmanager
def local_application() -> Iterator[Application]:
    """Yield the gateway assembled on its own store, not started; nobody else may hold the store meanwhile."""
    application = assemble(read_settings())
    try:
        yield application
    finally:
        application.close()


def sign_in(server: str, name: str, password: str) -> Group:
    """Return a session of the running gateway at *server*: `token`, `expires_at`, `name` and `roles`."""
    with httpx.Client(timeout=_SECONDS) as client:
        return post(client, f"{server.rstrip('/')}/v1/sessions", {"user": name, "password": password})


def read_password(file: Path | None, *, prompt: str = "Password", again: bool = False) -> str:
    """Return a password from *file*, which only its owner may reach, or ask for it."""
    if file is None:
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=again, err=True))
    try:
        if file.stat().st_mode & _OTHERS:
            raise PermanentError(f"{file.name} can be reached by others: chmod 600 {file.name}", code="password-file")
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise PermanentError(f"{file.name} cannot be read: {error.strerror}", code="password-file") from error


def keep_session(folder: Path | None, *, server: str, token: str, expires_at: str) -> Path:
    """Keep a session where only this person can read it, and return the file."""
    home = state_home(folder)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = home / _SESSION_FILE
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps({"server": server.rstrip("/"), "token": token, "expires_at": expires_at}))
    return file


def read_session(folder: Path | None) -> Group | None:
    """Return the session that was kept, if one was and nobody else can read it."""
    file = state_home(folder) / _SESSION_FILE
    if not file.is_file():
        return None
    if file.stat().st_mode & _OTHERS:
        raise PermanentError("the kept session can be reached by others; it is not used: gateway login", code="session")
    try:
        kept = json.loads(file.read_text())
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not {"server", "token"} <= set(kept):
        raise PermanentError("the kept session cannot be read: gateway login", code="session")
    return kept


def forget_session(folder: Path | None) -> None:
    """Forget the session that was kept.

    Raises:
        NotFoundError: none was.
    """
    file = state_home(folder) / _SESSION_FILE
    if not file.is_file():
        raise NotFoundError("nobody is signed in here")
    file.unlink()


def state_home(folder: Path | None) -> Path:
    """Return the folder where this person's session is kept."""
    return folder or Path.home() / ".local" / "state" / "gateway"
