"""Are the files beside the store safe when the power fails: keys, the head of the log, the drop folder?"""

import errno
import os
import random
from pathlib import Path

import pytest

from gateway.adapters.keys.head_file import HeadFile
from gateway.adapters.keys.key_files import create_keys
from gateway.adapters.sql.sqlite import open_store
from gateway.app.drop_folder import watch
from tests.fakes.stores import BARNET, nobody
from tests.fault.documents import a_report, some_children
from tests.fault.folder_log import FolderLog, Step, unsafe_steps
from tests.integration.flows.house import House

PLACE = "school-example/sims/superstar-1"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderLog:
    return FolderLog(tmp_path, monkeypatch)


def test_the_head_of_the_log_is_replaced_whole_and_on_disk(tmp_path: Path, log: FolderLog) -> None:
    HeadFile(tmp_path).keep("a note")

    assert [step.what for step in log.steps] == ["write", "sync", "rename", "sync"]
    assert unsafe_steps(log.steps) == []


def test_keys_are_on_disk_when_they_are_made(tmp_path: Path, log: FolderLog) -> None:
    create_keys(tmp_path / "deep" / "keys")

    assert unsafe_steps(log.steps) == []


def test_a_new_store_is_found_again(tmp_path: Path, log: FolderLog) -> None:
    open_store(tmp_path / "deep" / "data" / "store.db", authority=BARNET, on_wake=nobody).close()

    assert [step.what for step in log.steps if step.what == "mkdir"] == ["mkdir", "mkdir"]
    assert unsafe_steps(log.steps) == []


def test_a_dropped_file_is_always_at_one_of_its_places(
    tmp_path: Path, log: FolderLog, report: bytes, house: House
) -> None:
    """It is renamed to where we read it, handed in, reported on, and then removed; each on disk before the next."""
    drop = tmp_path / "drop"
    (drop / PLACE).mkdir(parents=True)
    (drop / PLACE / "report.xml").write_bytes(report)
    log.steps.clear()

    _look(house, drop)

    assert [step.what for step in log.steps if step.what in {"rename", "unlink"}] == ["rename", "rename", "unlink"]
    assert unsafe_steps(log.steps) == []


def test_a_report_that_finds_no_room_is_written_later(
    tmp_path: Path, report: bytes, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender of an accepted file learns of it, also when the drop folder's disk was full at that moment."""
    drop = tmp_path / "drop"
    (drop / PLACE).mkdir(parents=True)
    (drop / PLACE / "report.xml").write_bytes(report)

    with monkeypatch.context() as full:
        full.setattr(os, "write", _no_room)
        _look(house, drop)
    assert not (drop / PLACE / "report.xml.accepted.json").exists()
    _look(house, drop)

    assert (drop / PLACE / "report.xml.accepted.json").exists()
    assert [path.name for path in (drop / ".taking").rglob("*") if path.is_file()] == []


def test_a_disk_that_takes_half_a_report_is_asked_to_take_the_rest(
    tmp_path: Path, report: bytes, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = tmp_path / "drop"
    (drop / PLACE).mkdir(parents=True)
    (drop / PLACE / "report.xml").write_bytes(report)
    whole = os.write

    monkeypatch.setattr(os, "write", lambda handle, content: whole(handle, content[:50]))
    _look(house, drop)

    assert (drop / PLACE / "report.xml.accepted.json").read_bytes().endswith(b"}\n")


@pytest.mark.parametrize(
    "steps",
    [
        [("write", "/d/a"), ("rename", "/d/a", "/d/b"), ("sync", "/d")],
        [("write", "/d/a"), ("sync", "/d/a"), ("write", "/d/a"), ("rename", "/d/a", "/d/b"), ("sync", "/d")],
        [("rename", "/d/a", "/e/b"), ("sync", "/d")],
        [("sync", "/d"), ("unlink", "/d/a")],
        [("mkdir", "/d/a"), ("sync", "/d/a")],
    ],
    ids=["not synced", "synced too early", "other folder synced", "synced before", "itself synced"],
)
def test_an_unsafe_order_is_found(steps: list[tuple[str, ...]]) -> None:
    noted = [Step(what=what, path=path, to="".join(to)) for what, path, *to in steps]

    assert unsafe_steps(noted) != []


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.build(tmp_path / "gateway")


@pytest.fixture
def report() -> bytes:
    return a_report([("00001", some_children(random.Random(1), 1)[0])])  # noqa: S311 - it only has to be the same again


def _look(house: House, drop: Path) -> None:
    """Look until a file has stood still long enough, and then once more after any pause."""
    watched = watch(house.app, drop, ids=house.app.desk.ids)
    for _ in range(3):
        watched.look()
        house.clock.move(seconds=1000)


def _no_room(_handle: int, _content: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")
