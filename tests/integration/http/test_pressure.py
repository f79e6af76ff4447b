"""Does the house narrow its door in time, say so everywhere, and still take what protects a child?"""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app.drop_folder import make_folders, watch
from gateway.flows.store.rows import State
from gateway.model.identifiers import OrganisationId
from tests.integration.http.house import SCHOOL
from tests.integration.http.whole_gateway import Gateway, opened_gateway

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples"
ORDINARY = (EXAMPLES / "mash/govuk-forms-early-help-consent.json").read_bytes()
URGENT = (EXAMPLES / "mash/govuk-forms-s47-unknown-child.json").read_bytes()
PUPILS = (EXAMPLES / "sims/superstar-three-pupils.xml").read_bytes()
GOVUK, SUPERSTAR = "/v1/intake/mash/govuk-forms-1", "/v1/intake/sims/superstar-1"
MIB = 2**20
TOKEN = "a token for whoever watches"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of 48 MiB."""
    folder = tmp_path_factory.mktemp("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture(scope="module")
def gateway(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    token = tmp_path_factory.mktemp("token") / "metrics.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    limits = {"storage_free_bytes": 24 * MIB, "storage_urgent_bytes": 12 * MIB, "storage_free_share": 0}
    with opened_gateway(disk, metrics_token_file=token, **limits) as gateway:
        yield gateway


@pytest.fixture(autouse=True)
def roomy(disk: Path, gateway: Gateway) -> Iterator[None]:
    yield
    (disk / "ballast").unlink(missing_ok=True)
    gateway.application.pressure.look()


def leave(disk: Path, gateway: Gateway, free: int) -> None:
    """Fill the disk until *free* bytes are left, and let the gateway see it."""
    now = gateway.application.store.figures().free_bytes or 0
    (disk / "ballast").write_bytes(bytes(max(now - free, 0)))
    gateway.application.pressure.look()


def post(gateway: Gateway, path: str, body: bytes, kind: str = "application/json") -> httpx.Response:
    return gateway.client.post(path, content=body, headers=gateway.headers(**{"Content-Type": kind}))


def kept(gateway: Gateway) -> int:
    return len(gateway.application.store.read(lambda uow: uow.messages.find(limit=1000)))


def fresh(body: bytes) -> bytes:
    """Return the same form as nobody has sent it yet."""
    return body.replace(b'"submission_reference": "', b'"submission_reference": "N%d' % time.perf_counter_ns())


def test_with_little_room_an_ordinary_document_is_refused_and_nothing_of_it_kept(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 20 * MIB)
    before = kept(gateway)

    answers = [
        post(gateway, GOVUK, fresh(ORDINARY)),
        post(gateway, SUPERSTAR, PUPILS, "application/xml"),
        post(gateway, GOVUK, b"{"),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(503, "storage-nearly-full")] * 3
    assert all(int(one.headers["retry-after"]) >= 30 for one in answers)
    assert kept(gateway) == before


def test_with_little_room_an_urgent_referral_is_taken(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 20 * MIB)

    assert post(gateway, GOVUK, fresh(URGENT)).status_code == 202


def test_who_is_listed_for_safeguarding_is_taken_at_their_format(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 20 * MIB)
    before = post(gateway, GOVUK, fresh(ORDINARY)).status_code
    list_sender(gateway, is_listed=True)

    after = post(gateway, GOVUK, fresh(ORDINARY)).status_code

    reports = post(gateway, SUPERSTAR, PUPILS, "application/xml").status_code
    list_sender(gateway, is_listed=False)
    assert (before, after, reports) == (503, 202, 503)


def list_sender(gateway: Gateway, *, is_listed: bool) -> None:
    def write(uow: Any) -> None:
        school = uow.directory.organisation(OrganisationId("school-example"))
        profile = {**school.profile, "listed_safeguarding_person": is_listed}
        uow.directory.put_organisation(replace(school, profile=profile))

    gateway.application.store.write(write)


def test_the_last_of_the_room_is_for_what_is_inside(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 10 * MIB)

    answer, ready = post(gateway, GOVUK, fresh(URGENT)), gateway.client.get("/health/ready")

    assert (answer.status_code, answer.json()["code"]) == (503, "storage-nearly-full")
    assert (ready.status_code, ready.json()["reason"]) == (503, "storage-nearly-full")


def test_what_is_inside_is_worked_through_while_the_door_is_shut(disk: Path, gateway: Gateway) -> None:
    taken = post(gateway, GOVUK, fresh(URGENT)).json()["message_id"]
    leave(disk, gateway, 10 * MIB)
    application, at = gateway.application, gateway.application.desk.clock.now()

    waiting = application.store.write(lambda uow: uow.messages.ready(at=at, limit=100, lease_seconds=60))
    application.process.work_all(waiting)

    message = application.store.read(lambda uow: uow.messages.get(taken))
    assert message.state is State.ORDERED


def test_health_says_that_only_urgent_documents_are_taken_and_stays_ready(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 20 * MIB)

    ready = gateway.client.get("/health/ready")

    told = {"status": "ready", "intake": "urgent-only", "reason": "storage-nearly-full"}
    assert (ready.status_code, ready.json()) == (200, told)


def test_the_metrics_say_so_too(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 20 * MIB)
    post(gateway, SUPERSTAR, PUPILS, "application/xml")

    told = gateway.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text

    assert 'gateway_intake{state="urgent-only"} 1.0' in told
    assert 'gateway_disk_needed_bytes{document="any"} 2.5165824e+07' in told
    assert 'gateway_refused_total{format="sims/superstar-1",reason="storage-nearly-full"}' in told


def test_when_there_is_room_again_the_door_opens(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 20 * MIB)
    refused = post(gateway, GOVUK, fresh(ORDINARY)).status_code
    (disk / "ballast").unlink()
    gateway.application.pressure.look()

    assert (refused, post(gateway, GOVUK, fresh(ORDINARY)).status_code) == (503, 202)


def test_a_file_in_the_drop_folder_waits_where_it_is(disk: Path, gateway: Gateway, tmp_path: Path) -> None:
    application = gateway.application
    make_folders(application, tmp_path)
    watched = watch(application, tmp_path, ids=application.desk.ids)
    file = tmp_path / "school-example" / "sims" / "superstar-1" / "pupils.xml"
    file.write_bytes(PUPILS)
    leave(disk, gateway, 20 * MIB)
    watched.look()
    time.sleep(application.settings.file_stable_seconds)
    watched.look()
    stayed = file.exists()
    leave(disk, gateway, 40 * MIB)

    watched.look()

    assert stayed
    assert not file.exists()


def test_of_files_in_the_drop_folder_the_urgent_ones_are_found_by_reading_them(
    disk: Path, gateway: Gateway, tmp_path: Path
) -> None:
    application = gateway.application
    make_folders(application, tmp_path)
    watched = watch(application, tmp_path, ids=application.desk.ids)
    folder = tmp_path / "school-example" / "mash" / "govuk-forms-1"
    (folder / "ordinary.json").write_bytes(fresh(ORDINARY))
    (folder / "urgent.json").write_bytes(fresh(URGENT))
    before = kept(gateway)
    leave(disk, gateway, 20 * MIB)
    watched.look()
    time.sleep(application.settings.file_stable_seconds)

    watched.look()

    waiting = [path.name.rpartition("~")[2] for path in tmp_path.rglob("*ordinary.json")]
    assert kept(gateway) == before + 1
    assert waiting == ["ordinary.json"]
    assert (folder / "urgent.json.accepted.json").exists()


def test_a_wrong_credential_is_told_before_a_full_disk(disk: Path, gateway: Gateway) -> None:
    leave(disk, gateway, 10 * MIB)
    headers = {**gateway.headers(), "Authorization": f"Bearer {SCHOOL}.wrong"}

    assert gateway.client.post(GOVUK, content=URGENT, headers=headers).status_code == 401
