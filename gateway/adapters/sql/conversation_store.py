"""Where does each conversation stand, what is it waiting for, and what are people asked?"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.adapters.sql.row_shape import insert_into, put_into, select_from, shape_of, to_micros, update_of
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.errors import ConflictError
from gateway.flows.store.rows import Conversation, ReviewTask, Timer
from gateway.model.identifiers import ConversationId, ReviewId

_TIMER = shape_of(Timer)
_PUT_TIMER = put_into("timer", _TIMER.columns, key=("conversation_id", "kind"))
_BEGIN_TIMER = insert_into("timer", _TIMER.columns) + " ON CONFLICT (authority, conversation_id, kind) DO NOTHING"
_DROP_TIMER = "DELETE FROM timer WHERE authority = ? AND conversation_id = ? AND kind = ?"
_TAKE_TIMER = _DROP_TIMER + " AND timer_id = ? AND due_at = ?"
_DUE_TIMERS = select_from("timer", _TIMER.columns) + " AND due_at <= ? ORDER BY due_at, timer_id LIMIT ?"

_CONVERSATION = shape_of(Conversation)
_CHANGES = shape_of(Conversation, leaving_out=("conversation_id",))
_CONVERSATIONS = select_from("conversation", _CONVERSATION.columns)
_GET = _CONVERSATIONS + " AND conversation_id = ?"
# The second condition says what the partial index says; without it SQLite reads every conversation there is.
_BY_REFERENCE = _CONVERSATIONS + " AND kind = ? AND reference = ? AND reference <> ''"
_ADD = insert_into("conversation", _CONVERSATION.columns) + " ON CONFLICT (authority, conversation_id) DO NOTHING"
_SAVE = update_of("conversation", _CHANGES.columns, key="conversation_id") + " AND version = ?"

_REVIEW = shape_of(ReviewTask)
_REVIEW_CHANGES = shape_of(
    ReviewTask, only=("status", "role", "due_at", "decided_by", "decided_at", "note_sealed", "note_key")
)
_REVIEWS = select_from("review", _REVIEW.columns)
_ADD_REVIEW = insert_into("review", _REVIEW.columns)
_GET_REVIEW = _REVIEWS + " AND review_id = ?"
_SAVE_REVIEW = update_of("review", _REVIEW_CHANGES.columns, key="review_id")
_DUE_FIRST = " ORDER BY due_at, review_id LIMIT ?"
_FIND_REVIEWS = _REVIEWS + _DUE_FIRST
_FIND_REVIEWS_OF = _REVIEWS + " AND status = ?" + _DUE_FIRST
_REVIEWS_ABOUT = _REVIEWS + " AND status = ? AND subject_id = ?"
_WAITING = ("open", "escalated")


class SqlTimers:
    """Deadlines, kept in the store so that they survive a restart."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def put(self, timer: Timer) -> None:
        """Set it, replacing one of the same kind and conversation."""
        self._at.send(_PUT_TIMER, (self._at.authority, *_TIMER.values(timer)))

    def begin(self, timer: Timer) -> None:
        """Set it, unless there is one of the same kind and conversation."""
        self._at.send(_BEGIN_TIMER, (self._at.authority, *_TIMER.values(timer)))

    def drop(self, conversation_id: ConversationId, kind: str) -> None:
        """Take it away, if it is there."""
        self._at.send(_DROP_TIMER, (self._at.authority, conversation_id, kind))

    def take(self, timer: Timer) -> bool:
        """Take *timer* away and tell whether it was still there as it was read."""
        key = (self._at.authority, timer.conversation_id, timer.kind)
        return self._at.run(_TAKE_TIMER, (*key, timer.timer_id, to_micros(timer.due_at))) > 0

    def due(self, *, at: datetime, limit: int) -> Sequence[Timer]:
        """Return those whose time has come, earliest first."""
        return [_TIMER.read(row) for row in self._at.rows(_DUE_TIMERS, (self._at.authority, to_micros(at), limit))]


class SqlConversations:
    """Where each conversation stands."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def get(self, conversation_id: ConversationId) -> Conversation:
        """Return it, or raise NotFoundError."""
        key = (self._at.authority, conversation_id)
        return _CONVERSATION.read(
            self._at.the_row(_GET + self._at.for_update, key, what=f"conversation {conversation_id}")
        )

    def by_reference(self, kind: str, reference: str) -> Conversation | None:
        """Return the conversation that both sides know by *reference*; nobody else changes it meanwhile.

        Of two who begin it at once the index of references stops one, whose work is run again and finds it.
        """
        row = self._at.row(_BY_REFERENCE + self._at.for_update, (self._at.authority, kind, reference))
        return _CONVERSATION.read(row) if row else None

    def save(self, conversation: Conversation) -> None:
        """Store it at version + 1, or raise ConflictError when somebody else has."""
        risen = replace(conversation, version=conversation.version + 1)
        key = (self._at.authority, conversation.conversation_id)
        if conversation.version == 0:
            self._at.expect(_ADD, (self._at.authority, *_CONVERSATION.values(risen)), lambda: _moved(conversation))
        else:
            values = (*_CHANGES.values(risen), *key, conversation.version)
            self._at.expect(_SAVE, values, lambda: _moved(conversation))


def _moved(conversation: Conversation) -> ConflictError:
    return ConflictError(f"conversation {conversation.conversation_id} is not at version {conversation.version}")


class SqlReviews:
    """Questions for people."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, task: ReviewTask) -> None:
        """Open one."""
        self._at.send(_ADD_REVIEW, (self._at.authority, *_REVIEW.values(task)))

    def get(self, review_id: ReviewId) -> ReviewTask:
        """Return it, or raise NotFoundError."""
        key = (self._at.authority, review_id)
        return _REVIEW.read(self._at.the_row(_GET_REVIEW + self._at.for_update, key, what=f"review {review_id}"))

    def save(self, task: ReviewTask) -> None:
        """Replace status, role, due_at, decision and note."""
        self._require_as_listed(task.review_id)
        values = (*_REVIEW_CHANGES.values(task), self._at.authority, task.review_id)
        self._at.change(_SAVE_REVIEW, values, what=f"review {task.review_id}")

    def _require_as_listed(self, review_id: ReviewId) -> None:
        """Begin the work again where somebody has answered a question since it was found in a list.

        What is listed is not held: holding every open question would let everybody wait for everybody.
        """
        status = self._at.seen.pop(("review", review_id), None)
        if status is not None and self._at.for_update and self.get(review_id).status != status:
            self._at.start_over()

    def find(self, *, status: str | None = "open", limit: int = 100) -> Sequence[ReviewTask]:
        """Return those due first, first."""
        if status is None:
            rows = self._at.rows(_FIND_REVIEWS, (self._at.authority, limit))
        else:
            rows = self._at.rows(_FIND_REVIEWS_OF, (self._at.authority, status, limit))
        return self._listed(rows)

    def waiting_about(self, subject_id: str) -> Sequence[ReviewTask]:
        """Return those about one thing that wait for an answer, those due first, first."""
        asked = [(self._at.authority, status, subject_id) for status in _WAITING]
        found = self._listed(row for rows in self._at.rows_each(_REVIEWS_ABOUT, asked) for row in rows)
        return sorted(found, key=lambda task: (task.due_at, task.review_id))

    def _listed(self, rows: Iterable[Row]) -> Sequence[ReviewTask]:
        found = [_REVIEW.read(row) for row in rows]
        if self._at.may_write:
            self._at.seen.update({("review", task.review_id): task.status for task in found})
        return found
