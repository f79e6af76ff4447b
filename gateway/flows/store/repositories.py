"""What does a flow keep in the store? One port for each kind of thing, in the flows' own words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.flows.store.fact_history import OldFact
from gateway.flows.store.rows import (
    AuditRow,
    ChildRow,
    Conversation,
    Credential,
    Delivery,
    FactRow,
    Lane,
    Message,
    Organisation,
    Original,
    PermitRow,
    Record,
    ReviewTask,
    State,
    Timer,
    User,
)
from gateway.model.identifiers import (
    ChildRef,
    ConversationId,
    DeliveryId,
    MessageId,
    OrganisationId,
    PermitId,
    RecordId,
    ReviewId,
)


class Messages(Protocol):
    """Accepted documents."""

    def claim(self, message: Message) -> Message | None:
        """Store *message* and return None, or return the message that already holds its idempotency key."""
        ...

    def get(self, message_id: MessageId) -> Message:
        """Return one message, or raise NotFoundError."""
        ...

    def ready(
        self, *, at: datetime, limit: int, lease_seconds: float, lanes: Sequence[Lane] = tuple(Lane)
    ) -> Sequence[Message]:
        """Lease and return messages of *lanes* with work due, urgent lane first, oldest first within a lane.

        Promise: in any but the urgent lane nothing is leased past an older message that is leased or waits to be tried
        again, so that what comes of two documents comes in the order they were accepted. Every lease raises `lease`
        by one, and `lost` too, but not beyond `TOGETHER`.
        """
        ...

    def save(self, message: Message) -> None:
        """Replace state, reason, cursor, attempt, ready_at and lost.

        Raises:
            NotFoundError: there is no such message.
            OvertakenError: it was leased again since *message* was read.
        """
        ...

    def find(self, *, state: State | None = None, limit: int = 100) -> Sequence[Message]:
        """Return the newest messages first."""
        ...


class Originals(Protocol):
    """The sealed bytes messages came as."""

    def put(self, original: Original) -> None:
        """Store it."""
        ...

    def get(self, message_id: MessageId) -> Original:
        """Return it, or raise NotFoundError."""
        ...

    def delete(self, message_id: MessageId) -> None:
        """Delete chunks and key together."""
        ...


class Records(Protocol):
    """The record messages a message was split into."""

    def add(self, record: Record) -> None:
        """Store it; (message, position) is unique."""
        ...

    def get(self, record_id: RecordId) -> Record:
        """Return it, or raise NotFoundError."""
        ...

    def of_message(self, message_id: MessageId) -> Sequence[Record]:
        """Return them by position."""
        ...

    def about(self, child: ChildRef) -> Sequence[Record]:
        """Return all that are about a child, oldest first."""
        ...

    def of_document(self, document: str, *, after: RecordId, limit: int) -> Sequence[Record]:
        """Return at most *limit* records of a canonical *document*, by id, from the one behind *after* on."""
        ...

    def save(self, record: Record) -> None:
        """Replace everything but its identity."""
        ...


class Children(Protocol):
    """Whom we know, and how to find them again without holding a readable name."""

    def add(self, child: ChildRow) -> None:
        """Store a child that is new to us."""
        ...

    def get(self, child_ref: ChildRef) -> ChildRow:
        """Return the child, or raise NotFoundError."""
        ...

    def learn(self, child: ChildRow) -> None:
        """Keep what is known of a child now, in the place of what was known."""
        ...

    def index(self, child_ref: ChildRef, keys: Iterable[bytes]) -> None:
        """Make the child findable by each of these blinded keys."""
        ...

    def unindex(self, child_ref: ChildRef) -> None:
        """Let the child be found no more: it was made by mistake, and a person said who it really is."""
        ...

    def candidates(self, keys: Iterable[bytes], *, limit: int) -> Sequence[ChildRow]:
        """Return the distinct children filed under any of *keys*, at most *limit* + 1 of them."""
        ...


class Facts(Protocol):
    """Permissions, agreements to be helped, protection flags, court orders, weighings, and whom a school lists."""

    def put(self, fact: FactRow) -> None:
        """Store a fact, replacing one of the same id; whoever replaces what must not be forgotten retires it first."""
        ...

    def retire(self, fact_id: str, *, at: datetime) -> None:
        """Keep a fact as it stands as history, before it is replaced or taken away. History is never changed."""
        ...

    def retired(self, child_ref: ChildRef) -> Sequence[OldFact]:
        """Return what the child's facts were before, in the order in which they ceased to be."""
        ...

    def of_child(self, child_ref: ChildRef) -> Sequence[FactRow]:
        """Return the child's facts, oldest first."""
        ...

    def delete(self, fact_id: str) -> None:
        """Take one away: a flag lifted."""
        ...


class Epochs(Protocol):
    """Counters that rise whenever a fact behind a permit changes.

    Shape: names are `child:<ref>`, `recipient:<organisation>` and `policy`; one that was never raised is 0.
    """

    def lift(self, names: Iterable[str]) -> None:
        """Raise each by one."""
        ...

    def current(self, names: Iterable[str]) -> Mapping[str, int]:
        """Return each one's value."""
        ...


class Permits(Protocol):
    """Decisions, as they were made. They prove nothing by themselves."""

    def add(self, permit: PermitRow) -> None:
        """Store it; a permit never changes."""
        ...

    def get(self, permit_id: PermitId) -> PermitRow:
        """Return it, or raise NotFoundError."""
        ...

    def of_record(self, record_id: RecordId) -> Sequence[PermitRow]:
        """Return every decision about a record, oldest first."""
        ...


class Deliveries(Protocol):
    """Documents due to recipients, in order."""

    def add(self, delivery: Delivery) -> None:
        """Store it at the end of the order."""
        ...

    def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return it, or raise NotFoundError."""
        ...

    def ready(self, *, at: datetime, limit: int, lease_seconds: float, urgent_only: bool = False) -> Sequence[Delivery]:
        """Lease and return deliveries that may go now.

        One goes only when its time has come and no earlier open delivery in its lane has the same recipient and any
        same subject; urgent ones go first. Every lease raises `lease` by one, and `lost` too, but not beyond
        `TOGETHER`.
        """
        ...

    def mark(self, delivery: Delivery, *, epochs: Mapping[str, int]) -> bool:
        """Save *delivery* as it stands if *epochs* are still the current ones; tell whether they were.

        Raises:
            OvertakenError: it was leased again since *delivery* was read.
        """
        ...

    def save(self, delivery: Delivery) -> None:
        """Replace everything but identity, order, subjects and lease.

        Raises:
            NotFoundError: there is no such delivery.
            OvertakenError: it was leased again since *delivery* was read.
        """
        ...


class Timers(Protocol):
    """Deadlines, kept in the store so that they survive a restart."""

    def put(self, timer: Timer) -> None:
        """Set it, replacing one of the same kind and conversation."""
        ...

    def begin(self, timer: Timer) -> None:
        """Set it, unless there is one of the same kind and conversation."""
        ...

    def drop(self, conversation_id: ConversationId, kind: str) -> None:
        """Take it away, if it is there."""
        ...

    def take(self, timer: Timer) -> bool:
        """Take *timer* away and tell whether it was still there as it was read; if not, there is nothing to act on."""
        ...

    def due(self, *, at: datetime, limit: int) -> Sequence[Timer]:
        """Return those whose time has come, earliest first."""
        ...


class Conversations(Protocol):
    """Where each conversation stands."""

    def get(self, conversation_id: ConversationId) -> Conversation:
        """Return it, or raise NotFoundError."""
        ...

    def by_reference(self, kind: str, reference: str) -> Conversation | None:
        """Return the conversation that both sides know by *reference*."""
        ...

    def save(self, conversation: Conversation) -> None:
        """Store it at version + 1, or raise ConflictError when somebody else has."""
        ...


class Reviews(Protocol):
    """Questions for people."""

    def add(self, task: ReviewTask) -> None:
        """Open one."""
        ...

    def get(self, review_id: ReviewId) -> ReviewTask:
        """Return it, or raise NotFoundError."""
        ...

    def save(self, task: ReviewTask) -> None:
        """Replace status, role, due_at, decision and note."""
        ...

    def find(self, *, status: str | None = "open", limit: int = 100) -> Sequence[ReviewTask]:
        """Return those due first, first."""
        ...

    def waiting_about(self, subject_id: str) -> Sequence[ReviewTask]:
        """Return those about one thing that wait for an answer, those due first, first."""
        ...


class AuditEvents(Protocol):
    """Events of business transactions, in the transaction itself."""

    def append(self, event: AuditRow) -> None:
        """Store it and move its child's chain on; the sequencer gives it its leaf. It can never be changed."""
        ...

    def chain(self, child_ref: ChildRef) -> tuple[int, bytes | None]:
        """Return the number the child's next event has (from 0) and the commitment of the one before it."""
        ...

    def of_child(self, child_ref: ChildRef) -> Sequence[AuditRow]:
        """Return a child's events in the order they were recorded."""
        ...

    def of_message(self, message_id: MessageId) -> Sequence[AuditRow]:
        """Return a message's events in the order they were recorded."""
        ...

    def decisions(self, *, since: datetime, until: datetime, limit: int) -> Sequence[AuditRow]:
        """Return the events of decisions from *since* until before *until*, oldest first."""
        ...

    def newest(self) -> bytes | None:
        """Return the header of the event recorded last, or None when nothing was ever recorded."""
        ...


class Directory(Protocol):
    """Organisations and how they prove who they are."""

    def organisation(self, organisation: OrganisationId) -> Organisation:
        """Return it, or raise NotFoundError."""
        ...

    def organisations(self) -> Sequence[Organisation]:
        """Return all, by name."""
        ...

    def put_organisation(self, organisation: Organisation) -> None:
        """Store or replace it."""
        ...

    def credential(self, credential_id: str) -> Credential | None:
        """Return it, if it exists."""
        ...

    def put_credential(self, credential: Credential) -> None:
        """Store or replace it."""
        ...


class Users(Protocol):
    """People with local accounts."""

    def get(self, user_id: str) -> User | None:
        """Return the account, if it exists."""
        ...

    def all(self) -> Sequence[User]:
        """Return all accounts, by id."""
        ...

    def put(self, user: User) -> None:
        """Store or replace it."""
        ...
