"""Has every kind of error of PostgreSQL a place among ours, and is no value repeated?"""

import psycopg
import pytest
from psycopg import errors

from gateway.adapters.sql.postgres_errors import GUARD, ours
from gateway.errors import (
    ConflictError,
    GatewayError,
    IntegrityError,
    PermanentError,
    StoreFullError,
    StoreUnavailableError,
    TooLargeError,
)


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        ("23505", ConflictError, "conflict"),
        ("23503", ConflictError, "store-reference"),
        ("23502", PermanentError, "store-misuse"),
        (GUARD, IntegrityError, "integrity"),
        ("42501", IntegrityError, "integrity"),
        ("42601", PermanentError, "store-misuse"),
        ("22003", PermanentError, "store-misuse"),
        ("53100", StoreFullError, "store-full"),
        ("53200", StoreUnavailableError, "store-unavailable"),
        ("57014", StoreUnavailableError, "store-unavailable"),
        ("57P01", StoreUnavailableError, "store-unavailable"),
        ("40P01", StoreUnavailableError, "store-unavailable"),
        ("25006", StoreUnavailableError, "store-unavailable"),
        ("58030", StoreUnavailableError, "store-unavailable"),
        ("XX001", IntegrityError, "integrity"),
        ("54000", TooLargeError, "too-large"),
    ],
)
def test_each_state_has_its_kind(state: str, kind: type[GatewayError], code: str) -> None:
    error = type("AnError", (psycopg.DatabaseError,), {"sqlstate": state})("Key (name)=(Testina) already exists")

    found = ours(error)

    assert (type(found), found.code) == (kind, code)
    assert "Testina" not in str(found)
    assert state in str(found)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("the server is gone"), StoreUnavailableError),
        (psycopg.DataError("text with a zero byte: Testina"), PermanentError),
        (psycopg.ProgrammingError("the number of values differs"), PermanentError),
        (errors.PipelineAborted("pipeline aborted"), StoreUnavailableError),
    ],
    ids=["lost", "a value", "a statement", "after another"],
)
def test_what_the_driver_found_by_itself_has_its_kind_too(error: psycopg.Error, kind: type[GatewayError]) -> None:
    found = ours(error)

    assert type(found) is kind
    assert "Testina" not in str(found)
