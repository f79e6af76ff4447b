"""Does a store that the first release left behind open, and does everything in it go on?"""

import base64
import json
import sqlite3
from pathlib import Path

import pytest

from gateway.adapters.sql.guards import guards
from gateway.adapters.sql.sqlite import open_store
from gateway.app.commands.verifying import verify_file
from gateway.audit.log import prove_extension
from gateway.errors import IntegrityError
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.fakes.stores import BARNET, an_empty_file, nobody
from tests.integration.flows.house import ECAF, MASH, House

_VECTORS = Path(__file__).parents[2] / "vectors"
_LEFT_BEHIND = _VECTORS / "store" / "first-release.sql"
_REFERRAL = _VECTORS / "examples" / "mash" / "govuk-forms-early-help-consent.json"
_KEYS = {"root.keys": ("1 ", 1), "index.key": ("", 2), "signing.key": ("", 3)}
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation of the first release: its store and its keys."""
    return left_behind(tmp_path)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its store, opened once by this program."""
    file = left_behind(tmp_path_factory.mktemp("migrated")) / "data" / "gateway.sqlite3"
    open_store(file, authority=BARNET, on_wake=nobody).close()
    return file


def left_behind(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "data").mkdir(mode=0o700)
    for name, (number, byte) in _KEYS.items():
        file = tmp_path / "keys" / name
        file.touch(mode=0o600)
        file.write_text(number + base64.b64encode(bytes([byte]) * 32).decode() + "\n")
    database = sqlite3.connect(tmp_path / "data" / "gateway.sqlite3")
    database.executescript(_LEFT_BEHIND.read_text(encoding="utf-8"))
    database.close()
    return tmp_path


@pytest.fixture
def store_file(folder: Path) -> Path:
    return folder / "data" / "gateway.sqlite3"


def a_referral(reference: str) -> bytes:
    told = json.loads(_REFERRAL.read_text(encoding="utf-8"))
    return json.dumps(told | {"submission_reference": reference}).encode()


def schema_of(file: Path) -> list[tuple[str, str, str, str | None]]:
    database = sqlite3.connect(file)
    found = database.execute(_SCHEMA).fetchall()
    database.close()
    return found


def test_it_becomes_just_what_a_new_store_is(migrated: Path) -> None:
    assert schema_of(migrated) == schema_of(an_empty_file())


# A guard speaks up for each row: the first release kept no history of facts, so that there is none in its store.
@pytest.mark.parametrize(
    "table", sorted({name.partition("_never")[0] for name in guards()} - {"audit_payload", "fact_history"})
)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET authority = 'x'"], ids=["delete", "update"])
def test_its_append_only_rows_are_as_guarded_as_before(migrated: Path, table: str, change: str) -> None:
    database = sqlite3.connect(migrated)

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(change.format(table))
    database.close()


def test_its_missing_guard_is_noticed_before_anything_is_done(store_file: Path) -> None:
    database = sqlite3.connect(store_file)
    database.execute("DROP TRIGGER permit_never_shrinks")
    database.close()

    with pytest.raises(IntegrityError, match="permit_never_shrinks"):
        open_store(store_file, authority=BARNET, on_wake=nobody)


def test_what_was_under_way_is_finished(folder: Path) -> None:
    house = House.reopen(folder)

    house.work()

    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED] * 3
    assert [recipient for recipient, *_ in house.outlet.sent] == [MASH, MASH]
    house.app.close()


def test_what_was_sent_before_is_a_repeat_when_it_is_sent_again(folder: Path) -> None:
    house = House.reopen(folder)

    again = house.accept(a_referral("OLD-0001"), key="OLD-0001")

    assert again == "msg_01kjpwd6m0ejfb9tbqjeqkrcvg"
    house.app.close()


def test_an_answer_finds_the_referral_it_is_about(folder: Path) -> None:
    house = House.reopen(folder)
    house.work()

    house.decide("OLD-0001")
    house.work()

    assert house.reviews("H-CORRECT:unknown-reference") == []
    assert [one.state for one in house.deliveries(ECAF)] == [State.ACKNOWLEDGED]
    house.app.close()


def test_what_senders_call_a_case_is_nowhere_in_clear_any_more(folder: Path) -> None:
    House.reopen(folder).app.close()

    assert b"OLD-000" not in b"".join(file.read_bytes() for file in (folder / "data").iterdir())


def test_it_is_brought_up_to_date_once(folder: Path) -> None:
    House.reopen(folder).app.close()
    first = House.reopen(folder)
    before = first.message(MessageId("msg_01kjpwd6m0ejfb9tbqjeqkrcvg"))
    first.app.close()

    second = House.reopen(folder)

    assert second.message(before.message_id) == before
    assert len(before.trace_id) == 32
    second.app.close()


def test_its_log_goes_on_and_proves_that_it_began_as_it_was(folder: Path, store_file: Path, tmp_path: Path) -> None:
    house = House.reopen(folder)
    before = house.app.store.log_store.head()
    assert before is not None
    house.work()
    house.app.sequencer.give_places()
    proof = prove_extension(house.app.store.log_store, house.app.identity, old=before.note)
    key = house.app.identity.signer.vkey
    house.app.close()
    (tmp_path / "old").write_text(before.note)
    (tmp_path / "proof").write_text(proof.text)

    extended = verify_file(tmp_path / "proof", key=key, old=tmp_path / "old")
    whole = verify_file(store_file, key=key)

    assert (extended["ok"], extended["old_size"]) == (True, 11)
    assert (whole["ok"], whole["size"]) == (True, extended["size"])
