"""How is a store filled with a million messages in minutes? Those really worked through are copied under fresh names.

Every table that grows with messages is filled: each copy has names, blinded keys, positions and times of its own, later
than those of the copy before it, as if the messages had come one after the other. Sealed bytes that no index holds and
nobody reads again are cut short, or the file would be four times as large. The log goes on over all of them, and is
signed, so that the gateway takes it for its own.
"""

import re
import sqlite3
from functools import partial

from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.head_file import HeadFile
from gateway.adapters.sql.tables import metadata
from gateway.audit.log import LogIdentity
from gateway.audit.note import NoteSigner
from tests.bench.tall_log import grow, quickly
from tests.fault.installation import Installation

_NOT_OF_MESSAGES = {"account", "breaker", "credential", "duty", "label_meaning", "organisation", "sign_in", "wake"}
_OF_THE_LOG = {"audit_checkpoint", "audit_leaf", "audit_node", "audit_pending"}
COPIED = tuple(sorted(metadata.tables.keys() - _NOT_OF_MESSAGES - _OF_THE_LOG))
_OWN_POSITION = {table.name for table in metadata.tables.values() if table.primary_key.columns.keys() == ["position"]}
_POSITION_OF = {name: name for name in (*_OWN_POSITION, "message")} | {"delivery_subject": "delivery"}
_NAMES = {
    *("message_id", "correlation_id", "record_id", "child_ref", "permit_id", "delivery_id", "conversation_id"),
    *("review_id", "subject_id", "event_id"),
}
_HOLDING_NAMES = {
    *(("epoch", "name"), ("fact", "fact_id"), ("timer", "timer_id")),
    *(("delivery", "subjects"), ("record", "subjects")),
}
_BLINDED = {("child_key", "blinded"), ("conversation", "reference"), ("message", "idempotency_key")}
_CUT = {
    *(("audit_payload", "sealed_payload"), ("delivery_document", "sealed_document"), ("message", "receipt")),
    *(("original_chunk", "sealed"), ("permit", "body"), ("record", "sealed")),
}
_NEWEST_IS_READ = ("audit_event", "header")
_CUT_TO = 48
_PAST = {"created_at", "decided_at", "handed_over_at", "opened_at", "received_at", "recorded_at"}
"""Times that have passed: those of a copy lie before those of the next. What is yet to come is left as it is."""
_NAME = re.compile(r"([a-z]{2,12}_)[0-9a-z]{10}(?=[0-9a-z]{16})")
_STAMP = slice(4, 14)
"""The first ten of a name's 26 characters spell the millisecond it was made in."""
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_SPREAD_BYTES = 8
_UNSETTLED = (
    "SELECT (SELECT count(*) FROM audit_pending) + (SELECT count(*) FROM message WHERE ready_at IS NOT NULL)"
    " + (SELECT count(*) FROM delivery WHERE ready_at IS NOT NULL)"
)
_SPAN = "CREATE TEMP TABLE span AS SELECT max(received_at) - min(received_at) + 1 AS length FROM message"
_LEAVES = """
INSERT INTO audit_leaf (authority, leaf_index, event_id, leaf_hash)
SELECT authority, leaf_index + k * ?, substr(event_id, 1, 4) || stamp || substr(event_id, 15), leaf_hash
FROM copy CROSS JOIN template_leaf
"""


def fill(installation: Installation, messages: int) -> int:
    """Copy what an installation's store holds until that is about *messages*; return how many there are then.

    It is not running, and has worked through all it took in, some seconds ago at least.
    """
    settings = installation.settings()
    signer = open_signer(settings.keys_folder, settings.origin)
    identity = LogIdentity(origin=settings.origin, signer=NoteSigner.of(signer.vkey, signer.sign))
    with quickly(installation.database) as connection:
        assert connection.execute(_UNSETTLED).fetchone() == (0,), "something in the store waits to be worked through"
        held = _number(connection, "SELECT count(*) FROM message")
        copies = messages // held - 1
        _name_copies(connection, copies)
        for table in COPIED:
            _copy(connection, table, copies)
        note = _go_on(connection, settings.authority, copies, identity)
    HeadFile(settings.keys_folder).keep(note)
    return held * (copies + 1)


def _name_copies(connection: sqlite3.Connection, copies: int) -> None:
    """Give each copy its number, and the stamp all its names have in the place of their time."""
    (newest,) = connection.execute("SELECT max(event_id) FROM audit_event").fetchone()
    last = _value(newest[_STAMP]) + 1000
    connection.execute("CREATE TEMP TABLE copy (k INTEGER PRIMARY KEY, stamp TEXT)")
    rows = ((k, _spelled(last + k)) for k in range(1, copies + 1))
    connection.executemany("INSERT INTO copy VALUES (?, ?)", rows)
    connection.execute(
        "CREATE TEMP TABLE span AS SELECT max(received_at) - min(received_at) + 1 AS length FROM message"
    )
    stride = (1 << 8 * _SPREAD_BYTES) // (copies + 1)
    connection.create_function("spread", 2, partial(_spread, stride), deterministic=True)
    connection.create_function("renamed", 2, _renamed, deterministic=True)


def _copy(connection: sqlite3.Connection, table: str, copies: int) -> None:
    """Store so many copies of all rows of *table*, in the order of its key."""
    columns = metadata.tables[table].columns.keys()
    key = ", ".join(metadata.tables[table].primary_key.columns.keys())
    ours = " WHERE kind <> 'installation'" if table == "conversation" else ""
    connection.execute(f"CREATE TEMP TABLE template_{table} AS SELECT * FROM {table}{ours} ORDER BY {key}")  # noqa: S608 - our names
    counted = _POSITION_OF.get(table)
    step = _number(connection, f"SELECT coalesce(max(position), 0) FROM {counted}") if counted else 0  # noqa: S608 - our names
    if counted and table != counted:
        step //= copies + 1
    values = ", ".join(_expression(table, column, step, copies) for column in columns)
    connection.execute(
        f"INSERT OR IGNORE INTO {table} ({', '.join(columns)})"  # noqa: S608 - our names
        f" SELECT {values} FROM copy CROSS JOIN template_{table}"
    )


def _expression(table: str, column: str, step: int, copies: int) -> str:
    """Return what the k-th copy has in *column*."""
    place = (table, column)
    found = column
    if column == "position" and step:
        found = f"position + k * {step}"
    elif column in _NAMES:
        found = f"substr({column}, 1, 4) || stamp || substr({column}, 15)"
    elif place in _HOLDING_NAMES:
        found = f"renamed({column}, stamp)"
    elif place in _BLINDED:
        found = f"spread({column}, k)"
    elif column in _PAST:
        found = f"{column} - ({copies} - k + 1) * (SELECT length FROM span)"  # noqa: S608 - our names
    elif place == _NEWEST_IS_READ:
        found = f"CASE k WHEN {copies} THEN {column} ELSE substr({column}, 1, {_CUT_TO}) END"
    elif place in _CUT:
        found = f"substr({column}, 1, {_CUT_TO})"
    return found


def _go_on(connection: sqlite3.Connection, authority: str, copies: int, identity: LogIdentity) -> str:
    """Give every copied event its leaf, and return the signed head over all of them."""
    rows = connection.execute("SELECT leaf_hash FROM audit_leaf ORDER BY leaf_index").fetchall()
    connection.execute("CREATE TEMP TABLE template_leaf AS SELECT * FROM audit_leaf ORDER BY leaf_index")
    connection.execute(_LEAVES, (len(rows),))
    leaves = b"".join(leaf for (leaf,) in rows) * (copies + 1)
    return grow(connection, authority, leaves, signed=len(rows), identity=identity)


def _renamed(text: str, stamp: str) -> str:
    """Return *text* with every name in it as the copy of *stamp* has it."""
    return _NAME.sub(rf"\g<1>{stamp}", text)


def _spread(stride: int, blinded: bytes | str, k: int) -> bytes | str:
    """Return a fresh value for a blinded one; those of the k-th copy come before those of the next, evenly spread."""
    if isinstance(blinded, str):
        return _spread(stride, bytes.fromhex(blinded), k).hex() if blinded else blinded  # type: ignore[union-attr]  # bytes for bytes
    within = int.from_bytes(blinded[:_SPREAD_BYTES]) * stride >> 8 * _SPREAD_BYTES
    return (k * stride + within).to_bytes(_SPREAD_BYTES) + blinded[_SPREAD_BYTES:]


def _value(stamp: str) -> int:
    """Return the milliseconds a stamp spells."""
    number = 0
    for digit in stamp:
        number = number << 5 | _DIGITS.index(digit)
    return number


def _spelled(number: int) -> str:
    """Return the stamp of so many milliseconds."""
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_STAMP.stop - _STAMP.start)))


def _number(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])
