"""Which labels of forms has nobody mapped yet, and what did somebody say the others mean?"""

from collections.abc import Sequence

from gateway.adapters.sql.row_shape import insert_into, select_from, shape_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.rows import LabelTask
from gateway.model.identifiers import RecordId

_TASK = shape_of(LabelTask)
_ADD = (
    insert_into("label_task", _TASK.columns)
    + " ON CONFLICT (authority, list_name, label_blind, record_id) WHERE status = 'open' DO NOTHING"
)
_TASKS = select_from("label_task", _TASK.columns)
_OLDEST = " ORDER BY position LIMIT ?"
_FIND = _TASKS + _OLDEST
_FIND_OF = _TASKS + " AND status = ?" + _OLDEST
_OF_LABEL = " AND list_name = ? AND label_blind = ?"
_WAITING = select_from("label_task", ("record_id",)) + _OF_LABEL + " AND status = 'open' ORDER BY position"
_CLOSE = (
    "UPDATE label_task SET status = 'settled'"
    " WHERE authority = ? AND list_name = ? AND label_blind = ? AND status = 'open'"
)
_REMEMBER = (
    insert_into("label_meaning", ("list_name", "label_blind", "code"))
    + " ON CONFLICT (authority, list_name, label_blind) DO UPDATE SET code = excluded.code"
)
_MEANING = select_from("label_meaning", ("code",)) + _OF_LABEL


class SqlLabels:
    """Labels nobody has mapped yet, and those somebody has."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, task: LabelTask) -> None:
        """Open a label task unless the same label is already open for that record."""
        self._at.hold_shared("label", [f"{task.list_name}/{task.label_blind}"])
        self._at.send(_ADD, (self._at.authority, *_TASK.values(task)))

    def find(self, *, status: str | None = "open", limit: int = 100) -> Sequence[LabelTask]:
        """Return them, oldest first."""
        if status is None:
            rows = self._at.rows(_FIND, (self._at.authority, limit))
        else:
            rows = self._at.rows(_FIND_OF, (self._at.authority, status, limit))
        return [_TASK.read(row) for row in rows]

    def settle(self, list_name: str, label_blind: str, code: str) -> Sequence[RecordId]:
        """Remember what a label means, close its tasks and return the records that waited for it."""
        # A record that is being stored with this label is either seen below, or is stored after this.
        self._at.hold("label", [f"{list_name}/{label_blind}"])
        label = (self._at.authority, list_name, label_blind)
        waiting = [RecordId(record_id) for (record_id,) in self._at.rows(_WAITING, label)]
        self._at.send(_REMEMBER, (*label, code))
        self._at.send(_CLOSE, label)
        return waiting

    def meaning(self, list_name: str, label_blind: str) -> str | None:
        """Return the code a person gave this label, if one has."""
        row = self._at.row(_MEANING, (self._at.authority, list_name, label_blind))
        return row[0] if row else None
