"""At which version is the database, and how does it get to ours?"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from gateway.adapters.sql.driver_errors import ours

HEAD = "v0014"
"""The newest migration, said here so that opening a store that has it need not load Alembic; a test keeps it true."""

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaVersion:
    """The migration a database stands at (None: it is empty), and the newest this program knows."""

    current: str | None
    newest: str = HEAD

    def __str__(self) -> str:
        return f"{self.current or 'none'}" + ("" if self.current == self.newest else f" (newest: {self.newest})")


def version_of(connection: sqlite3.Connection) -> SchemaVersion:
    """Return the version of the database *connection* is open on."""
    try:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    except sqlite3.Error as cause:
        raise ours(cause) from cause
    return SchemaVersion(current=row[0] if row else None)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest version.

    Promise: each migration is one transaction: after a crash the database stands before it or behind it.

    Raises:
        StoreUnavailableError: the database is at a version this program does not know (code `store-version`), or it
            cannot be changed now.
    """
    if version_of(connection).current == HEAD:
        return
    # Half a second and 20 MB that only a new or an old database has to pay.
    from gateway.adapters.sql.alembic_runner import run_migrations  # noqa: PLC0415

    run_migrations(connection, MIGRATIONS)
