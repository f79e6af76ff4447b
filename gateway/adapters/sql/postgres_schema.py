"""At which version is a PostgreSQL database, and how does it get to ours?

The tables belong to a role of their own. Whoever is that role makes them, brings them up to date, and gives the
application's role its rights; the application itself can do none of it.
"""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from gateway.adapters.sql.migrate import HEAD, MIGRATIONS, SchemaVersion
from gateway.adapters.sql.postgres_connection import PostgresLimits, open_connection
from gateway.adapters.sql.postgres_errors import ours
from gateway.adapters.sql.transaction import Row
from gateway.errors import StoreUnavailableError

_ONE_AT_A_TIME = 7_325_612_004_518_911
"""The number of the advisory lock of whoever changes the schema."""


def version_of(connection: psycopg.Connection[Row]) -> SchemaVersion:
    """Return the version of the database *connection* is open on."""
    try:
        (known,) = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone() or (False,)
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    except psycopg.Error as cause:
        raise ours(cause) from None
    return SchemaVersion(current=row[0] if row else None)


def require_newest(connection: psycopg.Connection[Row]) -> SchemaVersion:
    """Return the version of the database when it is the one this program was made for.

    Raises:
        StoreUnavailableError: it is another (code `store-version`).
    """
    version = version_of(connection)
    if version.current != HEAD:
        raise StoreUnavailableError(
            f"the database is at version {version}; its owner brings it up to date: GATEWAY_DATABASE_OWNER_URL",
            code="store-version",
        )
    return version


def prepare_database(owner_dsn: str, dsn: str, limits: PostgresLimits | None = None) -> None:
    """Bring the database to the newest version as its owner, and give the role of *dsn* what the application needs.

    Raises:
        StoreUnavailableError: the database is at a version this program does not know (code `store-version`), or it
            cannot be reached.
    """
    # Half a second and 20 MB that only whoever prepares a database has to pay.
    from gateway.adapters.sql.alembic_runner import run_postgres_migrations  # noqa: PLC0415
    from gateway.adapters.sql.postgres_guards import grant_rights  # noqa: PLC0415

    with open_connection(owner_dsn, limits or PostgresLimits()) as connection:
        try:
            connection.execute("SELECT pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
            if version_of(connection).current != HEAD:
                run_postgres_migrations(connection, MIGRATIONS)
            with connection.transaction():
                grant_rights(connection, role_of(dsn))
        except psycopg.Error as cause:
            raise ours(cause) from None


def role_of(dsn: str) -> str:
    """Return the role that *dsn* signs in as."""
    found = conninfo_to_dict(dsn)
    return str(found.get("user") or "gateway")
