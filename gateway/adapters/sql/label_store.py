"""Which labels of forms has nobody mapped yet, and what did somebody say the others mean?"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.adapters.sql.row_shape import from_micros, insert_into, select_from, shape_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import LabelGroup, LabelMeaning, LabelTask, LabelUse
from gateway.model.identifiers import MessageId, OrganisationId, RecordId

_TASK = shape_of(LabelTask)
_KNOWN = shape_of(LabelMeaning)
_ADD = (
    insert_into("label_task", _TASK.columns)
    + " ON CONFLICT (authority, list_name, label_blind, record_id) WHERE status = 'open' DO NOTHING"
)
_TASKS = select_from("label_task", _TASK.columns)
_OLDEST = " ORDER BY position LIMIT ?"
_FIND = _TASKS + _OLDEST
_FIND_OF = _TASKS + " AND status = ?" + _OLDEST
_OF_LABEL = " AND list_name = ? AND label_blind = ?"
_GROUPS = (
    select_from("label_task", ("list_name", "label_blind", "count(*)", "min(position)"))
    + " AND status = 'open' GROUP BY authority, list_name, label_blind LIMIT ?"
)
_USES = (
    f"SELECT {', '.join(f't.{column}' for column in _TASK.columns)},"  # noqa: S608 - names are constants
    " m.message_id, m.organisation, m.format, m.received_at FROM label_task t"
    " JOIN record r ON r.authority = t.authority AND r.record_id = t.record_id"
    " JOIN message m ON m.authority = r.authority AND m.message_id = r.message_id"
    " WHERE t.authority = ? AND t.list_name = ? AND t.label_blind = ? AND t.status = 'open' LIMIT ?"
)
_WAITING = select_from("label_task", ("record_id",)) + _OF_LABEL + " AND status = 'open' ORDER BY position"
_DUE = " SET status = 'due' WHERE authority = ? AND list_name = ? AND label_blind = ?"
_FREE = "UPDATE label_task" + _DUE + " AND status = 'open'"
_ANEW = "UPDATE label_task" + _DUE + " AND status = 'settled'"
"""People seldom change what they said, so this may look through all that are settled."""
_CLOSE = "UPDATE label_task SET status = 'settled' WHERE authority = ? AND status = 'due' AND record_id = ?"
_WAITS = select_from("label_task", ("1",)) + " AND status IN ('open', 'due') AND record_id = ? LIMIT 1"
_OF_RECORD = _TASKS + " AND status IN ('open', 'due') AND record_id = ? ORDER BY position"
_IS_OPEN = select_from("label_task", ("1",)) + _OF_LABEL + " AND status = 'open' LIMIT 1"
_HOLDS = (
    "SELECT d.purpose, d.created_at FROM label_task t"
    " JOIN delivery d ON d.authority = t.authority AND d.record_id = t.record_id AND d.state = 'held_label'"
    " WHERE t.authority = ? AND t.list_name = ? AND t.label_blind = ? AND t.status = ?"
)
_REMEMBER = (
    insert_into("label_meaning", ("list_name", "label_blind", "code"))
    + " ON CONFLICT (authority, list_name, label_blind) DO UPDATE SET code = excluded.code"
)
_MEANING = select_from("label_meaning", ("code",)) + _OF_LABEL
_MEANINGS = select_from("label_meaning", _KNOWN.columns) + " ORDER BY list_name, label_blind LIMIT ?"
_FORGET = "DELETE FROM label_meaning WHERE authority = ? AND list_name = ? AND label_blind = ?"


class SqlLabels:
    """Labels nobody has mapped yet, and those somebody has."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, task: LabelTask) -> None:
        """Keep a label task, unless it is open and the same label is already open for that record."""
        self._at.hold_shared("label", [f"{task.list_name}/{task.label_blind}"])
        self._at.send(_ADD, (self._at.authority, *_TASK.values(task)))

    def find(self, *, status: str | None = "open", limit: int = 100) -> Sequence[LabelTask]:
        """Return them, oldest first."""
        if status is None:
            rows = self._at.rows(_FIND, (self._at.authority, limit))
        else:
            rows = self._at.rows(_FIND_OF, (self._at.authority, status, limit))
        return [_TASK.read(row) for row in rows]

    def groups(self, *, limit: int) -> Sequence[LabelGroup]:
        """Return the labels that are open, each once."""
        return [
            LabelGroup(list_name=list_name, label_blind=label_blind, records=records, first=first)
            for list_name, label_blind, records, first in self._at.rows(_GROUPS, (self._at.authority, limit))
        ]

    def uses(self, list_name: str, label_blind: str, *, limit: int) -> Sequence[LabelUse]:
        """Return records in which an open label stands, in no order."""
        rows = self._at.rows(_USES, (self._at.authority, list_name, label_blind, limit))
        return [_use(row) for row in rows]

    def settle(self, list_name: str, label_blind: str, code: str) -> Sequence[RecordId]:
        """Remember what a label means and return the records that waited for it.

        They, and those understood under another meaning of it, are due to be understood anew.
        """
        label = self._hold(list_name, label_blind)
        waiting = [RecordId(record_id) for (record_id,) in self._at.rows(_WAITING, label)]
        self._at.send(_REMEMBER, (*label, code))
        self._at.send(_FREE, label)
        self._at.send(_ANEW, label)
        return waiting

    def forget(self, list_name: str, label_blind: str) -> bool:
        """Take a meaning back and tell whether there was one; records understood by it are due again."""
        label = self._hold(list_name, label_blind)
        if self._at.row(_MEANING, label) is None:
            return False
        self._at.send(_FORGET, label)
        self._at.send(_ANEW, label)
        return True

    def close(self, record_id: RecordId) -> None:
        """Settle every label of the record that is due."""
        self._at.send(_CLOSE, (self._at.authority, record_id))

    def of_record(self, record_id: RecordId) -> Sequence[LabelTask]:
        """Return the labels of a record that are open or due, oldest first."""
        return [_TASK.read(row) for row in self._at.rows(_OF_RECORD, (self._at.authority, record_id))]

    def holds(self, list_name: str, label_blind: str) -> Mapping[str, datetime]:
        """Return since when the oldest delivery of each purpose was ordered that a label, open or due, holds up."""
        found: dict[str, datetime] = {}
        for status in ("open", "due"):
            for purpose, since in self._at.rows(_HOLDS, (self._at.authority, list_name, label_blind, status)):
                at = from_micros(since)
                found[purpose] = min(at, found.get(purpose, at))
        return found

    def is_open(self, list_name: str, label_blind: str) -> bool:
        """Tell whether any record holds this label and waits for its meaning."""
        return self._at.row(_IS_OPEN, (self._at.authority, list_name, label_blind)) is not None

    def waits(self, record_id: RecordId) -> bool:
        """Tell whether the record holds a label that is open or due."""
        return self._at.row(_WAITS, (self._at.authority, record_id)) is not None

    def meanings(self, *, limit: int) -> Sequence[LabelMeaning]:
        """Return what people said labels mean, by list."""
        return [_KNOWN.read(row) for row in self._at.rows(_MEANINGS, (self._at.authority, limit))]

    def meaning(self, list_name: str, label_blind: str, *, is_held: bool = False) -> str | None:
        """Return the code a person gave this label, if one has; *is_held*: it stays so until this transaction ends."""
        if is_held:
            self._at.hold_shared("label", [f"{list_name}/{label_blind}"])
        row = self._at.row(_MEANING, (self._at.authority, list_name, label_blind))
        return row[0] if row else None

    def _hold(self, list_name: str, label_blind: str) -> tuple[str, str, str]:
        # A record that is being stored with this label is either seen by what follows, or is stored after it.
        self._at.hold("label", [f"{list_name}/{label_blind}"])
        return (self._at.authority, list_name, label_blind)


def _use(row: Sequence[object]) -> LabelUse:
    *task, message_id, organisation, form, received_at = row
    return LabelUse(
        task=_TASK.read(task),
        message_id=MessageId(str(message_id)),
        organisation=OrganisationId(str(organisation)),
        format=str(form),
        received_at=from_micros(int(str(received_at))),
    )
