"""What does the HTTP side need of the assembled gateway? `gateway.app.bootstrap.Application` is it."""

from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.app.metrics.measured import WatchedQueues
from gateway.app.pressure import Intake, Limits
from gateway.app.settings import Settings
from gateway.audit.log import LogStore
from gateway.errors import GatewayError, TransientError
from gateway.flows.ports import Clock, Store
from gateway.flows.receiving.acknowledge import Told
from gateway.flows.receiving.envelope import Accepted, Admit, Incoming
from gateway.flows.routes import Routes
from gateway.flows.store.figures import StoreFigures
from gateway.flows.store.rows import Message
from gateway.flows.tally import Tally
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group, Tree


class Receiver(Protocol):
    """The way in."""

    def submit(self, incoming: Incoming, admit: Admit | None = None) -> Future[Accepted]:
        """Return what will be the receipt once the document is durable, or raise why it is not taken."""
        ...


class Acknowledger(Protocol):
    """What tells senders of several records about each of them."""

    def told(self, message_id: MessageId) -> Told | None:
        """Return the acknowledgement of a message; None for one that is a single record."""
        ...

    def documents(self, message: Message) -> list[Tree]:
        """Return what is known of each document attached to a message that is a single record."""
        ...


class Strain(Protocol):
    """How hard the house is pressed. `gateway.app.pressure.Pressure` is it."""

    def refusal(self, *, is_urgent: bool) -> TransientError | None:
        """Return why no document of that kind is taken in just now, or None when it is."""
        ...

    @property
    def intake(self) -> Intake:
        """Return who is let in just now."""
        ...

    @property
    def limits(self) -> Limits:
        """Return where the house is full."""
        ...


class LogKeeper(Protocol):
    """What gives events their leaves."""

    @property
    def halted(self) -> GatewayError | None:
        """Return why the log has stopped, or None while it goes on."""
        ...


class LoggedStore(Store, Protocol):
    """The truth, with the log that proves it."""

    @property
    def directory_version(self) -> int:
        """Return a number that has risen before whoever changes an organisation or credential hears that they have."""
        ...

    @property
    def directory_version_lately(self) -> int | None:
        """Return the same as it was within the last second, or None where that is not known without waiting."""
        ...

    def figures(self) -> StoreFigures:
        """Return numbers that cost no transaction."""
        ...

    @property
    def log_store(self) -> LogStore:
        """Return where leaves, subtrees and checkpoints are kept."""
        ...


class SignedIn(Protocol):
    """A person's session."""

    @property
    def token(self) -> str:
        """Return what the person shows from now on."""
        ...

    @property
    def expires_at(self) -> datetime:
        """Return when it ends, UTC."""
        ...


S = TypeVar("S", bound=SignedIn)


class People(Protocol[S]):
    """People with accounts, and what they may order. `gateway.app.operations.front_door.FrontDoor` is it."""

    def sign_in(self, user_id: str, password: str) -> S:
        """Return a new session, or raise UnauthenticatedError or, after too many tries, BusyError."""
        ...

    def open(self, token: str) -> S:
        """Return the session of a token, or raise UnauthenticatedError."""
        ...

    def sign_out(self, session: S) -> None:
        """End a session."""
        ...

    def execute(self, session: S, operation: str, args: Group) -> Group:
        """Carry out an operation if the person may, and return its answer."""
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

    @property
    def routes(self) -> Routes:
        """Return who waits for which document."""
        ...

    @property
    def tally(self) -> Tally:
        """Return what is counted."""
        ...


class Served(Protocol):
    """The assembled gateway, as far as HTTP reaches it."""

    @property
    def settings(self) -> Settings:
        """Return what the installation chose."""
        ...

    @property
    def desk(self) -> Desk:
        """Return clock, store, routes and counts."""
        ...

    @property
    def sequencer(self) -> LogKeeper:
        """Return what keeps the log."""
        ...

    @property
    def store(self) -> LoggedStore:
        """Return the truth, with its log."""
        ...

    @property
    def pressure(self) -> Strain:
        """Return what says whether the house is full."""
        ...

    @property
    def acknowledge(self) -> Acknowledger:
        """Return what tells senders about each record."""
        ...

    @property
    def queues(self) -> WatchedQueues | None:
        """Return the broker's queues, or None where no broker is used."""
        ...

    @property
    def receive(self) -> Receiver:
        """Return the way in."""
        ...
