"""What does the store remember? The rows flows read and write, in their own words.

Every row belongs to one `authority`, which is part of its key; a store is opened for one authority and adds it.
All times are UTC. Whatever is personal is sealed before it gets here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from gateway.model.identifiers import (
    ChildRef,
    ConversationId,
    DeliveryId,
    EventId,
    MessageId,
    OrganisationId,
    PermitId,
    RecordId,
    ReviewId,
)

TOGETHER = 2
"""So many leases in a row may be lost before work is suspected of ending the process, and is worked alone."""


class Lane(IntEnum):
    """Who waits for whom: the smaller number goes first; urgent waits for nobody."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


class State(StrEnum):
    """Where a message, a record of it, or a delivery stands."""

    RECEIVING = "receiving"
    """A large document on its way in, of which nobody has a receipt yet."""
    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    HELD_LABEL = "held_label"
    HELD_MATCH = "held_match"
    IN_REVIEW = "in_review"
    REFUSED = "refused"
    ORDERED = "ordered"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"
    DEAD_LETTER = "dead_letter"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One accepted document: a form, a file, a post.

    Shape: `format` is a name such as `mash/govuk-forms-1`. (organisation, format, idempotency_key) is unique; the key
    is kept blinded, because senders make theirs from names and dates of birth. `cursor` counts the records of it that
    are already stored, so that work resumes where it stopped. `trace_id` is 32 hexadecimal digits that go with
    everything that follows from it, to partners too. `lease` rises with each lease: whoever saves with an older one
    has been overtaken, and is refused.
    """

    message_id: MessageId
    organisation: OrganisationId
    format: str
    idempotency_key: str
    body_sha256: str
    size_bytes: int
    received_at: datetime
    lane: Lane
    state: State
    reason: str | None = None
    receipt: str = ""
    correlation_id: str = ""
    channel: str = "http"
    trace_id: str = ""
    file_name_sealed: bytes | None = None
    cursor: int = 0
    attempt: int = 0
    ready_at: datetime | None = None
    """When work on it may start; None when no work is due."""
    lease: int = 0
    """How often work on it was ever leased. Whoever saves under an older number has been overtaken, and is refused."""
    lost: int = 0
    """How many leases in a row ended without a word, as they do when the process ends; see `flows/suspects.py`."""
    position: int = field(default=0, compare=False)
    """Its place in the order in which messages were stored, whatever clocks said; the store gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The sealed bytes a message came as: a key of its own (wrapped) and chunks of 256 KiB, the last at most."""

    message_id: MessageId
    wrapped_key: bytes
    chunks: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record message of a message: one referral, one pupil.

    Shape: `document` names the canonical document; `sealed` is that document as JSON, sealed under the key of its first
    child, or under `wrapped_key` when it is about no child. `subjects` are the children it is about.
    """

    record_id: RecordId
    message_id: MessageId
    position: int
    kind: str
    document: str
    sealed: bytes
    subjects: tuple[ChildRef, ...]
    state: State
    reason: str | None = None
    conversation_id: ConversationId | None = None
    match_status: str | None = None
    match_score: float | None = None
    wrapped_key: bytes | None = None
    mapping: str = ""
    losses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """The bytes of one document attached to a record: sealed apart from its text, under a key of their own.

    Shape: `number` is its place, from 0, among the record's attached forms.
    """

    record_id: RecordId
    number: int
    wrapped_key: bytes
    sealed: bytes


class ScanState(StrEnum):
    """What is known of an attached document. Only a clean one is ever used."""

    WAITING = "waiting"
    CLEAN = "clean"
    MALWARE = "malware"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scanner found in an attached document.

    Shape: `signature` is what the scanner calls the malware it found. `ready_at` is when the document is looked at
    next, None once it is known; `attempt` counts the times it could not be said.
    """

    record_id: RecordId
    number: int
    added_at: datetime
    state: ScanState = ScanState.WAITING
    signature: str | None = None
    attempt: int = 0
    ready_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRow:
    """One child we know of: our opaque reference, the child's key (wrapped), the sealed identity matching compares."""

    child_ref: ChildRef
    wrapped_key: bytes
    sealed_identity: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact of a child, sealed under the child's key. `kind` is consent, flag, help, order, weighing or contacts."""

    fact_id: str
    child_ref: ChildRef
    kind: str
    sealed: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRow:
    """One stored decision: `body` is its JSON, not personal; `questions` are what was asked, sealed."""

    permit_id: PermitId
    record_id: RecordId
    recipient: OrganisationId
    result: str
    reason: str
    body: str
    decided_at: datetime
    questions: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One document due to one recipient.

    Shape: `position` orders deliveries as they were decided. `subjects` may be several; a delivery is claimed only when
    no earlier open one has the same recipient and any same subject, unless it is urgent. `sealed_document` holds the
    bytes of the last attempt, sealed and bound to permit, recipient and digest, so that a retry sends the same bytes.
    `lease` rises with each lease: whoever saves with an older one has been overtaken, and is refused.
    """

    delivery_id: DeliveryId
    record_id: RecordId
    message_id: MessageId
    recipient: OrganisationId
    kind: str
    format: str
    purpose: str
    mode: str
    lane: Lane
    subjects: tuple[ChildRef, ...]
    permit_id: PermitId | None
    state: State
    idempotency: str
    created_at: datetime
    attempt: int = 0
    ready_at: datetime | None = None
    reason: str | None = None
    wrapped_key: bytes | None = None
    sealed_document: bytes | None = None
    document_sha256: str | None = None
    handed_over_at: datetime | None = None
    position: int = 0
    lease: int = 0
    """As a message's: how often it was ever leased."""
    lost: int = 0
    """As a message's: how many leases in a row ended without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What goes with a document on its way: whose it is, what it is called on both sides, and where it goes."""

    organisation: "Organisation"
    kind: str
    message_id: str
    correlation_id: str
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something to look at again at `due_at`. `kind` and `conversation_id` together are unique."""

    timer_id: str
    conversation_id: ConversationId
    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation's state, as JSON without anything personal in clear. `version` rises by one with every save.

    Shape: `reference` is blinded: senders choose theirs, and some choose names.
    """

    conversation_id: ConversationId
    kind: str
    reference: str
    state: str
    body: str
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTask:
    """A question only a person may answer. `status` is open, permitted, refused or escalated.

    Shape: `subject_id` is the delivery, record or message it holds up. `note_sealed` is the person's rationale,
    sealed under `note_key`.
    """

    review_id: ReviewId
    kind: str
    reason: str
    role: str
    subject_id: str
    opened_at: datetime
    due_at: datetime
    status: str = "open"
    decided_by: str | None = None
    decided_at: datetime | None = None
    note_sealed: bytes | None = None
    note_key: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One event of the business transaction, before the sequencer gives it its place in the tree.

    Shape: `header` is the canonical JSON that becomes the leaf; `payload` is sealed apart under `wrapped_key` (or the
    child's key when `child_ref` is set) and deletable; `commitment` (32 bytes, inside the header too) binds the two by
    a blinding, which is sealed together with the payload. `subject_seq` counts the events of the child from 0.
    """

    event_id: EventId
    kind: str
    header: bytes
    sealed_payload: bytes
    child_ref: ChildRef | None
    message_id: MessageId | None
    recorded_at: datetime
    commitment: bytes
    subject_seq: int | None = None
    wrapped_key: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Somebody who may call us or be called: one partner, with the profile of deploy/partners/<organisation>.toml."""

    organisation: OrganisationId
    system: str
    type: str
    profile: Mapping[str, Any] = field(default_factory=dict)
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What an organisation shows to be let in: only the hash of its secret is kept.

    Shape: `scopes` are format names without version and direction, such as `mash/govuk-forms` or `sims/superstar`.
    """

    credential_id: str
    organisation: OrganisationId
    secret_sha256: str
    scopes: tuple[str, ...]
    is_enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with a local account: `password_hash` is an Argon2id string, `roles` are those of docs/glossary.md."""

    user_id: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    is_enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTask:
    """A label of a form that no code list knows, and that a person maps once.

    Shape: `label_blind` is the label folded and blinded. `status` is `open` while nobody has mapped it; `due` while the
    record waits to be understood anew, because somebody has said, or no longer says, what it means; and `settled`.
    """

    list_name: str
    label_blind: str
    label_sealed: bytes
    system: str
    path: str
    record_id: RecordId
    status: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelGroup:
    """One label that waits: in how many records, and since which place in the order of labels."""

    list_name: str
    label_blind: str
    records: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelUse:
    """One record that holds a label, and the message it came in."""

    task: LabelTask
    message_id: MessageId
    organisation: OrganisationId
    format: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMeaning:
    """What a person said a label means."""

    list_name: str
    label_blind: str
    code: str
