"""How do statements reach PostgreSQL without a round trip each?

Straight through libpq's pipeline mode: what is sent stays in a buffer until somebody waits, and then leaves in one
piece. Each statement is prepared once for a connection. The driver's own cursors write to the socket, and ask it for
news, at every statement: measured, ten statements took them five times as long.
"""

import select
import struct
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from gateway.adapters.sql.transaction import Row

_INT8, _BYTEA, _FLOAT8, _INT8S, _ANY = 20, 17, 701, 1016, 0
_TEXT, _BINARY = 0, 1
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def _whole(value: bytes) -> int:
    return int.from_bytes(value, "big", signed=True)


def _float(value: bytes) -> float:
    found: float = struct.unpack("!d", value)[0]
    return found


_DECODERS: dict[int, Callable[[bytes], Any]] = {
    **dict.fromkeys((20, 21, 23), _whole),
    **dict.fromkeys((19, 25, 1043), bytes.decode),
    _BYTEA: bytes,
    _FLOAT8: _float,
}
"""By number of type: whole numbers, text, bytes, fractions. Source: PostgreSQL, "pg_type"."""


class Answer:
    """What becomes of one statement; known once somebody has waited."""

    __slots__ = ("_result",)

    def __init__(self) -> None:
        self._result: PGresult | None = None

    def take(self, result: PGresult) -> None:
        """Keep what the server said."""
        self._result = result

    @property
    def is_known(self) -> bool:
        """Tell whether the server has answered."""
        return self._result is not None

    @property
    def rowcount(self) -> int:
        """Return how many rows were changed or found."""
        return (self._result.command_tuples if self._result else None) or 0

    def fetchall(self) -> list[Row]:
        """Return the rows."""
        result = self._result
        if result is None:
            return []
        decoders = [_DECODERS.get(result.ftype(column)) for column in range(result.nfields)]
        return [
            tuple(_decoded(result.get_value(row, column), decoder) for column, decoder in enumerate(decoders))
            for row in range(result.ntuples)
        ]


def _decoded(value: bytes | None, decoder: Callable[[bytes], Any] | None) -> Any:  # noqa: ANN401 - a column's value
    return None if value is None or decoder is None else decoder(value)


class Pipeline:
    """Statements on their way over one connection."""

    def __init__(self, connection: PGconn, *, patience_seconds: float) -> None:
        self._connection = connection
        self._patience = int(patience_seconds * 1000)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._made = 0
        self._waiting: deque[Answer | tuple[str, tuple[int, ...]]] = deque()
        self._poll = select.poll()
        connection.enter_pipeline_mode()

    def send(self, sql: str, parameters: Sequence[Any]) -> Answer:
        """Put one statement into the buffer and return what its answer will be.

        Raises:
            psycopg.Error: a value cannot be sent, or the connection is lost.
            UnicodeError: a text cannot be.
        """
        values, types, formats = _encoded(parameters)
        name = self._names.get((sql, types)) or self._prepare(sql, types)
        self._connection.send_query_prepared(name, values, formats, result_format=_BINARY)
        answer = Answer()
        self._waiting.append(answer)
        return answer

    def synchronize(self) -> None:
        """Wait for the answers to everything sent; raise the first error among them.

        Raises:
            psycopg.Error: a statement failed, and those behind it were not run; or the connection is lost.
        """
        self._connection.pipeline_sync()
        error: psycopg.Error | None = None
        while True:
            result = self._next()
            if result.status == ExecStatus.PIPELINE_SYNC:
                break
            failure = self._took(result, self._waiting.popleft())
            error = error or failure
        if error is not None:
            raise error

    def drain(self) -> None:
        """Wait for what nobody has waited for yet, if there is anything."""
        if self._waiting:
            self.synchronize()

    def _prepare(self, sql: str, types: tuple[int, ...]) -> bytes:
        self._made += 1
        name = b"s%d" % self._made
        self._connection.send_prepare(name, _numbered(sql), types)
        self._names[sql, types] = name
        self._waiting.append((sql, types))
        return name

    def _took(self, result: PGresult, waiting: Answer | tuple[str, tuple[int, ...]]) -> psycopg.Error | None:
        """Take one answer in, and return the error it is, if it is one."""
        is_good = result.status in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}
        if isinstance(waiting, Answer):
            if is_good:
                waiting.take(result)
        elif not is_good:
            self._names.pop(waiting, None)
        if is_good:
            return None
        if result.status == ExecStatus.PIPELINE_ABORTED:
            return psycopg.errors.PipelineAborted("an earlier statement failed")
        return error_from_result(result)

    def _next(self) -> PGresult:
        """Return the next answer; what separates two of them is passed over."""
        while True:
            self._flush()
            while self._connection.is_busy():
                self._wait(select.POLLIN)
                self._connection.consume_input()
            result = self._connection.get_result()
            if result is not None:
                return result
            if self._connection.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")

    def _flush(self) -> None:
        """Let the buffer leave; take in what comes meanwhile, or both sides might wait for each other."""
        while self._connection.flush():
            if self._wait(select.POLLIN | select.POLLOUT) & select.POLLIN:
                self._connection.consume_input()

    def _wait(self, events: int) -> int:
        """Return which of *events* there are.

        Raises:
            psycopg.OperationalError: none, for longer than any statement may take.
        """
        self._poll.register(self._connection.socket, events)
        found = self._poll.poll(self._patience)
        if not found:
            raise psycopg.OperationalError("the server does not answer")
        return found[0][1]


Encoded = tuple[list[bytes | None], tuple[int, ...], list[int]]


def _encoded(parameters: Sequence[Any]) -> Encoded:
    """Return *parameters* as they are sent: values, numbers of types, and which are binary."""
    values: list[bytes | None] = []
    types: list[int] = []
    formats: list[int] = []
    for value in parameters:
        sent, kind, form = _encoded_one(value)
        values.append(sent)
        types.append(kind)
        formats.append(form)
    return values, tuple(types), formats


def _encoded_one(value: Any) -> tuple[bytes | None, int, int]:  # noqa: ANN401 - a parameter can be anything
    match value:
        case None:
            return None, _ANY, _TEXT
        case str():
            sent = value.encode()
            if 0 in sent:
                # It would end there without a word.
                raise psycopg.DataError("a text holds a zero byte")
            return sent, _ANY, _TEXT
        case int():
            return b"%d" % value, _INT8, _TEXT
        case bytes():
            return value, _BYTEA, _BINARY
        case float():
            return repr(value).encode(), _FLOAT8, _TEXT
        case list():
            return b"{%s}" % ",".join(map(str, value)).encode(), _INT8S, _TEXT
        case _:
            raise psycopg.DataError("a value is of a kind no column has")


@cache
def _numbered(sql: str) -> bytes:
    """Return *sql* with a number for each value."""
    first, *rest = sql.split("?")
    return first.encode() + b"".join(b"$%d%s" % (number, part.encode()) for number, part in enumerate(rest, start=1))
