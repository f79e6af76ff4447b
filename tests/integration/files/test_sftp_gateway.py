"""Does a whole gateway take what lies on a partner's SFTP server, tell what became of it, and survive being killed?"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application
from gateway.app.far_folders import FarFolders, FarIntake
from gateway.app.operations.health import findings_of
from gateway.app.settings import Settings
from gateway.app.sftp_folders import sftp_channel
from gateway.flows.store.rows import Message
from gateway.model.identifiers import OrganisationId
from tests.engines.sshd import SshServer, ssh_server
from tests.fakes.clock import SteppedClock
from tests.integration.files.grounds import opened, settings_in
from tests.integration.http.house import an_organisation

VECTORS = Path(__file__).parents[2] / "vectors"
REPORT = (VECTORS / "examples/sims/superstar-three-pupils.xml").read_bytes()
FORM = "sims/superstar-1"
SCHOOL = OrganisationId("school-example")
CHILD = """
import sys
from pathlib import Path
from tests.integration.files.grounds import opened, settings_in
from gateway.app.far_folders import FarFolders
from gateway.app.sftp_folders import sftp_channel

application, clock = opened(settings_in(Path(sys.argv[1]), Path(sys.argv[2])))
folders = FarFolders(sftp_channel(application, ids=application.desk.ids))
folders.look()
clock.move(seconds=3)
print("looking", flush=True)
folders.look()
"""


@dataclass
class Council:
    """A gateway, and a school's folder on a server."""

    application: Application
    clock: SteppedClock
    server: SshServer
    root: Path
    settings: Settings

    def put(self, name: str, body: bytes = REPORT) -> None:
        (self.root / FORM / name).write_bytes(body)

    def settle(self) -> int:
        folders = FarFolders(sftp_channel(self.application, ids=self.application.desk.ids))
        before = folders.look()
        self.clock.move(seconds=3)
        return before + folders.look()

    def work(self) -> None:
        at = self.clock.now()
        for message in self.application.store.write(lambda uow: uow.messages.ready(at=at, limit=9, lease_seconds=60)):
            self.application.process.work(message)

    def messages(self) -> list[Message]:
        return list(self.application.store.read(lambda uow: uow.messages.find(limit=100)))

    def files(self) -> list[str]:
        return sorted(path.name for path in self.root.rglob("*") if path.is_file())

    def enrol(self, **more: Any) -> None:
        sftp = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": self.server.user,
            "folder": str(self.root),
            "host_key": self.server.host_key,
            "key_file": "ours",
            **more,
        }
        school = an_organisation("school-example", intake={"folders": [FORM]})
        school = replace(school, profile={**school.profile, "sftp": sftp})
        self.application.store.write(lambda uow: uow.directory.put_organisation(school))


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as running:
        yield running


@pytest.fixture(scope="module")
def assembled(server: SshServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    settings = settings_in(tmp_path_factory.mktemp("gateway"), server.folder)
    create_keys(settings.keys_folder)
    application, clock = opened(settings)
    made = Council(application, clock, server, Path(), settings)
    yield made
    made.application.bus.close()
    made.application.store.close()


@pytest.fixture
def council(assembled: Council, tmp_path: Path) -> Council:
    """A gateway that other tests use too, and an empty folder of the school's."""
    assembled.work()  # what another test left waiting would close the door in the end
    assembled.root = tmp_path / "theirs"
    (assembled.root / FORM).mkdir(parents=True)
    assembled.enrol()
    return assembled


def test_a_school_gets_its_receipt_and_what_became_of_each_pupil(council: Council) -> None:
    council.put("pupils.xml")
    accepted = council.settle()
    council.work()

    council.settle()

    receipt = json.loads((council.root / FORM / "pupils.xml.accepted.json").read_text())
    (message,) = [one for one in council.messages() if one.message_id == receipt["message_id"]]
    assert accepted == 1
    assert (message.channel, message.organisation, message.format) == ("sftp", "school-example", FORM)
    assert council.files() == ["pupils.xml.accepted.json", "pupils.xml.records.json"]
    told = json.loads((council.root / FORM / "pupils.xml.records.json").read_text())
    assert [one["record"] for one in told["records"]] == [1, 2, 3]


def test_a_format_the_profile_does_not_list_stays_where_it_is(council: Council) -> None:
    (council.root / "sims" / "ctf-25").mkdir()
    (council.root / "sims" / "ctf-25" / "x.xml").write_bytes(REPORT)

    council.settle()

    told = json.loads((council.root / "sims" / "ctf-25" / "x.xml.refused.json").read_text())
    assert told["problem"]["code"] == "scope"


def test_one_partner_whose_server_is_another_keeps_no_other_waiting(council: Council) -> None:
    other = council.application.store.read(lambda uow: uow.directory.organisation(SCHOOL))
    changed = {**other.profile["sftp"], "port": 1}
    away = replace(other, organisation=OrganisationId("a-school-away"), profile={**other.profile, "sftp": changed})
    council.application.store.write(lambda uow: uow.directory.put_organisation(away))
    council.put("pupils.xml")

    accepted = council.settle()

    away = replace(away, is_enabled=False)
    council.application.store.write(lambda uow: uow.directory.put_organisation(away))
    assert accepted == 1


def test_a_disabled_partner_is_not_looked_at(council: Council) -> None:
    known = council.application.store.read(lambda uow: uow.directory.organisation(SCHOOL))
    council.application.store.write(lambda uow: uow.directory.put_organisation(replace(known, is_enabled=False)))
    council.put("pupils.xml")

    assert council.settle() == 0
    assert council.files() == ["pupils.xml"]


@pytest.mark.parametrize(
    ("wrong", "level", "found"),
    [
        ({}, "ok", "1 folders can be listed"),
        ({"folder": "/nowhere-at-all"}, "warning", "not reached: school-example (folder)"),
        ({"port": 1}, "warning", "not reached: school-example (unreachable)"),
    ],
    ids=["reached", "no such folder", "nobody there"],
)
def test_the_doctor_says_how_each_folder_is_reached(
    council: Council, wrong: dict[str, Any], level: str, found: str
) -> None:
    council.enrol(**wrong)

    (finding,) = [one for one in findings_of(council.application, partners=True) if one.check == "sftp"]

    assert (finding.level, finding.found) == (level, found)


def test_a_gateway_that_runs_takes_a_file_and_ends_at_once_when_told(council: Council) -> None:
    settings = council.settings.model_copy(update={"sftp_poll_seconds": 0.05, "file_stable_seconds": 0.0})
    channel = sftp_channel(replace(council.application, settings=settings), ids=council.application.desk.ids)
    intake = FarIntake(channel, every_seconds=0.05)
    council.put("running.xml", REPORT.replace(b"Exampleton", b"Runningson"))

    intake.start()
    _wait_for(council.root / FORM / "running.xml.accepted.json")
    intake.stop()

    council.put("late.xml")
    assert council.files() == ["late.xml", "running.xml.accepted.json"]


def _wait_for(file: Path) -> None:
    ends = time.monotonic() + 20
    while not file.exists() and time.monotonic() < ends:
        time.sleep(0.01)


@pytest.mark.parametrize("seconds", [0.0, *(pytest.param(one / 100, marks=pytest.mark.slow) for one in (1, 2, 4, 8))])
def test_a_gateway_killed_while_it_takes_a_file_takes_it_once(council: Council, seconds: float) -> None:
    council.put("pupils.xml", REPORT.replace(b"Exampleton", f"Exampleton{seconds}".encode()))
    before = len(council.messages())
    council.application.bus.close()
    council.application.store.close()
    folders = [str(council.settings.data_folder.parent), str(council.server.folder)]
    child = subprocess.Popen([sys.executable, "-c", CHILD, *folders], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    child.stdout.readline()
    _wait_for_a_claim(council.root / ".taking", child)
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()

    council.application, council.clock = opened(council.settings)
    council.clock.move(hours=1)
    council.settle()

    assert len(council.messages()) == before + 1
    assert council.files() == ["pupils.xml.accepted.json"]


def _wait_for_a_claim(taking: Path, child: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 20
    while child.poll() is None and time.monotonic() < ends and not any(path.is_file() for path in taking.rglob("*")):
        time.sleep(0.001)
