"""A shell, and an installation to type at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gateway.app.http.readiness import Readiness
from gateway.app.processes.http_server import ServerThread
from gateway.app.processes.serve import http_side
from tests.unit.commands.shell import Shell
from tests.unit.operations.house import PASSWORD, House, a_house


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The gateway in this very process logs nothing where the command line answers."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """A file with the password, as only its owner can read it."""
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of an installation that has nothing yet, not even keys."""
    folder = tmp_path / "installation"
    chosen = {
        "AUTHORITY": "E09000003",
        "SENDER": "barnet-gateway",
        "ORIGIN": "gateway.barnet.example/audit",
        "LISTEN_HOST": "127.0.0.1",
        "LISTEN_PORT": "0",
        "DATA_FOLDER": str(folder / "data"),
        "KEYS_FOLDER": str(folder / "keys"),
    }
    for name, value in chosen.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path / "house") as found:
        yield found


@pytest.fixture
def server(house: House) -> Iterator[str]:
    """The address of a running gateway."""
    readiness = Readiness()
    served = ServerThread(http_side(house.application, readiness), house.application.settings)
    served.start()
    readiness.open()
    yield f"http://127.0.0.1:{served.server.port}"
    served.stop()
