"""How are the migrations run on a connection that is already open?"""

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from gateway.adapters.sql import postgres_errors
from gateway.adapters.sql.driver_errors import ours
from gateway.adapters.sql.transaction import Row
from gateway.errors import StoreUnavailableError


def run_migrations(connection: sqlite3.Connection, folder: Path) -> None:
    """Bring the SQLite database of *connection* to the newest migration in *folder*.

    Raises:
        StoreUnavailableError: the database is at a version no migration here knows (code `store-version`), or it
            cannot be changed now.
    """
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    try:
        _upgrade(engine, folder)
    except DBAPIError as cause:
        if isinstance(cause.orig, sqlite3.Error):
            raise ours(cause.orig) from cause
        raise


def run_postgres_migrations(connection: psycopg.Connection[Row], folder: Path) -> None:
    """Bring the PostgreSQL database of *connection*, which commits by itself, to the newest migration in *folder*.

    Raises:
        StoreUnavailableError: as above.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)
    connection.autocommit = False
    try:
        _upgrade(engine, folder)
    except DBAPIError as cause:
        if isinstance(cause.orig, psycopg.Error):
            raise postgres_errors.ours(cause.orig) from None
        raise
    finally:
        connection.rollback()
        connection.autocommit = True


def _upgrade(engine: Engine, folder: Path) -> None:
    try:
        with engine.connect() as bind:
            command.upgrade(alembic_config(folder, connection=bind), "head")
            bind.commit()
    except CommandError as cause:
        raise StoreUnavailableError(
            f"the database cannot be brought up to date: {cause}", code="store-version"
        ) from cause


def alembic_config(folder: Path, **attributes: Any) -> Config:  # noqa: ANN401 - Alembic passes them on as they are
    """Return Alembic's configuration for the migrations in *folder*."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(attributes)
    return config


def newest(folder: Path) -> str | None:
    """Return the newest migration in *folder*."""
    return ScriptDirectory.from_config(alembic_config(folder)).get_current_head()


def _begin(connection: Connection) -> None:
    # The driver begins nothing by itself on our connections, and a deferred transaction could lose a race at its end.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
