"""Does a whole gateway take what lies in a partner's bucket, tell what became of it, and survive being killed?"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application
from gateway.app.far_folders import FarChannel, FarFolders, FarIntake
from gateway.app.operations.health import findings_of
from gateway.app.s3_buckets import s3_channel
from gateway.app.settings import Settings
from gateway.flows.store.rows import Message, Organisation
from tests.engines.s3 import REGION, S3Server, s3_server
from tests.fakes.clock import SteppedClock
from tests.integration.files.canned import begins, canned
from tests.integration.files.grounds import S3Ground, opened, settings_in
from tests.integration.http.house import an_organisation

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples"
SUBMISSION = (EXAMPLES / "mash/govuk-forms-single-child.json").read_bytes()
PUPILS = (EXAMPLES / "sims/superstar-three-pupils.xml").read_bytes()
FORMS, SCHOOL = "form_submissions/1234/", "schools/"
KEY = f"{FORMS}20261122T094024Z_EX123456/form_submission.json"
CHILD = """
import sys
from pathlib import Path
from tests.integration.files.grounds import opened, settings_in
from gateway.app.far_folders import FarFolders
from gateway.app.s3_buckets import s3_channel

application, _ = opened(settings_in(Path(sys.argv[1]), Path(sys.argv[2])))
print("looking", flush=True)
FarFolders(s3_channel(application, ids=application.desk.ids)).look()
"""


@dataclass
class Council:
    """A gateway, and a bucket in which a form and a school put theirs."""

    application: Application
    clock: SteppedClock
    server: S3Server
    settings: Settings
    ground: S3Ground

    def look(self) -> int:
        return FarFolders(self.channel()).look()

    def channel(self, **settings: Any) -> FarChannel[Any]:
        chosen = replace(self.application, settings=self.settings.model_copy(update=settings))
        return s3_channel(chosen, ids=self.application.desk.ids)

    def work(self) -> None:
        at = self.clock.now()
        for message in self.application.store.write(lambda uow: uow.messages.ready(at=at, limit=9, lease_seconds=60)):
            self.application.process.work(message)

    def messages(self) -> list[Message]:
        return list(self.application.store.read(lambda uow: uow.messages.find(limit=100)))

    def enrol(self, name: str, listed: str, /, **told: Any) -> Organisation:
        s3 = {
            "endpoint": self.server.endpoint,
            "region": REGION,
            "bucket": self.ground.bucket,
            "key_file": self.server.key_file.name,
            **told,
        }
        made = an_organisation(name, intake={"folders": [listed]})
        made = replace(made, profile={**made.profile, "s3": s3})
        self.application.store.write(lambda uow: uow.directory.put_organisation(made))
        return made


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        assert running.key_file.exists()
        yield running


@pytest.fixture(scope="module")
def assembled(server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    settings = settings_in(tmp_path_factory.mktemp("gateway"), server.folder)
    create_keys(settings.keys_folder)
    application, clock = opened(settings)
    made = Council(application, clock, server, settings, S3Ground(server))
    yield made
    made.application.bus.close()
    made.application.store.close()


@pytest.fixture
def council(assembled: Council) -> Council:
    """A gateway that other tests use too, and an empty bucket."""
    assembled.work()  # what another test left waiting would close the door in the end
    assembled.ground = S3Ground(assembled.server)
    assembled.enrol("referral-portal", "mash/govuk-forms-1", prefix=FORMS, form="mash/govuk-forms-1")
    assembled.enrol("school-example", "sims/superstar-1", prefix=SCHOOL)
    return assembled


def _another(reference: str) -> bytes:
    """Return a form that nobody has sent yet."""
    return SUBMISSION.replace(b"3C25NTGQ", reference.encode())


def test_a_form_filled_in_on_gov_uk_comes_by_its_bucket_at_the_first_look(council: Council) -> None:
    council.ground.put_at(KEY, SUBMISSION)

    accepted = council.look()

    receipt = json.loads(council.ground.read_at(f"{KEY}.accepted.json"))
    (message,) = [one for one in council.messages() if one.message_id == receipt["message_id"]]
    assert accepted == 1
    assert (message.channel, message.organisation, message.format) == ("s3", "referral-portal", "mash/govuk-forms-1")
    assert council.ground.keys_there() == [f"{KEY}.accepted.json"]


def test_a_school_gets_its_receipt_and_what_became_of_each_pupil(council: Council) -> None:
    council.ground.put_at(f"{SCHOOL}sims/superstar-1/pupils.xml", PUPILS)
    council.look()
    council.work()

    council.look()
    council.look()

    told = json.loads(council.ground.read_at(f"{SCHOOL}sims/superstar-1/pupils.xml.records.json"))
    assert [one["record"] for one in told["records"]] == [1, 2, 3]


def test_a_form_sent_twice_has_one_effect(council: Council) -> None:
    before = len(council.messages())
    body = _another("TWICE")
    council.ground.put_at(KEY, body)
    council.look()
    council.ground.put_at(KEY, body)

    council.look()

    assert len(council.messages()) == before + 1
    assert council.ground.keys_there() == [f"{KEY}.accepted.json"]


def test_half_a_form_is_waited_for_and_then_refused_and_kept(council: Council) -> None:
    council.ground.put_at(KEY, SUBMISSION[:-40])
    council.look()
    at_first = council.ground.keys_there()
    folders = FarFolders(council.channel(file_unfinished_seconds=0.0))

    folders.look()

    told = json.loads(council.ground.read_at(f"{KEY}.refused.json"))
    assert at_first == [KEY]
    assert told["problem"]["code"] == "cut-off"
    assert council.ground.keys_there() == [f"{KEY}.refused.json"]


def test_a_format_the_profile_does_not_list_stays_where_it_is(council: Council) -> None:
    council.ground.put_at(f"{SCHOOL}sims/ctf-25/x.xml", PUPILS)

    council.look()

    told = json.loads(council.ground.read_at(f"{SCHOOL}sims/ctf-25/x.xml.refused.json"))
    assert told["problem"]["code"] == "scope"


@pytest.mark.parametrize("key", ["../../x.xml", "sims//x.xml", "sims/../x.xml"])
def test_a_key_that_looks_like_a_way_out_leads_nowhere(council: Council, key: str) -> None:
    before = len(council.messages())
    council.ground.put_at(f"{SCHOOL}{key}", PUPILS)

    council.look()

    (told,) = [one for one in council.ground.keys_there() if one.endswith(".refused.json")]
    assert json.loads(council.ground.read_at(told))["problem"]["code"] == "unknown-format"
    assert len(council.messages()) == before


def test_a_disabled_partner_is_not_looked_at(council: Council) -> None:
    known = council.enrol("referral-portal", "mash/govuk-forms-1", prefix=FORMS, form="mash/govuk-forms-1")
    council.application.store.write(lambda uow: uow.directory.put_organisation(replace(known, is_enabled=False)))
    council.ground.put_at(KEY, SUBMISSION)

    assert council.look() == 0
    assert council.ground.keys_there() == [KEY]


@contextmanager
def a_bad_neighbour(council: Council, **told: Any) -> Iterator[None]:
    """Have another partner whose bucket is as told."""
    made = council.enrol("a-bad-bucket", "sims/superstar-1", **told)
    yield
    council.application.store.write(lambda uow: uow.directory.put_organisation(replace(made, is_enabled=False)))


@pytest.mark.parametrize(
    "wrong",
    [{"endpoint": "http://127.0.0.1:1"}, {"key_file": "nobodys"}, {"bucket": "nobodys"}],
    ids=["nobody there", "no key", "no bucket"],
)
def test_one_bad_bucket_keeps_no_other_waiting(council: Council, wrong: dict[str, Any]) -> None:
    council.ground.put_at(KEY, _another(f"BESIDE-{next(iter(wrong))}"))

    with a_bad_neighbour(council, **wrong):
        assert council.look() == 1


def test_a_bucket_that_hangs_is_left_to_itself_while_the_others_are_looked_at_again(council: Council) -> None:
    drips = begins(b"HTTP/1.1 200 OK\r\n\r\n", b" ", pause=0.1, again=True)
    with canned(drips) as server, a_bad_neighbour(council, endpoint=server.endpoint):
        folders = FarFolders(council.channel(s3_answer_seconds=1.0))
        began = time.monotonic()
        folders.look()
        council.ground.put_at(KEY, _another("PATIENT"))

        assert folders.look() == 1
        assert time.monotonic() - began < 4.0
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("wrong", "level", "found"),
    [
        ({}, "ok", "2 buckets can be listed"),
        ({"bucket": "nobodys"}, "warning", "not reached: referral-portal (bucket)"),
        ({"endpoint": "http://127.0.0.1:1"}, "warning", "not reached: referral-portal (unreachable)"),
        ({"key_file": "not-there"}, "warning", "not reached: referral-portal (key)"),
    ],
    ids=["reached", "no such bucket", "nobody there", "no key"],
)
def test_the_doctor_says_how_each_bucket_is_reached(
    council: Council, wrong: dict[str, Any], level: str, found: str
) -> None:
    council.enrol("referral-portal", "mash/govuk-forms-1", prefix=FORMS, **wrong)

    (finding,) = [one for one in findings_of(council.application, partners=True) if one.check == "s3"]

    assert (finding.level, finding.found) == (level, found)


def test_a_gateway_that_runs_takes_a_form_and_ends_at_once_when_told(council: Council) -> None:
    intake = FarIntake(council.channel(), every_seconds=0.05)
    council.ground.put_at(KEY, _another("RUNNING"))

    intake.start()
    _wait_for(council.ground, f"{KEY}.accepted.json")
    intake.stop()

    council.ground.put_at(f"{KEY}.late.json", SUBMISSION)
    assert council.ground.keys_there() == [f"{KEY}.accepted.json", f"{KEY}.late.json"]


def _wait_for(ground: S3Ground, ending: str) -> None:
    ends = time.monotonic() + 20
    while not any(ending in key for key in ground.keys_there()) and time.monotonic() < ends:
        time.sleep(0.01)


@pytest.mark.parametrize("seconds", [0.0, *(pytest.param(one / 50, marks=pytest.mark.slow) for one in (1, 2, 4, 8))])
def test_a_gateway_killed_while_it_takes_a_form_takes_it_once(council: Council, seconds: float) -> None:
    council.ground.put_at(KEY, _another(f"KILLED-{seconds}"))
    before = len(council.messages())
    council.application.bus.close()
    council.application.store.close()
    folders = [str(council.settings.data_folder.parent), str(council.server.folder)]
    child = subprocess.Popen([sys.executable, "-c", CHILD, *folders], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    child.stdout.readline()
    _wait_for(council.ground, ".taking/")
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()

    council.application, council.clock = opened(council.settings)
    council.clock.move(hours=1)
    council.look()

    assert len(council.messages()) == before + 1
    assert [key for key in council.ground.keys_there() if not key.endswith("may-remove")] == [f"{KEY}.accepted.json"]
