"""Does the store refuse to open when a promise could not be kept?"""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.sql.connection import REQUIRED, open_writer, require_settings
from gateway.adapters.sql.guards import guards
from gateway.adapters.sql.migrate import HEAD
from gateway.adapters.sql.sqlite import open_store, open_view
from gateway.errors import IntegrityError, NotFoundError, PermanentError, StoreUnavailableError
from gateway.flows.store.rows import State
from gateway.model.identifiers import Authority, DeliveryId, MessageId
from tests.contract.rows import NOW, a_delivery, a_message, a_record, after
from tests.fakes.stores import BARNET, a_store, nobody


def change(folder: Path, statement: str) -> None:
    """Run one statement on the closed store in *folder*, past our code."""
    connection = sqlite3.connect(folder / "store.db", isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "var" / "store" / "store.db"

    with open_store(path, authority=BARNET, on_wake=nobody) as store:
        assert str(store.health().version) == HEAD


def test_only_the_owner_can_reach_the_files(tmp_path: Path) -> None:
    path = tmp_path / "var" / "store.db"

    with open_store(path, authority=BARNET, on_wake=nobody) as store:
        store.write(lambda work: work.epochs.lift(["policy"]))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm", "store.db.lock"), 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    written = a_message()
    with a_store(tmp_path) as store:
        store.write(lambda work: work.messages.claim(written))

    with a_store(tmp_path) as store:
        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == written


def test_a_message_that_was_leased_is_due_again_after_opening(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.write(lambda work: work.messages.claim(a_message()))
        store.write(lambda work: work.messages.ready(at=after(1), limit=1, lease_seconds=60))

    with a_store(tmp_path) as store:
        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == a_message(lease=1, lost=1)


@pytest.mark.parametrize(
    ("delivery", "due_at"),
    [
        pytest.param({"ready_at": after(60)}, NOW, id="leased, never tried"),
        pytest.param({"state": State.HANDED_OVER, "attempt": 1, "ready_at": after(60)}, NOW, id="handed over"),
        pytest.param({"attempt": 1, "ready_at": after(60), "reason": "busy"}, after(60), id="at rest till next try"),
        pytest.param({"state": State.IN_REVIEW, "ready_at": None}, None, id="waits for a person"),
    ],
)
def test_a_delivery_is_due_again_after_opening_unless_it_waits_for_a_reason(
    tmp_path: Path, delivery: dict[str, Any], due_at: datetime | None
) -> None:
    with a_store(tmp_path) as store:
        store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
        store.write(lambda work: work.deliveries.add(a_delivery(**delivery)))

    with a_store(tmp_path) as store:
        assert store.read(lambda work: work.deliveries.get(DeliveryId("dlv_1"))).ready_at == due_at


def test_a_delivery_that_was_shelved_while_in_hand_is_due_again_after_opening(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
        store.write(lambda work: work.deliveries.add(a_delivery(ready_at=after(60))))
    change(tmp_path, "UPDATE delivery SET waits_for = -1")

    with a_store(tmp_path) as store:
        assert store.read(lambda work: work.deliveries.get(DeliveryId("dlv_1"))).ready_at == NOW


def test_another_authoritys_rows_are_not_there(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.write(lambda work: (work.messages.claim(a_message()), work.epochs.lift(["policy"])))

    with a_store(tmp_path, authority=Authority("E08000005")) as store:
        assert store.read(lambda work: work.messages.find()) == []
        assert store.read(lambda work: work.epochs.current(["policy"])) == {"policy": 0}
        assert store.write(lambda work: work.messages.claim(a_message())) is None


@pytest.mark.parametrize("guard", sorted(guards()))
def test_a_missing_guard_is_named_and_the_store_stays_shut(tmp_path: Path, guard: str) -> None:
    a_store(tmp_path).close()
    change(tmp_path, f"DROP TRIGGER {guard}")

    with pytest.raises(IntegrityError, match=guard):
        a_store(tmp_path)


def test_a_guard_that_was_weakened_is_as_good_as_missing(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    change(tmp_path, "DROP TRIGGER permit_never_shrinks")
    change(tmp_path, "CREATE TRIGGER permit_never_shrinks BEFORE DELETE ON permit BEGIN SELECT 1; END")

    with pytest.raises(IntegrityError, match="permit_never_shrinks"):
        a_store(tmp_path)


def test_a_table_that_was_rebuilt_without_its_guards_is_noticed(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    change(tmp_path, "CREATE TABLE rebuilt AS SELECT * FROM audit_checkpoint")
    change(tmp_path, "DROP TABLE audit_checkpoint")
    change(tmp_path, "ALTER TABLE rebuilt RENAME TO audit_checkpoint")

    with pytest.raises(IntegrityError, match="audit_checkpoint_never_changes"):
        a_store(tmp_path)


def test_after_a_refusal_the_store_belongs_to_nobody(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    change(tmp_path, "DROP TRIGGER permit_never_shrinks")
    with pytest.raises(IntegrityError):
        a_store(tmp_path)

    change(tmp_path, guards()["permit_never_shrinks"])

    a_store(tmp_path).close()


def test_every_commit_is_synced(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        settings = store.health().settings

    assert settings == REQUIRED
    assert (settings["journal_mode"], settings["synchronous"]) == ("wal", 2)


@pytest.mark.parametrize(
    "setting", ["synchronous = NORMAL", "secure_delete = 0", "foreign_keys = 0", "journal_mode = DELETE"]
)
def test_a_setting_that_does_not_hold_is_named(tmp_path: Path, setting: str) -> None:
    connection = open_writer(tmp_path / "store.db")
    require_settings(connection)
    connection.execute(f"PRAGMA {setting}")

    with pytest.raises(IntegrityError, match=setting.split(maxsplit=1)[0]):
        require_settings(connection)
    connection.close()


def test_a_database_that_cannot_keep_a_write_ahead_log_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(IntegrityError, match="journal_mode"):
        open_writer(Path(":memory:"))


def test_a_second_opener_is_told_who_has_it(tmp_path: Path) -> None:
    with a_store(tmp_path), pytest.raises(StoreUnavailableError, match=f"process {os.getpid()}") as refusal:
        a_store(tmp_path)

    assert refusal.value.code == "store-in-use"


def test_a_second_process_is_refused_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"

    with pytest.raises(StoreUnavailableError) as refusal:
        a_store(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()

    assert refusal.value.code == "store-in-use"
    a_store(tmp_path).close()


_HOLD = """
import sys, time
from pathlib import Path
from tests.fakes.stores import a_store
store = a_store(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


def test_a_store_of_a_newer_program_is_refused_untouched(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    change(tmp_path, "UPDATE alembic_version SET version_num = 'v9999'")
    before = (tmp_path / "store.db").read_bytes()

    with pytest.raises(StoreUnavailableError) as refusal:
        a_store(tmp_path)

    assert refusal.value.code == "store-version"
    assert (tmp_path / "store.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is not a database, and it is long enough to be asked" * 40)

    with pytest.raises(IntegrityError):
        a_store(tmp_path)


def test_a_closed_store_refuses_work_and_may_be_closed_again(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.close()
    store.close()

    with pytest.raises(StoreUnavailableError):
        store.write(lambda work: work.epochs.lift(["policy"]))
    with pytest.raises(StoreUnavailableError):
        store.read(lambda work: work.epochs.current(["policy"]))


def test_closing_settles_what_was_handed_in_before(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    promises = [store.submit(lambda work: work.epochs.lift(["policy"])) for _ in range(200)]

    store.close()

    assert all(promise.done() and promise.exception() is None for promise in promises)
    with a_store(tmp_path) as again:
        assert again.read(lambda work: work.epochs.current(["policy"])) == {"policy": 200}


def test_a_view_looks_at_a_store_that_is_open_elsewhere(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.write(lambda work: work.messages.claim(a_message()))
        view = open_view(store.path, authority=BARNET)

        assert view.read(lambda work: work.messages.find()) == [a_message()]
        assert view.log_store.head() is None
        with pytest.raises(PermanentError):
            view.write(lambda work: work.epochs.lift(["policy"]))
        view.close()


def test_a_view_looks_at_a_store_that_nobody_has_open(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.write(lambda work: work.messages.claim(a_message()))

    view = open_view(tmp_path / "store.db", authority=BARNET)

    assert view.read(lambda work: work.messages.find()) == [a_message()]
    view.close()


def test_there_is_no_view_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        open_view(tmp_path / "store.db", authority=BARNET)
