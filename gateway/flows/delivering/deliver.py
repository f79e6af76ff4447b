"""How does a document reach its recipient, once, and only while it still may?

Each attempt clears anew: the permit's counters are read, `clear` cuts the content, the translator shapes it, and the
hand-over is marked in the store only if no counter has risen meanwhile. Cut, translate and send are one call stack.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

import structlog

from gateway.audit.entry import time_text
from gateway.audit.event import EventKind
from gateway.consent.clearance import Clearance, CurrentFacts, Stale, StaleReason, clear
from gateway.consent.decision import Permit
from gateway.consent.question import Mode
from gateway.consent.question_json import permit_from_json
from gateway.conversations.breaker import Breaker
from gateway.errors import Fate, IntegrityError, OvertakenError, PermanentError, TransientError, code_of, fate_of
from gateway.flows.context import Desk
from gateway.flows.conversing.converse import Converser
from gateway.flows.deciding.ageing import has_aged
from gateway.flows.deciding.gather import facts_now
from gateway.flows.deciding.law_facts import Law, law_about
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.delivering.scans import Scans
from gateway.flows.documents import open_sendable, read_group
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Outlet, UnitOfWork
from gateway.flows.settings import FlowSettings
from gateway.flows.store.rows import Delivery, Handover, Message, Organisation, Record, Scan, ScanState, State
from gateway.flows.tally import Counted, Timed
from gateway.flows.trying.breakers import Breakers
from gateway.flows.trying.retry import next_try, retry_of
from gateway.flows.trying.suspects import Suspects
from gateway.formats.register import FORMATS
from gateway.formats.writers import write_document
from gateway.model.identifiers import DeliveryId
from gateway.model.tree import Group, Tree
from gateway.translation.message_translator import translate_out
from gateway.translation.partner_document import OutEnvelope, PartnerDocument

log = structlog.get_logger()
_IDEMPOTENT, _QUERY_FIRST = "idempotent", "query-first"
_REPEATABLE = frozenset({_IDEMPOTENT, _QUERY_FIRST})
UNKNOWN = "outcome-unknown"
"""Why a delivery is tried once more of whose last try nobody stored the end: the process ended, or the store did."""
DOUBTFUL = "maybe-received"
"""Why a delivery is set aside whose partner takes twice what is sent twice, when nobody knows whether it has it."""
_NOT_THERE = frozenset(
    {
        "all-connections-busy",
        "bad-endpoint",
        "credential-refused",
        "no-endpoint",
        "no-queue",
        "no-token",
        "queue-blocked",
        "queue-full",
        "unreachable",
    }
)
"""Failures that prove that the partner has not taken the document."""
_GOING = frozenset({State.ORDERED, State.HANDED_OVER})
_WITHDRAWING = frozenset({"D-WITHDRAWN", "D-EXPIRED", "D-REFUSED", "D-XFER"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A delivery with everything its attempt needs, read at one moment."""

    delivery: Delivery
    record: Record
    message: Message
    tree: Group
    scans: tuple[Scan, ...]
    permit: Permit
    facts: CurrentFacts
    law: tuple[Law, ...]
    organisation: Organisation
    breaker: Breaker


class _Marked(Enum):
    """What came of marking a hand-over."""

    DONE = "done"
    STALE = "a fact behind the permit has changed"
    SCANNED = "more is known of the attached documents than when they were read"
    OVERTAKEN = "another worker has it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What a delivery has to pass before it goes."""

    suspects: Suspects
    breakers: Breakers
    scans: Scans


class Deliver:
    """Hands documents over.

    Promise: nothing is sent that was not marked as handed over, durably, against the very counters its permit was
    decided under; a retry under the same counters sends the same bytes.
    """

    def __init__(
        self,
        desk: Desk,
        outlet: Outlet,
        *,
        sharer: Sharer,
        converser: Converser,
        guards: Guards,
    ) -> None:
        self._desk = desk
        self._scans = guards.scans
        self._suspects = guards.suspects
        self._breakers = guards.breakers
        self._outlet = outlet
        self._sharer = sharer
        self._converser = converser

    def attempt(self, delivery: Delivery) -> None:
        """Try to hand *delivery* over; whatever happens is stored, and nothing is raised but what must halt us."""
        with self._suspects.guard(delivery):
            try:
                self._attempt(self._suspects.begin_delivery(delivery))
            except OvertakenError:
                return
            except Exception as error:  # noqa: BLE001  # the one place where a failed delivery's fate is decided
                self._failed(delivery, error)
            finally:
                structlog.contextvars.unbind_contextvars("trace_id")

    def _attempt(self, delivery: Delivery) -> None:
        if delivery.state is State.HANDED_OVER:
            self._check_repeatable(delivery)
        due = self._desk.store.read(lambda uow: self._load(uow, delivery))
        structlog.contextvars.bind_contextvars(trace_id=due.message.trace_id)
        if self._scans.look_before(delivery, due.scans):
            due = self._desk.store.read(lambda uow: self._load(uow, delivery))
        if self._scans.holds_back(delivery, due.scans):
            return
        with self._breakers.place(delivery, due.breaker, due.organisation) as may_go:
            if may_go and (delivery.state is State.ORDERED or self._is_missing(due)):
                self._hand_over(due)

    def _hand_over(self, due: _Due) -> None:
        at = self._desk.clock.now()
        cleared = clear(due.permit, due.facts, at, document=due.record.document, tree=due.tree)
        if isinstance(cleared, Stale) and cleared.reason is StaleReason.CATEGORIES:
            raise IntegrityError("a document holds kinds of information its own decision never heard of")
        if isinstance(cleared, Stale) or self._has_aged(due, at):
            self._desk.store.write(lambda uow: self._decide_again(uow, due, at))
            return
        document, body = self._translate(due, cleared)
        marked = self._marked(due, body, at)
        match self._desk.store.write(lambda uow: self._mark(uow, due, marked, at)):
            case _Marked.DONE:
                reference = self._outlet.send(document, body, self._handover(due))
                self._desk.store.write(lambda uow: self._acknowledge(uow, marked, due, reference))
            case _Marked.STALE:
                self._desk.store.write(lambda uow: self._decide_again(uow, due, at))
            case _Marked.SCANNED:
                self._hand_over(self._desk.store.read(lambda uow: self._load(uow, due.delivery)))
            case _Marked.OVERTAKEN:
                return

    def _check_repeatable(self, delivery: Delivery) -> None:
        """Return while a delivery that was handed over once, and not acknowledged, may be taken up by a machine.

        Raises:
            PermanentError: the partner would take it twice and cannot be asked, or there were tries enough.
        """
        if delivery.idempotency not in _REPEATABLE:
            raise PermanentError("nobody knows whether the partner has it, and it would take it twice", code=DOUBTFUL)
        if delivery.attempt >= self._retry_of(delivery).attempts_limit:
            raise PermanentError("nobody knows what became of any of so many tries", code=UNKNOWN)

    def _is_missing(self, due: _Due) -> bool:
        """Tell whether a document of which nobody knows whether it arrived is to be sent again.

        That nobody knows is told before anything else, if it was not told when the try ended. A partner that would take
        it twice is asked first; if it has it, it is acknowledged.
        """
        delivery = due.delivery
        if delivery.idempotency == _IDEMPOTENT or delivery.lost > 1:
            self._desk.store.write(lambda uow: self._tell_unknown(uow, delivery))
        if delivery.idempotency == _IDEMPOTENT:
            return True
        reference = self._outlet.ask(self._handover(due))
        if reference is None:
            return True
        self._desk.store.write(lambda uow: self._acknowledge(uow, delivery, due, reference))
        return False

    def _retry_of(self, delivery: Delivery) -> FlowSettings:
        organisation = self._desk.store.read(lambda uow: uow.directory.organisation(delivery.recipient))
        return retry_of(organisation, self._desk.settings)

    def _tell_unknown(self, uow: UnitOfWork, delivery: Delivery) -> None:
        at = self._desk.clock.now()
        words: dict[str, Tree] = {"attempt": delivery.attempt, "due_at": time_text(at)}
        self._sharer.tell(uow, replace(delivery, reason=UNKNOWN), EventKind.DELIVERY_ATTEMPTED, words, at=at)

    def _has_aged(self, due: _Due, at: datetime) -> bool:
        return has_aged(due.permit.grounds, due.organisation, due.law, version=self._desk.policy.version, at=at)

    def _load(self, uow: UnitOfWork, delivery: Delivery) -> _Due:
        if delivery.permit_id is None:
            raise TypeError("an ordered delivery always has a permit")
        record = uow.records.get(delivery.record_id)
        permit = permit_from_json(read_group(uow.permits.get(delivery.permit_id).body.encode()))
        tree, scans = open_sendable(self._desk.vault, uow, record)
        facts = facts_now(self._desk, uow, permit, record.subjects, to=delivery.recipient, mode=Mode(delivery.mode))
        return _Due(
            delivery=delivery,
            record=record,
            message=uow.messages.get(record.message_id),
            tree=tree,
            scans=scans,
            permit=permit,
            facts=facts,
            law=law_about(self._desk, uow, record.subjects),
            organisation=uow.directory.organisation(delivery.recipient),
            breaker=uow.breakers.get(delivery.recipient),
        )

    def _translate(self, due: _Due, cleared: Clearance) -> tuple[PartnerDocument, bytes]:
        delivery = due.delivery
        envelope = OutEnvelope(
            message=delivery.kind,
            message_id=delivery.delivery_id,
            correlation_id=due.message.correlation_id,
            sent_at=delivery.created_at,
            sender=self._desk.sender,
        )
        mapping = self._desk.library.outbound(delivery.format)
        document = translate_out(mapping, cleared, envelope=envelope)
        if delivery.sealed_document is not None and delivery.wrapped_key is not None:
            place = _place(delivery.delivery_id, due.permit, delivery.document_sha256 or "")
            return document, self._desk.vault.open(delivery.wrapped_key, place, delivery.sealed_document)
        return document, write_document(FORMATS[document.format], document.tree)

    def _marked(self, due: _Due, body: bytes, at: datetime) -> Delivery:
        delivery = due.delivery
        digest = hashlib.sha256(body).hexdigest()
        wrapped, sealed = delivery.wrapped_key, delivery.sealed_document
        if wrapped is None or sealed is None:
            wrapped = self._desk.vault.new_key()
            sealed = self._desk.vault.seal(wrapped, _place(delivery.delivery_id, due.permit, digest), body)
        return replace(
            delivery,
            state=State.HANDED_OVER,
            attempt=delivery.attempt + 1,
            ready_at=at + timedelta(seconds=self._desk.settings.lease_seconds),
            handed_over_at=at,
            wrapped_key=wrapped,
            sealed_document=sealed,
            document_sha256=digest,
        )

    def _mark(self, uow: UnitOfWork, due: _Due, marked: Delivery, at: datetime) -> _Marked:
        """Mark the hand-over, if all it rests on is as it was read."""
        # Before the delivery, as whoever settles a scan does: neither waits for the other while holding what it wants.
        if due.scans and _states(uow.attachments.scans(due.record.record_id)) != _states(due.scans):
            return _Marked.SCANNED
        now = uow.deliveries.get(marked.delivery_id)
        if now.lease != due.delivery.lease:
            return _Marked.OVERTAKEN
        if not uow.deliveries.mark(marked, epochs=due.permit.epochs):
            return _Marked.STALE
        words: dict[str, Tree] = {"attempt": marked.attempt, "document_sha256": marked.document_sha256}
        if due.delivery.sealed_document is None:  # a retry sends the bytes that were made before, by whatever table
            words["mapping_sha256"] = self._desk.library.outbound(marked.format).digest
        self._sharer.left(uow, marked, due.permit, words, at=at)
        return _Marked.DONE

    def _handover(self, due: _Due) -> Handover:
        return Handover(
            organisation=due.organisation,
            kind=due.delivery.kind,
            message_id=due.delivery.delivery_id,
            correlation_id=due.message.correlation_id,
            trace_id=due.message.trace_id,
        )

    def _acknowledge(self, uow: UnitOfWork, marked: Delivery, due: _Due, reference: str) -> None:
        at, now = self._desk.clock.now(), uow.deliveries.get(marked.delivery_id)
        if now.state is State.ACKNOWLEDGED:
            return
        # Whoever holds the lease by now: the partner has it.
        done = replace(
            marked,
            state=State.ACKNOWLEDGED,
            ready_at=None,
            sealed_document=None,
            wrapped_key=None,
            lost=0,
            lease=now.lease,
        )
        uow.deliveries.save(done)
        arrived = (at - due.message.received_at).total_seconds()
        self._desk.tally.time(Timed.ARRIVAL, done.lane.name.lower(), seconds=arrived)
        self._sharer.tell(uow, done, EventKind.DELIVERY_ACKNOWLEDGED, {"partner_reference": reference}, at=at)
        if now.state not in _GOING or due.delivery.reason != due.permit.grounds.reason:  # a person may be asked of it
            self._sharer.arrived(uow, done)
        self._scans.follow(uow, due.delivery, due.record, due.scans, at=at)
        self._converser.handed_over(uow, due.record, done, at=at)
        if not due.breaker.is_well:
            self._breakers.arrived(uow, done.recipient)
        uow.wake(f"delivery.{done.lane.name.lower()}", done.delivery_id)

    def _decide_again(self, uow: UnitOfWork, due: _Due, at: datetime) -> None:
        """Something a permit rests on has changed: decide as facts stand now, before anything leaves."""
        delivery = uow.deliveries.get(due.delivery.delivery_id)
        if delivery.state not in _GOING or delivery.lease != due.delivery.lease:
            return
        decision, permit_id = self._sharer.decide(uow, self._sharer.sharing_of(uow, delivery, due.tree), at=at)
        settled = self._sharer.settle(uow, replace(delivery, permit_id=permit_id, lost=0), decision, at=at)
        if settled.state is State.REFUSED and settled.reason in _WITHDRAWING:
            settled = replace(settled, state=State.WITHDRAWN)
        uow.deliveries.save(settled)
        self._sharer.tell(uow, settled, EventKind.DELIVERY_REDECIDED, {}, at=at)
        if settled.state is State.ORDERED:
            uow.wake(f"delivery.{settled.lane.name.lower()}", settled.delivery_id)

    def _failed(self, delivery: Delivery, error: Exception) -> None:
        attempt = delivery.attempt + 1
        retry = self._retry_of(delivery)
        fate = fate_of(error, attempt=attempt, limit=retry.attempts_limit)
        code = code_of(error)
        self._desk.tally.count(Counted.DELIVERY_FAILED, delivery.recipient, fate.value)
        log.warning(
            LogEvent.DELIVERY_FAILED, delivery_id=delivery.delivery_id, code=code, attempt=attempt, fate=fate.value
        )
        self._desk.store.write(lambda uow: self._store_failure(uow, delivery, error, fate))

    def _store_failure(self, uow: UnitOfWork, tried: Delivery, error: Exception, fate: Fate) -> None:
        at = self._desk.clock.now()
        delivery = uow.deliveries.get(tried.delivery_id)
        if delivery.state not in _GOING or delivery.lease != tried.lease:
            return
        delivery = replace(delivery, lost=0)
        organisation = uow.directory.organisation(delivery.recipient)
        if fate is Fate.RETRY and not _is_doubtful(delivery, error):
            counted = replace(delivery, attempt=max(delivery.attempt, tried.attempt + 1))
            self._try_again(uow, counted, error, organisation, at=at)
        else:
            self._set_aside(uow, delivery, error, at)
        self._breakers.failed(uow, organisation, error)

    def _try_again(
        self, uow: UnitOfWork, delivery: Delivery, error: Exception, organisation: Organisation, *, at: datetime
    ) -> None:
        wait = error.retry_after_seconds if isinstance(error, TransientError) else None
        again = next_try(at, delivery.attempt, retry_of(organisation, self._desk.settings), at_least_seconds=wait)
        # What may have arrived stays as it is where the partner is asked before there is another try.
        is_asked_first = delivery.idempotency == _QUERY_FIRST and code_of(error) not in _NOT_THERE
        state = delivery.state if is_asked_first else State.ORDERED
        waiting = replace(delivery, state=state, ready_at=again, reason=code_of(error))
        uow.deliveries.save(waiting)
        if delivery.attempt == 1:
            self._breakers.watch(uow, delivery, at)
        self._sharer.tell(
            uow,
            waiting,
            EventKind.DELIVERY_ATTEMPTED,
            {"attempt": delivery.attempt, "due_at": time_text(again)},
            at=at,
        )

    def _set_aside(self, uow: UnitOfWork, delivery: Delivery, error: Exception, at: datetime) -> None:
        """It will not arrive by itself: it waits among the dead letters, and a person is told."""
        dead = replace(delivery, state=State.DEAD_LETTER, ready_at=None, reason=code_of(error))
        uow.deliveries.save(dead)
        self._sharer.tell(uow, dead, EventKind.DELIVERY_DEAD_LETTERED, {}, at=at)
        self._sharer.ask_about_dead_letter(uow, dead, at=at)
        self._converser.not_handed_over(uow, uow.records.get(dead.record_id), dead, at=at)


def _is_doubtful(delivery: Delivery, error: Exception) -> bool:
    """Tell whether the partner may have *delivery*, which was marked, and would take it twice if it came twice."""
    is_repeatable = delivery.idempotency in _REPEATABLE or delivery.state is not State.HANDED_OVER
    return not is_repeatable and code_of(error) not in _NOT_THERE


def _states(scans: Sequence[Scan]) -> list[ScanState]:
    return [one.state for one in scans]


def _place(delivery_id: DeliveryId, permit: Permit, digest: str) -> str:
    """Return what sealed bytes are bound to: the delivery, the recipient, the facts of the permit and their digest."""
    return f"delivery/{delivery_id}/{permit.grounds.recipient}/{permit.grounds.facts_digest}/{digest}"
