"""How have partners answered lately, and whose deliveries are shelved meanwhile?

A shelved delivery waits for no other one, but for a partner: its `waits_for` is the breaker's number below zero. So the
index of what is due leaves it out, like one that waits for a position, and a partner that is down costs nobody else
anything, however much is due to it.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.adapters.sql.row_shape import put_into, select_from, shape_of, to_micros
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.conversations.breaker import Breaker
from gateway.model.identifiers import OrganisationId

_SHAPE = shape_of(Breaker, leaving_out=("number",))
_BREAKERS = select_from("breaker", (*_SHAPE.columns, "position"))
_GET = _BREAKERS + " AND organisation = ?"
_ALL = _BREAKERS + " ORDER BY organisation"
_PUT = put_into("breaker", _SHAPE.columns, key=("organisation",)) + " RETURNING position"
_SHELVE = """
UPDATE delivery SET waits_for = ? WHERE position IN (
    SELECT position FROM delivery WHERE authority = ? AND recipient = ? AND state = 'ordered'
    AND ready_at IS NOT NULL AND waits_for IS NULL AND lane <> 0 ORDER BY position LIMIT ?
)"""
_UNSHELVE = """
UPDATE delivery SET waits_for = NULL,
    ready_at = CASE WHEN state = 'ordered' AND ready_at > ? THEN ? ELSE ready_at END
WHERE position IN (SELECT position FROM delivery WHERE authority = ? AND waits_for = ? ORDER BY lane, position LIMIT ?)
"""
_SHELVED = select_from("delivery", ("count(*)",)) + " AND waits_for = ?"


class SqlBreakers:
    """How partners have answered lately."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def get(self, organisation: OrganisationId) -> Breaker:
        """Return it, a closed one where nothing is known; who may change it keeps others from it meanwhile."""
        if self._at.may_write:
            self._at.hold("breaker", [organisation])
        row = self._at.row(_GET, (self._at.authority, organisation))
        return _breaker(row) if row else Breaker(organisation=organisation)

    def save(self, breaker: Breaker) -> Breaker:
        """Store it and return it with its number."""
        self._at.require_write()
        ((position,),) = self._at.rows(_PUT, (self._at.authority, *_SHAPE.values(breaker)))
        return _SHAPE.read(_SHAPE.values(breaker), number=position)

    def all(self) -> Sequence[Breaker]:
        """Return every one that was ever stored, by organisation."""
        return [_breaker(row) for row in self._at.rows(_ALL, (self._at.authority,))]

    def shelve(self, breaker: Breaker, *, limit: int) -> int:
        """Shelve the oldest deliveries to its organisation that nothing else holds back; return how many."""
        return self._at.run(_SHELVE, (-breaker.number, self._at.authority, breaker.organisation, limit))

    def unshelve(self, breaker: Breaker, *, at: datetime, limit: int) -> int:
        """Let those on its shelf be due at *at*, in the order of lanes and age; return how many were taken off."""
        now = to_micros(at)
        return self._at.run(_UNSHELVE, (now, now, self._at.authority, -breaker.number, limit))

    def shelved(self, breaker: Breaker) -> int:
        """Return how many are on its shelf."""
        (count,) = self._at.rows(_SHELVED, (self._at.authority, -breaker.number))[0]
        return int(count)


def _breaker(row: Row) -> Breaker:
    *values, position = row
    return _SHAPE.read(values, number=position)
