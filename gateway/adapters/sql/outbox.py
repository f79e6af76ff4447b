"""How do wake-ups get from the business transaction to the bus when several processes share a store?

They are rows of the transaction itself. A relay leases them, hands them to the bus, and deletes those the bus
confirmed; what it did not get to is another's when the lease has run out. So a wake-up may be published twice, and is
never lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from gateway.adapters.sql.row_shape import any_of
from gateway.adapters.sql.transaction import Transaction
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork

T = TypeVar("T")

NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""The database's own time: one clock for all processes."""
_PENDING = (
    "SELECT position, routing_key, reference FROM wake"  # noqa: S608 - a constant
    f" WHERE authority = ? AND leased_until <= {NOW} ORDER BY position LIMIT ?"
)
_LEASE = f"UPDATE wake SET leased_until = {NOW} + ? WHERE authority = ?"  # noqa: S608 - a constant
_CONFIRM = "DELETE FROM wake WHERE authority = ?"
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingWake:
    """One wake-up on its way to the bus."""

    wake_id: int
    routing_key: str
    reference: str


class Transactions(Protocol):
    """What the outbox needs of the store."""

    def write(self, work: Callable[[SqlUnitOfWork], T]) -> T:
        """Run *work* in one durable transaction."""
        ...


class WakeOutbox:
    """The wake-ups of one authority that no bus has confirmed yet."""

    def __init__(self, store: Transactions) -> None:
        self._store = store

    def pending_wakes(self, limit: int, *, lease_seconds: float = 30.0) -> Sequence[PendingWake]:
        """Lease and return the oldest wake-ups nobody else has in hand, at most *limit*."""
        return self._store.write(lambda work: lease(work.transaction, limit, lease_seconds))

    def confirm_wakes(self, ids: Sequence[int]) -> None:
        """Forget wake-ups the bus has confirmed."""
        wanted = tuple(ids)
        if wanted:
            self._store.write(lambda work: _confirm(work.transaction, wanted))


def lease(at: Transaction, limit: int, seconds: float) -> list[PendingWake]:
    """Return the oldest wake-ups nobody has in hand, which the caller has for *seconds* from now."""
    rows = at.rows(_PENDING + at.skip_locked, (at.authority, limit))
    if rows:
        positions = [position for position, *_ in rows]
        until = int(seconds * _MICROSECONDS)
        at.send(_LEASE + any_of("position", len(positions)), (until, at.authority, *positions))
    return [PendingWake(wake_id=position, routing_key=key, reference=reference) for position, key, reference in rows]


def _confirm(at: Transaction, ids: tuple[int, ...]) -> None:
    at.send(_CONFIRM + any_of("position", len(ids)), (at.authority, *ids))
