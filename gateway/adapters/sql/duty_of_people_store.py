"""Which duties do people have, what has one of two said, and who has still to be told?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.adapters.sql.row_shape import any_of, insert_into, put_into, select_from, shape_of, to_micros, update_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.call_repository import Call
from gateway.flows.store.duty_repository import WAITING, Duty
from gateway.flows.store.proposal_repository import Proposal
from gateway.model.identifiers import ReviewId

_DUTY = shape_of(Duty)
_DUTIES = select_from("person_duty", _DUTY.columns)
_ADD = insert_into("person_duty", _DUTY.columns) + " ON CONFLICT (authority, code, subject_id) DO NOTHING"
_GET = _DUTIES + " AND duty_id = ?"
_OF = _DUTIES + " AND subject_id = ? ORDER BY opened_at, duty_id"
_CHANGES = shape_of(Duty, leaving_out=("duty_id", "code", "subject_id"))
_SAVE = update_of("person_duty", _CHANGES.columns, key="duty_id")
_DUE_FIRST = " ORDER BY due_at, duty_id LIMIT ?"
_OF_CODE = " AND code = ?"

_PROPOSAL = shape_of(Proposal)
_PUT_PROPOSAL = put_into("review_proposal", _PROPOSAL.columns, key=("review_id",))
_PROPOSED = select_from("review_proposal", _PROPOSAL.columns) + " AND review_id = ?"

_CALL = shape_of(Call)
_CALLS = select_from("person_call", _CALL.columns)
_ADD_CALL = insert_into("person_call", _CALL.columns)
_DUE_CALLS = _CALLS + " AND state = 'due' AND ready_at <= ? ORDER BY ready_at, call_id LIMIT ?"
_CALL_CHANGES = shape_of(Call, only=("attempt", "ready_at", "state", "reason"))
_SAVE_CALL = update_of("person_call", _CALL_CHANGES.columns, key="call_id")
_NEWEST_CALLS = " ORDER BY called_at DESC, call_id DESC LIMIT ?"


class SqlDuties:
    """Duties of people."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, duty: Duty) -> bool:
        """Store it unless there is one of its code and subject; tell whether there was none."""
        return self._at.run(_ADD, (self._at.authority, *_DUTY.values(duty))) > 0

    def get(self, duty_id: str) -> Duty:
        """Return it, or raise NotFoundError."""
        key = (self._at.authority, duty_id)
        return _DUTY.read(self._at.the_row(_GET + self._at.for_update, key, what=f"duty {duty_id}"))

    def save(self, duty: Duty) -> None:
        """Replace all but its identity, code and subject, or raise NotFoundError."""
        values = (*_CHANGES.values(duty), self._at.authority, duty.duty_id)
        self._at.change(_SAVE, values, what=f"duty {duty.duty_id}")

    def of(self, subject_id: str) -> Sequence[Duty]:
        """Return those of one subject, whatever became of them, oldest first."""
        return [_DUTY.read(row) for row in self._at.rows(_OF, (self._at.authority, subject_id))]

    def find(self, *, statuses: Sequence[str] = WAITING, code: str | None = None, limit: int = 100) -> Sequence[Duty]:
        """Return those due first, first."""
        asked = [self._at.authority, *statuses, *([code] if code else []), limit]
        statement = _DUTIES + any_of("status", len(statuses)) + (_OF_CODE if code else "") + _DUE_FIRST
        return [_DUTY.read(row) for row in self._at.rows(statement, tuple(asked))]


class SqlProposals:
    """First persons' words."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def put(self, proposal: Proposal) -> None:
        """Store it; a question has one at most."""
        self._at.send(_PUT_PROPOSAL, (self._at.authority, *_PROPOSAL.values(proposal)))

    def get(self, review_id: ReviewId) -> Proposal | None:
        """Return the one of this question, if there is one."""
        row = self._at.row(_PROPOSED, (self._at.authority, review_id))
        return _PROPOSAL.read(row) if row else None


class SqlCalls:
    """Persons who are to be told."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, call: Call) -> None:
        """Store it."""
        self._at.send(_ADD_CALL, (self._at.authority, *_CALL.values(call)))

    def due(self, *, at: datetime, limit: int, lease_seconds: float) -> Sequence[Call]:
        """Lease and return those whose time has come, oldest first."""
        self._at.require_write()
        rows = self._at.rows(_DUE_CALLS + self._at.skip_locked, (self._at.authority, to_micros(at), limit))
        leased = [replace(_CALL.read(row), ready_at=at + timedelta(seconds=lease_seconds)) for row in rows]
        for call in leased:
            self.save(call)
        return leased

    def save(self, call: Call) -> None:
        """Replace attempt, ready_at, state and reason, or raise NotFoundError."""
        values = (*_CALL_CHANGES.values(call), self._at.authority, call.call_id)
        self._at.change(_SAVE_CALL, values, what=f"call {call.call_id}")

    def find(self, *, state: str | None = None, limit: int = 100) -> Sequence[Call]:
        """Return the newest first."""
        asked = (self._at.authority, *([state] if state else []), limit)
        statement = _CALLS + (" AND state = ?" if state else "") + _NEWEST_CALLS
        return [_CALL.read(row) for row in self._at.rows(statement, asked)]
