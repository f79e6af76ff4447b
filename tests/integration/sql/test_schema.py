"""Is the database what `tables` says it is, and what the house asks of every table?"""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from gateway.adapters.sql import (
    attachment_store,
    audit_store,
    breaker_store,
    child_store,
    conversation_store,
    delivery_order,
    delivery_store,
    directory_store,
    duty_of_people_store,
    first_release_store,
    label_store,
    large_original_store,
    message_store,
    overview,
    record_store,
    sign_in_store,
    summary_store,
)
from gateway.adapters.sql.alembic_runner import newest
from gateway.adapters.sql.leases import RELEASES
from gateway.adapters.sql.migrate import HEAD, MIGRATIONS
from gateway.adapters.sql.tables import metadata
from gateway.adapters.sql.transaction import Transaction
from tests.fakes.stores import a_store

STORES = (
    *(attachment_store, audit_store, breaker_store, child_store, conversation_store, delivery_order, delivery_store),
    *(directory_store, label_store, message_store, overview, record_store, sign_in_store, first_release_store),
    *(large_original_store, summary_store, duty_of_people_store),
)
STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in STORES
    for name, value in vars(module).items()
    if isinstance(value, str) and value.lstrip().startswith(("SELECT ", "UPDATE ", "DELETE ", "INSERT "))
}
BEGINNINGS = {"audit_store._EVENTS"}
"""What no code runs as it is."""
_OPEN_ONLY = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema")
    a_store(folder).close()
    return folder / "store.db"


def test_the_newest_migration_is_the_one_the_program_asks_for() -> None:
    assert newest(MIGRATIONS) == HEAD


def test_the_migrations_make_exactly_the_tables(database: Path) -> None:
    with create_engine(f"sqlite:///{database}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
        connection.engine.dispose()

    assert differences == []


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_row_belongs_to_an_authority_and_every_key_begins_with_it(database: Path, name: str) -> None:
    connection = sqlite3.connect(database)
    columns = connection.execute('SELECT name, "notnull" FROM pragma_table_info(?)', (name,)).fetchall()
    keys = connection.execute("SELECT name FROM pragma_index_list(?)", (name,)).fetchall()
    firsts = [connection.execute("SELECT name FROM pragma_index_info(?)", key).fetchone() for key in keys]
    connection.close()

    assert ("authority", 1) in columns
    assert firsts
    assert set(firsts) == {("authority",)}


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - BEGINNINGS))
def test_every_statement_finds_its_rows_by_an_index(database: Path, name: str) -> None:
    statement = STATEMENTS[name]
    connection = sqlite3.connect(database)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?")).fetchall()
    connection.close()

    steps = [detail for *_, detail in plan]
    assert not [step for step in steps if step.startswith("SCAN")]
    assert not [step for step in steps if "TEMP B-TREE" in step]


@pytest.mark.parametrize(
    "name", sorted(name for name in STATEMENTS.keys() - BEGINNINGS if "LIMIT" not in STATEMENTS[name])
)
def test_no_statement_reads_all_of_an_authority_to_find_a_few(database: Path, name: str) -> None:
    """An index whose condition a statement does not repeat is not used, and a search by authority alone is a scan."""
    statement = STATEMENTS[name]
    connection = sqlite3.connect(database)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?")).fetchall()
    connection.close()

    by_authority = [detail for *_, detail in plan if detail.endswith("(authority=?)")]

    assert by_authority == [] or statement.count("?") == 1


@pytest.mark.parametrize(
    "statement",
    [message_store.claim_statement(Transaction.next_number), large_original_store.become(Transaction.next_number)],
    ids=["a message", "a message on its way in"],
)
def test_a_new_message_gets_its_place_without_reading_the_places_of_others(database: Path, statement: str) -> None:
    """What SQLite calls a search, without saying by what, reads the whole index: for each message, all there are."""
    connection = sqlite3.connect(database)
    marks = statement.count("?") - statement.count("?1")
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * marks).fetchall()
    connection.close()

    steps = [detail for *_, detail in plan]
    assert [step for step in steps if "INDEX message_age (authority=?)" in step]


@pytest.mark.parametrize("statement", RELEASES, ids=("messages", "deliveries", "shelved deliveries"))
def test_opening_the_store_reads_only_what_is_open(database: Path, statement: str) -> None:
    """What was closed are millions, and a gateway that was killed has to be ready in seconds."""
    connection = sqlite3.connect(database)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    partial = {f"USING INDEX {name}" for (name,) in connection.execute(_OPEN_ONLY).fetchall()}
    connection.close()

    steps = [detail for *_, detail in plan]
    assert len(steps) == 1
    assert [found for found in partial if steps[0].endswith(found)]
