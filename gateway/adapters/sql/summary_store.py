"""What has become of a message of very many records? Counted by the database, which reads no more than it must."""

from collections.abc import Mapping, Sequence

from gateway.adapters.sql.delivery_store import OF_MESSAGE as DELIVERIES
from gateway.adapters.sql.delivery_store import delivery_of
from gateway.adapters.sql.record_store import OF_MESSAGE as RECORDS
from gateway.adapters.sql.record_store import RECORD
from gateway.adapters.sql.row_shape import select_from
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.store.rows import Delivery, Record, State
from gateway.model.identifiers import MessageId, RecordId

_OF_MESSAGE = " AND message_id = ?"
_NAMES = select_from("record", ("position", "record_id")) + _OF_MESSAGE + " ORDER BY position"
_IS_ANY = select_from("record", ("position",)) + _OF_MESSAGE + " AND state = ? LIMIT 1"
_STATES = select_from("delivery", ("state",)) + _OF_MESSAGE
_REASON = (
    select_from("delivery", ("reason",)) + _OF_MESSAGE + " AND state = ? AND reason <> '' ORDER BY position LIMIT 1"
)
_NUMBER = select_from("delivery", ("count(*)",)) + _OF_MESSAGE
_LIMIT = " LIMIT ?"


class SqlSummaries:
    """A message's records and deliveries as they are counted."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def names(self, message_id: MessageId) -> Mapping[int, RecordId]:
        """Return the name of each of its records that are stored, by position."""
        rows = self._at.rows(_NAMES, (self._at.authority, message_id))
        return {position: RecordId(name) for position, name in rows}

    def records(self, message_id: MessageId, *, limit: int) -> Sequence[Record]:
        """Return its first records."""
        rows = self._at.rows(RECORDS + _LIMIT, (self._at.authority, message_id, limit))
        return [RECORD.read(row) for row in rows]

    def is_any(self, message_id: MessageId, state: State) -> bool:
        """Tell whether any of its records stands so."""
        return self._at.row(_IS_ANY, (self._at.authority, message_id, state.value)) is not None

    def states(self, message_id: MessageId) -> frozenset[State]:
        """Return how its deliveries stand, each state once."""
        return frozenset(State(word) for (word,) in self._at.rows(_STATES, (self._at.authority, message_id)))

    def reason(self, message_id: MessageId, state: State) -> str | None:
        """Return the reason of its first delivery that stands so and has one."""
        row = self._at.row(_REASON, (self._at.authority, message_id, state.value))
        return str(row[0]) if row is not None else None

    def number_of_deliveries(self, message_id: MessageId) -> int:
        """Return how many deliveries it has."""
        row = self._at.row(_NUMBER, (self._at.authority, message_id))
        return int(row[0]) if row is not None else 0

    def deliveries(self, message_id: MessageId, *, limit: int) -> Sequence[Delivery]:
        """Return its first deliveries."""
        rows = self._at.rows(DELIVERIES + _LIMIT, (self._at.authority, message_id, limit))
        return [delivery_of(row) for row in rows]
