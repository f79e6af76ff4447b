"""How does a piece of work reach PostgreSQL? In few round trips, and behind whoever changes the same things.

Statements are sent in a pipeline. What changes rows is not waited for: its outcome comes with the next answer that is.
So an error may come to light in the wrong place; then nothing is kept, and the work is run once more in a *careful*
transaction, which waits for each statement and shields each by a savepoint, so that every error shows where it belongs.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import Enum
from functools import cache
from hashlib import blake2b
from typing import Any, NoReturn

import psycopg

from gateway.adapters.sql.driver_errors import MISUSE
from gateway.adapters.sql.postgres_connection import PipelinedConnection
from gateway.adapters.sql.postgres_errors import CONNECTION_ENDS, RUN_AGAIN, ours
from gateway.adapters.sql.postgres_pipeline import Answer
from gateway.adapters.sql.postgres_plans import DISCARD
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.errors import GatewayError, PermanentError

_LIFT_DIRECTORY = (
    "INSERT INTO epoch (authority, name, value) VALUES (?, 'directory', 1)"
    " ON CONFLICT (authority, name) DO UPDATE SET value = epoch.value + 1"
)
_ADD_WAKE = "INSERT INTO wake (authority, routing_key, reference) VALUES (?, ?, ?)"
_NOTIFY = "SELECT pg_notify(?, ?)"
CHANNEL = "gateway_wake"
"""What is notified, with the authority, when there are wake-ups to be handed to the bus."""


_DOUBTS = 64
"""How many additions are waited for after one that was there already."""


class Trouble(Enum):
    """Why a piece of work is run again."""

    UNCLEAR = "unclear"
    """A statement failed, and it is not known which: careful work will tell."""
    CONTENDED = "contended"
    """Somebody else was in the way; a pause may help."""
    LOST = "lost"
    """The connection ended before anything was committed."""


class RunAgainError(BaseException):
    """Nothing of this piece of work counts, and it is to be run once more; no work can catch it by mistake."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class CommitLostError(Exception):
    """The connection ended at the commit: nobody knows whether it was kept, so nothing of it may be run again."""


class PostgresTransaction(Transaction):
    """The statements of one authority on one connection to PostgreSQL."""

    next_number = "nextval('{table}_position')"

    def __init__(
        self, connection: PipelinedConnection, *, authority: str, may_write: bool, has_outbox: bool = False
    ) -> None:
        super().__init__(authority=authority, may_write=may_write)
        if may_write:
            self.for_update, self.for_share = " FOR NO KEY UPDATE", " FOR SHARE"
            self.skip_locked = f"{self.for_update} SKIP LOCKED"
        self._connection = connection
        self._begun: Answer | None = None
        self._is_told = False
        self._doubts = 0
        self._unproven: list[Answer] = []
        self._is_careful = False
        self._is_broken = False
        self._has_outbox = has_outbox
        self._waking = False

    def begin(self, statements: Sequence[str], *, is_careful: bool = False) -> None:
        """Begin a transaction by *statements*."""
        self._unproven = []
        self._is_careful, self._is_broken, self._waking = is_careful, False, False
        self._begun, self._is_told = None, False
        for statement in statements:
            cursor = self._send(statement, ())
            self._begun = self._begun or cursor
        if self._connection.plan_age.is_over():
            self._send(DISCARD, ())

    def commit(self) -> None:
        """Make it durable.

        Raises:
            RunAgainError: a statement had failed; nothing is kept.
            CommitLostError: nobody knows whether it is.
        """
        if self._unproven:
            self.settle()
        if self._waking:
            self._send(_NOTIFY, (CHANNEL, self.authority))
        self._send("COMMIT", ())
        try:
            self._synchronize()
        except RunAgainError as error:
            # The server answers in order: one that told us of its end before it answered the beginning did nothing.
            is_clear = self._is_told and self._begun is not None and not self._begun.is_known
            if error.trouble is Trouble.LOST and not is_clear:
                raise CommitLostError from None
            raise

    def rollback(self) -> None:
        """End it without a trace; a connection on which that is not possible is closed."""
        try:
            self._recover()
            self._send("ROLLBACK", ())
            self._synchronize()
        except (GatewayError, RunAgainError):
            self._connection.close()

    def leave(self) -> None:
        """End a transaction that has changed nothing."""
        try:
            self._send("COMMIT", ())
            self._synchronize()
        except (GatewayError, RunAgainError):
            self.rollback()

    def finish(self) -> None:
        """Store the wake-ups of a piece of work."""
        if self._has_outbox and self._wakes:
            self._waking = True
            self.send_many(_ADD_WAKE, [(self.authority, *wake) for wake in self._wakes])

    def run(self, sql: str, parameters: Sequence[Any]) -> int:
        """Run one statement that changes rows; return how many it changed."""
        self.require_write()
        return self._answered(sql, parameters).rowcount

    def send(self, sql: str, parameters: Sequence[Any]) -> None:
        """Run one statement that changes rows, whose outcome nobody asks for; when it fails, so does the work."""
        if self._is_careful:
            self.run(sql, parameters)
        else:
            self.require_write()
            self._require_open()
            self._send(sql, parameters)

    def is_added(self, sql: str, parameters: Sequence[Any]) -> bool:
        """Run one statement that adds a row unless it is there, and tell whether it did.

        It mostly does, and so that is what is answered, without waiting. When it turns out that it was there, the work
        is run again, carefully; and where one was there, the next few are waited for, because repeats come in showers.
        """
        if self._is_careful:
            is_added = super().is_added(sql, parameters)
            self._doubts = self._doubts if is_added else _DOUBTS
            return is_added
        if self._doubts:
            self._doubts -= 1
            return super().is_added(sql, parameters)
        self.require_write()
        self._require_open()
        self._unproven.append(self._send(sql, parameters))
        return True

    def expect(self, sql: str, parameters: Sequence[Any], otherwise: Callable[[], GatewayError]) -> None:
        """Run one statement that must change a row; where it changed none, the work fails as *otherwise* says."""
        if self._is_careful:
            super().expect(sql, parameters, otherwise)
        else:
            self.require_write()
            self._require_open()
            self._unproven.append(self._send(sql, parameters))

    def rows(self, sql: str, parameters: Sequence[Any]) -> list[Row]:
        """Return every row one query finds."""
        return self._answered(sql, parameters).fetchall()

    def ask(self, *questions: tuple[str, Sequence[Any]]) -> list[list[Row]]:
        """Return the rows each of several queries finds, in one round trip."""
        if self._is_careful:
            return super().ask(*questions)
        self._require_open()
        cursors = [self._send(sql, parameters) for sql, parameters in questions]
        if not cursors:
            return []
        self.settle()
        return [cursor.fetchall() for cursor in cursors]

    def hold(self, kind: str, names: Iterable[str | bytes]) -> None:
        """Let nobody else hold any of *names* until this transaction has ended, be there rows of them or not."""
        self._hold("pg_advisory_xact_lock", kind, names)

    def hold_shared(self, kind: str, names: Iterable[str | bytes]) -> None:
        """Let others hold *names* in the same way, and nobody alone, until this transaction has ended."""
        self._hold("pg_advisory_xact_lock_shared", kind, names)

    def lock_row(self, table: str, key: str, name: object) -> None:
        """Let nobody else change the row of *table* whose *key* is *name* until this transaction has ended."""
        if self.may_write:
            self.send(_lock(table, key), (self.authority, name))

    def settle(self) -> None:
        """Return when every statement so far is known to have gone well.

        Raises:
            RunAgainError: one had not, or changed nothing where it must: the work is run again, carefully.
        """
        self._synchronize()
        unproven, self._unproven = self._unproven, []
        if any(cursor.rowcount == 0 for cursor in unproven):
            raise self._again(Trouble.UNCLEAR)

    def start_over(self) -> NoReturn:
        """Take back this piece of work and run it once more: what it has read is no longer so."""
        raise self._again(Trouble.CONTENDED)

    def directory_changed(self) -> None:
        """Let every process that keeps what it read of organisations and credentials know that it is old."""
        super().directory_changed()
        self.send(_LIFT_DIRECTORY, (self.authority,))

    def _hold(self, function: str, kind: str, names: Iterable[str | bytes]) -> None:
        keys = sorted({_number(self.authority, kind, name) for name in names})
        if keys and self.may_write:
            # In the order of their numbers, so that two who want the same ones never wait for each other.
            self.send(f"SELECT {function}(n) FROM unnest(?::bigint[]) AS n", (keys,))  # noqa: S608 - one of two names

    def _answered(self, sql: str, parameters: Sequence[Any]) -> Answer:
        """Run one statement and wait for its outcome."""
        self._require_open()
        if self._is_careful:
            return self._shielded(sql, parameters)
        cursor = self._send(sql, parameters)
        self.settle()
        return cursor

    def _shielded(self, sql: str, parameters: Sequence[Any]) -> Answer:
        """Run one statement so that its failure takes back nothing else."""
        self._send("SAVEPOINT statement", ())
        try:
            cursor = self._send(sql, parameters)
            self._synchronize()
        except GatewayError:
            self._recover()
            self._send("ROLLBACK TO SAVEPOINT statement", ())
            raise
        self._send("RELEASE SAVEPOINT statement", ())
        return cursor

    def _send(self, sql: str, parameters: Sequence[Any]) -> Answer:
        """Hand one statement to the connection, which does not wait for its outcome.

        Raises:
            GatewayError: the driver will not take it; never with a value in it.
            RunAgainError: an earlier one has failed.
        """
        if self._is_broken:
            raise self._again(Trouble.UNCLEAR)
        try:
            return self._connection.statements.send(sql, parameters)
        except psycopg.Error as cause:
            raise self._failed(cause) from None
        except (OverflowError, UnicodeError):
            # Without its cause: a UnicodeError carries the whole text it failed on.
            raise PermanentError("a value is not one the store can hold", code=MISUSE) from None

    def _synchronize(self) -> None:
        """Wait for the outcome of everything sent."""
        try:
            self._connection.statements.synchronize()
        except psycopg.Error as cause:
            raise self._failed(cause) from None

    def _failed(self, cause: psycopg.Error) -> BaseException:
        """Return what to raise for *cause*."""
        self._is_told = cause.sqlstate in CONNECTION_ENDS
        if self._connection.closed or cause.sqlstate in CONNECTION_ENDS:
            return self._again(Trouble.LOST)
        if cause.sqlstate in RUN_AGAIN:
            return self._again(Trouble.CONTENDED)
        if self._is_careful or _is_the_drivers(cause):
            return ours(cause)
        return self._again(Trouble.UNCLEAR)

    def _again(self, trouble: Trouble) -> RunAgainError:
        """Return what takes the work back; nothing more can be sent in this transaction but its end."""
        self._is_broken = True
        return RunAgainError(trouble)

    def _recover(self) -> None:
        """Let statements be sent again after one has failed, or when nobody cares any more whether one has."""
        with suppress(psycopg.Error):
            self._connection.statements.drain()
        self._is_broken = False
        self._unproven = []


def _is_the_drivers(cause: psycopg.Error) -> bool:
    """Tell whether the driver itself refused a statement, which it has then not sent."""
    return cause.sqlstate is None and not isinstance(cause, psycopg.errors.PipelineAborted)


@cache
def _lock(table: str, key: str) -> str:
    return f"SELECT 1 FROM {table} WHERE authority = ? AND {key} = ? FOR NO KEY UPDATE"  # noqa: S608 - names are constants


def _number(authority: str, kind: str, name: str | bytes) -> int:
    """Return the number that stands for a name among PostgreSQL's advisory locks.

    Two names that share one, once in 2**64, wait for each other without need.
    """
    text = name if isinstance(name, bytes) else name.encode()
    digest = blake2b(b"\x00".join((authority.encode(), kind.encode(), text)), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
