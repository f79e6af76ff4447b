"""What does an operation need of the assembled gateway? `gateway.app.bootstrap.Application` is it."""

from typing import Protocol

from gateway.adapters.sql.sqlite import SqliteStore
from gateway.app.settings import Settings
from gateway.flows.context import Desk
from gateway.flows.facts import FactKeeper
from gateway.flows.reviews import Reviews


class Application(Protocol):
    """The parts of the assembled gateway that people's orders reach."""

    @property
    def settings(self) -> Settings:
        """Return what the installation chose."""
        ...

    @property
    def desk(self) -> Desk:
        """Return ports, rules and numbers."""
        ...

    @property
    def store(self) -> SqliteStore:
        """Return the store itself, for its log and its health."""
        ...

    @property
    def facts(self) -> FactKeeper:
        """Return the keeper of consents and flags."""
        ...

    @property
    def reviews(self) -> Reviews:
        """Return the taker of people's decisions."""
        ...
