"""How does the gateway itself say something, because something else happened?

What the gateway emits is a message like any other: with an id, an origin, records, deliveries and a trail. Its
idempotency key names the cause, so that a step that is repeated says nothing twice.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import NotFoundError
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, seal_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Lane, Message, Original, Record, State
from gateway.flows.trace import TRACE_ID_BYTES
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef, ConversationId, MessageId, OrganisationId, RecordId
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """What is to be said: a kind of message, its canonical document, and whom it is about.

    Shape: `correlation_id` is that of the message it follows from; `on_behalf_of` is the organisation whose word set it
    going; `conversation_id` is None where nobody waits for what becomes of it. `state` is that of its record.
    """

    kind: str
    format: str
    document: str
    tree: Group
    subjects: tuple[ChildRef, ...]
    correlation_id: str
    on_behalf_of: OrganisationId
    lane: Lane
    conversation_id: ConversationId | None
    match_status: str | None = None
    match_score: float | None = None
    state: State = State.ACCEPTED


def emit(desk: Desk, uow: UnitOfWork, emission: Emission, *, cause: str, at: datetime) -> tuple[Message, Record] | None:
    """Store *emission* as a message with one record, or return None when *cause*, a step's name, has said it before."""
    body = write_json(emission.tree)
    message = replace(_message(desk, emission, body, cause, at), trace_id=_trace_of(desk, uow, emission))
    if uow.messages.claim(message) is not None:
        return None
    wrapped = desk.vault.new_key()
    chunk = desk.vault.seal(wrapped, f"message/{message.message_id}/chunk/0", body)
    uow.originals.put(Original(message_id=message.message_id, wrapped_key=wrapped, chunks=(chunk,)))
    record = _record(desk, uow, emission, message)
    uow.records.add(record)
    return message, record


def _trace_of(desk: Desk, uow: UnitOfWork, emission: Emission) -> str:
    """Return the trace of the message that *emission* follows from, or a fresh one where that is no message of ours."""
    try:
        return uow.messages.get(MessageId(emission.correlation_id)).trace_id
    except NotFoundError:
        return desk.vault.noise(TRACE_ID_BYTES).hex()


def _message(desk: Desk, emission: Emission, body: bytes, cause: str, at: datetime) -> Message:
    return Message(
        message_id=MessageId(desk.ids.fresh("msg")),
        organisation=emission.on_behalf_of,
        format=emission.format,
        idempotency_key=f"cause:{cause}",
        body_sha256=hashlib.sha256(body).hexdigest(),
        size_bytes=len(body),
        received_at=at,
        lane=emission.lane,
        state=State.ORDERED,
        correlation_id=emission.correlation_id,
        channel="gateway",
        cursor=1,
    )


def _record(desk: Desk, uow: UnitOfWork, emission: Emission, message: Message) -> Record:
    record_id = RecordId(desk.ids.fresh("rec"))
    own = None if emission.subjects else desk.vault.new_key()
    key = own or child_key(uow, emission.subjects[0])
    return Record(
        record_id=record_id,
        message_id=message.message_id,
        position=0,
        kind=emission.kind,
        document=emission.document,
        sealed=seal_document(desk.vault, key, record_id, emission.tree),
        subjects=emission.subjects,
        state=emission.state,
        conversation_id=emission.conversation_id,
        match_status=emission.match_status,
        match_score=emission.match_score,
        wrapped_key=own,
    )
