"""Does the outsider's program find whatever was done to a whole log?"""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.audit.tile import tile_bytes, tile_path, tiles_of
from tests.fakes.log_store import InMemoryLogStore
from tests.unit.audit.log_builders import (
    AUTHORITY,
    a_database,
    a_log,
    flipped,
    grow,
)
from tests.unit.audit.verify_tools import (
    HEAD,
    LOG,
    OTHER_VKEY,
    put,
    run,
)

Change = Callable[[sqlite3.Connection], object]


def sql(statement: str, *values: object) -> Change:
    return lambda db: db.execute(statement, values)


class TestLog:
    @pytest.fixture
    def database(self, tmp_path: Path) -> Path:
        return a_database(tmp_path / "gateway.db", LOG)

    def changed(self, database: Path, *changes: Change) -> int:
        with sqlite3.connect(database) as db:
            done = [change(db) for change in changes]
        db.close()
        assert len(done) == len(changes)
        return run("log", database)

    @pytest.mark.parametrize("size", [1, 2, 3, 13, 64, 100])
    def test_a_whole_log_is_accepted(self, tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]) -> None:
        store = a_log(size, batch=7)

        assert run("log", a_database(tmp_path / "g.db", store)) == 0
        assert json.loads(capsys.readouterr().out)["size"] == size

    @pytest.mark.parametrize(
        "change",
        [
            sql("DELETE FROM audit_leaf WHERE leaf_index = 4"),
            sql("DELETE FROM audit_leaf WHERE leaf_index = 12"),
            sql("DELETE FROM audit_leaf WHERE leaf_index = 0"),
            sql("DELETE FROM audit_event WHERE event_id = 'evt_4'"),
            sql("UPDATE audit_leaf SET leaf_index = 18 - leaf_index WHERE leaf_index IN (8, 10)"),
            sql("UPDATE audit_leaf SET leaf_index = 99 WHERE leaf_index = 12"),
            sql("UPDATE audit_leaf SET event_id = 'evt_3' WHERE leaf_index = 4"),
            sql("UPDATE audit_event SET header = (SELECT header FROM audit_event WHERE event_id = 'evt_3')"),
            sql("INSERT INTO audit_leaf SELECT authority, 13, 'evt_3', leaf_hash FROM audit_leaf WHERE leaf_index = 3"),
            sql("INSERT INTO audit_leaf SELECT authority, -1, 'evt_3', leaf_hash FROM audit_leaf WHERE leaf_index = 3"),
            sql("DELETE FROM audit_node WHERE level = 2 AND node_index = 1"),
            sql("INSERT INTO audit_node SELECT authority, 5, 0, hash FROM audit_node WHERE level = 3"),
            sql("UPDATE audit_node SET node_index = 1 - node_index WHERE level = 2 AND node_index < 2"),
            sql("DELETE FROM audit_checkpoint WHERE size = 13"),
            sql("UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint WHERE size = 5)"),
            sql("UPDATE audit_checkpoint SET size = 6 WHERE size = 5"),
        ],
        ids=[
            "leaf deleted",
            "last leaf deleted",
            "first leaf deleted",
            "event deleted",
            "leaves reordered",
            "a gap before the last leaf",
            "leaf of another event",
            "header replaced",
            "leaf added",
            "leaf put before",
            "node deleted",
            "node added",
            "nodes swapped",
            "newest checkpoint deleted",
            "checkpoints replaced",
            "checkpoint of another size",
        ],
    )
    def test_a_changed_log_is_found(self, database: Path, change: Change) -> None:
        assert self.changed(database, change) == 1

    @pytest.mark.parametrize("bit", range(0, 256, 5))
    @pytest.mark.parametrize(
        ("table", "column", "where"),
        [
            ("audit_leaf", "leaf_hash", "leaf_index = 7"),
            ("audit_node", "hash", "level = 1 AND node_index = 2"),
            ("audit_event", "commitment", "event_id = 'evt_7'"),
            ("audit_event", "header", "event_id = 'evt_7'"),
            ("audit_checkpoint", "note", "size = 10"),
        ],
    )
    def test_a_turned_bit_is_found(self, database: Path, bit: int, table: str, column: str, where: str) -> None:
        def turn(db: sqlite3.Connection) -> None:
            (value,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()  # noqa: S608 - our own names
            raw = flipped(value.encode() if isinstance(value, str) else value, bit)
            turned = raw.decode("utf-8", "replace") if isinstance(value, str) else raw
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (turned,))  # noqa: S608 - likewise

        assert self.changed(database, turn) in {1, 3}

    def test_one_leaf_that_was_never_signed_is_found(self, tmp_path: Path) -> None:
        database = a_database(tmp_path / "g.db", a_log(13, batch=12))

        assert self.changed(database, sql("DELETE FROM audit_checkpoint WHERE size = 13")) == 1

    def test_a_rewound_log_is_found_by_a_head_kept_elsewhere(self, tmp_path: Path) -> None:
        store = a_log(13, batch=5)
        kept = put(tmp_path, "head", store.heads[-1].note)
        rewound = a_database(tmp_path / "g.db", a_log(10, batch=5))

        assert run("log", rewound) == 0
        assert run("log", rewound, "--head", kept) == 1

    def test_a_forked_log_is_found_by_a_head_kept_elsewhere(self, tmp_path: Path) -> None:
        fork = a_log(10, batch=5)
        grow(fork, 40, 50)
        forked = a_database(tmp_path / "g.db", fork)

        assert run("log", forked) == 0
        assert run("log", forked, "--head", put(tmp_path, "head", HEAD)) == 1

    def test_a_log_that_grew_beyond_the_head_kept_elsewhere_is_accepted(self, tmp_path: Path, database: Path) -> None:
        assert run("log", database, "--head", put(tmp_path, "head", LOG.heads[0].note)) == 0

    def test_a_log_under_a_key_that_is_not_trusted_is_refused(self, database: Path) -> None:
        assert run("log", database, key=OTHER_VKEY) == 1

    def test_of_several_logs_one_must_be_chosen(self, tmp_path: Path, database: Path) -> None:
        a_database(tmp_path / "gateway.db", a_log(4), authority="E09000098")

        assert run("log", database) == 3
        assert run("log", database, "--authority", AUTHORITY) == 0
        assert run("log", database, "--authority", "E09000001") == 3

    def test_an_empty_store_is_unreadable(self, tmp_path: Path) -> None:
        assert run("log", a_database(tmp_path / "g.db", InMemoryLogStore())) == 3

    def test_what_is_no_database_is_unreadable(self, tmp_path: Path) -> None:
        assert run("log", put(tmp_path, "g.db", b"this is not a database at all")) == 3
        assert run("log", tmp_path / "nothing.db") == 3

    def test_the_database_is_only_read(self, database: Path) -> None:
        before = database.read_bytes()

        run("log", database)

        assert database.read_bytes() == before


class TestTiles:
    STORE = a_log(700, batch=300)

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        put(tmp_path, "checkpoint", self.STORE.heads[-1].note)
        for level, number, width in tiles_of(700):
            path = tmp_path / tile_path(level, number, width)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tile_bytes(level, number, width, self.STORE.node))
        return tmp_path

    def test_published_tiles_are_accepted(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("log", folder) == 0
        assert json.loads(capsys.readouterr().out)["size"] == 700

    def test_a_full_tile_may_stand_in_for_a_partial_one(self, folder: Path) -> None:
        partial = folder / "tile/0/002.p/188"
        (folder / "tile/0/002").write_bytes(partial.read_bytes() + bytes(68 * 32))
        partial.unlink()

        assert run("log", folder) == 0

    @pytest.mark.parametrize("name", ["tile/0/000", "tile/0/002.p/188", "tile/1/000.p/2"])
    @pytest.mark.parametrize("bit", [0, 77, 511])
    def test_a_turned_bit_in_a_tile_is_found(self, folder: Path, name: str, bit: int) -> None:
        path = folder / name
        path.write_bytes(flipped(path.read_bytes(), bit))

        assert run("log", folder) == 1

    def test_a_tile_that_is_too_short_is_unreadable(self, folder: Path) -> None:
        put(folder, "tile/0/001", b"short")

        assert run("log", folder) == 3

    def test_tiles_of_a_rewound_log_are_found_by_a_head_kept_elsewhere(self, folder: Path) -> None:
        longer = a_log(701, batch=300)

        assert run("log", folder, "--head", put(folder, "head", longer.heads[-1].note)) == 1
