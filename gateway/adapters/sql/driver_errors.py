"""Which of our errors is an error of the SQLite driver?"""

import sqlite3

from gateway.errors import (
    ConflictError,
    GatewayError,
    IntegrityError,
    PermanentError,
    StoreFullError,
    StoreUnavailableError,
    TooLargeError,
)

MISUSE = "store-misuse"
"""The code of every error that only a fault in our own code can cause."""

_TAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_MAY_PASS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_ABORT,
        sqlite3.SQLITE_SCHEMA,
    }
)
_FAMILY = 0xFF
"""An extended result code holds its family in the lowest byte. Source: SQLite, "Result and Error Codes"."""


def ours(error: sqlite3.Error | sqlite3.Warning) -> GatewayError:
    """Return the gateway's own error for *error*; raise it `from` the cause.

    The driver's words name tables and columns, never a value, so they may be repeated.
    """
    code: int | None = getattr(error, "sqlite_errorcode", None)
    name: str = getattr(error, "sqlite_errorname", type(error).__name__)
    if code is None:
        return PermanentError(f"the store was used in a way the driver refuses: {name}: {error}", code=MISUSE)
    if code & _FAMILY == sqlite3.SQLITE_CONSTRAINT:
        return _constraint(code, name, error)
    return _failure(code & _FAMILY, name, error)


def _constraint(code: int, name: str, error: Exception) -> GatewayError:
    """Return what a broken constraint means."""
    if code in _TAKEN:
        return ConflictError(f"the store holds that key already ({name}: {error})")
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        return IntegrityError(f"a guard of the store refused a change: {error}", expected="no change", found=name)
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return ConflictError(f"the row refers to one the store does not hold ({name})", code="store-reference")
    return PermanentError(f"the row is not one the store can hold ({name}: {error})", code=MISUSE)


def _failure(family: int, name: str, error: Exception) -> GatewayError:
    """Return what a failure of the engine means."""
    if family == sqlite3.SQLITE_FULL:
        return StoreFullError(f"the disk under the store is full ({name})")
    if family in _DAMAGED:
        return IntegrityError(f"the database file is damaged ({name}: {error})", expected="a sound file", found=name)
    if family == sqlite3.SQLITE_TOOBIG:
        return TooLargeError(f"the row is larger than the store can hold ({name})")
    if family in _MAY_PASS:
        return StoreUnavailableError(f"the store could not do it now ({name}: {error})")
    return PermanentError(f"the store was used in a way the engine refuses ({name}: {error})", code=MISUSE)
