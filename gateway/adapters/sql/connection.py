"""How is a connection opened so that what it says is durable is durable?"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from gateway.adapters.sql.driver_errors import ours
from gateway.errors import IntegrityError, StoreUnavailableError

_BUSY_MILLISECONDS = 5000
_STATEMENTS_KEPT = 256

REQUIRED: Mapping[str, str | int] = {
    "busy_timeout": _BUSY_MILLISECONDS,
    "journal_mode": "wal",
    # NORMAL loses committed rows of a WAL when the power fails; FULL syncs the log at every commit.
    "synchronous": 2,
    "foreign_keys": 1,
    # Overwrite what is deleted, so that an erased document is not left in a free page.
    "secure_delete": 1,
    # Without it INSERT OR REPLACE deletes the old row past the append-only guards.
    "recursive_triggers": 1,
    # Sorting never spills into a file of the system's temporary folder.
    "temp_store": 2,
    "trusted_schema": 0,
    # Pages of 4 KiB in the log before they are moved into the file: moving them less often saved a third of the time.
    "wal_autocheckpoint": 4000,
}
"""What every connection of the store is set to, as SQLite reads it back."""

Driver = Callable[[str], sqlite3.Connection]
"""Opens one connection to the database at a URI: no transaction is begun by itself, and any thread may use it."""


def standard_driver(address: str) -> sqlite3.Connection:
    """Return a connection of the standard library."""
    return sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT
    )


def make_folder(folder: Path) -> None:
    """Make the folder of a database, for its owner only, and return once it would be found after a power loss.

    Raises:
        StoreUnavailableError: it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as cause:
        why = f"the data folder {folder.name} cannot be made: {cause.strerror}; see GATEWAY_DATA_FOLDER"
        raise StoreUnavailableError(why) from cause
    for made in missing:
        handle = os.open(made.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def open_writer(path: Path, driver: Driver = standard_driver) -> sqlite3.Connection:
    """Return the one connection that changes the database at *path*, made if it is not there, for its owner only."""
    path.touch(mode=0o600, exist_ok=True)
    return _open(path, driver, mode="rw")


def open_reader(path: Path, driver: Driver = standard_driver) -> sqlite3.Connection:
    """Return a connection that cannot change anything."""
    connection = _open(path, driver, mode="ro")
    connection.execute("PRAGMA query_only = 1")
    return connection


def empty_log(connection: sqlite3.Connection) -> None:
    """Move what the write-ahead log holds into the file and empty it, so that what was deleted is in neither.

    On a full disk it stays as it is: it holds the same truth, and a store that can be read is better than none.
    """
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def settings_in_force(connection: sqlite3.Connection) -> dict[str, str | int]:
    """Return what the connection is set to, as SQLite reads it back."""
    return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in REQUIRED}


def require_settings(connection: sqlite3.Connection) -> None:
    """Return when the connection is set as it must be.

    Raises:
        IntegrityError: a setting was not taken; it is named.
    """
    for name, found in settings_in_force(connection).items():
        if found != REQUIRED[name]:
            raise IntegrityError(
                f"the database does not keep the setting {name}", expected=str(REQUIRED[name]), found=str(found)
            )


def _open(path: Path, driver: Driver, *, mode: str) -> sqlite3.Connection:
    """Return a connection with every setting made and read back."""
    try:
        connection = driver(f"file:{quote(str(path))}?mode={mode}")
    except sqlite3.Error as cause:
        raise ours(cause) from cause
    try:
        for name, value in REQUIRED.items():
            connection.execute(f"PRAGMA {name} = {value}")
        require_settings(connection)
    except sqlite3.Error as cause:
        connection.close()
        raise ours(cause) from cause
    except IntegrityError:
        connection.close()
        raise
    return connection
