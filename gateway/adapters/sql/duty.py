"""Which of several processes does what only one may do at a time?

Whoever has taken a duty has it for a while, and again and again as long as it lives. One that was killed loses it when
its time is up. That is for peace and quiet; where two at once would do harm, a fence stands as well (`append_batch`).
"""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.adapters.sql.outbox import NOW
from gateway.adapters.sql.transaction import Transaction
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork

T = TypeVar("T")

_TAKE = (
    f"INSERT INTO duty (authority, name, holder, until, term) VALUES (?, ?, ?, {NOW} + ?, 1)"  # noqa: S608 - a constant
    " ON CONFLICT (authority, name) DO UPDATE SET holder = excluded.holder, until = excluded.until,"
    " term = duty.term + CASE WHEN duty.holder = excluded.holder THEN 0 ELSE 1 END"
    f" WHERE duty.holder = excluded.holder OR duty.until < {NOW}"
)
_LAY_DOWN = "UPDATE duty SET until = 0 WHERE authority = ? AND name = ? AND holder = ?"
_MICROSECONDS = 1_000_000


class Transactions(Protocol):
    """What a duty needs of the store."""

    def write(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run *work* in one durable transaction."""
        ...


class Duty(Protocol):
    """Something only one process does at a time."""

    def is_ours(self) -> bool:
        """Tell whether this process is to do it now."""
        ...


class SoleDuty:
    """A duty where there is one process: it has it."""

    def is_ours(self) -> bool:
        """Tell that it is."""
        return True


class LeasedDuty:
    """Something only one process does at a time."""

    def __init__(self, store: Transactions, name: str, *, holder: str, seconds: float) -> None:
        self._store = store
        self._name = name
        self._holder = holder
        self._seconds = seconds
        self._sure_until = 0.0

    def is_ours(self) -> bool:
        """Tell whether this process has the duty, taking it when nobody has; asked often, it seldom asks the store."""
        began = time.monotonic()
        if began >= self._sure_until:
            has_it = self._store.write(lambda work: self._take(work.transaction))
            self._sure_until = began + self._seconds / 2 if has_it else 0.0
            return has_it
        return True

    def lay_down(self) -> None:
        """Let somebody else take it at once."""
        if self._sure_until:
            self._sure_until = 0.0
            self._store.write(lambda work: self._give_up(work.transaction))

    def _take(self, at: Transaction) -> bool:
        return at.run(_TAKE, (at.authority, self._name, self._holder, int(self._seconds * _MICROSECONDS))) > 0

    def _give_up(self, at: Transaction) -> None:
        at.send(_LAY_DOWN, (at.authority, self._name, self._holder))
