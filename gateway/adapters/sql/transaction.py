"""What is one open transaction, and who may still use it?"""

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gateway.adapters.sql.driver_errors import MISUSE, ours
from gateway.errors import NotFoundError, PermanentError, StoreUnavailableError, TooLargeError

if TYPE_CHECKING:
    from gateway.flows.rows import AuditRow

_WAKE_LIMIT_BYTES = 1024

Row = tuple[Any, ...]


class Transaction:
    """The statements of one authority on one connection, while a piece of work is open on it.

    Promise: a statement outside an open transaction MUST fail. Without that a forgotten unit of work, or one whose
    transaction the engine has rolled back by itself (full disk), would commit each of its statements alone.
    """

    __slots__ = ("_connection", "_is_open", "_wakes", "authority", "directory_changes", "events", "may_write", "seen")

    def __init__(self, connection: sqlite3.Connection, *, authority: str, may_write: bool) -> None:
        self._connection = connection
        self._is_open = False
        self._wakes: list[tuple[str, str]] = []
        self.authority = authority
        self.may_write = may_write
        self.seen: dict[tuple[str, str], Any] = {}
        """What this transaction has read, by kind and key, where one piece of work asks for the same again and again.
        Whoever changes such a row takes it out; at the end of the piece of work it is forgotten."""
        self.events: list[AuditRow] = []
        """What was appended to the log and is not stored yet."""
        self.directory_changes = 0
        """How often an organisation or credential was put, whether or not it was committed in the end."""

    def open(self) -> None:
        """Let statements through."""
        self._is_open = True
        self._wakes = []
        self._forget()

    def close(self) -> list[tuple[str, str]]:
        """Let no more statements through; return the wake-ups that were asked for."""
        self._is_open = False
        self._forget()
        return self._wakes

    def run(self, sql: str, parameters: Sequence[Any]) -> int:
        """Run one statement that changes rows; return how many it changed."""
        self.require_write()
        self._require_open()
        return self._execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement that changes rows once for each of *rows*."""
        self.require_write()
        self._require_open()
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as cause:
            raise ours(cause) from cause

    def change(self, sql: str, parameters: Sequence[Any], *, what: str) -> None:
        """Run one statement that changes rows, or raise NotFoundError for *what* when there was none to change."""
        if not self.run(sql, parameters):
            raise NotFoundError(f"there is no {what}")

    def run_returning(self, sql: str, parameters: Sequence[Any]) -> Row:
        """Run one statement that changes one row; return what its RETURNING clause names."""
        self.require_write()
        return self.rows(sql, parameters)[0]

    def rows(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """Return every row one query finds."""
        self._require_open()
        cursor = self._execute(sql, parameters)
        try:
            return cursor.fetchall()
        except sqlite3.Error as cause:
            raise ours(cause) from cause

    def row(self, sql: str, parameters: Sequence[Any]) -> Row | None:
        """Return the first row one query finds, if it finds one."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def the_row(self, sql: str, parameters: Sequence[Any], *, what: str) -> Row:
        """Return the row one query finds, or raise NotFoundError for *what*, which holds nothing personal."""
        found = self.row(sql, parameters)
        if found is None:
            raise NotFoundError(f"there is no {what}")
        return found

    def wake(self, routing_key: str, reference: str) -> None:
        """Remember a wake-up for when the transaction is durable.

        Raises:
            TooLargeError: key and reference together are over 1 KiB.
        """
        self.require_write()
        if len(routing_key.encode()) + len(reference.encode()) > _WAKE_LIMIT_BYTES:
            raise TooLargeError(f"a wake-up holds at most {_WAKE_LIMIT_BYTES} bytes of references")
        self._wakes.append((routing_key, reference))

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

    def _forget(self) -> None:
        self.seen.clear()
        self.events = []

    def require_write(self) -> None:
        """Refuse to go on in a read, whatever the work would have found to change."""
        if not self.may_write:
            raise PermanentError("a read may not change anything: use Store.write", code=MISUSE)

    def _require_open(self) -> None:
        if not self._is_open:
            raise PermanentError("this unit of work is over: its transaction has ended", code=MISUSE)
        if not self._connection.in_transaction:
            raise StoreUnavailableError("the engine has rolled this transaction back", code="store-rolled-back")
