"""Is a broken installation told what is wrong with it, and what to do, in a sentence?"""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.app.cli import run
from gateway.app.commands.output import REFUSED
from gateway.app.engines import STORE_FILE

_SETTINGS = {
    "AUTHORITY": "E09000003",
    "SENDER": "barnet-gateway",
    "ORIGIN": "gateway.barnet.example/audit/2026",
    "LISTEN_HOST": "127.0.0.1",
    "LISTEN_PORT": "0",
    "BROKER_HOSTS": "127.0.0.1:1",
}
Break = Callable[[Path, pytest.MonkeyPatch], object]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that has its keys, and everything else it needs to start for the first time."""
    create_keys(tmp_path / "keys")
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("invented")
    folders = {
        "KEYS_FOLDER": tmp_path / "keys",
        "DATA_FOLDER": tmp_path / "data",
        "BROKER_PASSWORD_FILE": password,
        "BROKER_TLS": "false",
    }
    [monkeypatch.setenv(f"GATEWAY_{name}", str(value)) for name, value in (_SETTINGS | folders).items()]
    return tmp_path


def _over_tls(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    file = folder / "authority.pem"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("GATEWAY_BROKER_TLS", "true")
    monkeypatch.setenv("GATEWAY_BROKER_AUTHORITY_FILE", str(file))


BROKEN: dict[str, tuple[Break, str]] = {
    "a key is gone": (lambda folder, _: (folder / "keys/index.key").unlink(), "put it back from its backup"),
    "an old installation has no exchange key": (
        lambda folder, _: (folder / "keys/exchange.key").unlink(),
        "gateway keys exchange",
    ),
    "others can read a key": (lambda folder, _: (folder / "keys/index.key").chmod(0o644), "with mode 0600"),
    "a key is no key": (lambda folder, _: (folder / "keys/index.key").write_text("x"), "does not hold a key"),
    "the data folder is a file": (lambda folder, _: (folder / "data").write_text(""), "GATEWAY_DATA_FOLDER"),
    "the broker's authority is not there": (
        lambda folder, monkeypatch: _over_tls(folder, monkeypatch, None),
        "GATEWAY_BROKER_AUTHORITY_FILE",
    ),
    "the broker's authority is rubbish": (
        lambda folder, monkeypatch: _over_tls(folder, monkeypatch, "x"),
        "GATEWAY_BROKER_AUTHORITY_FILE",
    ),
    "the database is away": (
        lambda _, monkeypatch: monkeypatch.setenv("GATEWAY_DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/x"),
        "does the server run",
    ),
}


@pytest.mark.parametrize(("broken", "told"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_told_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: Break, told: str
) -> None:
    broken(folder, monkeypatch)

    code = run(["doctor", "--local", "--user", "nobody", "--password-file", str(folder / "password")])

    said = capsys.readouterr()
    assert code == REFUSED
    assert told in json.loads(said.out)["error"]["message"]
    assert "canary" not in said.out + said.err


def test_a_start_that_failed_leaves_nobody_who_goes_on_trying_the_broker(folder: Path) -> None:
    before = set(threading.enumerate())
    (folder / "keys/index.key").unlink()

    run(["doctor", "--local", "--user", "nobody", "--password-file", str(folder / "password")])

    assert set(threading.enumerate()) <= before


def test_the_missing_exchange_key_is_made_and_no_other_touched(folder: Path) -> None:
    (folder / "keys/exchange.key").unlink()
    before = {file.name: file.read_text() for file in (folder / "keys").iterdir()}

    codes = [run(["keys", "exchange"]), run(["keys", "exchange"])]

    after = {file.name: file.read_text() for file in (folder / "keys").iterdir()}
    assert codes == [0, REFUSED]
    assert after.keys() - before.keys() == {"exchange.key"}
    assert after | before == after


@pytest.mark.parametrize("target", ["nowhere/copy.db", "data"], ids=["no folder", "something there"])
def test_a_log_that_cannot_be_copied_there_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.delenv("GATEWAY_BROKER_HOSTS")
    run(["doctor", "--local", "--user", "nobody", "--password-file", str(folder / "password")])
    before = sorted(folder.iterdir())

    assert run(["audit", "copy", str(folder / target)]) == REFUSED
    assert sorted(folder.iterdir()) == before


def test_a_copy_of_a_damaged_log_leaves_nothing_behind(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / STORE_FILE).write_bytes(b"rubbish" * 1000)

    assert run(["audit", "copy", str(folder / "copy.db")]) == REFUSED
    assert not (folder / "copy.db").exists()
    shutil.rmtree(folder / "data")
