"""When is an attached document scanned for malware, and what follows from what is found?

Nothing waits for a scan but the attached document itself. A delivery that is not urgent gives the scanner one chance
before it goes; an urgent one does not even do that. What went without an attached document is sent once more, whole,
when the last of the record's has been looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import takewhile
from typing import TYPE_CHECKING

import structlog

from gateway.audit.event import EventKind
from gateway.consent.content_filter import lets_go
from gateway.consent.question_json import permit_from_json
from gateway.conversations.review import due_at, role_for
from gateway.flows.context import Desk
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.delivering.scanner import Malware, Scanner, Unsaid, Verdict
from gateway.flows.documents import open_attachment, read_group
from gateway.flows.log_events import LogEvent
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Lane, Record, Scan, ScanState, State
from gateway.flows.tally import Counted
from gateway.flows.trail import About
from gateway.flows.trying.breakers import put_back
from gateway.flows.trying.retry import next_try
from gateway.model.identifiers import DeliveryId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

log = structlog.get_logger()
QUESTION = "malware"
FOLLOWS = "follows"
"""Why a delivery waits although its time has come: what it completes has not arrived."""
REASON = "H-MALWARE"
_BYTES = "forms[].content"
"""Where a document holds what is attached to it."""
_LEVEL = "L3"
"""A person looks within a working day: nothing of it can leave."""
_ROUND = timedelta(seconds=5)
_BEHIND = timedelta(seconds=1)
_GOING = frozenset({State.ORDERED, State.HANDED_OVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One attached document, and what the scanner said of it. `digest` is its SHA-256."""

    scan: Scan
    record: Record
    digest: str
    verdict: Verdict


class Scans:
    """Has attached documents scanned. One for a whole process: it remembers whether the scanner answers.

    Promise: a document of which nothing is known stays waiting, however often it cannot be said; what is known of it
    never changes again.
    """

    def __init__(self, desk: Desk, scanner: Scanner | None, *, sharer: Sharer, asker: Asker) -> None:
        self._desk = desk
        self._scanner = scanner
        self._sharer = sharer
        self._asker = asker
        self._trouble: str | None = None

    def sweep(self) -> int:
        """Have scanned what waits and is due, for a few seconds; return of how many the scanner said something."""
        scanner, looked = self._scanner, 0
        if scanner is None or not self._answers(scanner):
            return looked
        until = self._desk.clock.now() + _ROUND
        while self._desk.clock.now() < until:
            due = self._desk.store.write(self._lease)
            if not due or not self._look(scanner, due[0]):
                break
            looked += 1
        return looked

    def look_before(self, delivery: Delivery, scans: Sequence[Scan]) -> bool:
        """Have scanned what nobody has looked at yet of what *delivery* carries; tell whether more is known now.

        What is urgent is not kept waiting, and neither is anybody while the scanner is known to be away.
        """
        scanner = self._scanner
        is_fixed = delivery.sealed_document is not None or delivery.state is not State.ORDERED
        if scanner is None or self._trouble is not None or delivery.lane is Lane.URGENT or is_fixed:
            return False
        until = self._desk.clock.now() + timedelta(seconds=self._desk.settings.scan_seconds)
        looked = 0
        for scan in (one for one in scans if one.state is ScanState.WAITING and one.attempt == 0):
            if self._desk.clock.now() >= until or not self._look(scanner, scan):
                break
            looked += 1
        return looked > 0

    def holds_back(self, delivery: Delivery, scans: Sequence[Scan]) -> bool:
        """Tell whether *delivery* has to wait for one that it completes and that is still going; then it is put back.

        An urgent delivery waits for no other, but what came before must not arrive behind what is whole.
        """
        before = self._desk.store.read(lambda uow: self._before(uow, delivery)) if scans else None
        if before is None:
            return False
        at = self._desk.clock.now()
        until = max(before.ready_at or at, at) + _BEHIND
        self._desk.store.write(lambda uow: put_back(uow, delivery, until, FOLLOWS))
        return True

    def follow(self, uow: UnitOfWork, before: Delivery, record: Record, scans: Sequence[Scan], *, at: datetime) -> None:
        """Order once more what has arrived by the bytes of an earlier try, if one of *scans* was settled since that.

        Shape: *before* is the delivery before its last try. What is settled while it goes is ordered then; this is for
        what was settled while it was stuck.
        """
        tried_at = before.handed_over_at
        if before.sealed_document is None or tried_at is None or not _may_have_it(uow, before, record):
            return
        known = (one.settled_at for one in scans if one.state is ScanState.CLEAN)
        if not any(then is not None and then >= tried_at for then in known):
            return
        ordered = map(uow.deliveries.get, uow.delivery_lists.of_record(before.record_id))
        same = [one for one in ordered if _to_whom(one) == _to_whom(before)]
        if same[-1].delivery_id == before.delivery_id:
            again = self._anew(before, at)
            uow.deliveries.add(again)
            self._tell_ordered(uow, again, at)

    def _before(self, uow: UnitOfWork, delivery: Delivery) -> Delivery | None:
        """Return the delivery of the same record to the same recipient that was ordered before and is still going."""
        names = uow.delivery_lists.of_record(delivery.record_id)
        earlier = [uow.deliveries.get(name) for name in takewhile(lambda name: name != delivery.delivery_id, names)]
        going = [one for one in earlier if one.state in _GOING and _to_whom(one) == _to_whom(delivery)]
        return going[-1] if going else None

    def _lease(self, uow: UnitOfWork) -> Sequence[Scan]:
        at, seconds = self._desk.clock.now(), self._desk.settings.lease_seconds
        return uow.attachments.due(at=at, limit=1, lease_seconds=seconds)

    def _answers(self, scanner: Scanner) -> bool:
        self._heard(scanner.trouble())
        return self._trouble is None

    def _heard(self, trouble: str | None) -> None:
        """Remember whether the scanner answers, and say so where that is new."""
        before, self._trouble = self._trouble, trouble
        if trouble is not None and before is None:
            log.warning(LogEvent.SCANNER_LOST, code=trouble)
        if trouble is None and before is not None:
            log.info(LogEvent.SCANNER_BACK)

    def _look(self, scanner: Scanner, scan: Scan) -> bool:
        """Show one document to the scanner and store what it said; tell whether it said anything."""
        looked = self._shown(scanner, scan)
        verdict, message_id = looked.verdict, looked.record.message_id
        self._desk.store.write(lambda uow: self._settle(uow, looked))
        match verdict:
            case Unsaid(code=code, is_away=is_away):
                self._desk.tally.count(Counted.SCANNED, code)
                log.warning(LogEvent.SCAN_FAILED, message_id=message_id, code=code, attempt=scan.attempt + 1)
                if is_away:
                    self._heard(code)
                return False
            case Malware(signature=signature):
                self._desk.tally.count(Counted.SCANNED, ScanState.MALWARE.value)
                log.warning(LogEvent.MALWARE_FOUND, message_id=message_id, signature=signature)
            case _:
                self._desk.tally.count(Counted.SCANNED, ScanState.CLEAN.value)
        return True

    def _shown(self, scanner: Scanner, scan: Scan) -> _Looked:
        def read(uow: UnitOfWork) -> tuple[Record, bytes]:
            content = open_attachment(self._desk.vault, uow, scan.record_id, scan.number)
            return uow.records.get(scan.record_id), content

        record, content = self._desk.store.read(read)
        return _Looked(scan=scan, record=record, digest=sha256(content).hexdigest(), verdict=scanner.scan(content))

    def _settle(self, uow: UnitOfWork, looked: _Looked) -> None:
        """Store what is known now, unless somebody else was faster."""
        at = self._desk.clock.now()
        found = {one.number: one for one in uow.attachments.scans(looked.scan.record_id)}
        was = found[looked.scan.number]
        if was.state is not ScanState.WAITING:
            return
        now = found[was.number] = self._after(was, looked.verdict, at)
        uow.attachments.save(now)
        is_known = now.state is not ScanState.WAITING
        if not is_known and (was.attempt, now.attempt) != (0, 1):
            return
        # Deliveries before events: whoever stores what became of a delivery locks them in this order.
        again = self._send_what_waited(uow, looked.record, list(found.values()), at)
        if is_known:
            self._tell(uow, looked, now, at)
        for delivery in again:
            self._tell_ordered(uow, delivery, at)
        if [one for one in found.values() if one.state is ScanState.MALWARE] == [now]:
            self._ask(uow, looked.record, at)

    def _after(self, scan: Scan, verdict: Verdict, at: datetime) -> Scan:
        """Return *scan* as it stands after *verdict*."""
        match verdict:
            case Unsaid(is_away=True):
                return replace(scan, ready_at=at)
            case Unsaid():
                attempt = scan.attempt + 1
                return replace(scan, attempt=attempt, ready_at=next_try(at, attempt, self._desk.settings))
            case Malware(signature=signature):
                known = replace(scan, state=ScanState.MALWARE, signature=signature)
            case _:
                known = replace(scan, state=ScanState.CLEAN)
        return replace(known, ready_at=None, settled_at=at)

    def _send_what_waited(self, uow: UnitOfWork, record: Record, scans: Sequence[Scan], at: datetime) -> list[Delivery]:
        """Order *record* once more for whoever got it without a document that is clean, once each has been looked at.

        Whoever may not have attached documents at all hears nothing of it: they would learn that there is one.

        The permit is that of what went: `clear` looks again whether it still holds. What cannot be said of one holds up
        no other.
        """
        if any(one.state is ScanState.WAITING and one.attempt == 0 for one in scans):
            return []
        known = [one.settled_at for one in scans if one.state is ScanState.CLEAN and one.settled_at is not None]
        ordered = [uow.deliveries.get(name) for name in uow.delivery_lists.of_record(record.record_id)]
        last = {_to_whom(one): one for one in ordered}.values()
        again = [
            self._anew(one, at)
            for one in last
            if _has_gone(one) and any(then >= one.created_at for then in known) and _may_have_it(uow, one, record)
        ]
        for delivery in again:
            uow.deliveries.add(delivery)
        return again

    def _anew(self, went: Delivery, at: datetime) -> Delivery:
        """Return what *went* as a delivery of its own, which is yet to go."""
        return replace(
            went,
            delivery_id=DeliveryId(self._desk.ids.fresh("dlv")),
            state=State.ORDERED,
            created_at=at,
            ready_at=at,
            attempt=0,
            handed_over_at=None,
            wrapped_key=None,
            sealed_document=None,
            document_sha256=None,
            position=0,
            lease=0,
            lost=0,
        )

    def _tell_ordered(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> None:
        self._sharer.tell(uow, delivery, EventKind.DELIVERY_ORDERED, {}, at=at)
        uow.wake(f"delivery.{delivery.lane.name.lower()}", delivery.delivery_id)

    def _tell(self, uow: UnitOfWork, looked: _Looked, now: Scan, at: datetime) -> None:
        record = looked.record
        words: dict[str, Tree] = {
            "message_id": record.message_id,
            "record_id": record.record_id,
            "attachments": [looked.digest],
            "state": now.state.value,
            "signature": now.signature,
        }
        about = About(children=record.subjects, message_id=record.message_id)
        self._desk.trail.tell(uow, EventKind.ATTACHMENT_SCANNED, words, at=at, about=about)

    def _ask(self, uow: UnitOfWork, record: Record, at: datetime) -> None:
        """Let a person know, once for a record, that malware came: its sender has to be told."""
        asked = Asked(
            kind=QUESTION,
            reason=REASON,
            role=role_for(REASON),
            subject_id=record.record_id,
            due_at=due_at(_LEVEL, at, self._desk.calendar),
            message_id=record.message_id,
            children=record.subjects,
        )
        self._asker.ask(uow, asked)


def _to_whom(delivery: Delivery) -> tuple[str, str, str]:
    """Return what two deliveries of one record have in common of which the later completes the earlier."""
    return delivery.recipient, delivery.kind, delivery.format


def _may_have_it(uow: UnitOfWork, delivery: Delivery, record: Record) -> bool:
    """Tell whether the permit of *delivery* lets the bytes of attached documents go."""
    if delivery.permit_id is None:
        return False
    permit = permit_from_json(read_group(uow.permits.get(delivery.permit_id).body.encode()))
    return lets_go(record.document, _BYTES, permit)


def _has_gone(delivery: Delivery) -> bool:
    """Tell whether the bytes of *delivery* are settled: it has arrived, or its next try sends the same ones."""
    is_fixed = delivery.state in _GOING and delivery.sealed_document is not None
    return is_fixed or delivery.state is State.ACKNOWLEDGED
