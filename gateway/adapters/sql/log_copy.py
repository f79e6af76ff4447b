"""How does an auditor get a log that lies on a database server? As one file, which the stand-alone verifier reads.

The copy holds events' open words, leaves, subtrees and signed checkpoints: nothing that was sealed.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeVar

from gateway.adapters.sql.transaction import Row, Transaction
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import ConflictError, NotFoundError, StoreUnavailableError

T = TypeVar("T")

_TOGETHER = 5000
_TABLES = """
CREATE TABLE audit_event (authority TEXT NOT NULL, event_id TEXT NOT NULL, header BLOB NOT NULL,
    commitment BLOB NOT NULL, PRIMARY KEY (authority, event_id)) WITHOUT ROWID;
CREATE TABLE audit_leaf (authority TEXT NOT NULL, leaf_index INTEGER NOT NULL, event_id TEXT NOT NULL,
    leaf_hash BLOB NOT NULL, PRIMARY KEY (authority, leaf_index)) WITHOUT ROWID;
CREATE TABLE audit_node (authority TEXT NOT NULL, level INTEGER NOT NULL, node_index INTEGER NOT NULL,
    hash BLOB NOT NULL, PRIMARY KEY (authority, level, node_index)) WITHOUT ROWID;
CREATE TABLE audit_checkpoint (authority TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (authority, size)) WITHOUT ROWID;
"""
_LEAVES = (
    "SELECT l.leaf_index, l.event_id, l.leaf_hash, e.header, e.commitment FROM audit_leaf AS l"
    " JOIN audit_event AS e ON e.authority = l.authority AND e.event_id = l.event_id"
    " WHERE l.authority = ? AND l.leaf_index > ? ORDER BY l.leaf_index LIMIT ?"
)
_NODES = (
    "SELECT level, node_index, hash FROM audit_node WHERE authority = ?"
    " AND (level > ? OR (level = ? AND node_index > ?)) ORDER BY level, node_index LIMIT ?"
)
_HEADS = "SELECT size, note FROM audit_checkpoint WHERE authority = ? AND size > ? ORDER BY size LIMIT ?"


class Readable(Protocol):
    """A store, as far as it can be read."""

    def read(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run *work* over one consistent view."""
        ...


def copy_log(store: Readable, path: Path) -> int:
    """Write the store's log into a new SQLite file at *path*; return how many leaves it has.

    Promise: the file is there only when all of the log is in it.

    Raises:
        ConflictError: there is a file already.
        NotFoundError: there is no such folder.
        StoreUnavailableError: the store cannot be read, or the file not be written.
    """
    if path.exists():
        raise ConflictError(f"{path.name} is there already; choose another name")
    if not path.parent.is_dir():
        raise NotFoundError(f"there is no folder {path.parent.name} to write {path.name} into; make it first")
    try:
        with closing(sqlite3.connect(path)) as copy:
            copy.executescript(_TABLES)
            count = store.read(lambda work: _copy(work.transaction, copy))
            copy.commit()
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            told = f"{path.name} cannot be written ({name}): is there room, and may this account write there?"
            raise StoreUnavailableError(told) from error
        raise
    return count


def _copy(at: Transaction, copy: sqlite3.Connection) -> int:
    key, count = at.authority, 0
    for leaves in _pages(at, _LEAVES, (-1,), lambda row: (row[0],)):
        copy.executemany("INSERT INTO audit_leaf VALUES (?, ?, ?, ?)", [(key, *row[:3]) for row in leaves])
        copy.executemany("INSERT INTO audit_event VALUES (?, ?, ?, ?)", [(key, row[1], *row[3:]) for row in leaves])
        count += len(leaves)
    for nodes in _pages(at, _NODES, (-1, -1, -1), lambda row: (row[0], row[0], row[1])):
        copy.executemany("INSERT INTO audit_node VALUES (?, ?, ?, ?)", [(key, *row) for row in nodes])
    for heads in _pages(at, _HEADS, (-1,), lambda row: (row[0],)):
        copy.executemany("INSERT INTO audit_checkpoint VALUES (?, ?, ?)", [(key, *row) for row in heads])
    return count


def _pages(
    at: Transaction, statement: str, start: tuple[int, ...], behind: Callable[[Row], tuple[int, ...]]
) -> Iterator[list[Row]]:
    """Yield all rows, some thousand at a time, each page from behind the last row of the one before."""
    while page := at.rows(statement, (at.authority, *start, _TOGETHER)):
        yield page
        start = behind(page[-1])
