"""When does a store on PostgreSQL open, what does the database itself refuse, and what happens when it goes away?"""

import signal
import time
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine

from gateway.adapters.sql.guards import APPEND_ONLY
from gateway.adapters.sql.migrate import HEAD
from gateway.adapters.sql.postgres import PostgresStore, open_postgres_store, open_postgres_view
from gateway.adapters.sql.postgres_connection import PostgresLimits, open_connection, require_settings
from gateway.adapters.sql.postgres_guards import postgres_guards
from gateway.adapters.sql.postgres_schema import prepare_database
from gateway.adapters.sql.tables import metadata
from gateway.demo.engines.postgres import PostgresServer
from gateway.errors import IntegrityError, PermanentError, StoreUnavailableError
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import Authority, ChildRef
from tests.contract.rows import a_message, a_permit, an_event, an_organisation
from tests.engines.postgres import LIMITS, Database, connect, the_server
from tests.fakes.stores import BARNET, nobody

ANNA = ChildRef("child_a")
FOR_SOME_ROWS = (
    "CREATE OR REPLACE TRIGGER permit_never_shrinks BEFORE DELETE ON permit"
    " FOR EACH ROW WHEN (OLD.result = '') EXECUTE FUNCTION refuse_change()"
)
QUICK = PostgresLimits(writers=2, readers=2, connect_seconds=0.5)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of a test's own, to be ended and started again."""
    server = PostgresServer.made()
    with connect(server, "postgres", "postgres") as connection:
        connection.execute("CREATE DATABASE own OWNER ecaf_owner")
    prepare_database(server.dsn("own", "ecaf_owner"), server.dsn("own"))
    yield server
    server.remove()


def lift(work: UnitOfWork) -> None:
    work.epochs.lift(["policy"])


def epoch(work: UnitOfWork) -> int:
    return work.epochs.current(["policy"])["policy"]


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    address = database.owner_dsn.replace("postgresql:", "postgresql+psycopg:")
    with create_engine(address, poolclass=NullPool).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


@pytest.mark.parametrize("name", sorted(postgres_guards()))
def test_a_missing_guard_is_named_and_the_store_stays_shut(database: Database, name: str) -> None:
    table = name.rpartition("_never_")[0]
    database.execute(f"DROP TRIGGER {name} ON {table}")

    with pytest.raises(IntegrityError, match=name):
        database.store()


@pytest.mark.parametrize(
    "weakening",
    [
        "ALTER TABLE permit DISABLE TRIGGER permit_never_shrinks",
        "ALTER TABLE permit ENABLE REPLICA TRIGGER permit_never_shrinks",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        FOR_SOME_ROWS,
    ],
    ids=["switched off", "for replicas only", "does nothing", "for some rows only"],
)
def test_a_guard_that_was_weakened_is_as_good_as_missing(database: Database, weakening: str) -> None:
    database.execute(weakening)

    with pytest.raises(IntegrityError, match="lacks the guard"):
        database.store()


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_right_too_many_is_noticed(database: Database, table: str, right: str) -> None:
    database.execute(f"GRANT {right} ON {table} TO ecaf_app")

    with pytest.raises(IntegrityError, match=f"may change {table}"):
        database.store()


@pytest.mark.parametrize("role", ["ecaf_owner", "postgres"])
def test_nobody_opens_it_who_could_take_the_guards_away(database: Database, role: str) -> None:
    with pytest.raises(IntegrityError, match="neither its owner nor a superuser"):
        open_postgres_store(database.server.dsn(database.name, role), authority=BARNET, on_wake=nobody, limits=LIMITS)


@pytest.fixture
def filled(database: Database, one: PostgresStore) -> Database:
    """A database with a row of everything that business writes and nothing may change."""

    def _fill(work: UnitOfWork) -> None:
        work.audit.append(an_event(1, child_ref=ANNA, subject_seq=0))
        work.permits.add(a_permit())

    one.write(_fill)
    return database


CHANGES = [
    "UPDATE audit_event SET header = 'x'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event CASCADE",
    "UPDATE permit SET result = 'PERMIT'",
    "DELETE FROM permit",
    "TRUNCATE permit",
    "UPDATE audit_payload SET sealed_payload = 'x'",
    "UPDATE audit_payload SET child_ref = 'child_b'",
    "TRUNCATE audit_payload",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_is_stopped_by_a_trigger(filled: Database, statement: str) -> None:
    with pytest.raises(psycopg.Error, match="is append-only"):
        filled.execute(statement)


@pytest.mark.parametrize("statement", [*CHANGES, "ALTER TABLE permit DISABLE TRIGGER ALL", "DROP TABLE permit"])
def test_the_application_has_no_right_even_to_try(filled: Database, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        filled.execute(statement, "ecaf_app")


def test_a_payload_can_be_erased_by_the_application(filled: Database, one: PostgresStore) -> None:
    filled.execute("UPDATE audit_payload SET wrapped_key = 'anew'", "ecaf_app")
    filled.execute("DELETE FROM audit_payload", "ecaf_app")

    assert one.read(lambda work: work.audit.of_child(ANNA)) == []
    assert len(one.log_store.pending(9)) == 1


def test_another_version_is_refused(database: Database) -> None:
    database.execute("UPDATE alembic_version SET version_num = 'v9999'")

    with pytest.raises(StoreUnavailableError, match=f"v9999.*{HEAD}") as refusal:
        database.store()
    with pytest.raises(StoreUnavailableError):
        prepare_database(database.owner_dsn, database.dsn)

    assert refusal.value.code == "store-version"


def test_a_database_is_prepared_by_its_owner_at_the_first_start() -> None:
    server = the_server()
    with connect(server, "postgres", "postgres") as connection:
        connection.execute("CREATE DATABASE fresh OWNER ecaf_owner")
    bare = Database(server=server, name="fresh")

    with pytest.raises(StoreUnavailableError, match="none"):
        bare.store()
    opened = open_postgres_store(bare.dsn, authority=BARNET, on_wake=nobody, owner_dsn=bare.owner_dsn, limits=LIMITS)
    opened.close()

    bare.store().close()
    bare.drop()


@pytest.mark.parametrize("address", ["not an address", "postgresql://ecaf_app@127.0.0.1:1/none?password=hidden"])
def test_an_address_that_leads_nowhere_is_not_repeated(address: str) -> None:
    with pytest.raises((PermanentError, StoreUnavailableError)) as refusal:
        open_postgres_store(address, authority=BARNET, on_wake=nobody, limits=QUICK)

    assert "hidden" not in str(refusal.value)
    assert address not in str(refusal.value)


def test_every_commit_is_synced(one: PostgresStore) -> None:
    health = one.health()

    assert health.settings["synchronous_commit"] == "on"
    assert (health.version.current, health.file_bytes > 0, health.free_bytes) == (HEAD, True, None)


@pytest.mark.parametrize("setting", ["synchronous_commit = off", "transaction_read_only = on"])
def test_a_setting_that_does_not_hold_is_named(database: Database, setting: str) -> None:
    with open_connection(database.dsn, LIMITS) as connection:
        require_settings(connection)
        connection.autocommit = False
        connection.execute(f"SET {setting}".encode())

        with pytest.raises(IntegrityError, match=setting.split(maxsplit=1)[0]):
            require_settings(connection)


def test_a_server_that_does_not_sync_is_refused(server: PostgresServer) -> None:
    with connect(server, "postgres", "postgres") as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
    server.stop()
    server.start()

    with pytest.raises(IntegrityError, match="fsync"):
        Database(server=server, name="own").store()


def test_another_authoritys_rows_are_not_there(database: Database, one: PostgresStore) -> None:
    one.write(lambda work: (work.messages.claim(a_message()), lift(work)))

    with database.store(authority=Authority("E08000005")) as store:
        assert store.read(lambda work: work.messages.find()) == []
        assert store.read(epoch) == 0
        assert store.write(lambda work: work.messages.claim(a_message())) is None


def test_a_view_sees_everything_and_changes_nothing(database: Database, one: PostgresStore) -> None:
    one.write(lift)
    view = open_postgres_view(database.dsn, authority=BARNET)

    assert view.read(epoch) == 1
    with pytest.raises(PermanentError):
        view.write(lift)
    view.close()


def test_opening_takes_nobodys_lease_away(database: Database, one: PostgresStore) -> None:
    one.write(lambda work: work.messages.claim(a_message()))
    (leased,) = one.write(lambda work: work.messages.ready(at=a_message().received_at, limit=1, lease_seconds=60))

    database.store().close()

    assert one.read(lambda work: work.messages.get(leased.message_id)) == leased


def test_a_change_of_the_directory_is_noticed_by_every_process(one: PostgresStore, other: PostgresStore) -> None:
    before = other.directory_version
    one.write(lambda work: work.directory.put_organisation(an_organisation()))

    assert other.directory_version > before


def test_connections_that_were_ended_are_replaced_without_anybody_noticing(
    database: Database, one: PostgresStore
) -> None:
    one.write(lift)
    database.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()",
        "postgres",
    )

    one.write(lift)

    assert one.read(epoch) == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], ids=["orderly", "crash", "killed"])
def test_a_server_that_ends_and_comes_back_has_everything_that_was_answered(
    server: PostgresServer, how: signal.Signals
) -> None:
    with Database(server=server, name="own").store(limits=QUICK) as store:
        [store.write(lift) for _ in range(20)]

        server.stop(how)
        with pytest.raises(StoreUnavailableError):
            store.write(lift)
        with pytest.raises(StoreUnavailableError):
            store.read(epoch)
        server.start()

        _write_once_it_is_found_again(store)
        assert store.read(epoch) == 21


def _write_once_it_is_found_again(store: PostgresStore) -> None:
    """Write when the store has found its server again, which it looks for with growing pauses."""
    limit = time.monotonic() + 20
    while True:
        try:
            store.write(lift)
        except StoreUnavailableError:
            assert time.monotonic() < limit
            time.sleep(0.1)
        else:
            return
