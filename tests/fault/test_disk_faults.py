"""Is the truth safe on a disk that fails, is full, or loses what was not synced?"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.adapters.sql.sqlite import open_store
from gateway.flows.ports import Store
from tests.contract.store_contract import DeliveriesContract, StoreContract
from tests.contract.store_transactions import Wakes
from tests.fakes.stores import BARNET
from tests.fault.apsw_driver import driver_over
from tests.fault.campaigns import SEED
from tests.fault.checker import faults_of
from tests.fault.disk import Disk, nothing_happens
from tests.fault.gateway_sweep import Sweep
from tests.fault.mishaps import Full, Once, an_io_error
from tests.fault.store_sweep import sweep


@pytest.mark.parametrize(
    ("kind", "step"), [("read", 40), ("write", 60), ("truncate", 3), ("sync", 3), ("full", 60), ("power", 12)]
)
def test_whatever_call_of_the_disk_fails_what_was_acknowledged_is_there(tmp_path: Path, kind: str, step: int) -> None:
    """A small part of the sweep of `make test-slow`: a power loss follows each failed call, too."""
    swept = sweep(tmp_path, kind, SEED, step=step)

    assert swept.wrong == []
    assert swept.lives >= 2


def test_a_store_that_does_not_sync_each_commit_is_found_out(tmp_path: Path) -> None:
    swept = sweep(tmp_path, "power", SEED, step=6, is_lax=True)

    assert any("was acknowledged, and is lost" in wrong for wrong in swept.wrong)


@pytest.mark.parametrize("fault", [lambda number: Once("sync", number), Full], ids=["EIO", "ENOSPC"])
def test_a_document_on_its_way_through_a_sick_disk_has_its_effects_once(
    tmp_path: Path, fault: Callable[[int], Once | Full]
) -> None:
    swept = Sweep(tmp_path, SEED).run(fault, step=7, most=4)

    assert faults_of(swept.history) == []
    assert swept.unexpected == []
    assert swept.refusals > 0


def test_a_planted_error_looks_like_the_drivers_own(tmp_path: Path) -> None:
    disk = Disk(f"{tmp_path}")
    connection = driver_over(disk.name)(f"file:{tmp_path}/a.db?mode=rwc")
    disk.mishap = _fails_writing

    with pytest.raises(sqlite3.OperationalError) as told:
        connection.execute("CREATE TABLE a (b)")

    assert told.value.sqlite_errorcode == sqlite3.SQLITE_IOERR_WRITE
    assert told.value.sqlite_errorname == "SQLITE_IOERR_WRITE"


def test_a_log_that_cannot_be_moved_into_the_file_is_no_failed_commit(tmp_path: Path) -> None:
    disk = Disk(f"{tmp_path}")
    connection = driver_over(disk.name)(f"file:{tmp_path}/a.db?mode=rwc")
    for statement in ("PRAGMA journal_mode = wal", "PRAGMA wal_autocheckpoint = 1", "CREATE TABLE a (b)"):
        connection.execute(statement)
    disk.mishap = _fails_writing_the_file

    connection.execute("INSERT INTO a VALUES (1)")

    disk.mishap = nothing_happens
    assert connection.execute("SELECT b FROM a").fetchall() == [(1,)]
    connection.close()


def _fails_writing_the_file(call: str, path: Path) -> None:
    if call == "write" and path.suffix == ".db":
        raise an_io_error(call)


def _fails_writing(call: str, _path: Path) -> None:
    if call == "write":
        raise an_io_error(call)


@pytest.mark.slow
class TestStoreOverOurDisk(StoreContract):
    """The store behaves over APSW as it does over the standard library, or the campaigns would prove nothing."""

    @pytest.fixture
    def store(self, tmp_path: Path, wakes: Wakes) -> Iterator[Store]:
        yield from _store(tmp_path, wakes)


@pytest.mark.slow
class TestDeliveriesOverOurDisk(DeliveriesContract):
    @pytest.fixture
    def store(self, tmp_path: Path, wakes: Wakes) -> Iterator[Store]:
        yield from _store(tmp_path, wakes)


def _store(folder: Path, wakes: Wakes) -> Iterator[Store]:
    disk = Disk(f"{folder}")
    with open_store(
        folder / "store.db", authority=BARNET, on_wake=wakes.extend, driver=driver_over(disk.name)
    ) as store:
        yield store
