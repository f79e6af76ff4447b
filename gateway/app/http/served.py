"""What does the HTTP side need of the assembled gateway? `gateway.app.bootstrap.Application` is it."""

from concurrent.futures import Future
from typing import Protocol

from gateway.app.settings import Settings
from gateway.flows.envelope import Accepted, Incoming
from gateway.flows.ports import Clock, Store


class Receiver(Protocol):
    """The way in."""

    def submit(self, incoming: Incoming) -> Future[Accepted]:
        """Return what will be the receipt once the document is durable, or raise why it is not taken."""
        ...


class Desk(Protocol):
    """The part of the flows' desk that is read here."""

    @property
    def clock(self) -> Clock:
        """Return the time's source."""
        ...

    @property
    def store(self) -> Store:
        """Return the truth."""
        ...


class Served(Protocol):
    """The assembled gateway, as far as HTTP reaches it."""

    @property
    def settings(self) -> Settings:
        """Return what the installation chose."""
        ...

    @property
    def desk(self) -> Desk:
        """Return clock and store."""
        ...

    @property
    def receive(self) -> Receiver:
        """Return the way in."""
        ...
