"""Which of our errors is an error of PostgreSQL?

Its words are not repeated: a detail says which value was there already. What is told is the code of the error, and the
names of table and constraint.
"""

import psycopg

from gateway.adapters.sql.driver_errors import MISUSE
from gateway.errors import (
    ConflictError,
    GatewayError,
    IntegrityError,
    PermanentError,
    StoreFullError,
    StoreUnavailableError,
    TooLargeError,
)

GUARD = "EC001"
"""What the guards of append-only tables raise. Source: PostgreSQL, "Error Codes": classes from I to Z are ours."""
RUN_AGAIN = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, a lock not had in time: the same work may succeed when it is run again."""
CONNECTION_ENDS = frozenset({"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"})
"""The server has ended the connection, or does not take one now."""

_UNIQUE, _FOREIGN_KEY, _FULL, _NO_RIGHT = "23505", "23503", "53100", "42501"
_TOO_LARGE = frozenset({"54000", "54001", "54011", "54023"})
_DAMAGED = frozenset({"XX001", "XX002"})
_MAY_PASS = frozenset({"08", "25", "53", "55", "57", "58"})
"""Classes: connection, transaction state, resources, object state, an operator's doing, the system around."""


def ours(error: psycopg.Error) -> GatewayError:
    """Return the gateway's own error for *error*; raise it `from None`, because the cause's words hold values."""
    state = error.sqlstate
    if state is None:
        return _without_state(error)
    where = _where(error, state)
    if state[:2] in {"23", "42"} or state == GUARD:
        return _refused(state, where)
    if state in _DAMAGED:
        return IntegrityError(f"the database is damaged ({where})", expected="sound data", found=state)
    if state in _TOO_LARGE:
        return TooLargeError(f"the row is larger than the store can hold ({where})")
    if state[:2] in _MAY_PASS or state in RUN_AGAIN:
        kind = StoreFullError if state == _FULL else StoreUnavailableError
        return kind(f"the store could not do it now ({where})")
    return PermanentError(f"the store was used in a way the engine refuses ({where})", code=MISUSE)


def _without_state(error: psycopg.Error) -> GatewayError:
    """Return what an error means that the driver found by itself."""
    if isinstance(error, psycopg.DataError | psycopg.ProgrammingError | psycopg.NotSupportedError):
        return PermanentError("a value is not one the store can hold", code=MISUSE)
    return StoreUnavailableError(f"the connection to the store is lost ({type(error).__name__})")


def _refused(state: str, where: str) -> GatewayError:
    """Return what a broken constraint, a guard or a missing right means."""
    if state == _UNIQUE:
        return ConflictError(f"the store holds that key already ({where})")
    if state == _FOREIGN_KEY:
        return ConflictError(f"the row refers to one the store does not hold ({where})", code="store-reference")
    if state in {GUARD, _NO_RIGHT}:
        return IntegrityError(f"a guard of the store refused a change ({where})", expected="no change", found=state)
    return PermanentError(f"the row is not one the store can hold ({where})", code=MISUSE)


def _where(error: psycopg.Error, state: str) -> str:
    """Return what may be told of *error*."""
    names = (error.diag.table_name, error.diag.constraint_name)
    return " ".join((state, type(error).__name__, *(name for name in names if name)))
