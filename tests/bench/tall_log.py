"""How is a log of ten million leaves made in a minute? Hashed level by level, and stored thousands of rows at a time.

The rows are those the product writes; the product itself then reads the root off them, and a proof is checked by the
stand-alone verifier. What is skipped is one transaction, one signature and one wait for the disk for each few events.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.key_files import create_keys
from gateway.adapters.sql.sqlite import SqliteStore, open_store
from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.log import LogIdentity
from gateway.audit.merkle import NodeGetter, compact_range
from gateway.audit.note import NoteSigner
from gateway.model.identifiers import Authority, EventId

AUTHORITY = Authority("E09000003")
_ORIGIN = "gateway.barnet.example/audit/2026"
_HASH = 32
_TOGETHER = 1 << 16
_LEAF, _NODE = b"\x00", b"\x01"
"""What RFC 6962 puts before a leaf, and before two subtrees."""
_QUICK = {
    "journal_mode": "OFF",
    "synchronous": "OFF",
    "foreign_keys": "OFF",
    "locking_mode": "EXCLUSIVE",
    "cache_size": -500_000,
    "temp_store": "MEMORY",
}
"""How a store is set while it is filled: whatever goes wrong, it is thrown away."""
_NUMBERS = "CREATE TEMP TABLE number (n INTEGER PRIMARY KEY)"
_ADD_LEAVES = """
INSERT INTO audit_leaf (authority, leaf_index, event_id, leaf_hash)
SELECT :authority, :first + n, 'evt_' || printf('%026d', :first + n), substr(:hashes, n * 32 + 1, 32)
FROM number WHERE n < :count
"""
_ADD_NODES = """
INSERT INTO audit_node (authority, level, node_index, hash)
SELECT :authority, :level, :first + n, substr(:hashes, n * 32 + 1, 32) FROM number WHERE n < :count
"""
_NODE_AT = "SELECT hash FROM audit_node WHERE authority = ? AND level = ? AND node_index = ?"
_LEAF_AT = "SELECT leaf_hash FROM audit_leaf WHERE authority = ? AND leaf_index = ?"
_ADD_HEAD = "INSERT INTO audit_checkpoint (authority, size, note, signed_at) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TallLog:
    """An open store with nothing in it but a log of `size` leaves, and who signed it."""

    store: SqliteStore
    identity: LogIdentity
    size: int


@contextmanager
def tall_log(folder: Path, size: int) -> Iterator[TallLog]:
    """Make a log of *size* leaves in *folder* and give it, open."""
    create_keys(folder / "keys")
    signer = open_signer(folder / "keys", _ORIGIN)
    identity = LogIdentity(origin=_ORIGIN, signer=NoteSigner.of(signer.vkey, signer.sign))
    path = folder / "store.db"
    open_store(path, authority=AUTHORITY, on_wake=lambda _: None).close()
    with quickly(path) as connection:
        leaves = bytearray()
        for first in range(0, size, _TOGETHER):
            piece = _leaves(first, min(first + _TOGETHER, size))
            connection.execute(_ADD_LEAVES, _told(first, piece))
            leaves += piece
        grow(connection, AUTHORITY, leaves, signed=0, identity=identity)
    with open_store(path, authority=AUTHORITY, on_wake=lambda _: None) as store:
        yield TallLog(store=store, identity=identity, size=size)


def header_of(index: int) -> bytes:
    """Return what stands for the event of one leaf: the canonical JSON of as many bytes as an event has."""
    return b'{"commitment":"%064x","event_id":"%s","padding":"%0150d"}' % (index, event_of(index).encode(), 0)


def event_of(index: int) -> EventId:
    """Return the name of the event of one leaf."""
    return EventId(f"evt_{index:026d}")


@contextmanager
def quickly(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to a closed store that waits for no disk, and looks at no reference between tables.

    Afterwards all of it is on the disk, or what comes next would be measured while gigabytes are still being written.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        for name, value in _QUICK.items():
            connection.execute(f"PRAGMA {name} = {value}").fetchall()
        connection.execute(_NUMBERS)
        connection.executemany("INSERT INTO number VALUES (?)", ((n,) for n in range(_TOGETHER)))
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def grow(
    connection: sqlite3.Connection, authority: str, leaves: bytes | bytearray, *, signed: int, identity: LogIdentity
) -> str:
    """Store what *leaves*, all there are, complete beyond the first *signed* of them; return the new head, signed."""
    for level, hashes in _levels(leaves):
        known = signed >> level
        for first, piece in _in_pieces(hashes[known * _HASH :]):
            connection.execute(_ADD_NODES, {"level": level, **_told(known + first, piece, authority)})
    size = len(leaves) // _HASH
    root = compact_range(size, node_in(connection, authority)).root
    note = sign_checkpoint(Checkpoint(origin=identity.origin, size=size, root=root), identity.signer)
    ((last,),) = connection.execute("SELECT coalesce(max(signed_at), 0) FROM audit_checkpoint").fetchall()
    connection.execute(_ADD_HEAD, (authority, size, note, last + 1))
    return note


def node_in(connection: sqlite3.Connection, authority: str) -> NodeGetter:
    """Return what reads a complete subtree off the rows."""

    def node(level: int, index: int) -> bytes | None:
        key = (authority, level, index) if level else (authority, index)
        row = connection.execute(_NODE_AT if level else _LEAF_AT, key).fetchone()
        return None if row is None else bytes(row[0])

    return node


def _leaves(first: int, end: int) -> bytes:
    return b"".join([hashlib.sha256(_LEAF + header_of(index)).digest() for index in range(first, end)])


def _levels(leaves: bytes | bytearray) -> Iterator[tuple[int, bytearray]]:
    """Yield, from level 1 up, the hashes of all complete subtrees of that level, one after the other."""
    hashes: bytes | bytearray = leaves
    for level in count(1):
        joined = bytearray()
        for _, piece in _in_pieces(hashes):
            joined += _pairs(piece)
        if not joined:
            return
        yield level, joined
        hashes = joined


def _pairs(hashes: bytes) -> bytes:
    """Return the hash over each pair of *hashes*; one that has no other yet is left out."""
    sha256, two = hashlib.sha256, 2 * _HASH
    return b"".join([sha256(_NODE + hashes[at : at + two]).digest() for at in range(0, len(hashes) // two * two, two)])


def _in_pieces(hashes: bytes | bytearray) -> Iterator[tuple[int, bytes]]:
    """Yield hashes some thousand at a time, an even number of them, each piece with the number of its first."""
    for first in range(0, len(hashes) // _HASH, _TOGETHER):
        yield first, bytes(hashes[first * _HASH : (first + _TOGETHER) * _HASH])


def _told(first: int, hashes: bytes, authority: str = AUTHORITY) -> dict[str, object]:
    return {"authority": authority, "first": first, "hashes": hashes, "count": len(hashes) // _HASH}
