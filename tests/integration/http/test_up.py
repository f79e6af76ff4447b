"""Does the whole process start, and end without dropping what it has begun?"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.adapters.sql.sqlite import open_store
from gateway.app.engines import STORE_FILE
from gateway.flows.store.rows import Message
from gateway.model.identifiers import Authority
from tests.fakes.stores import nobody
from tests.integration.http.house import SCHOOL, SECRET, a_credential, an_organisation

ROOT = Path(__file__).parents[3]
BODY = b"firstName=Testina&lastName=Exampleton"
HEADERS = {"Authorization": f"Bearer {SCHOOL}.{SECRET}", "Content-Type": "application/x-www-form-urlencoded"}
SUPERSTAR = (ROOT / "tests/vectors/examples/sims/superstar-three-pupils.xml").read_bytes()


class Up:
    """`gateway up` as a process of its own."""

    def __init__(self, folder: Path, **chosen: str) -> None:
        self.folder = folder
        environment = {
            "GATEWAY_AUTHORITY": "E09000003",
            "GATEWAY_SENDER": "barnet-gateway",
            "GATEWAY_ORIGIN": "gateway.barnet.example/audit",
            "GATEWAY_LISTEN_HOST": "127.0.0.1",
            "GATEWAY_LISTEN_PORT": "0",
            "GATEWAY_DATA_FOLDER": str(folder / "data"),
            "GATEWAY_KEYS_FOLDER": str(folder / "keys"),
            "GATEWAY_DROP_FOLDER": str(folder / "drop"),
            "GATEWAY_FILE_POLL_SECONDS": "0.05",
            "GATEWAY_FILE_STABLE_SECONDS": "0.1",
            **chosen,
        }
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from gateway.app.processes.up import run; run()"],
            env={**os.environ, **environment},
            stderr=self.log,
            stdout=self.log,
            cwd=ROOT,
        )
        self.port = int(self.told("gateway.started")["port"])
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=10)

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]

    def told(self, event: str) -> dict[str, str]:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = [line for line in self.lines() if line["event"] == event]
            if found:
                return found[0]
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)
        raise AssertionError(event)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


def messages(folder: Path) -> list[Message]:
    store = open_store(folder / "data" / STORE_FILE, authority=Authority("E09000003"), on_wake=nobody)
    try:
        return list(store.read(lambda uow: uow.messages.find()))
    finally:
        store.close()


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys")
    store = open_store(tmp_path / "data" / STORE_FILE, authority=Authority("E09000003"), on_wake=nobody)

    def write(uow: object) -> None:
        directory = uow.directory  # type: ignore[attr-defined]
        directory.put_organisation(an_organisation("school-example", intake={"folders": ["sims/superstar-1"]}))
        directory.put_credential(a_credential(SCHOOL, "school-example", "mash/flat"))

    store.write(write)
    store.close()
    return tmp_path


@pytest.fixture
def up(installed: Path) -> Iterator[Up]:
    up = Up(installed)
    yield up
    up.close()


def test_a_process_that_was_told_to_end_ends_in_order(up: Up) -> None:
    accepted = up.client.post("/v1/intake/mash/flat-1", content=BODY, headers=HEADERS)

    status = up.end()

    assert (accepted.status_code, status) == (202, 0)
    assert [line["event"] for line in up.lines()][-2:] == ["gateway.stopping", "gateway.stopped"]
    assert [message.message_id for message in messages(up.folder)] == [accepted.json()["message_id"]]


def test_what_was_accepted_while_it_was_told_to_end_is_there_with_its_leaf_under_a_signed_head(up: Up) -> None:
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(_try_to_send, up, number) for number in range(400)]
        time.sleep(0.3)
        status = up.end()
    accepted = {message_id for message_id in (one.result() for one in sent) if message_id}

    store = open_store(up.folder / "data" / STORE_FILE, authority=Authority("E09000003"), on_wake=nobody)
    kept = {message.message_id for message in store.read(lambda uow: uow.messages.find(limit=1000))}
    waiting, head = store.log_store.pending(1), store.log_store.head()
    store.close()
    assert status == 0
    assert accepted <= kept
    assert accepted
    assert not waiting
    assert head is not None
    assert head.note == (up.folder / "keys" / "last-head.note").read_text()


def _try_to_send(up: Up, number: int) -> str | None:
    """Return the id of what was accepted, or None where the process was ending."""
    try:
        headers = HEADERS | {"Idempotency-Key": f"N-{number}"}
        answer = up.client.post("/v1/intake/mash/flat-1", content=BODY, headers=headers)
    except httpx.TransportError:
        return None
    return answer.json().get("message_id") if answer.status_code == 202 else None


def test_ctrl_c_ends_it_likewise(up: Up) -> None:
    assert up.end(signal.SIGINT) == 0


def test_a_request_that_has_begun_is_finished_first(up: Up) -> None:
    with socket.create_connection(("127.0.0.1", up.port), timeout=10) as connection:
        lines = [
            "POST /v1/intake/mash/flat-1 HTTP/1.1",
            "Host: x",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
        ]
        connection.sendall("\r\n".join([*lines, f"Content-Length: {len(BODY)}", "", ""]).encode() + BODY[:5])
        time.sleep(0.2)
        up.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(BODY[5:])
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert up.process.wait(timeout=20) == 0
    assert len(messages(up.folder)) == 1


_STUCK = """
import time
from pathlib import Path
from starlette.applications import Starlette
from gateway.app.clock import SystemClock
from gateway.app.http.readiness import Readiness
from gateway.app.logging import configure_logging
from gateway.app.processes.life import live
from tests.integration.http.house import some_settings
class Stuck:
    def start(self): pass
    def stop(self): time.sleep(60)
configure_logging(SystemClock())
live(some_settings(Path("nowhere"), stop_seconds=1), Starlette(), parts=[Stuck()], readiness=Readiness())
"""


def test_an_ending_that_takes_too_long_is_cut_short(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-c", _STUCK], stderr=stream, cwd=ROOT)
    while b"gateway.started" not in log.read_bytes():
        time.sleep(0.02)
    begun = time.monotonic()

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 1
    assert 0.9 < time.monotonic() - begun < 5
    assert b"gateway.cut_short" in log.read_bytes()


def test_after_kill_9_what_was_accepted_is_there(up: Up) -> None:
    accepted = up.client.post("/v1/intake/mash/flat-1", content=BODY, headers=HEADERS).json()

    up.end(signal.SIGKILL)

    assert [message.message_id for message in messages(up.folder)] == [accepted["message_id"]]


def test_a_file_in_the_drop_folder_goes_in_and_leaves_nothing_in_clear(up: Up) -> None:
    folder = up.folder / "drop" / "school-example" / "sims" / "superstar-1"
    (folder / "pupils.xml").write_bytes(SUPERSTAR)

    up.told("file.accepted")

    up.end()
    left = {path.name for path in (up.folder / "drop").rglob("*") if path.is_file()}
    reports = {"pupils.xml.accepted.json", "pupils.xml.records.json"}  # the second when every record is worked through
    assert "pupils.xml.accepted.json" in left <= reports
    (message,) = messages(up.folder)
    assert message.channel == "folder"


def test_nothing_personal_is_in_any_file_or_log(up: Up) -> None:
    up.client.post("/v1/intake/mash/flat-1", content=BODY, headers=HEADERS)
    up.client.post(
        "/v1/intake/mash/flat-1", content=b"{" + BODY, headers=HEADERS | {"Content-Type": "application/json"}
    )
    up.client.get("/Exampleton?name=Exampleton")
    (up.folder / "drop" / "school-example" / "Exampleton.xml").write_bytes(b"<Exampleton>")
    up.told("file.refused")
    (up.folder / "drop" / "school-example" / "Exampleton.xml").unlink()

    up.end()

    clear = [
        path.relative_to(up.folder).as_posix()
        for path in up.folder.rglob("*")
        if path.is_file() and b"Exampleton" in path.read_bytes()
    ]
    assert clear == []


def test_a_taken_port_is_told_and_nothing_is_started(installed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = subprocess.run(
            [sys.executable, "-c", "from gateway.app.processes.up import run; run()"],
            env={
                **os.environ,
                "GATEWAY_AUTHORITY": "E09000003",
                "GATEWAY_SENDER": "barnet-gateway",
                "GATEWAY_ORIGIN": "gateway.barnet.example/audit",
                "GATEWAY_LISTEN_HOST": "127.0.0.1",
                "GATEWAY_LISTEN_PORT": str(taken.getsockname()[1]),
                "GATEWAY_DATA_FOLDER": str(installed / "data"),
                "GATEWAY_KEYS_FOLDER": str(installed / "keys"),
            },
            capture_output=True,
            cwd=ROOT,
            check=False,
        )

    assert ended.returncode == 1
    assert b'"error_type": "SettingsError"' in ended.stderr
