"""Which delivery waits for which?

One goes only when no earlier open delivery in its lane has the same recipient and any same subject. Asking that of
every due delivery at every claim would cost a scan of the whole backlog of a partner that is down. So one that is found
to wait is parked: `waits_for` names the nearest delivery it waits for, and the index of due deliveries leaves parked
ones out. Closing a delivery unparks those that named it, and the question is put again when they come up.

Promise: parked means that the named delivery is open and earlier, which alone forbids going; whether an unparked one
may go is always asked of `delivery_subject`, so a missing park costs time and never order.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from gateway.adapters.sql.row_shape import insert_into, select_from, to_micros
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.rows import TOGETHER, Delivery, Lane, State

OPEN = frozenset({State.ORDERED, State.HANDED_OVER, State.IN_REVIEW, State.HELD_LABEL, State.HELD_MATCH})
"""States in which a delivery holds up later ones about the same child to the same recipient."""

_LINK = insert_into("delivery_subject", ("child_ref", "position", "recipient", "lane", "is_open"))
_RELINK = "UPDATE delivery_subject SET is_open = ? WHERE authority = ? AND child_ref = ? AND position = ?"
_EARLIER = (
    select_from("delivery_subject", ("position",))
    + " AND recipient = ? AND lane = ? AND child_ref = ? AND is_open = 1 AND position < ?"
    " ORDER BY position DESC LIMIT 1"
)
_DUE = (
    select_from("delivery", ("position", "recipient", "subjects"))
    + " AND lane = ? AND ready_at <= ? AND waits_for IS NULL AND state IN ('ordered', 'handed_over')"
    " ORDER BY ready_at, position LIMIT ?"
)
_PARK = "UPDATE delivery SET waits_for = ? WHERE authority = ? AND position = ?"
_UNPARK = "UPDATE delivery SET waits_for = NULL WHERE authority = ? AND waits_for = ?"
_LEASE = (
    "UPDATE delivery SET ready_at = ?, lease = lease + 1, lost = CASE WHEN lost < ? THEN lost + 1 ELSE lost END"
    " WHERE authority = ? AND position = ?"
)

_AFTER_ALL = 2**62


class DeliveryOrder:
    """Who waits for whom, within one authority."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def last_before_new(self, delivery: Delivery) -> int | None:
        """Return the position of what a *delivery* added now has to wait for, or None."""
        if delivery.lane is Lane.URGENT:
            return None
        return self._nearest(delivery.recipient, delivery.lane, delivery.subjects, _AFTER_ALL)

    def join(self, delivery: Delivery, position: int) -> None:
        """Let later deliveries see that this one stands at *position*."""
        is_open = delivery.state in OPEN
        for child_ref in set(delivery.subjects):
            self._at.run(
                _LINK, (self._at.authority, child_ref, position, delivery.recipient, delivery.lane.value, is_open)
            )

    def turned(self, position: int, subjects: Sequence[str], *, is_open: bool) -> None:
        """Let later deliveries see that the one at *position* was closed, or opened again."""
        for child_ref in set(subjects):
            self._at.run(_RELINK, (is_open, self._at.authority, child_ref, position))
        if not is_open:
            self._at.run(_UNPARK, (self._at.authority, position))

    def lease(self, lane: Lane, *, at: datetime, until: datetime, limit: int) -> list[int]:
        """Lease deliveries of one lane that may go at *at*; return their positions, those due longest first."""
        going: list[int] = []
        while len(going) < limit:
            due = self._at.rows(_DUE, (self._at.authority, lane.value, to_micros(at), limit - len(going)))
            free = [position for position, *who in due if not self._park(position, lane, *who)]
            for position in free:
                self._at.run(_LEASE, (to_micros(until), TOGETHER, self._at.authority, position))
            going.extend(free)
            if len(free) == len(due):
                break
        return going

    def _park(self, position: int, lane: Lane, recipient: str, subjects: str) -> bool:
        """Set a delivery that has to wait aside, and tell whether it has to."""
        if lane is Lane.URGENT:
            return False
        earlier = self._nearest(recipient, lane, json.loads(subjects), position)
        if earlier is not None:
            self._at.run(_PARK, (earlier, self._at.authority, position))
        return earlier is not None

    def _nearest(self, recipient: str, lane: Lane, subjects: Sequence[str], position: int) -> int | None:
        """Return the position of the last open delivery before *position* that shares a subject, or None."""
        key = (self._at.authority, recipient, lane.value)
        found = [self._at.row(_EARLIER, (*key, child_ref, position)) for child_ref in subjects]
        return max((row[0] for row in found if row), default=None)
