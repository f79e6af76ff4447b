"""What happens when two processes are about one attached document at once? One transaction is held open meanwhile."""

from dataclasses import replace

from gateway.adapters.sql.postgres import PostgresStore
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.flows.store.rows import Attachment, Scan, ScanState
from gateway.model.identifiers import RecordId
from tests.contract.rows import NOW, a_message, a_record
from tests.engines.postgres import Database
from tests.integration.sql.test_postgres_races import held_open, waits

RECORD = RecordId("rec_1")


def attach(store: PostgresStore, *numbers: int) -> None:
    rows = [Attachment(record_id=RECORD, number=one, wrapped_key=b"\x01key", sealed=b"\x01bytes") for one in numbers]
    store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
    store.write(lambda work: [work.attachments.add(one, at=NOW) for one in rows])


def lease(work: SqlUnitOfWork) -> list[int]:
    return [one.number for one in work.attachments.due(at=NOW, limit=1, lease_seconds=60)]


def settle(work: SqlUnitOfWork) -> Scan:
    """Store that the first document is clean, unless something is known of it, and return what was known."""
    was = work.attachments.scans(RECORD)[0]
    work.attachments.save(replace(was, state=ScanState.CLEAN, ready_at=None))
    return was


def test_what_waits_is_leased_side_by_side(one: PostgresStore, other: PostgresStore) -> None:
    attach(one, 0, 1)

    with held_open(one, lease) as first:
        second = other.submit(lease).result(10)

    assert (first.result(10), second) == ([0], [1])


def test_what_a_hand_over_has_looked_at_is_settled_after_it_was_marked(
    one: PostgresStore, other: PostgresStore
) -> None:
    attach(one, 0)

    with held_open(one, lambda work: work.attachments.scans(RECORD)):
        settled = other.submit(settle)
        is_late = waits(settled)

    assert is_late
    assert settled.result(10).state is ScanState.WAITING


def test_of_two_who_settle_one_the_second_sees_what_the_first_has_stored(
    one: PostgresStore, other: PostgresStore
) -> None:
    attach(one, 0)

    with held_open(one, settle):
        second = other.submit(settle)
        is_late = waits(second)

    assert is_late
    assert second.result(10).state is ScanState.CLEAN


def test_the_applications_role_may_do_with_scans_what_business_does_and_no_more(
    one: PostgresStore, database: Database
) -> None:
    attach(one, 0)

    found = database.execute(
        "SELECT table_name, string_agg(privilege_type, ', ' ORDER BY privilege_type)"
        " FROM information_schema.table_privileges WHERE grantee = 'ecaf_app'"
        " AND table_name LIKE 'attachment%' GROUP BY table_name ORDER BY table_name"
    )

    assert found == [(name, "DELETE, INSERT, SELECT, UPDATE") for name in ("attachment", "attachment_scan")]
