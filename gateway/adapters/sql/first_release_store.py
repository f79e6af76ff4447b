"""Where is what the first release stored in clear?"""

from collections.abc import Sequence

from gateway.adapters.sql.row_shape import select_from, shape_of, update_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import Conversation, Message

_MESSAGE = shape_of(Message)
_CHANGES = shape_of(Message, only=("idempotency_key", "trace_id"))
_MESSAGES = (
    select_from("message", _MESSAGE.columns) + " AND message_id > ? AND trace_id = '' ORDER BY message_id LIMIT ?"
)
_GIVE_TRACE = update_of("message", _CHANGES.columns, key="message_id") + " AND trace_id = ''"
_CONVERSATION = shape_of(Conversation)
_CONVERSATIONS = (
    select_from("conversation", _CONVERSATION.columns)
    + " AND conversation_id > ? AND kind = ? ORDER BY conversation_id LIMIT ?"
)


class SqlUntraced:
    """What has no trace yet."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def messages(self, *, after: str, limit: int) -> Sequence[Message]:
        """Return messages that have no trace yet, behind *after*."""
        return [_MESSAGE.read(row) for row in self._at.rows(_MESSAGES, (self._at.authority, after, limit))]

    def give_trace(self, message: Message) -> None:
        """Replace idempotency key and trace, unless another process has."""
        self._at.send(_GIVE_TRACE, (*_CHANGES.values(message), self._at.authority, message.message_id))

    def conversations(self, kind: str, *, after: str, limit: int) -> Sequence[Conversation]:
        """Return conversations of *kind*, behind *after*."""
        found = self._at.rows(_CONVERSATIONS + self._at.for_update, (self._at.authority, after, kind, limit))
        return [_CONVERSATION.read(row) for row in found]
