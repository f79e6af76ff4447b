"""What is one open transaction, who may still use it, and what may its statements rely on?

The seam between the repositories and the two engines. Statements are written in the SQL both speak, with `?` for each
value. SQLite has one writer, so that nothing changes under a piece of work. PostgreSQL has many: whoever reads a row in
order to change what follows from it says so (`for_update`, `lock_row`, `hold`), and waits for whoever said so before.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from gateway.adapters.sql.driver_errors import MISUSE
from gateway.errors import GatewayError, NotFoundError, PermanentError, TooLargeError

if TYPE_CHECKING:
    from gateway.flows.store.rows import AuditRow

_WAKE_LIMIT_BYTES = 1024

Row = tuple[Any, ...]
Wake = tuple[str, str]


class Transaction(ABC):
    """The statements of one authority on one connection, while a piece of work is open on it.

    Promise: a statement outside an open transaction MUST fail. Without that a forgotten unit of work, or one whose
    transaction the engine has rolled back by itself (full disk), would commit each of its statements alone.
    """

    for_update = ""
    """What a query ends with whose rows nobody else may change until this transaction has ended."""
    for_share = ""
    """The same, but for others who say this too."""
    skip_locked = ""
    """The same, for a query that leaves out rows somebody else is at work on."""
    next_number = "(SELECT COALESCE(MAX(position), 0) + 1 FROM {table} WHERE authority = ?1)"
    """What gives a new row of `{table}`, whose first value is its authority, a number above all others of that one: of
    two that were stored one after the other, the later has the higher.

    Without the authority SQLite would read the whole index for every new row, and still call it a search.
    """

    def __init__(self, *, authority: str, may_write: bool) -> None:
        self._is_open = False
        self._wakes: list[Wake] = []
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

    def close(self) -> list[Wake]:
        """Let no more statements through; return the wake-ups that were asked for."""
        self._is_open = False
        self._forget()
        return self._wakes

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[Any]) -> int:
        """Run one statement that changes rows; return how many it changed."""

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """Return every row one query finds."""

    def send(self, sql: str, parameters: Sequence[Any]) -> None:
        """Run one statement that changes rows, whose outcome nobody asks for; when it fails, so does the work."""
        self.run(sql, parameters)

    def is_added(self, sql: str, parameters: Sequence[Any]) -> bool:
        """Run one statement that adds a row unless it is there, and tell whether it did."""
        return self.run(sql, parameters) > 0

    def send_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement that changes rows once for each of *rows*."""
        for parameters in rows:
            self.send(sql, parameters)

    def expect(self, sql: str, parameters: Sequence[Any], otherwise: Callable[[], GatewayError]) -> None:
        """Run one statement that must change a row; where it changed none, the work fails with what *otherwise* says.

        Shape: *otherwise* may ask the database why.
        """
        if not self.run(sql, parameters):
            raise otherwise()

    def change(self, sql: str, parameters: Sequence[Any], *, what: str) -> None:
        """Run one statement that changes rows, or raise NotFoundError for *what* when there was none to change."""
        self.expect(sql, parameters, lambda: NotFoundError(f"there is no {what}"))

    def rows_each(self, sql: str, questions: Iterable[Sequence[Any]]) -> list[list[Row]]:
        """Return the rows one query finds for each of *questions*."""
        return self.ask(*((sql, parameters) for parameters in questions))

    def ask(self, *questions: tuple[str, Sequence[Any]]) -> list[list[Row]]:
        """Return the rows each of several queries finds."""
        return [self.rows(sql, parameters) for sql, parameters in questions]

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

    @abstractmethod
    def hold(self, kind: str, names: Iterable[str | bytes]) -> None:
        """Let nobody else hold any of *names* until this transaction has ended, be there rows of them or not."""

    @abstractmethod
    def hold_shared(self, kind: str, names: Iterable[str | bytes]) -> None:
        """Let others hold *names* in the same way, and nobody alone, until this transaction has ended."""

    @abstractmethod
    def lock_row(self, table: str, key: str, name: object) -> None:
        """Let nobody else change the row of *table* whose *key* is *name* until this transaction has ended."""

    @abstractmethod
    def settle(self) -> None:
        """Return when every statement so far is known to have gone well."""

    @abstractmethod
    def start_over(self) -> NoReturn:
        """Take back this piece of work and run it once more: what it has read is no longer so."""

    def directory_changed(self) -> None:
        """Let whoever keeps what they read of organisations and credentials know that it is old."""
        self.directory_changes += 1

    def wake(self, routing_key: str, reference: str) -> None:
        """Remember a wake-up for when the transaction is durable.

        Raises:
            TooLargeError: key and reference together are over 1 KiB.
        """
        self.require_write()
        if len(routing_key.encode()) + len(reference.encode()) > _WAKE_LIMIT_BYTES:
            raise TooLargeError(f"a wake-up holds at most {_WAKE_LIMIT_BYTES} bytes of references")
        self._wakes.append((routing_key, reference))

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
