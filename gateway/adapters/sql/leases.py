"""What becomes of the work a process had in its hands when it was killed?

Whoever opens the store holds its lock, so nobody else holds a lease. What was leased is due again at once, instead of
when its lease would have run out; and in the order it had, because `ready_at` is put back to where it was at first.
"""

import sqlite3

from gateway.adapters.sql.driver_errors import ours
from gateway.errors import OvertakenError
from gateway.flows.store.rows import TOGETHER

# Each goes along an index that holds only what is open: those closed are millions, and a start must not read them all.
_MESSAGES = "UPDATE message SET ready_at = received_at WHERE ready_at > received_at"
# Handed over is what nobody knows the end of. One that was never tried can only be leased; one that was tried and is
# ordered again may be at rest because its partner asked for it, and stays as it is.
_DELIVERIES = """
UPDATE delivery SET ready_at = created_at
WHERE ready_at > created_at AND (state = 'handed_over' OR (state = 'ordered' AND attempt = 0))
"""
_IN_HAND = _DELIVERIES + "AND waits_for IS NULL AND state IN ('ordered', 'handed_over')"
# One that was in hand when its partner's deliveries were shelved.
_SHELVED = _DELIVERIES + "AND waits_for IS NOT NULL"
RELEASES = (_MESSAGES, _IN_HAND, _SHELVED)


def lost_after(lost: int) -> int:
    """Return how many leases in a row count as lost once work is leased again: while in company, not beyond a limit."""
    return max(lost, min(lost + 1, TOGETHER))


def overtaken(what: str) -> OvertakenError:
    """Return the error of who saves *what* under a lease that is no longer the newest."""
    return OvertakenError(f"{what} was leased again meanwhile, and whoever has it now says what becomes of it")


def release_leases(connection: sqlite3.Connection) -> None:
    """Make everything due again that only a lease holds back.

    Raises:
        StoreUnavailableError: the database cannot be changed now; on a full disk the leases run out by themselves.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in RELEASES:
            connection.execute(statement)
        connection.execute("COMMIT")
    except sqlite3.Error as cause:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise ours(cause) from cause
