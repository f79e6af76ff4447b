"""Has every error of the driver a place among ours?"""

import sqlite3
from collections.abc import Iterator

import pytest

from gateway.adapters.sql.driver_errors import ours
from gateway.errors import (
    ConflictError,
    GatewayError,
    IntegrityError,
    PermanentError,
    StoreFullError,
    StoreUnavailableError,
    TooLargeError,
)


def classes_below(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    """Yield *kind* and everything derived from it."""
    yield kind
    for below in kind.__subclasses__():
        yield from classes_below(below)


DRIVER_CLASSES = sorted(
    {*classes_below(sqlite3.Error), *classes_below(sqlite3.Warning)}, key=lambda kind: kind.__name__
)
OUTCOMES = {"OK", "ROW", "DONE", "OK_LOAD_PERMANENTLY", "OK_SYMLINK"}
RESULT_FAMILIES = (
    *("ABORT", "AUTH", "BUSY", "CANTOPEN", "CONSTRAINT", "CORRUPT", "EMPTY", "ERROR", "FORMAT", "FULL", "INTERNAL"),
    *("INTERRUPT", "IOERR", "LOCKED", "MISMATCH", "MISUSE", "NOLFS", "NOMEM", "NOTADB", "NOTFOUND", "NOTICE", "PERM"),
    *("PROTOCOL", "RANGE", "READONLY", "SCHEMA", "TOOBIG", "WARNING"),
)


def error_of(code: int, name: str) -> sqlite3.OperationalError:
    """Return an error as the driver raises it with this result code."""
    error = sqlite3.OperationalError("the engine's words")
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize("kind", DRIVER_CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_of_the_driver_becomes_one_of_ours(kind: type[sqlite3.Error]) -> None:
    assert isinstance(ours(kind("the driver's words")), GatewayError)


@pytest.mark.parametrize("family", RESULT_FAMILIES)
def test_every_result_code_becomes_one_of_ours(family: str) -> None:
    found = ours(error_of(getattr(sqlite3, f"SQLITE_{family}"), family))

    assert isinstance(found, GatewayError)
    assert family in found.message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SQLITE_FULL", StoreFullError),
        ("SQLITE_IOERR_WRITE", StoreUnavailableError),
        ("SQLITE_IOERR_FSYNC", StoreUnavailableError),
        ("SQLITE_BUSY_SNAPSHOT", StoreUnavailableError),
        ("SQLITE_READONLY", StoreUnavailableError),
        ("SQLITE_CANTOPEN_ISDIR", StoreUnavailableError),
        ("SQLITE_CORRUPT_INDEX", IntegrityError),
        ("SQLITE_NOTADB", IntegrityError),
        ("SQLITE_CONSTRAINT_UNIQUE", ConflictError),
        ("SQLITE_CONSTRAINT_PRIMARYKEY", ConflictError),
        ("SQLITE_CONSTRAINT_FOREIGNKEY", ConflictError),
        ("SQLITE_CONSTRAINT_TRIGGER", IntegrityError),
        ("SQLITE_CONSTRAINT_NOTNULL", PermanentError),
        ("SQLITE_TOOBIG", TooLargeError),
        ("SQLITE_ERROR", PermanentError),
    ],
)
def test_the_kind_of_error_decides_the_fate_of_the_work(name: str, expected: type[GatewayError]) -> None:
    assert type(ours(error_of(getattr(sqlite3, name), name))) is expected


def test_no_constraint_error_repeats_a_value() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE child (name TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO child VALUES ('Testina Exampleton')")

    with pytest.raises(sqlite3.IntegrityError) as refusal:
        connection.execute("INSERT INTO child VALUES ('Testina Exampleton')")
    connection.close()

    assert "Testina" not in ours(refusal.value).message
