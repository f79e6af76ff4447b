"""Does a large school file go on where it stopped when its gateway is killed, and does each pupil come out once?"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.adapters.sql.sqlite import open_view
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, Record, State
from gateway.model.identifiers import Authority
from tests.bench.usage import resident_mb
from tests.fakes.school_files import report, table, transfer_file, write_file
from tests.fault.gateway_process import GatewayProcess, running
from tests.fault.installation import Installation, install

_POLL_SECONDS = 0.02
_MOST_MB = 300


class Watched:
    """What a test sees of an installation's store while a gateway has it open."""

    def __init__(self, installation: Installation) -> None:
        self._view = open_view(installation.database, authority=Authority("E09000003"))

    def messages(self) -> list[Message]:
        return list(self._view.read(lambda uow: uow.messages.find(limit=100)))

    def records(self, message: Message) -> list[Record]:
        def read(uow: UnitOfWork) -> list[Record]:
            return list(uow.records.of_message(message.message_id))

        return self._view.read(read)

    def wait(self, is_so: Callable[[Message], bool], *, patience: float = 60) -> Message:
        """Return the first message of which it is so."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            found = next(filter(is_so, self.messages()), None)
            if found is not None:
                return found
            time.sleep(_POLL_SECONDS)
        raise AssertionError(f"it was not so in {patience} s")


def drop(installation: Installation, name: str, *, form: str = "superstar-1") -> None:
    """Move a finished file into the folder where files of that form are looked for."""
    place = installation.drop_folder.parent / form
    place.mkdir(parents=True, exist_ok=True)
    (installation.folder / name).rename(place / name)


def killed_once(installation: Installation, is_so: Callable[[Message], bool]) -> Message:
    """Run a gateway until it is so of a message, kill it, and return how the message stood."""
    gateway = GatewayProcess(installation)
    gateway.wait_until_ready()
    seen = Watched(installation).wait(is_so)
    gateway.kill()
    return seen


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("form", "pieces"), [("superstar-1", report), ("csv-1", table)], ids=["XML", "CSV"])
def test_a_large_report_goes_on_after_each_kill_and_every_pupil_comes_out_once(
    tmp_path: Path, form: str, pieces: Callable[[int], Iterator[str]]
) -> None:
    installation = install(tmp_path / "gateway", {}, whole_limit_bytes=10_000, records_a_transaction=5)
    size = write_file(installation.folder / "pupils", pieces(120))
    drop(installation, "pupils", form=form)
    assert size > 8 * 10_000

    first = killed_once(installation, lambda one: 0 < one.cursor < 50)
    second = killed_once(installation, lambda one: one.cursor > first.cursor + 10)
    with running(installation):
        done = Watched(installation).wait(lambda one: one.state is State.ORDERED)
        records = Watched(installation).records(done)

    assert 0 < first.cursor < second.cursor < 120
    assert [record.position for record in records] == list(range(120))
    assert done.reason is None
    assert len({record.subjects for record in records}) == 120
    assert [one.message_id for one in Watched(installation).messages() if one.channel == "folder"] == [done.message_id]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("form", "pupils"), [("superstar-1", 44_000), ("ctf-25", 112_000)])
def test_two_hundred_megabytes_go_through_in_flat_memory_with_a_kill_in_the_middle(
    tmp_path: Path, form: str, pupils: int
) -> None:
    installation = install(tmp_path / "gateway", {})
    pieces = {"superstar-1": report, "ctf-25": transfer_file}[form](pupils)
    size = write_file(installation.folder / "pupils.xml", pieces)
    drop(installation, "pupils.xml", form=form)
    assert size > 190_000_000

    first = killed_once(installation, lambda one: one.cursor > 100)
    peaks: list[float] = []
    with running(installation) as gateway:

        def is_done(one: Message) -> bool:
            peaks.append(resident_mb(gateway.process.pid))
            return one.state is State.ORDERED

        done = Watched(installation).wait(is_done, patience=3000)

    assert first.cursor < done.cursor == pupils
    assert max(peaks) < _MOST_MB
