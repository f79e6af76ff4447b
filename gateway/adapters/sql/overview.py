"""How is it counted what waits, without reading a store of millions?

Each statement goes along an index that holds only what is open, or stops after a few thousand rows.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from gateway.adapters.sql.row_shape import from_micros, select_from, to_micros
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.duty_repository import ESCALATED, WAITING
from gateway.flows.store.overview import OVERVIEW_LIMIT, OpenQuestions, Overview, Waiting
from gateway.flows.store.rows import Lane, State

_OLDEST_FIRST = " ORDER BY position LIMIT 1"
_OLDEST_WAITING = select_from("message", ("received_at",)) + " AND lane = ? AND ready_at IS NOT NULL" + _OLDEST_FIRST
_OLDEST_DUE = select_from("message", ("received_at",)) + " AND lane = ? AND ready_at <= ?" + _OLDEST_FIRST
_MESSAGES = select_from("message", ("count(*)",)) + " AND lane = ? AND ready_at IS NOT NULL"
_MESSAGES_IN = select_from("message", ("count(*)",)) + " AND state = ?"
_LABELS = select_from("label_task", ("count(*)",)) + " AND status = 'open'"
_DUE = (
    select_from("delivery", ("ready_at",))
    + " AND lane = ? AND ready_at <= ? AND waits_for IS NULL AND state IN ('ordered', 'handed_over')"
    " ORDER BY ready_at, position LIMIT ?"
)
_BEHIND = select_from("delivery", ("count(*)",)) + " AND waits_for IS NOT NULL"
_PARTNERS = select_from("delivery", ("recipient", "created_at")) + " AND state = ? ORDER BY position LIMIT ?"
_QUESTIONS = select_from("review", ("role", "due_at")) + " AND status = ? ORDER BY due_at, review_id LIMIT ?"
_DUTIES = select_from("person_duty", ("role", "due_at")) + " AND status = ? ORDER BY due_at, duty_id LIMIT ?"
_UNTOLD = select_from("person_call", ("count(*)",)) + " AND state = 'due' AND attempt > 0"
_TIMERS = select_from("timer", ("kind", "due_at")) + " AND due_at <= ? ORDER BY due_at, timer_id LIMIT ?"
_EVENTS = select_from("audit_pending", ("count(*)",))
_OLDEST_EVENT = (
    "SELECT e.recorded_at FROM audit_pending AS w JOIN audit_event AS e ON e.position = w.position"
    " WHERE w.authority = ? ORDER BY w.position LIMIT 1"
)
_UNSCANNED = select_from("attachment_scan", ("count(*)",)) + " AND state = 'waiting'"
_INFECTED = select_from("attachment_scan", ("count(*)",)) + " AND state = 'malware'"
_OLDEST_UNSCANNED = (
    select_from("attachment_scan", ("added_at",))
    + " AND state = 'waiting' ORDER BY added_at, record_id, number LIMIT 1"
)
_HELD = select_from("delivery", ("count(*)",)) + " AND state = 'held_label'"
_OLDEST_HELD = select_from("delivery", ("created_at",)) + " AND state = 'held_label' ORDER BY position LIMIT 1"
_HEAD = select_from("audit_checkpoint", ("size", "signed_at")) + " ORDER BY size DESC LIMIT 1"
_TOLD = (State.ORDERED, State.HANDED_OVER, State.DEAD_LETTER)


class SqlOverviews:
    """What waits, read in one go."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def read(self, *, at: datetime) -> Overview:
        """Return what waits at *at*."""
        head = self._at.row(_HEAD, (self._at.authority,))
        return Overview(
            messages={lane: self._messages(lane) for lane in Lane},
            dead_messages=self._number(_MESSAGES_IN, State.DEAD_LETTER.value),
            labels=self._number(_LABELS),
            deliveries={lane: self._due(lane, at) for lane in Lane},
            behind=self._number(_BEHIND),
            partners=self._partners(),
            questions=self._questions(at),
            timers=_grouped(self._at.rows(_TIMERS, (self._at.authority, to_micros(at), OVERVIEW_LIMIT))),
            events=Waiting(number=self._number(_EVENTS), since=self._since(_OLDEST_EVENT)),
            tree_size=head[0] if head else 0,
            signed_at=from_micros(head[1]) if head else None,
            attachments=Waiting(number=self._number(_UNSCANNED), since=self._since(_OLDEST_UNSCANNED)),
            infected=self._number(_INFECTED),
            held=Waiting(number=self._number(_HELD), since=self._since(_OLDEST_HELD)),
            duties=self._duties(at),
            untold=self._number(_UNTOLD),
        )

    def oldest_due_message(self, lane: Lane, *, at: datetime) -> datetime | None:
        """Return when the oldest message of *lane* was received whose work might begin at *at*, or None."""
        return self._since(_OLDEST_DUE, lane.value, to_micros(at))

    def _messages(self, lane: Lane) -> Waiting:
        return Waiting(number=self._number(_MESSAGES, lane.value), since=self._since(_OLDEST_WAITING, lane.value))

    def _due(self, lane: Lane, at: datetime) -> Waiting:
        rows = self._at.rows(_DUE, (self._at.authority, lane.value, to_micros(at), OVERVIEW_LIMIT))
        return Waiting(number=len(rows), since=from_micros(rows[0][0]) if rows else None)

    def _partners(self) -> Mapping[tuple[str, State], Waiting]:
        found: dict[tuple[str, State], Waiting] = {}
        for state in _TOLD:
            rows = self._at.rows(_PARTNERS, (self._at.authority, state.value, OVERVIEW_LIMIT))
            found |= {(recipient, state): waiting for recipient, waiting in _grouped(rows).items()}
        return found

    def _questions(self, at: datetime) -> Mapping[str, OpenQuestions]:
        rows = [
            row
            for status in ("open", "escalated")
            for row in self._at.rows(_QUESTIONS, (self._at.authority, status, OVERVIEW_LIMIT))
        ]
        now = to_micros(at)
        found: dict[str, OpenQuestions] = {}
        for role, due_at in rows:
            known = found.get(role, OpenQuestions())
            found[role] = OpenQuestions(number=known.number + 1, overdue=known.overdue + (due_at <= now))
        return found

    def _duties(self, at: datetime) -> Mapping[str, OpenQuestions]:
        now, found = to_micros(at), dict[str, OpenQuestions]()
        for status in WAITING:
            for role, due_at in self._at.rows(_DUTIES, (self._at.authority, status, OVERVIEW_LIMIT)):
                known, is_late = found.get(role, OpenQuestions()), status == ESCALATED or due_at <= now
                found[role] = OpenQuestions(number=known.number + 1, overdue=known.overdue + is_late)
        return found

    def _number(self, statement: str, *parameters: object) -> int:
        row = self._at.row(statement, (self._at.authority, *parameters))
        return int(row[0]) if row else 0

    def _since(self, statement: str, *parameters: object) -> datetime | None:
        row = self._at.row(statement, (self._at.authority, *parameters))
        return from_micros(row[0]) if row else None


def _grouped(rows: Iterable[tuple[str, int]]) -> dict[str, Waiting]:
    """Return how many of *rows*, oldest first, have each word, and the time of the first."""
    found: dict[str, Waiting] = {}
    for word, at in rows:
        known = found.get(word)
        found[word] = Waiting(number=known.number + 1 if known else 1, since=known.since if known else from_micros(at))
    return found
