"""Which unit of work belongs to a connection, and how is a transaction begun and ended on it?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import TypeVar

from gateway.adapters.sql.driver_errors import MISUSE
from gateway.adapters.sql.postgres_connection import Pool, give_back, take_connection
from gateway.adapters.sql.postgres_transaction import PostgresTransaction, RunAgainError, Trouble
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import PermanentError, StoreUnavailableError

T = TypeVar("T")
Work = Callable[[SqlUnitOfWork], T]

_READ = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",)
_TRIES = 3


class AtWork(local):
    """Whether this thread is running a piece of work that changes the store."""

    is_writing = False

    def refuse(self) -> None:
        """Return unless a piece of work calls.

        Raises:
            PermanentError: it does, and would wait for itself, or read past its own transaction (code `store-misuse`).
        """
        if self.is_writing:
            raise PermanentError("a piece of work reaches the store only through its own unit of work", code=MISUSE)


class Units:
    """Units of work, one for each kind of transaction and connection."""

    def __init__(self, pool: Pool, *, authority: str, has_outbox: bool) -> None:
        self.pool = pool
        self._authority = authority
        self._has_outbox = has_outbox

    @contextmanager
    def borrowed(self, *, may_write: bool) -> Iterator[tuple[SqlUnitOfWork, PostgresTransaction]]:
        """Yield a unit of work, and the transaction it is about, which is not begun yet."""
        connection = take_connection(self.pool)
        try:
            if connection.unit is None:
                connection.unit = {}
            pair = connection.unit.get(may_write)
            if pair is None:
                transaction = PostgresTransaction(
                    connection,
                    authority=self._authority,
                    may_write=may_write,
                    has_outbox=self._has_outbox,
                )
                pair = connection.unit[may_write] = SqlUnitOfWork(transaction), transaction
            yield pair
        finally:
            give_back(self.pool, connection)


class PostgresReaders:
    """Reads, each over one consistent view."""

    def __init__(self, units: Units, at_work: AtWork) -> None:
        self._units = units
        self._at_work = at_work

    def read(self, work: Work[T]) -> T:
        """Run *work* over one consistent view, without changing anything.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        self._at_work.refuse()
        is_careful = False
        for _ in range(_TRIES):
            try:
                return self._once(work, is_careful=is_careful)
            except RunAgainError as error:
                is_careful = error.trouble is not Trouble.LOST
        raise StoreUnavailableError("the connection to the store is lost")

    def _once(self, work: Work[T], *, is_careful: bool) -> T:
        with self._units.borrowed(may_write=False) as (unit, transaction):
            transaction.begin(_READ, is_careful=is_careful)
            transaction.open()
            try:
                return work(unit)
            finally:
                transaction.close()
                transaction.leave()
