"""What do rows look like in a test of a store? Small, valid, visibly invented."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from gateway.flows.store.rows import (
    AuditRow,
    ChildRow,
    Conversation,
    Credential,
    Delivery,
    FactRow,
    LabelTask,
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
    EventId,
    MessageId,
    OrganisationId,
    PermitId,
    RecordId,
    ReviewId,
)
from tests.fakes.clock import MONDAY_MORNING

NOW = MONDAY_MORNING

MASH = OrganisationId("mash-1")
SCHOOL = OrganisationId("school-1")


def after(seconds: float) -> datetime:
    """Return the time *seconds* after the start of a test."""
    return NOW + timedelta(seconds=seconds)


def a_message(number: int = 1, **changes: Any) -> Message:
    """Return an accepted form that is due for work."""
    message = Message(
        message_id=MessageId(f"msg_{number}"),
        organisation=SCHOOL,
        format="mash/govuk-forms-1",
        idempotency_key=f"form-{number}",
        body_sha256="ab" * 32,
        size_bytes=8192,
        received_at=after(number),
        lane=Lane.NORMAL,
        state=State.ACCEPTED,
        ready_at=after(number),
    )
    return replace(message, **changes)


def an_original(number: int = 1, **changes: Any) -> Original:
    """Return the sealed bytes of message *number*."""
    original = Original(
        message_id=MessageId(f"msg_{number}"), wrapped_key=b"\x01wrapped", chunks=(b"\x00\xffone", b"two")
    )
    return replace(original, **changes)


def a_record(number: int = 1, **changes: Any) -> Record:
    """Return the first record of message *number*."""
    record = Record(
        record_id=RecordId(f"rec_{number}"),
        message_id=MessageId(f"msg_{number}"),
        position=0,
        kind="mash.referral.submitted",
        document="mash.referral",
        sealed=b"\x00sealed",
        subjects=(ChildRef("child_1"),),
        state=State.ACCEPTED,
    )
    return replace(record, **changes)


def a_child(number: int = 1, **changes: Any) -> ChildRow:
    """Return child *number*."""
    child = ChildRow(child_ref=ChildRef(f"child_{number}"), wrapped_key=b"\x01key", sealed_identity=b"\x01identity")
    return replace(child, **changes)


def a_fact(number: int = 1, **changes: Any) -> FactRow:
    """Return a consent of child 1."""
    fact = FactRow(
        fact_id=f"fact_{number}",
        child_ref=ChildRef("child_1"),
        kind="consent",
        sealed=b"\x01consent",
        recorded_at=after(number),
    )
    return replace(fact, **changes)


def a_permit(number: int = 1, **changes: Any) -> PermitRow:
    """Return a decision about record 1."""
    permit = PermitRow(
        permit_id=PermitId(f"permit_{number}"),
        record_id=RecordId("rec_1"),
        recipient=MASH,
        result="PERMIT",
        reason="P-CONVEY",
        body="{}",
        decided_at=NOW,
        questions=b"\x02questions",
    )
    return replace(permit, **changes)


def a_delivery(number: int = 1, **changes: Any) -> Delivery:
    """Return a delivery of record 1 about child 1 to the MASH, due now."""
    delivery = Delivery(
        delivery_id=DeliveryId(f"dlv_{number}"),
        record_id=RecordId("rec_1"),
        message_id=MessageId("msg_1"),
        recipient=MASH,
        kind="mash.referral.submitted",
        format="mash/referral-1",
        purpose="SAFEGUARD_S17",
        mode="CONVEY",
        lane=Lane.NORMAL,
        subjects=(ChildRef("child_1"),),
        permit_id=PermitId("permit_1"),
        state=State.ORDERED,
        idempotency="idempotent",
        created_at=NOW,
        ready_at=NOW,
    )
    return replace(delivery, **changes)


def a_timer(number: int = 1, **changes: Any) -> Timer:
    """Return a timer of a conversation of its own."""
    timer = Timer(
        timer_id=f"timer_{number}",
        conversation_id=ConversationId(f"conv_{number}"),
        kind="decision",
        due_at=after(number),
    )
    return replace(timer, **changes)


def a_conversation(number: int = 1, **changes: Any) -> Conversation:
    """Return a conversation that was never saved."""
    conversation = Conversation(
        conversation_id=ConversationId(f"conv_{number}"),
        kind="mash.referral",
        reference=f"REF-{number}",
        state="received",
        body="{}",
    )
    return replace(conversation, **changes)


def a_review(number: int = 1, **changes: Any) -> ReviewTask:
    """Return an open question."""
    task = ReviewTask(
        review_id=ReviewId(f"review_{number}"),
        kind="match",
        reason="H-MATCH",
        role="MASH_MANAGER",
        subject_id="rec_1",
        opened_at=NOW,
        due_at=after(number),
    )
    return replace(task, **changes)


def an_event(number: int = 1, **changes: Any) -> AuditRow:
    """Return an event of message 1 that is about no child."""
    event = AuditRow(
        event_id=EventId(f"event_{number}"),
        kind="message.accepted",
        header=f'{{"event":{number}}}'.encode(),
        sealed_payload=b"\x01payload",
        child_ref=None,
        message_id=MessageId("msg_1"),
        recorded_at=after(number),
        commitment=bytes([number]) * 32,
        wrapped_key=b"\x01wrapped",
    )
    return replace(event, **changes)


def an_organisation(name: str = "school-1", **changes: Any) -> Organisation:
    """Return a school."""
    organisation = Organisation(
        organisation=OrganisationId(name), system="sims", type="school", profile={"endpoints": ["https://sims.example"]}
    )
    return replace(organisation, **changes)


def a_credential(**changes: Any) -> Credential:
    """Return the school's credential."""
    credential = Credential(
        credential_id="cred_1",
        organisation=SCHOOL,
        secret_sha256="cd" * 32,
        scopes=("sims/superstar", "mash/govuk-forms"),
        is_enabled=True,
        created_at=NOW,
    )
    return replace(credential, **changes)


def a_user(user_id: str = "screener-1", **changes: Any) -> User:
    """Return a person with an account."""
    user = User(user_id=user_id, name="Screena Exampleton", password_hash="$argon2id$...", roles=("MASH_SCREENER",))
    return replace(user, **changes)


def a_label(number: int = 1, **changes: Any) -> LabelTask:
    """Return a label nobody has mapped, of a record of its own."""
    task = LabelTask(
        list_name="ethnicity",
        label_blind="ef" * 32,
        label_sealed=b"\x01label",
        system="mash",
        path="answers[3]",
        record_id=RecordId(f"rec_{number}"),
    )
    return replace(task, **changes)
