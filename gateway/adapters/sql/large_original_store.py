"""Where are originals that come chunk by chunk, and what is there of those that never came to their end?"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from gateway.adapters.sql.message_store import CLAIMED, GIVEN, MESSAGE, PUT_CHUNK, PUT_ORIGINAL, claim_statement
from gateway.adapters.sql.row_shape import select_from, to_micros, update_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import Message, State
from gateway.model.identifiers import MessageId

_ON_ITS_WAY = f" AND state = '{State.RECEIVING.value}'"
_STATE = select_from("message", ("state",)) + " AND message_id = ?" + _ON_ITS_WAY
_TOUCH = update_of("message", ("received_at",), key="message_id") + _ON_ITS_WAY
_ABANDONED = select_from("message", ("message_id",)) + _ON_ITS_WAY + " AND received_at < ? ORDER BY position"
_KEY = select_from("original", ("wrapped_key",)) + " AND message_id = ?"
_CHUNK = select_from("original_chunk", ("sealed",)) + " AND message_id = ? AND number = ?"
_NUMBERS = select_from("original_chunk", ("number",)) + " AND message_id = ? ORDER BY number LIMIT ?"
_DELETE_CHUNK = "DELETE FROM original_chunk WHERE authority = ? AND message_id = ? AND number = ?"
_DELETE_ORIGINAL = "DELETE FROM original WHERE authority = ? AND message_id = ?"
_DELETE_MESSAGE = f"DELETE FROM message WHERE authority = ? AND message_id = ?{_ON_ITS_WAY}"  # noqa: S608 - a constant


class SqlLargeOriginals:
    """Originals in many chunks, and on their way in."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def begin(self, message: Message, wrapped_key: bytes) -> None:
        """Store *message*, which is in state `receiving`, and the key of an original that has no chunk yet."""
        authority = self._at.authority
        self._at.run(claim_statement(self._at.next_number), (authority, *GIVEN.values(message)))
        self._at.send(PUT_ORIGINAL, (authority, message.message_id, wrapped_key))

    def add(self, message: Message, numbers: Sequence[int], chunks: Sequence[bytes], *, at: datetime) -> None:
        """Store some more chunks, and that *message* was still on its way in at *at*.

        Raises:
            NotFoundError: there is no such message in state `receiving`.
        """
        authority, message_id = self._at.authority, message.message_id
        self._at.change(_TOUCH, (to_micros(at), authority, message_id), what=f"message {message_id} on its way in")
        rows = zip(numbers, chunks, strict=True)
        self._at.send_many(PUT_CHUNK, [(authority, message_id, number, sealed) for number, sealed in rows])

    def holder(self, message: Message) -> Message | None:
        """Return the message that holds the idempotency key of *message*, if there is one."""
        key = (self._at.authority, message.organisation, message.format, message.idempotency_key)
        row = self._at.row(CLAIMED, key)
        return MESSAGE.read(row) if row is not None else None

    def claim(self, message: Message) -> Message | None:
        """Let *message* be what it says, behind all others, and return None; or return who holds its key already.

        Raises:
            NotFoundError: there is no such message in state `receiving`.
        """
        self._at.require_write()
        self._at.hold("idempotency key", [f"{message.organisation}/{message.format}/{message.idempotency_key}"])
        holder = self.holder(message)
        if holder is not None:
            return holder
        authority, message_id = self._at.authority, message.message_id
        values = (authority, *GIVEN.values(message), authority, message_id)
        self._at.change(become(self._at.next_number), values, what=f"message {message_id} on its way in")
        return None

    def abandoned(self, *, before: datetime) -> Sequence[MessageId]:
        """Return those on their way in to which nothing was added since *before*."""
        return [MessageId(name) for (name,) in self._at.rows(_ABANDONED, (self._at.authority, to_micros(before)))]

    def drop(self, message_id: MessageId, *, limit: int) -> bool:
        """Delete at most *limit* chunks of one that is on its way in; tell whether more is left of it.

        With the last of its chunks its key and the message are gone too.
        """
        key = (self._at.authority, message_id)
        if self._at.row(_STATE + self._at.for_update, key) is None:
            return False
        numbers = self._at.rows(_NUMBERS, (*key, limit))
        self._at.send_many(_DELETE_CHUNK, [(*key, number) for (number,) in numbers])
        if len(numbers) == limit:
            return True
        self._at.send(_DELETE_ORIGINAL, key)
        self._at.send(_DELETE_MESSAGE, key)
        return False

    def key(self, message_id: MessageId) -> bytes:
        """Return the wrapped key of an original, or raise NotFoundError."""
        (found,) = self._at.the_row(_KEY, (self._at.authority, message_id), what=f"original of message {message_id}")
        return bytes(found)

    def chunk(self, message_id: MessageId, number: int) -> bytes | None:
        """Return one chunk as it was sealed, if there is one of that number."""
        row = self._at.row(_CHUNK, (self._at.authority, message_id, number))
        return bytes(row[0]) if row is not None else None


@cache
def become(next_number: str) -> str:
    """Return the statement that makes a message on its way in what it is from now on, behind all others.

    Its first value is the authority, as that of every statement is that asks for the next number.
    """
    changed = ", ".join(f"{column} = ?" for column in GIVEN.columns)
    position = next_number.format(table="message")
    return (
        f"UPDATE message SET authority = ?, {changed}, position = {position}"  # noqa: S608 - names are constants
        f" WHERE authority = ? AND message_id = ?{_ON_ITS_WAY}"
    )
