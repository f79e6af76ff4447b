"""How does the store run on APSW's SQLite, whose disk a test can choose? By a connection that looks like sqlite3's.

Only what the store and its migrations ask of a connection is there; it says the same and fails in the same way, which
`test_disk_faults.py` sees to by running the store's own contract over it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import apsw

_FLAGS = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
_CHECKPOINTS = "PRAGMA wal_autocheckpoint"
_CHANGING = {"INSERT", "UPDATE", "DELETE", "REPLACE"}
_KINDS: dict[int, type[sqlite3.Error]] = {
    sqlite3.SQLITE_CONSTRAINT: sqlite3.IntegrityError,
    sqlite3.SQLITE_CORRUPT: sqlite3.DatabaseError,
    sqlite3.SQLITE_NOTADB: sqlite3.DatabaseError,
    sqlite3.SQLITE_MISUSE: sqlite3.ProgrammingError,
    sqlite3.SQLITE_TOOBIG: sqlite3.DataError,
}


def driver_over(vfs: str, *, is_lax: bool = False) -> Callable[[str], sqlite3.Connection]:
    """Return what opens connections whose files lie on the disk called *vfs*.

    Args:
        vfs: the name of the disk.
        is_lax: plant a fault: sync as `synchronous=NORMAL` does, and tell whoever asks that it is FULL.
    """

    def opened(address: str) -> sqlite3.Connection:
        with _as_sqlite3():
            connection = apsw.Connection(address, flags=_FLAGS, vfs=vfs)
        return _Connection(connection, is_lax=is_lax)  # type: ignore[return-value]  # it looks like one

    return opened


class _Cursor:
    """The answer to one statement, read whole."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: tuple[Any, ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "_Cursor":
        """Run one statement to its end."""
        inner = self._connection.inner
        cursor = inner.cursor()
        cursor.exec_trace = self._described
        with _as_sqlite3():
            self._rows = list(cursor.execute(self._connection.bent(sql), tuple(parameters)))
        self.rowcount = inner.changes() if sql.split(None, 1)[0].upper() in _CHANGING else -1
        self.lastrowid = inner.last_insert_rowid()
        return self

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> "_Cursor":
        """Run one statement for each of *rows*."""
        for row in rows:
            self.execute(sql, row)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, if there is one."""
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next *size* rows."""
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def _described(self, cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        names = cursor.get_description()
        self.description = tuple((name[0], None, None, None, None, None, None) for name in names) or None
        return True


class _Connection:
    """A connection that begins no transaction by itself, as the store's always are."""

    isolation_level = None
    row_factory = None
    total_changes = 0

    def __init__(self, inner: apsw.Connection, *, is_lax: bool) -> None:
        self.inner = inner
        self._is_lax = is_lax
        self._checkpoint_pages = 0

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return self.inner.in_transaction

    def cursor(self, *_: object) -> _Cursor:
        """Return a fresh cursor."""
        return _Cursor(self)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> _Cursor:
        """Run one statement."""
        return _Cursor(self).execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> _Cursor:
        """Run one statement for each of *rows*."""
        return _Cursor(self).executemany(sql, rows)

    def commit(self) -> None:
        """End the transaction, if one is open."""
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Take the transaction back, if one is open."""
        if self.in_transaction:
            self.execute("ROLLBACK")

    def create_function(self, name: str, count: int, function: Callable[..., Any], **_: object) -> None:
        """Let statements call *function*."""
        self.inner.create_scalar_function(name, function, count)

    def close(self) -> None:
        """Close it; like the standard library's it says nothing of what a sick disk kept it from tidying up."""
        with suppress(apsw.Error):
            self.inner.close()

    def bent(self, sql: str) -> str:
        """Return *sql*, or the lie that was planted."""
        if self._is_lax and sql == "PRAGMA synchronous = 2":
            return "PRAGMA synchronous = 1"
        if self._is_lax and sql == "PRAGMA synchronous":
            return "SELECT 2"
        if sql.startswith(_CHECKPOINTS):
            return self._checkpoints(sql)
        return sql

    def _checkpoints(self, sql: str) -> str:
        """Move the log into the file after a commit ourselves, with nobody told when that fails, as SQLite does.

        APSW raises what a disk of ours raised even where SQLite passes over it: a durable commit would look like one
        that failed.
        """
        _, _, number = sql.partition(" = ")
        if number:
            self._checkpoint_pages = int(number)
            self.inner.set_wal_hook(self._committed)
        return f"SELECT {self._checkpoint_pages}"

    def _committed(self, connection: apsw.Connection, name: str, pages: int) -> int:
        if pages >= self._checkpoint_pages > 0:
            with suppress(apsw.Error):
                connection.wal_checkpoint(name, mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        return apsw.SQLITE_OK


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    """Turn APSW's errors into those of the standard library, codes and all."""
    try:
        yield
    except apsw.Error as error:
        code = getattr(error, "extendedresult", getattr(error, "result", sqlite3.SQLITE_MISUSE))
        found = _KINDS.get(code & 0xFF, sqlite3.OperationalError)(str(error))
        found.sqlite_errorcode = code
        found.sqlite_errorname = str(apsw.mapping_extended_result_codes.get(code) or apsw.mapping_result_codes[code])
        raise found from error
