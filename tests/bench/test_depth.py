"""Is what the bench fills a store with what the product would have stored, so that its figures mean something?"""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.app.bootstrap import World, assemble
from gateway.app.ids import SortableIds
from gateway.audit.log import check_head, prove
from gateway.audit.merkle import leaf_hash, root
from gateway.audit.verify import Key, TamperedError, check_proof
from tests.acceptance.forms import form
from tests.bench.full_store import COPIED, fill
from tests.bench.sealing import Exchange
from tests.bench.statements import scans_of, watching
from tests.bench.tall_log import event_of, header_of, tall_log
from tests.fault.installation import Installation
from tests.integration.flows.house import House, ScriptedOutlet

MESSAGES, COPIES = 4, 6
LOST = (
    "SELECT count(*) FROM child AS c WHERE NOT EXISTS (SELECT 1 FROM epoch WHERE name = 'consent:' || c.child_ref)",
    """SELECT count(*) FROM delivery_subject AS s
    WHERE NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.position = s.position AND instr(d.subjects, s.child_ref))""",
    "SELECT count(*) - count(DISTINCT position) FROM message",
)
"""How many children have no counter, deliveries are about others than they say, and messages share a place."""
SLOW = (
    "SELECT size_bytes FROM message",
    "SELECT size_bytes FROM message WHERE authority = ? AND channel = ?",
    "SELECT max(position) FROM message",
)
"""Statements that read all messages."""
SETTINGS = {"authority", "sender", "origin", "data_folder", "keys_folder", "listen_host", "listen_port"}
GROWING = ("audit_event", "child", "conversation", "delivery", "message", "original", "permit", "record")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A gateway that has worked through a few referrals, and is closed."""
    house = House.build(tmp_path)
    for number in range(MESSAGES):
        child = {"child_name": f"Nr{number} Unreal", "child_dob": f"{number + 1:02}/02/2012"}
        house.accept(form("single-child", f"FORM-{number}", **child), key=f"key-{number}")
        house.clock.move(seconds=1)
    house.work()
    house.app.sequencer.give_places()
    house.app.close()
    return house


@pytest.fixture
def made(house: House) -> Installation:
    """The same as an installation that is not running."""
    told = house.app.settings.model_dump(include=SETTINGS)
    environment = {f"GATEWAY_{name.upper()}": str(value) for name, value in told.items()}
    return Installation(folder=told["data_folder"].parent, port=0, environment=environment, tokens={}, vkey="")


def reopened(house: House, seen: dict[str, None]) -> House:
    """Return a closed gateway, open again, whose every statement is noted."""
    outlet = ScriptedOutlet()
    world = World(clock=house.clock, ids=SortableIds(house.clock), outlet=outlet, driver=watching(seen))
    return replace(house, app=assemble(house.app.settings, world), outlet=outlet)


def count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our names


def test_a_tall_log_has_the_root_the_product_finds_and_its_proofs_hold(tmp_path: Path) -> None:
    size = 3001
    with tall_log(tmp_path / "log", size) as log:
        head = log.store.log_store.head()
        proof = prove(log.store.log_store, log.identity, event_id=event_of(1234), header=header_of(1234))
        checked = check_head(log.store.log_store, log.identity)

    assert head is not None
    assert checked is not None
    assert checked.root == root([leaf_hash(header_of(index)) for index in range(size)])
    assert check_proof(proof.text.encode(), Key(log.identity.signer.vkey))[1] == 1234


def test_every_table_is_filled_and_every_row_belongs_to_its_others(made: Installation) -> None:
    with closing(sqlite3.connect(made.database)) as connection:
        before = {table: count(connection, table) for table in COPIED}

    stored = fill(made, MESSAGES * COPIES)

    with closing(sqlite3.connect(made.database)) as connection:
        after = {table: count(connection, table) for table in GROWING}
        lost = [connection.execute(question).fetchone()[0] for question in LOST]
        strays = connection.execute("PRAGMA foreign_key_check").fetchall()
        damage = connection.execute("PRAGMA integrity_check").fetchall()
    installed = {"conversation": 3}
    assert stored == MESSAGES * COPIES
    assert after == {
        table: (before[table] - installed.get(table, 0)) * COPIES + installed.get(table, 0) for table in GROWING
    }
    assert (lost, strays, damage) == ([0, 0, 0], [], [("ok",)])


def test_the_gateway_takes_a_filled_store_for_its_own_and_goes_on(house: House, made: Installation) -> None:
    fill(made, MESSAGES * COPIES)
    seen: dict[str, None] = {}

    house = reopened(house, seen)
    house.accept(form("single-child", "LATER-1"), key="later")
    house.work()
    house.app.sequencer.give_places()
    checked = check_head(house.app.store.log_store, house.app.identity)
    documents = len(house.outlet.sent)
    house.app.close()

    assert documents == 1
    assert checked is not None
    assert checked.size > MESSAGES * COPIES
    with closing(sqlite3.connect(made.database)) as connection:
        assert scans_of(connection, seen) == []
        assert scans_of(connection, [*seen, *SLOW]) == [*SLOW]


def test_a_receipt_for_another_document_is_noticed() -> None:
    one, other = Exchange(), Exchange()

    one.whole()

    with pytest.raises(TamperedError):
        one.check(other.receipt(other.sealed()))
