"""How do many threads look at the store at once, each at one consistent state of it?"""

import queue
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from gateway.adapters.sql.connection import Driver, open_reader, standard_driver
from gateway.adapters.sql.driver_errors import ours
from gateway.adapters.sql.sqlite_transaction import SqliteTransaction
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import StoreUnavailableError

T = TypeVar("T")


class Readers:
    """Read-only connections, one for each reading that runs at the same time.

    They belong to readings and not to threads: threads come and go, and some hundred idle ones would each hold a cache.
    """

    def __init__(self, path: Path, authority: str, driver: Driver = standard_driver) -> None:
        self._path = path
        self._driver = driver
        self._authority = authority
        self._idle: queue.LifoQueue[tuple[sqlite3.Connection, SqlUnitOfWork]] = queue.LifoQueue()
        self._is_closed = False

    def read(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run *work* over one consistent view, without changing anything."""
        with self._borrowed() as (connection, unit):
            _execute(connection, "BEGIN")
            unit.transaction.open()
            try:
                return work(unit)
            finally:
                unit.transaction.close()
                if connection.in_transaction:
                    _execute(connection, "ROLLBACK")

    def close(self) -> None:
        """Close what is idle, and refuse more; a reading that is still running closes its own connection."""
        self._is_closed = True
        while not self._idle.empty():
            self._idle.get()[0].close()

    @contextmanager
    def _borrowed(self) -> Iterator[tuple[sqlite3.Connection, SqlUnitOfWork]]:
        """Yield a connection nobody else uses meanwhile."""
        if self._is_closed:
            raise StoreUnavailableError("the store is closed", code="store-closed")
        try:
            pair = self._idle.get_nowait()
        except queue.Empty:
            connection = open_reader(self._path, self._driver)
            pair = connection, SqlUnitOfWork(SqliteTransaction(connection, authority=self._authority, may_write=False))
        try:
            yield pair
        finally:
            if self._is_closed:
                pair[0].close()
            else:
                self._idle.put(pair)


def _execute(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement without rows."""
    try:
        connection.execute(statement)
    except sqlite3.Error as cause:
        raise ours(cause) from cause
