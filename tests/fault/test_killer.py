"""What of a document that ends the whole process each time it is worked on?"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from gateway.adapters.sql.sqlite import open_view
from gateway.flows.store.rows import Delivery, Message, ReviewTask, State
from gateway.model.identifiers import Authority
from gateway.simulators.journal import Journal
from gateway.simulators.mash import mash_app
from gateway.simulators.running import run
from tests.acceptance.forms import form
from tests.fault.gateway_process import is_ready
from tests.fault.installation import MASH, PORTAL, ROOT, Installation, environment_of, install

LIMIT = 4
FORMS = ("FORM-0", "FORM-1", "KILLER", "FORM-3", "FORM-4")
READS = """
import os, signal
from gateway.flows.understanding.normalizer import Normalizer
reads = Normalizer.normalize
def deadly(self, name, kind, source, **named):
    if "KILLER" in str(source):
        os.kill(os.getpid(), signal.SIGKILL)
    return reads(self, name, kind, source, **named)
Normalizer.normalize = deadly
"""
SENDS = """
import os, signal
from gateway.adapters.http.outlet import HttpOutlet
sends = HttpOutlet.send
def deadly(self, document, body, handover):
    if b"KILLER" in body:
        os.kill(os.getpid(), signal.SIGKILL)
    return sends(self, document, body, handover)
HttpOutlet.send = deadly
"""


@contextmanager
def life(installation: Installation, planted: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `gateway up` with a fault planted in it; kill it in the end, if it has not ended by itself."""
    program = f"{planted}\nimport sys; from gateway.app.cli import main; sys.argv = ['gateway', 'up']; main()"
    with (installation.folder / "gateway.log").open("ab") as log:
        command = [sys.executable, "-c", program]
        process = subprocess.Popen(command, cwd=ROOT, env=environment_of(installation), stdout=log, stderr=log)
        yield process
        process.kill()
        process.wait(10)


def send_all(installation: Installation) -> int:
    """Send the forms until the gateway dies; return how many it took."""
    taken = 0
    headers = {"Authorization": f"Bearer {installation.tokens[PORTAL]}", "Content-Type": "application/json"}
    with suppress(httpx.HTTPError), httpx.Client(base_url=installation.url, headers=headers) as client:
        for number, name in enumerate(FORMS):
            child = {"child_name": f"Nr{number} Unreal", "child_dob": f"0{number + 1}/02/2012"}
            body = form("single-child", name, **child)
            taken += client.post("/v1/intake/mash/govuk-forms-1", content=body).status_code == 202
    return taken


def lives_of(installation: Installation, planted: str) -> list[int | None]:
    """Start the gateway again and again until one start settles everything; return how each life ended."""
    ends: list[int | None] = []
    taken = 0
    while not ends or ends[-1] is not None:
        assert len(ends) < 3 * LIMIT
        with life(installation, planted) as process:
            while process.poll() is None and not is_ready(installation.port):
                time.sleep(0.02)
            if taken < len(FORMS):
                taken = send_all(installation)
            while process.poll() is None and not is_settled(installation):
                time.sleep(0.1)
            ends.append(process.poll())
    return ends


def is_settled(installation: Installation) -> bool:
    messages, deliveries, _ = look(installation)
    going = {State.ACCEPTED, State.ORDERED, State.HANDED_OVER}
    worked = [one.state is not State.ACCEPTED for one in messages if one.channel == "http"]
    return len(worked) == len(FORMS) and all(worked) and going.isdisjoint(one.state for one in deliveries)


def look(installation: Installation) -> tuple[list[Message], list[Delivery], list[ReviewTask]]:
    view = open_view(installation.database, authority=Authority("E09000003"))
    found = view.read(
        lambda uow: (list(uow.messages.find()), list(uow.delivery_lists.find()), list(uow.reviews.find(status=None)))
    )
    view.close()
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize("planted", [READS, SENDS], ids=["when it is read", "when it is sent"])
def test_a_form_that_ends_the_process_is_set_aside_and_its_neighbours_arrive(tmp_path: Path, planted: str) -> None:
    """Promise 3, and its other side: what cannot be worked holds up nobody, and a person knows of it."""
    journal = Journal()
    with run(mash_app(journal)) as mash:
        installation = install(tmp_path / "gateway", {MASH: mash.url}, retry_first_seconds=0.2)

        ends = lives_of(installation, planted)

    messages, deliveries, reviews = look(installation)
    arrived = {str(effect["correlation_id"]) for effect in journal.effects.values()}
    killers = [one for one in (*messages, *deliveries) if one.state is State.DEAD_LETTER]
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert len(ends) - 1 <= LIMIT + 1, "it was tried more often than it may be"
    assert len([one for one in messages if one.channel == "http"]) == len(FORMS)
    assert len(arrived) == len(FORMS) - 1
    assert [one.reason for one in killers] == ["ends-the-process"]
    assert len([one for one in reviews if "ends-the-process" in one.reason or one.kind == "undelivered"]) == 1
