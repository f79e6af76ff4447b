"""How does a document come in, once, and durably? The Idempotent Receiver."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.audit.event import Event, EventKind
from gateway.audit.merkle import leaf_hash
from gateway.audit.receipt import Receipt, make_receipt
from gateway.errors import ConflictError, PermanentError
from gateway.flows.context import Desk
from gateway.flows.conversing.case_names import blind_key
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.envelope import Accepted, Admit, Incoming
from gateway.flows.receiving.staging import Staging, digest_of
from gateway.flows.store.rows import AuditRow, Lane, Message, Original, State
from gateway.flows.tally import Counted
from gateway.flows.trace import TRACE_ID_BYTES
from gateway.flows.understanding.originals import chunk_place
from gateway.formats.body import Held, whole
from gateway.formats.gate import Checked, gate, is_large
from gateway.formats.mail import refuse_mail
from gateway.formats.readers import as_kept
from gateway.formats.register import STREAMED
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group, Tree

MERGE_DELAY_SECONDS = 60
CONFLICT = "idempotency-conflict"
_PRESSED = 4
_KEY_LENGTH_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything one intake transaction will store, made before it starts.

    Shape: where `is_staged` the original's chunks are not here: `gateway.flows.receiving.staging` has stored them.
    """

    message: Message
    original: Original
    event: AuditRow
    is_staged: bool = False


class Receive:
    """Takes documents in.

    Promise: when `accept` returns, or the future of `submit` is done, the original, the message and its audit event
    are on disk together, and a repeat of the same document under the same key gets the same receipt and no second
    effect. What the gate refuses is kept, sealed, in quarantine, before the sender hears of it; an e-mail alone is not.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._staging = Staging(desk.store, desk.vault, desk.clock)
        # Counted by two threads without a lock: being off by one now and then only moves when others step back.
        self._waiting = 0

    def accept(self, incoming: Incoming) -> Accepted:
        """Return the receipt of *incoming* once it is durable.

        Raises:
            MalformedMessageError: the bytes are not the format.
            SchemaViolationError: they are, and not the agreed shape.
            TooLargeError: over the limit.
            UnsupportedFormatError: the content type is not one of the format's.
            ByMailError: it is an e-mail; this alone is not kept.
            ConflictError: another body came under this key.
            StoreUnavailableError: it could not be made durable; nothing was accepted.
        """
        return self.submit(incoming).result()

    def submit(self, incoming: Incoming, admit: Admit | None = None) -> Future[Accepted]:
        """Do as `accept` does, without waiting for the disk, neither for what is taken in nor for what is refused.

        *admit* is asked as soon as the gate's reading tells the lane; when it raises, nothing of the document is kept.
        What the gate cannot read is asked about as normal, since keeping it in quarantine needs room as well. An
        e-mail is refused at once, and nothing of it is kept.
        """
        refuse_mail(incoming.body, content_type=incoming.content_type, file_name=incoming.file_name)
        at = self._desk.clock.now()
        incoming = self._held(incoming)
        try:
            checked = self._checked(incoming)
        except PermanentError as error:
            _ask(admit, Lane.NORMAL)
            return self._quarantined(incoming, error, at)
        lane = self._lane_of(incoming, checked)
        _ask(admit, lane)
        prepared = self._prepared(incoming, at, checked, lane)
        if prepared.is_staged and not self._is_held_already(prepared):
            self._stage(incoming, prepared, checked)
        self._waiting += 1
        done: Future[Accepted] = Future()
        stored = self._desk.store.submit(lambda uow: self._store(uow, prepared))
        stored.add_done_callback(lambda future: self._hand_on(future, done, incoming))
        return done

    def _held(self, incoming: Incoming) -> Incoming:
        """Return *incoming* in one piece, if its format can be read in no other way and it is not too large for it."""
        body = incoming.body
        if isinstance(body, bytes) or incoming.format.reader in STREAMED:
            return incoming
        return replace(incoming, body=whole(body)) if body.size_bytes <= self._desk.limits.held_bytes else incoming

    def _is_held_already(self, prepared: Prepared) -> bool:
        """Tell whether the very same document is there already: then it need not be stored to find that out."""
        message = prepared.message
        holder = self._desk.store.read(lambda uow: uow.large_originals.holder(message))
        return holder is not None and holder.body_sha256 == message.body_sha256

    def _stage(self, incoming: Incoming, prepared: Prepared, checked: Checked | None = None) -> None:
        body = Held(incoming.body) if isinstance(incoming.body, bytes) else incoming.body
        contents = checked.contents if checked is not None else None
        self._staging.put(prepared.message, prepared.original.wrapped_key, body, contents)

    @property
    def is_pressed(self) -> bool:
        """Tell whether several senders wait for their receipts: then what can wait should let them go first."""
        return self._waiting >= _PRESSED

    def _hand_on(self, stored: Future[Accepted | None], done: Future[Accepted], incoming: Incoming) -> None:
        self._waiting -= 1
        if stored.exception() is None:
            self._count(incoming, stored.result())
        _hand_on(stored, done)

    def _count(self, incoming: Incoming, accepted: Accepted | None) -> None:
        tally, name = self._desk.tally, incoming.format.name
        if accepted is None:
            tally.count(Counted.QUARANTINED, name, CONFLICT)
        elif accepted.repeated:
            tally.count(Counted.REPEATED, name, incoming.channel)
        else:
            tally.count(Counted.ACCEPTED, name, incoming.channel)

    def prepare(self, incoming: Incoming) -> Prepared:
        """Return what is to be stored, or raise why the gate refuses it."""
        checked = self._checked(incoming)
        return self._prepared(incoming, self._desk.clock.now(), checked, self._lane_of(incoming, checked))

    def _checked(self, incoming: Incoming) -> Checked:
        return gate(
            incoming.format,
            incoming.body,
            content_type=incoming.content_type,
            schemas=self._desk.schemas,
            limits=self._desk.limits,
        )

    def _lane_of(self, incoming: Incoming, checked: Checked) -> Lane:
        alike = self._desk.library.inbound(incoming.format.name).alike
        return self._desk.routes.lane_of(incoming.format.name, checked.tree, alike)

    def _prepared(self, incoming: Incoming, at: datetime, checked: Checked, lane: Lane) -> Prepared:
        digest = digest_of(incoming.body)
        message = self._message(incoming, at, digest, key=_key(incoming, checked.tree, digest))
        message = replace(
            message,
            lane=lane,
            ready_at=at,
            reason="schema" if checked.needs_correction else None,
        )
        return self._sealed(incoming, message, EventKind.MESSAGE_RECEIVED, {})

    def _message(self, incoming: Incoming, at: datetime, digest: str, *, key: str) -> Message:
        message_id = MessageId(self._desk.ids.fresh("msg"))
        return Message(
            message_id=message_id,
            organisation=incoming.organisation,
            format=incoming.format.name,
            idempotency_key=blind_key(self._desk.vault, key),
            body_sha256=digest,
            size_bytes=incoming.size_bytes,
            received_at=at,
            lane=Lane.NORMAL,
            state=State.ACCEPTED,
            correlation_id=message_id,
            trace_id=incoming.trace_id or self._desk.vault.noise(TRACE_ID_BYTES).hex(),
            channel=incoming.channel,
        )

    def _sealed(self, incoming: Incoming, message: Message, kind: EventKind, more: Mapping[str, str]) -> Prepared:
        vault, message_id = self._desk.vault, message.message_id
        wrapped = vault.new_key()
        is_staged = is_large(incoming.format, incoming.body, limits=self._desk.limits)
        chunks: tuple[bytes, ...] = ()
        if isinstance(incoming.body, bytes) and not is_staged:
            told, limits = incoming.content_type, self._desk.limits
            body = as_kept(incoming.format, incoming.body, content_type=told, limits=limits)
            chunks = tuple(
                vault.seal(wrapped, chunk_place(message_id, number), piece)
                for number, piece in enumerate(Held(body).pieces())
            )
        name = incoming.file_name
        sealed_name = vault.seal(wrapped, f"message/{message_id}/name", name.encode()) if name else None
        event, entry = self._desk.trail.prepare(self._event(message, kind, more), message_id=message_id)
        return Prepared(
            message=replace(
                message, receipt=self._receipt(message, leaf_hash(entry.header)), file_name_sealed=sealed_name
            ),
            original=Original(message_id=message_id, wrapped_key=wrapped, chunks=chunks),
            event=event,
            is_staged=is_staged or not isinstance(incoming.body, bytes),
        )

    def _receipt(self, message: Message, leaf: bytes) -> str:
        promise = Receipt(
            message_id=message.message_id,
            organisation=message.organisation,
            body_sha256=message.body_sha256,
            received_at=message.received_at,
            leaf_hash=leaf,
            origin=self._desk.origin,
            merge_delay_seconds=MERGE_DELAY_SECONDS,
        )
        return make_receipt(promise, self._desk.signer)

    def _event(self, message: Message, kind: EventKind, more: Mapping[str, str]) -> Event:
        words: Group = {
            "message_id": message.message_id,
            "format": message.format,
            "body_sha256": message.body_sha256,
            "channel": message.channel,
            **more,
        }
        return Event.of(
            kind,
            words,
            at=message.received_at,
            actor=message.organisation,
            organisation=message.organisation,
        )

    def _store(self, uow: UnitOfWork, prepared: Prepared) -> Accepted | None:
        """Return what was accepted, or None for another body under a taken key: kept in quarantine, to be refused."""
        message = prepared.message
        earlier = _claimed(uow, prepared)
        if earlier is not None and earlier.body_sha256 == message.body_sha256:
            return Accepted(message_id=earlier.message_id, receipt=earlier.receipt, repeated=True)
        if earlier is not None:
            key = blind_key(self._desk.vault, f"quarantine:{CONFLICT}:{message.body_sha256}")
            refused = replace(message, idempotency_key=key, state=State.QUARANTINED, reason=CONFLICT, ready_at=None)
            self._keep(uow, replace(prepared, message=refused))
            return None
        _put(uow, prepared)
        uow.audit.append(prepared.event)
        uow.wake(f"message.{message.lane.name.lower()}", message.message_id)
        return Accepted(message_id=message.message_id, receipt=message.receipt, repeated=False)

    def _quarantined(self, incoming: Incoming, error: PermanentError, at: datetime) -> Future[Accepted]:
        """Keep what was refused: sealed, audited, and found again by its digest; then its sender reads why."""
        digest = digest_of(incoming.body)
        message = self._message(incoming, at, digest, key=f"quarantine:{error.code}:{digest}")
        message = replace(message, state=State.QUARANTINED, reason=error.code)
        kept = self._sealed(incoming, message, EventKind.MESSAGE_QUARANTINED, {"reason": error.code})
        if kept.is_staged and not self._is_held_already(kept):
            self._stage(incoming, kept)
        done: Future[Accepted] = Future()

        def tell(stored: Future[None]) -> None:
            if stored.exception() is None:
                self._desk.tally.count(Counted.QUARANTINED, message.format, error.code)
            done.set_exception(stored.exception() or error)

        self._desk.store.submit(lambda uow: self._keep(uow, kept)).add_done_callback(tell)
        return done

    def _keep(self, uow: UnitOfWork, kept: Prepared) -> None:
        if _claimed(uow, kept) is None:
            _put(uow, kept)
            uow.audit.append(kept.event)


def _claimed(uow: UnitOfWork, prepared: Prepared) -> Message | None:
    """Store the message and return None, or return who holds its key."""
    claim = uow.large_originals.claim if prepared.is_staged else uow.messages.claim
    return claim(prepared.message)


def _put(uow: UnitOfWork, prepared: Prepared) -> None:
    if not prepared.is_staged:
        uow.originals.put(prepared.original)


def _ask(admit: Admit | None, lane: Lane) -> None:
    if admit is not None:
        admit(lane)


def _hand_on(stored: Future[Accepted | None], done: Future[Accepted]) -> None:
    """Complete *done* as *stored* was; what was kept as a conflict becomes the error its sender reads."""
    error = stored.exception()
    accepted = None if error else stored.result()
    if error is None and accepted is None:
        error = ConflictError(
            "another document was already accepted under this idempotency key; send a new document under a new key, "
            "or the same document unchanged",
            code=CONFLICT,
        )
    if error is not None:
        done.set_exception(error)
    elif accepted is not None:
        done.set_result(accepted)


def _key(incoming: Incoming, tree: Tree, digest: str) -> str:
    """Return the sender's key, else the form's own reference, else the digest of the body."""
    if incoming.idempotency_key:
        return incoming.idempotency_key
    reference = incoming.format.reference
    own = tree.get(reference) if reference and isinstance(tree, dict) else None
    return f"{reference}:{own}"[:_KEY_LENGTH_LIMIT] if isinstance(own, str) and own else f"sha256:{digest}"
