"""Does a full disk lose nothing, acknowledge nothing it cannot keep, and leave the store usable?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.sql.sqlite import SqliteStore
from gateway.errors import StoreFullError, StoreUnavailableError
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import MessageId
from tests.contract.rows import a_message, an_event, an_original
from tests.fakes.stores import a_store

ROOT = Path(__file__).parents[3]
BALLAST_BYTES = 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB, a quarter of which a ballast file takes up until it is deleted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
    (folder / "ballast").write_bytes(bytes(BALLAST_BYTES))
    yield folder
    subprocess.run(["umount", folder], check=True)


def accept(number: int) -> Any:
    """Return the work of accepting message *number*, of 32 KB."""

    def _accept(work: UnitOfWork) -> int:
        work.messages.claim(a_message(number))
        work.originals.put(an_original(number, chunks=(os.urandom(32 * 1024),)))
        work.audit.append(an_event(number % 256, event_id=f"event_{number}", message_id=MessageId(f"msg_{number}")))
        return number

    return _accept


def fill(store: SqliteStore) -> list[Future[int]]:
    """Hand in messages from eight sides until one is refused; return every promise, settled."""
    promises: list[Future[int]] = []
    with ThreadPoolExecutor(8) as pool:
        for start in count(step=8):
            wave = [pool.submit(store.write, accept(number)) for number in range(start, start + 8)]
            promises += wave
            if any(promise.exception() for promise in wave):
                return promises
    raise AssertionError


def kept(store: SqliteStore) -> set[str]:
    """Return the ids of the messages that are whole: with their original and their event."""

    def _kept(work: UnitOfWork) -> set[str]:
        messages = work.messages.find(limit=9999)
        assert all(work.originals.get(message.message_id).chunks for message in messages)
        assert all(len(work.audit.of_message(message.message_id)) == 1 for message in messages)
        return {message.message_id for message in messages}

    return store.read(_kept)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_a_full_disk_refuses_what_it_cannot_keep_and_works_again_once_there_is_room(small_disk: Path) -> None:
    with a_store(small_disk) as store:
        promises = fill(store)
        accepted = {f"msg_{promise.result()}" for promise in promises if promise.exception() is None}
        refused = [promise.exception() for promise in promises if promise.exception() is not None]

        assert {type(error) for error in refused} == {StoreFullError}
        assert accepted
        assert kept(store) == accepted

        (small_disk / "ballast").unlink()
        store.write(accept(9999))

        assert kept(store) == {*accepted, "msg_9999"}

    with a_store(small_disk) as again:
        assert kept(again) == {*accepted, "msg_9999"}


def test_a_file_that_may_not_grow_refuses_what_it_cannot_keep(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    accepted, kinds, seen = done.stdout.splitlines()

    assert int(accepted) > 0
    assert kinds == "StoreUnavailableError"
    with a_store(tmp_path) as store:
        assert len(kept(store)) == int(accepted) == int(seen)


_LIMITED = f"""
import resource, sys
from pathlib import Path
from tests.fakes.stores import a_store
from tests.integration.sql.test_full_disk import fill, kept
resource.setrlimit(resource.RLIMIT_FSIZE, ({3 * 2**20}, resource.RLIM_INFINITY))
with a_store(Path(sys.argv[1])) as store:
    promises = fill(store)
    errors = [promise.exception() for promise in promises]
    print(sum(error is None for error in errors))
    print(*sorted({{type(error).__name__ for error in errors if error}}))
    print(len(kept(store)))
"""


def test_a_full_disk_is_an_unavailable_store() -> None:
    assert issubclass(StoreFullError, StoreUnavailableError)
