"""Small, valid, visibly invented logs for the tests of the log."""

import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.entry import Entry, make_entry
from gateway.audit.event import Event, EventKind
from gateway.audit.export import ChildEvent, Export, make_export
from gateway.audit.log import LogIdentity, prove, sequence
from gateway.audit.note import NoteKey, NoteSigner
from gateway.model.identifiers import EventId
from gateway.model.tree import Tree
from tests.fakes.log_store import InMemoryLogStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ORIGIN = "gateway.nowhere.example/audit/2026"
AUTHORITY = "E09000099"


def a_signer(seed: int = 1, name: str = ORIGIN) -> NoteSigner:
    """Return a signer whose key anybody can make again from *seed*: for tests only."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test key %d" % seed).digest())
    return NoteSigner(key=NoteKey(name=name, public=private.public_key().public_bytes_raw()), sign=private.sign)


def an_identity(seed: int = 1, origin: str = ORIGIN) -> LogIdentity:
    return LogIdentity(origin=origin, signer=a_signer(seed))


def a_blinding(number: int) -> bytes:
    return hashlib.sha256(b"test blinding %d" % number).digest()


def an_event(number: int = 0, **words: Tree) -> Event:
    said: dict[str, Tree] = {
        "message_id": f"msg_{number}",
        "format": "mash/govuk-forms-1",
        "body_sha256": hashlib.sha256(b"%d" % number).hexdigest(),
        "idempotency_key": "Testina Exampleton, 1 Nowhere Lane",
        **words,
    }
    at = NOON + timedelta(seconds=number)
    return Event.of(EventKind.MESSAGE_RECEIVED, said, at=at, actor="system", organisation="school-1")


def an_entry(number: int = 0, **words: Tree) -> Entry:
    return make_entry(an_event(number, **words), blinding=a_blinding(number))


def id_of(number: int) -> EventId:
    return EventId(f"evt_{number}")


def a_log(size: int, *, batch: int = 500, identity: LogIdentity | None = None) -> InMemoryLogStore:
    """Return a log of *size* entries (`an_entry`), signed every *batch* leaves."""
    store = InMemoryLogStore()
    grow(store, 0, size, batch=batch, identity=identity)
    return store


def grow(
    store: InMemoryLogStore, start: int, end: int, *, batch: int = 500, identity: LogIdentity | None = None
) -> None:
    """Record entries *start* to *end* and give them leaves."""
    for number in range(start, end):
        store.record(id_of(number), an_entry(number).header)
    while sequence(store, identity or an_identity(), at=NOON, limit=batch):
        pass


def a_chain(count: int, *, first: int = 100) -> list[Entry]:
    """Return the entries of one child, each linked to the one before."""
    entries: list[Entry] = []
    for seq in range(count):
        previous = entries[-1].commitment if entries else None
        entries.append(
            make_entry(
                an_event(first + seq),
                blinding=a_blinding(first + seq),
                subject_tag=hashlib.sha256(b"tag %d" % seq).hexdigest(),
                subject_seq=seq,
                subject_prev=previous,
            )
        )
    return entries


def logged(entries: Iterable[Entry], *, others: int = 3, identity: LogIdentity | None = None) -> list[ChildEvent]:
    """Return a child's entries, each with its proof from a log in which other events stand between them."""
    identity = identity or an_identity()
    store = InMemoryLogStore()
    known = list(entries)
    for seq, entry in enumerate(known):
        grow(store, seq * others, (seq + 1) * others, identity=identity)
        store.record(EventId(f"child_{seq}"), entry.header)
    sequence(store, identity, at=NOON)
    return [
        ChildEvent(
            proof=prove(store, identity, event_id=EventId(f"child_{seq}"), header=entry.header), secret=entry.secret
        )
        for seq, entry in enumerate(known)
    ]


def an_export(events: list[ChildEvent], *, count: int | None = None, identity: LogIdentity | None = None) -> Export:
    checkpoint = events[0].proof.checkpoint
    counted = len(events) if count is None else count
    return make_export(events, identity or an_identity(), count=counted, checkpoint=checkpoint, at=NOON)


def unzipped(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return target.getvalue()


SCHEMA = """
CREATE TABLE audit_event (position INTEGER PRIMARY KEY AUTOINCREMENT, authority TEXT, event_id TEXT, kind TEXT,
    header BLOB, commitment BLOB, message_id TEXT, recorded_at INTEGER, UNIQUE (authority, event_id));
CREATE TABLE audit_leaf (authority TEXT, leaf_index INTEGER, event_id TEXT, leaf_hash BLOB);
CREATE TABLE audit_node (authority TEXT, level INTEGER, node_index INTEGER, hash BLOB);
CREATE TABLE audit_checkpoint (authority TEXT, size INTEGER, note TEXT, signed_at INTEGER);
"""


def a_database(path: Path, store: InMemoryLogStore, *, authority: str = AUTHORITY) -> Path:
    """Write a log into a SQLite file, in the tables of the real store."""
    with sqlite3.connect(path) as db:
        known = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        db.executescript("" if known else SCHEMA)
        db.executemany(
            "INSERT INTO audit_event (authority, event_id, kind, header, commitment) VALUES (?, ?, 'x', ?, ?)",
            [(authority, event.event_id, event.header, _commitment(event.header)) for event in store.events],
        )
        db.executemany(
            "INSERT INTO audit_leaf VALUES (?, ?, ?, ?)",
            [(authority, leaf.index, leaf.event_id, leaf.leaf_hash) for leaf in store.leaves],
        )
        db.executemany(
            "INSERT INTO audit_node VALUES (?, ?, ?, ?)",
            [(authority, level, index, joined) for (level, index), joined in store.nodes.items()],
        )
        db.executemany(
            "INSERT INTO audit_checkpoint VALUES (?, ?, ?, 0)",
            [(authority, head.size, head.note) for head in store.heads],
        )
    db.close()
    return path


def _commitment(header: bytes) -> bytes:
    start = header.index(b'"commitment":"') + 14
    return bytes.fromhex(header[start : start + 64].decode())


def flipped(data: bytes, bit: int) -> bytes:
    """Return *data* with one bit turned over."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def every_flip(data: bytes) -> Iterable[bytes]:
    return (flipped(data, bit) for bit in range(len(data) * 8))


def accepted(
    check: Callable[[bytes], object], candidates: Iterable[bytes], *, refusal: tuple[type[Exception], ...]
) -> list[bytes]:
    """Return those candidates that *check* lets pass."""
    passed: list[bytes] = []
    for candidate in candidates:
        try:
            check(candidate)
        except refusal:
            continue
        passed.append(candidate)
    return passed
