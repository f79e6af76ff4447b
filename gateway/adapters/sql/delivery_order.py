"""Which delivery waits for which?

One goes only when no earlier open delivery in its lane has the same recipient and any same subject. Asking that of
every due delivery at every claim would cost a scan of the whole backlog of a partner that is down. So one that is found
to wait is parked: `waits_for` names the nearest delivery it waits for, and the index of due deliveries leaves parked
ones out. Closing a delivery unparks those that named it, and the question is put again when they come up.

Promise: parked means that the named delivery is open and earlier, which alone forbids going; whether an unparked one
may go is always asked of `delivery_subject`, so a missing park costs time and never order.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from gateway.adapters.sql.row_shape import select_from, to_micros
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.flows.store.rows import TOGETHER, Delivery, Lane, State

OPEN = frozenset({State.ORDERED, State.HANDED_OVER, State.IN_REVIEW, State.HELD_LABEL, State.HELD_MATCH})
"""States in which a delivery holds up later ones about the same child to the same recipient."""

_LINK = (
    "INSERT INTO delivery_subject (authority, position, recipient, lane, child_ref, is_open)"
    " SELECT authority, position, recipient, lane, ?, ? FROM delivery WHERE authority = ? AND delivery_id = ?"
)
_RELINK = "UPDATE delivery_subject SET is_open = ? WHERE authority = ? AND child_ref = ? AND position = ?"
_EARLIER = (
    select_from("delivery_subject", ("position",))
    + " AND recipient = ? AND lane = ? AND child_ref = ? AND is_open = 1 AND position < ?"
    " ORDER BY position DESC LIMIT 1"
)
_DUE = (
    select_from("delivery", ("position", "recipient", "subjects", "state", "idempotency"))
    + " AND lane = ? AND ready_at <= ? AND waits_for IS NULL AND state IN ('ordered', 'handed_over')"
    " ORDER BY ready_at, position LIMIT ?"
)
_PARK = "UPDATE delivery SET waits_for = ? WHERE authority = ? AND position = ?"
_UNPARK = "UPDATE delivery SET waits_for = NULL WHERE authority = ? AND waits_for = ?"
_LEASE = (
    "UPDATE delivery SET ready_at = ?, lease = lease + 1, lost = CASE WHEN lost < ? THEN lost + 1 ELSE lost END"
    " WHERE authority = ? AND position = ?"
)

_STATE = select_from("delivery", ("state",)) + " AND position = ?"

_AFTER_ALL = 2**62
_HAD_ITS_TURN = (State.HANDED_OVER.value, "at-most-once")


class DeliveryOrder:
    """Who waits for whom, within one authority."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def last_before_new(self, delivery: Delivery) -> int | None:
        """Return the position of what a *delivery* added now has to wait for, or None.

        From here to the commit nobody else adds one to the same recipient about the same child, so that positions rise
        in the order in which others come to see them.
        """
        if delivery.lane is Lane.URGENT:
            return None
        start = f"{delivery.recipient}/{delivery.lane.value}/"
        self._at.hold("order", [start + child_ref for child_ref in delivery.subjects])
        waits_for = self._nearest([(_AFTER_ALL, delivery.recipient, delivery.subjects)], delivery.lane)[_AFTER_ALL]
        return waits_for if waits_for in self._still_open([waits_for]) else None

    def join(self, delivery: Delivery) -> None:
        """Let later deliveries see where this one stands."""
        rest = (int(delivery.state in OPEN), self._at.authority, delivery.delivery_id)
        self._at.send_many(_LINK, [(child_ref, *rest) for child_ref in sorted(set(delivery.subjects))])

    def turned(self, position: int, subjects: Sequence[str], *, is_open: bool) -> None:
        """Let later deliveries see that the one at *position* was closed, or opened again."""
        key = self._at.authority
        self._at.send_many(_RELINK, [(int(is_open), key, child_ref, position) for child_ref in sorted(set(subjects))])
        if not is_open:
            self._at.send(_UNPARK, (key, position))

    def lease(self, lane: Lane, *, at: datetime, until: datetime, limit: int) -> list[int]:
        """Lease deliveries of one lane that may go at *at*; return their positions, those due longest first.

        One that is in somebody else's hands just now is left to them.
        """
        going: list[int] = []
        while len(going) < limit:
            wanted = (self._at.authority, lane.value, to_micros(at), limit - len(going))
            due = self._at.rows(_DUE + self._at.skip_locked, wanted)
            waiting = set() if lane is Lane.URGENT else self._park(due, lane)
            free = [position for position, *_ in due if position not in waiting]
            self._at.send_many(
                _LEASE, [(to_micros(until), TOGETHER, self._at.authority, position) for position in free]
            )
            going.extend(free)
            if len(free) == len(due):
                break
        return going

    def _park(self, due: Sequence[Row], lane: Lane) -> set[int]:
        """Set deliveries that have to wait aside, and return the positions of those that may not go now.

        One that is never sent twice and was handed over has had its turn. What stands before it now is a dead letter
        somebody put back; while that waits, perhaps for a person, nobody would be told that its outcome is unknown.
        """
        asked = [
            (position, recipient, json.loads(subjects))
            for position, recipient, subjects, *how in due
            if tuple(how) != _HAD_ITS_TURN
        ]
        waits = {position: earlier for position, earlier in self._nearest(asked, lane).items() if earlier is not None}
        still_open = self._still_open(waits.values())
        parked = [(earlier, position) for position, earlier in waits.items() if earlier in still_open]
        self._at.send_many(_PARK, [(earlier, self._at.authority, position) for earlier, position in parked])
        return set(waits)

    def _still_open(self, positions: Iterable[int | None]) -> set[int]:
        """Return those of *positions* that are open and stay so to the end of this transaction.

        Whoever closes one lets go of those that wait for it, and must find the one that is being made to wait.
        """
        asked = sorted({position for position in positions if position is not None})
        key = self._at.authority
        found = self._at.rows_each(_STATE + self._at.for_share, [(key, position) for position in asked])
        return {position for position, ((state,),) in zip(asked, found, strict=True) if state in OPEN}

    def _nearest(self, asked: Sequence[tuple[int, str, Sequence[str]]], lane: Lane) -> dict[int, int | None]:
        """Return for each position the one of the last open delivery before it that shares a subject, or None.

        Shape: *asked* is position, recipient and subjects of each.
        """
        one_each = [(position, recipient, child) for position, recipient, subjects in asked for child in subjects]
        questions = [(self._at.authority, who, lane.value, child, position) for position, who, child in one_each]
        nearest: dict[int, int | None] = {position: None for position, *_ in asked}
        for (position, *_), rows in zip(one_each, self._at.rows_each(_EARLIER, questions), strict=True):
            for (earlier,) in rows:
                nearest[position] = max(earlier, nearest[position] or 0)
        return nearest
