"""How does a piece of work reach SQLite? Each statement runs at once, and nobody else changes anything meanwhile."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from gateway.adapters.sql.driver_errors import MISUSE, ours
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.errors import PermanentError, StoreUnavailableError


class SqliteTransaction(Transaction):
    """The statements of one authority on one connection to SQLite."""

    def __init__(self, connection: sqlite3.Connection, *, authority: str, may_write: bool) -> None:
        super().__init__(authority=authority, may_write=may_write)
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[Any]) -> int:
        """Run one statement that changes rows; return how many it changed."""
        self.require_write()
        self._require_open()
        return self._execute(sql, parameters).rowcount

    def send_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement that changes rows once for each of *rows*."""
        self.require_write()
        self._require_open()
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as cause:
            raise ours(cause) from cause

    def rows(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """Return every row one query finds."""
        self._require_open()
        cursor = self._execute(sql, parameters)
        try:
            return cursor.fetchall()
        except sqlite3.Error as cause:
            raise ours(cause) from cause

    def hold(self, kind: str, names: Iterable[str | bytes]) -> None:
        """Return: nobody else holds anything while a piece of work is run."""

    def hold_shared(self, kind: str, names: Iterable[str | bytes]) -> None:
        """Return likewise."""

    def lock_row(self, table: str, key: str, name: object) -> None:
        """Return likewise."""

    def settle(self) -> None:
        """Return: each statement was waited for."""

    def start_over(self) -> NoReturn:
        """Refuse: nothing changes under a piece of work here.

        Raises:
            PermanentError: always (code `store-misuse`).
        """
        raise PermanentError("nothing changes under a piece of work here", code=MISUSE)

    def _execute(self, sql: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
        """Run one statement.

        Raises:
            GatewayError: whatever the driver's error means; never with a value in it.
        """
        try:
            return self._connection.execute(sql, parameters)
        except sqlite3.Error as cause:
            raise ours(cause) from cause
        except (OverflowError, UnicodeError):
            # Without its cause: a UnicodeError carries the whole text it failed on.
            raise PermanentError("a value is not one the store can hold", code=MISUSE) from None

    def _require_open(self) -> None:
        super()._require_open()
        if not self._connection.in_transaction:
            raise StoreUnavailableError("the engine has rolled this transaction back", code="store-rolled-back")
