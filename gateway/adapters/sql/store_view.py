"""How does somebody look at the store who can change nothing, while others have it open?"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.adapters.sql.driver_errors import MISUSE
from gateway.adapters.sql.log_store import SqlLogStore
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.errors import PermanentError

T = TypeVar("T")
Work = Callable[[SqlUnitOfWork], T]


class Reads(Protocol):
    """What runs a reading over one consistent view."""

    def read(self, work: Work[T]) -> T:
        """Run *work* without changing anything."""
        ...


class StoreView:
    """The store, of either engine, for reading only."""

    def __init__(self, readers: Reads, *, close: Callable[[], None]) -> None:
        self._readers = readers
        self.close = close
        """Close every connection."""
        self.log_store = SqlLogStore(self)

    def write(self, work: Work[T]) -> T:  # noqa: ARG002 - it stands where a store stands
        """Refuse.

        Raises:
            PermanentError: always (code `store-misuse`).
        """
        raise PermanentError("the store is open for reading only", code=MISUSE)

    def read(self, work: Work[T]) -> T:
        """Run *work* over one consistent view, without changing anything."""
        return self._readers.read(work)
