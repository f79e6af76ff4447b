"""What do the metrics need of the assembled gateway?"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from gateway.app.pressure import Intake, Limits
from gateway.errors import GatewayError
from gateway.flows.ports import Clock, Store
from gateway.flows.store.figures import QueueDepth, StoreFigures
from gateway.flows.store.rows import Organisation
from gateway.flows.tally import Tally


class Desk(Protocol):
    """The part of the flows' desk that is read here."""

    @property
    def clock(self) -> Clock:
        """Return the time's source."""
        ...

    @property
    def tally(self) -> Tally:
        """Return what is counted."""
        ...


class LogKeeper(Protocol):
    """What gives events their leaves."""

    @property
    def halted(self) -> GatewayError | None:
        """Return why the log has stopped, or None while it goes on."""
        ...


class MeasuredStore(Store, Protocol):
    """The truth, with its numbers."""

    def figures(self) -> StoreFigures:
        """Return numbers that cost no transaction."""
        ...


class Strain(Protocol):
    """How hard the house is pressed."""

    @property
    def intake(self) -> Intake:
        """Return who is let in just now."""
        ...

    @property
    def limits(self) -> Limits:
        """Return where the house is full."""
        ...


class WatchedQueues(Protocol):
    """The broker's queues."""

    @property
    def trouble(self) -> str | None:
        """Return why nothing can be put into them just now, or None."""
        ...

    def depths(self, organisations: Iterable[Organisation]) -> Mapping[str, QueueDepth | None]:
        """Return what lies in each queue that is to be there; None for one that is not. TransientError: it is away."""
        ...


class Measured(Protocol):
    """The assembled gateway, as far as it is measured."""

    @property
    def desk(self) -> Desk:
        """Return clock and counts."""
        ...

    @property
    def sequencer(self) -> LogKeeper:
        """Return what keeps the log."""
        ...

    @property
    def store(self) -> MeasuredStore:
        """Return the truth."""
        ...

    @property
    def pressure(self) -> Strain:
        """Return what says whether the house is full."""
        ...

    @property
    def queues(self) -> WatchedQueues | None:
        """Return the broker's queues, or None where no broker is used."""
        ...
