"""Does a lookup find one row by its key, although it was planned when its table was empty?"""

import time
from contextlib import suppress

import pytest

from gateway.adapters.sql.postgres_connection import PostgresLimits
from gateway.adapters.sql.postgres_plans import YOUNG_SECONDS
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import NotFoundError
from gateway.model.identifiers import MessageId, RecordId
from tests.contract.rows import a_message, a_record
from tests.engines.postgres import Database

ROWS, LOOKUPS = 2000, 20
TELL = "SELECT pg_stat_force_next_flush()"
ONE_OF_EACH = PostgresLimits(writers=1, readers=1, connect_seconds=5)


def test_plans_for_an_empty_table_do_not_outlive_the_first_burst(database: Database) -> None:
    with database.store(limits=ONE_OF_EACH) as store:
        store.read(_look_in_vain)
        store.write(_fill)
        time.sleep(2 * YOUNG_SECONDS)

        before = _rows_read(database)
        store.read(_look_up)

        assert _rows_read(database) - before == pytest.approx(LOOKUPS, abs=LOOKUPS)


def _look_in_vain(work: SqlUnitOfWork) -> None:
    for _ in range(LOOKUPS):
        with suppress(NotFoundError):
            work.records.get(RecordId("rec_none"))


def _fill(work: SqlUnitOfWork) -> None:
    for number in range(ROWS):
        work.messages.claim(a_message(number))
        work.records.add(a_record(number, message_id=MessageId(f"msg_{number}")))
    work.transaction.rows(TELL, ())


def _look_up(work: SqlUnitOfWork) -> None:
    for number in range(LOOKUPS):
        work.records.get(RecordId(f"rec_{number}"))
    work.transaction.rows(TELL, ())


def _rows_read(database: Database) -> int:
    ((found,),) = database.execute("SELECT sum(idx_tup_read)::int FROM pg_stat_user_indexes WHERE relname = 'record'")
    assert isinstance(found, int)
    return found
