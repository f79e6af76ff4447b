"""What does a flow need from the world? Ports, in the flows' own words; adapters implement them.

What a transaction can touch is in `gateway.flows.store.repositories`.
"""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.flows.store.attachments import Attachments
from gateway.flows.store.breaker_repository import Breakers
from gateway.flows.store.call_repository import Calls
from gateway.flows.store.delivery_lists import DeliveryLists
from gateway.flows.store.duty_repository import Duties
from gateway.flows.store.label_repository import Labels
from gateway.flows.store.large_originals import LargeOriginals
from gateway.flows.store.overview import Overviews
from gateway.flows.store.proposal_repository import Proposals
from gateway.flows.store.repositories import (
    AuditEvents,
    Children,
    Conversations,
    Deliveries,
    Directory,
    Epochs,
    Facts,
    Messages,
    Originals,
    Permits,
    Records,
    Reviews,
    Timers,
    Users,
)
from gateway.flows.store.rows import Handover
from gateway.flows.store.sign_ins import SignIns
from gateway.flows.store.summaries import Summaries
from gateway.flows.store.untraced import Untraced
from gateway.translation.partner_document import PartnerDocument

T = TypeVar("T")


class Clock(Protocol):
    """The only source of time above the pure layers."""

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        ...


class Ids(Protocol):
    """The only source of fresh names."""

    def fresh(self, kind: str) -> str:
        """Return a new identifier such as `msg_01j...`: sortable by age, unguessable, never used before."""
        ...


class Vault(Protocol):
    """Sealing at rest, and chance. A *wrapped key* is a data key sealed under the authority's key: safe to store.

    Promise: `open` MUST fail with IntegrityError unless key, place and bytes are those of one `seal`.
    """

    def new_key(self) -> bytes:
        """Return a fresh 256-bit data key, wrapped."""
        ...

    def seal(self, wrapped_key: bytes, place: str, plain: bytes) -> bytes:
        """Return *plain* sealed under the key, bound to *place* (such as `message/msg_1/chunk/0`)."""
        ...

    def open(self, wrapped_key: bytes, place: str, sealed: bytes) -> bytes:
        """Return what `seal` was given."""
        ...

    def blind(self, name: str, value: str) -> bytes:
        """Return a 32-byte keyed digest of *value* under the index called *name*."""
        ...

    def tag(self, wrapped_key: bytes, label: str) -> bytes:
        """Return a 32-byte digest of *label* that nobody can make again once the data key is gone."""
        ...

    def noise(self, size: int) -> bytes:
        """Return *size* fresh random bytes."""
        ...


class Signer(Protocol):
    """The gateway's own signature."""

    def sign(self, text: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of *text*."""
        ...

    @property
    def vkey(self) -> str:
        """Return the public key as a C2SP signed-note verifier key."""
        ...


class UnitOfWork(Protocol):
    """Everything one transaction can touch. It is alive only inside `Store.write` or `Store.read`."""

    messages: Messages
    originals: Originals
    large_originals: LargeOriginals
    records: Records
    attachments: Attachments
    children: Children
    facts: Facts
    epochs: Epochs
    permits: Permits
    deliveries: Deliveries
    delivery_lists: DeliveryLists
    breakers: Breakers
    timers: Timers
    conversations: Conversations
    reviews: Reviews
    proposals: Proposals
    duties: Duties
    calls: Calls
    audit: AuditEvents
    directory: Directory
    users: Users
    sign_ins: SignIns
    labels: Labels
    overview: Overviews
    summaries: Summaries
    untraced: Untraced

    def wake(self, routing_key: str, reference: str) -> None:
        """Publish a wake-up once this transaction is durable. Nothing personal: at most 1 KiB of references."""
        ...


class Store(Protocol):
    """The truth.

    Promise: when `write` returns, everything *work* did is on disk (fsynced), all of it; when it raises, none of it.
    *work* MUST have no effect but through its unit of work, because it may be run again, and MUST be quick: other
    writers wait for it.
    """

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* in one durable transaction and return what it returned."""
        ...

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* over one consistent view, without changing anything."""
        ...

    def submit(self, work: Callable[[UnitOfWork], T]) -> Future[T]:
        """Do as `write` does, without waiting: the future is done when the transaction is durable."""
        ...


class Bus(Protocol):
    """Wake-ups between parts of the gateway: at least once, in no promised order.

    Shape: a body is a reference of at most 1 KiB and holds nothing personal; the store has the message.
    """

    def publish(self, routing_key: str, reference: str) -> None:
        """Hand a wake-up to the bus; it MUST be durable in the store already."""
        ...

    def subscribe(self, pattern: str, wake: Callable[[str, str], None]) -> None:
        """Call *wake* with routing key and reference for every wake-up that matches *pattern*."""
        ...


class Outlet(Protocol):
    """The way to a partner. It takes nothing but a document that was cleared for the organisation it is sent to."""

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Hand *body* over and return the partner's own reference for it.

        Raises:
            PartnerRefusedError: the partner will not take it, now or later.
            PartnerUnavailableError: it may take it later; or nobody knows whether it did.
        """
        ...

    def ask(self, handover: Handover) -> str | None:
        """Return the partner's own reference for what it was sent under this message id, None if it has it not.

        Raises:
            PartnerUnavailableError: it does not say.
        """
        ...

    def send_test(self, handover: Handover) -> str:
        """Hand over a test that holds no document, and return the partner's own reference for it.

        Raises:
            PartnerRefusedError: the partner will not take it.
            PartnerUnavailableError: it may take it later; or nobody knows whether it did.
        """
        ...
