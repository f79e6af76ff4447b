"""Where are accepted messages, and the sealed bytes they came as?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile

from gateway.adapters.sql.leases import lost_after, overtaken
from gateway.adapters.sql.row_shape import insert_into, insert_next, select_from, shape_of, to_micros, update_of
from gateway.adapters.sql.transaction import Transaction
from gateway.errors import GatewayError, NotFoundError
from gateway.flows.store.rows import Lane, Message, Original, State
from gateway.model.identifiers import MessageId

MESSAGE = shape_of(Message)
GIVEN = shape_of(Message, leaving_out=("position",))
_CHANGES = shape_of(Message, only=("state", "reason", "cursor", "attempt", "ready_at", "lost"))
_MESSAGES = select_from("message", MESSAGE.columns)
_UNLESS_CLAIMED = " ON CONFLICT (authority, organisation, format, idempotency_key) DO NOTHING"
CLAIMED = _MESSAGES + " AND organisation = ? AND format = ? AND idempotency_key = ?"
_GET = _MESSAGES + " AND message_id = ?"
_SAVE = update_of("message", _CHANGES.columns, key="message_id") + " AND lease = ?"
_IS_THERE = select_from("message", ("lease",)) + " AND message_id = ?"
_OLDEST_FIRST = " ORDER BY position LIMIT ?"
_DUE = _MESSAGES + " AND lane = ? AND ready_at <= ?" + _OLDEST_FIRST
_WAITING = _MESSAGES + " AND lane = ? AND ready_at IS NOT NULL" + _OLDEST_FIRST
_LEASE = update_of("message", ("ready_at", "lease", "lost"), key="message_id") + " AND lease = ? AND ready_at = ?"
_NEWEST = " ORDER BY position DESC LIMIT ?"
_FIND = _MESSAGES + _NEWEST
_FIND_STATE = _MESSAGES + " AND state = ?" + _NEWEST

PUT_ORIGINAL = insert_into("original", ("message_id", "wrapped_key"))
PUT_CHUNK = insert_into("original_chunk", ("message_id", "number", "sealed"))
_GET_ORIGINAL = select_from("original", ("wrapped_key",)) + " AND message_id = ?"
_GET_CHUNKS = select_from("original_chunk", ("sealed",)) + " AND message_id = ? AND number >= 0 ORDER BY number"
_DELETE_CHUNKS = "DELETE FROM original_chunk WHERE authority = ? AND message_id = ?"
_DELETE_ORIGINAL = "DELETE FROM original WHERE authority = ? AND message_id = ?"


class SqlMessages:
    """Accepted documents."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def claim(self, message: Message) -> Message | None:
        """Store *message* and return None, or return the message that already holds its idempotency key."""
        authority = self._at.authority
        if self._at.is_added(claim_statement(self._at.next_number), (authority, *GIVEN.values(message))):
            return None
        key = (authority, message.organisation, message.format, message.idempotency_key)
        return MESSAGE.read(self._at.the_row(CLAIMED, key, what="message with that key"))

    def get(self, message_id: MessageId) -> Message:
        """Return one message, or raise NotFoundError."""
        key = (self._at.authority, message_id)
        return MESSAGE.read(self._at.the_row(_GET + self._at.for_update, key, what=f"message {message_id}"))

    def ready(
        self, *, at: datetime, limit: int, lease_seconds: float, lanes: Sequence[Lane] = tuple(Lane)
    ) -> Sequence[Message]:
        """Lease and return messages of *lanes* with work due, urgent lane first, oldest first within a lane.

        A lease is `ready_at` moved into the future: work whose holder died is due again when the lease runs out. In a
        lane that keeps its order nothing is leased past a message that is leased, or waits to be tried again.
        """
        self._at.require_write()
        # One at a time looks at a lane that keeps its order, or the second would lease past what the first has leased.
        self._at.hold("lane", [lane.name for lane in lanes if lane is not Lane.URGENT])
        until = at + timedelta(seconds=lease_seconds)
        leased: list[Message] = []
        for lane in lanes:
            due = self._due(lane, at, limit - len(leased))
            leased.extend(self._leased(message, until) for message in due)
        return leased

    def _due(self, lane: Lane, at: datetime, limit: int) -> list[Message]:
        """Return the oldest messages of *lane* that may be worked on at *at*."""
        if lane is Lane.URGENT:
            due = (self._at.authority, lane.value, to_micros(at), limit)
            rows = self._at.rows(_DUE + self._at.skip_locked, due)
            return [MESSAGE.read(row) for row in rows]
        waiting = self._at.rows(_WAITING, (self._at.authority, lane.value, limit))
        return list(takewhile(lambda message: _is_due(message, at), map(MESSAGE.read, waiting)))

    def save(self, message: Message) -> None:
        """Replace state, reason, cursor, attempt, ready_at and lost.

        Raises:
            NotFoundError: there is no such message.
            OvertakenError: it was leased again since *message* was read.
        """
        values = (*_CHANGES.values(message), self._at.authority, message.message_id, message.lease)
        self._at.expect(_SAVE, values, lambda: self._refusal(message.message_id))

    def _refusal(self, message_id: MessageId) -> GatewayError:
        """Return why a message could not be saved."""
        if self._at.row(_IS_THERE, (self._at.authority, message_id)) is None:
            return NotFoundError(f"there is no message {message_id}")
        return overtaken(f"message {message_id}")

    def find(self, *, state: State | None = None, limit: int = 100) -> Sequence[Message]:
        """Return the newest messages first."""
        if state is None:
            rows = self._at.rows(_FIND, (self._at.authority, limit))
        else:
            rows = self._at.rows(_FIND_STATE, (self._at.authority, state.value, limit))
        return [MESSAGE.read(row) for row in rows]

    def _leased(self, message: Message, until: datetime) -> Message:
        """Return *message* as it is once nobody else may take it before *until*."""
        leased = replace(message, ready_at=until, lease=message.lease + 1, lost=lost_after(message.lost))
        key = (self._at.authority, message.message_id, message.lease, message.ready_at and to_micros(message.ready_at))
        self._at.expect(_LEASE, (to_micros(until), leased.lease, leased.lost, *key), self._at.start_over)
        return leased


@cache
def claim_statement(next_number: str) -> str:
    """Return the statement that stores a message behind all others, unless its key is taken."""
    return insert_next("message", GIVEN.columns, next_number) + _UNLESS_CLAIMED


def _is_due(message: Message, at: datetime) -> bool:
    return message.ready_at is not None and message.ready_at <= at


class SqlOriginals:
    """The sealed bytes messages came as."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def put(self, original: Original) -> None:
        """Store it."""
        authority, message_id = self._at.authority, original.message_id
        self._at.send(PUT_ORIGINAL, (authority, message_id, original.wrapped_key))
        for number, sealed in enumerate(original.chunks):
            self._at.send(PUT_CHUNK, (authority, message_id, number, sealed))

    def get(self, message_id: MessageId) -> Original:
        """Return it, or raise NotFoundError."""
        key = (self._at.authority, message_id)
        (wrapped_key,) = self._at.the_row(_GET_ORIGINAL, key, what=f"original of message {message_id}")
        chunks = tuple(sealed for (sealed,) in self._at.rows(_GET_CHUNKS, key))
        return Original(message_id=message_id, wrapped_key=wrapped_key, chunks=chunks)

    def delete(self, message_id: MessageId) -> None:
        """Delete chunks and key together."""
        self._at.send(_DELETE_CHUNKS, (self._at.authority, message_id))
        self._at.send(_DELETE_ORIGINAL, (self._at.authority, message_id))
