"""Does the database itself refuse to change what must never change, also past our code?"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.audit.log import Batch, Leaf, Node
from gateway.errors import IntegrityError
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef, MessageId
from tests.contract.rows import NOW, a_permit, an_event
from tests.fakes.stores import a_store

ANNA = ChildRef("child_a")
EVENTS = (an_event(1, child_ref=ANNA, subject_seq=0), an_event(2, child_ref=ANNA, subject_seq=1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a store that holds a row of everything that is append-only."""

    def _fill(work: UnitOfWork) -> None:
        [work.audit.append(event) for event in EVENTS]
        work.permits.add(a_permit())

    leaves = tuple(Leaf(index=n, event_id=event.event_id, leaf_hash=bytes(32)) for n, event in enumerate(EVENTS))
    nodes = (Node(level=1, index=0, hash=bytes(32)),)
    with a_store(tmp_path) as store:
        store.write(_fill)
        store.log_store.append_batch(
            Batch(after=None, leaves=leaves, nodes=nodes, size=2, signed_at=NOW, sign=lambda: "a note\n")
        )
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "store.db", isolation_level=None)
    connection.execute("PRAGMA recursive_triggers = 1")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET header = x'00'",
        "UPDATE audit_event SET authority = 'E08000005'",
        "DELETE FROM audit_event",
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
        "UPDATE audit_leaf SET leaf_hash = x'00'",
        "DELETE FROM audit_leaf",
        "INSERT OR REPLACE INTO audit_leaf SELECT * FROM audit_leaf",
        "UPDATE audit_node SET hash = x'00'",
        "DELETE FROM audit_node",
        "UPDATE audit_checkpoint SET note = ''",
        "DELETE FROM audit_checkpoint",
        "UPDATE permit SET result = 'PERMIT'",
        "DELETE FROM permit",
        "INSERT OR REPLACE INTO permit SELECT * FROM permit",
        "UPDATE audit_payload SET sealed_payload = x'00'",
        "UPDATE audit_payload SET child_ref = 'child_b'",
        "UPDATE audit_payload SET subject_seq = 9",
    ],
)
def test_no_statement_changes_what_is_append_only(connection: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="is append-only"):
        connection.execute(statement)


def test_a_payload_can_be_erased_and_every_leaf_stays(connection: sqlite3.Connection, folder: Path) -> None:
    connection.execute("DELETE FROM audit_payload WHERE event_id = 'event_1'")

    with a_store(folder) as store:
        first, second = store.read(lambda work: work.audit.of_message(MessageId("msg_1")))

        assert (first.header, first.commitment) == (EVENTS[0].header, EVENTS[0].commitment)
        assert (first.sealed_payload, first.wrapped_key, first.child_ref, first.subject_seq) == (b"", None, None, None)
        assert second == EVENTS[1]
        assert store.read(lambda work: work.audit.of_child(ANNA)) == [EVENTS[1]]
        assert store.log_store.leaf_of(EVENTS[0].event_id) is not None


def test_a_payloads_key_can_be_wrapped_anew(connection: sqlite3.Connection, folder: Path) -> None:
    connection.execute("UPDATE audit_payload SET wrapped_key = x'02'")

    with a_store(folder) as store:
        assert store.read(lambda work: work.audit.of_child(ANNA))[0].wrapped_key == b"\x02"


def test_leaves_that_leave_a_gap_are_never_signed(folder: Path) -> None:
    with a_store(folder) as store:
        store.write(lambda work: work.audit.append(an_event(3)))
        leaf = Leaf(index=3, event_id=an_event(3).event_id, leaf_hash=bytes(32))
        head = store.log_store.head()

        with pytest.raises(IntegrityError):
            store.log_store.append_batch(
                Batch(after=head, leaves=(leaf,), nodes=(), size=3, signed_at=NOW, sign=lambda: "a gap\n")
            )

        assert store.log_store.head() == head


def test_an_event_recorded_late_is_still_given_a_leaf(folder: Path) -> None:
    with a_store(folder) as store:
        store.write(lambda work: work.audit.append(an_event(3)))

        assert [event.event_id for event in store.log_store.pending(9)] == ["event_3"]
