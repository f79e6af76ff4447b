"""How does a duty of a person begin, and how does it end?

One begins in the transaction of what leaves it: the hand-over of a permitted document, a refusal, a mis-send. It ends
when a person says what came of it, or when what happened has left nothing of it to do; never because time is over.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.audit.entry import time_text
from gateway.audit.event import EventKind
from gateway.consent.decision import Grounds
from gateway.conversations.duties import (
    DUTIES,
    INFORM,
    NO_INFORM,
    REVIEW_DATE,
    Incurred,
    Parties,
    Spec,
    incurred,
    overdue,
)
from gateway.errors import ConflictError, NotAllowedError, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.people.callers import Callers
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.duty_repository import ESCALATED, KEPT, OPEN, SETTLED, STANDING, WAITING, Duty
from gateway.flows.store.rows import Delivery, Timer
from gateway.flows.trail import GATEWAY, About
from gateway.model.identifiers import ChildRef, ConversationId, MessageId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

DUTY_DUE = "duty.due"
_ALL = 100_000
_ANEW = timedelta(days=30)
"""How long after one was kept the same may be asked again, where one stands for many decisions."""
_SOON = timedelta(hours=1)
"""What is due so soon is told to a named person at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A duty that is to be opened: `due_at` is None where its kind says by when."""

    code: str
    subject: str
    reason: str
    children: tuple[ChildRef, ...] = ()
    message_id: MessageId | None = None
    recipient: str | None = None
    not_by: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says came of a duty, who they are, and why: the note is kept sealed."""

    outcome: str
    by: str
    role: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyKeeper:
    """Keeps the duties of people."""

    desk: Desk
    callers: Callers

    def incur(self, uow: UnitOfWork, delivery: Delivery, grounds: Grounds, *, at: datetime) -> None:
        """Open what the decision about *delivery* leaves people to do."""
        if not set(grounds.obligations) & DUTIES.keys():
            return
        parties = Parties(
            delivery=delivery.delivery_id,
            children=tuple(delivery.subjects),
            recipient=delivery.recipient,
            requester=uow.messages.get(delivery.message_id).organisation,
        )
        for one in incurred(grounds.obligations, grounds.reason, parties):
            self.open(uow, _opening(one, delivery, grounds), at=at)

    def open(self, uow: UnitOfWork, wanted: Opening, *, at: datetime) -> Duty | None:
        """Open a duty with its clock, and return it; None where it is there already."""
        spec = DUTIES[wanted.code]
        duty = self._duty(wanted, spec, at)
        if not uow.duties.add(duty):
            found = next(one for one in uow.duties.of(wanted.subject) if one.code == wanted.code)
            if not _may_be_asked_anew(found, wanted, at):
                return None
            duty = replace(duty, duty_id=found.duty_id)
            uow.duties.save(duty)
        if duty.status == OPEN:
            uow.timers.put(_reminder(duty))
        self._tell(uow, duty, EventKind.DUTY_OPENED, {"due_at": time_text(duty.due_at)}, at=at)
        if duty.status == OPEN and duty.due_at - at <= _SOON:
            self.callers.call(uow, duty.role, about=duty.duty_id, heading=duty.code, due_at=duty.due_at, at=at)
        return duty

    def keep(self, uow: UnitOfWork, duty_id: str, word: Word, *, at: datetime) -> Duty:
        """Store what a person says came of a duty, and return it as it is now.

        Raises:
            NotFoundError: there is no such duty.
            ConflictError: it was kept before, or is one that only ends with what it stands for.
            NotAllowedError: it is about what this person did themselves.
            SchemaViolationError: not one of its outcomes, or no reason.
        """
        duty = uow.duties.get(duty_id)
        if duty.status not in WAITING:
            raise ConflictError("this duty waits for nobody: it was kept before, or only stands; see duties show")
        outcomes = DUTIES[duty.code].outcomes
        if word.outcome not in outcomes:
            raise SchemaViolationError(f"choose one of {', '.join(outcomes)}")
        if not word.note.strip():
            raise SchemaViolationError("say what was done, or why not")
        if word.by == duty.not_by:
            raise NotAllowedError("another person must keep this one: it is about what you did yourself")
        return self._kept(uow, duty, word, at)

    def keep_at_once(self, uow: UnitOfWork, wanted: Opening, word: Word, *, at: datetime) -> None:
        """Store a duty as kept already, because a person gave its answer with what they did."""
        duty = self._duty(wanted, DUTIES[wanted.code], at)
        if uow.duties.add(duty):
            self._tell(uow, duty, EventKind.DUTY_OPENED, {"due_at": time_text(duty.due_at)}, at=at)
            self._kept(uow, duty, word, at)

    def settle(self, uow: UnitOfWork, subject: str, *, codes: frozenset[str], outcome: str, at: datetime) -> None:
        """Close the waiting duties of *subject* with one of *codes* that what happened has left nothing of."""
        for duty in uow.duties.of(subject):
            if duty.code in codes and duty.status in WAITING:
                self._settle(uow, duty, outcome, at)

    def silence(self, uow: UnitOfWork, child: ChildRef, *, at: datetime) -> None:
        """Ask nobody to tell a family any more of what was shared about *child*: that must not be told from now on."""
        for code in sorted(INFORM):
            for duty in uow.duties.find(code=code, limit=_ALL):
                if child in duty.children:
                    self._settle(uow, duty, NO_INFORM, at)

    def fall_due(self, uow: UnitOfWork, duty_id: str, *, at: datetime) -> None:
        """Tell somebody higher that nobody has kept a duty in time: again and again, until somebody has."""
        duty = uow.duties.get(duty_id)
        if duty.status not in WAITING:
            return
        late = overdue(duty.code, duty.role, at, self.desk.calendar)
        raised = replace(duty, status=ESCALATED, role=late.role, due_at=late.due_at)
        uow.duties.save(raised)
        uow.timers.put(_reminder(raised))
        self._tell(uow, raised, EventKind.DUTY_ESCALATED, {"due_at": time_text(raised.due_at)}, at=at)
        self.callers.call(uow, raised.role, about=raised.duty_id, heading=raised.code, due_at=duty.due_at, at=at)

    def _duty(self, wanted: Opening, spec: Spec, at: datetime) -> Duty:
        return Duty(
            duty_id=self.desk.ids.fresh("dty"),
            code=wanted.code,
            subject_id=wanted.subject,
            role=spec.role,
            reason=wanted.reason,
            children=wanted.children,
            opened_at=at,
            due_at=wanted.due_at or spec.due(at, self.desk.calendar),
            message_id=wanted.message_id,
            recipient=wanted.recipient,
            not_by=wanted.not_by,
            status=STANDING if spec.is_standing else OPEN,
        )

    def _kept(self, uow: UnitOfWork, duty: Duty, word: Word, at: datetime) -> Duty:
        wrapped = self.desk.vault.new_key()
        note = self.desk.vault.seal(wrapped, f"duty/{duty.duty_id}/note", word.note.encode())
        kept = replace(
            duty, status=KEPT, outcome=word.outcome, kept_by=word.by, kept_at=at, note_sealed=note, note_key=wrapped
        )
        spec = DUTIES[duty.code]
        if spec.recurs:
            kept = replace(kept, status=OPEN, due_at=spec.due(at, self.desk.calendar))
        uow.duties.save(kept)
        uow.timers.drop(ConversationId(duty.duty_id), DUTY_DUE)
        if spec.recurs:
            uow.timers.put(_reminder(kept))
        words: dict[str, Tree] = {"outcome": word.outcome, "role": word.role, "rationale": word.note}
        self._tell(uow, kept, EventKind.DUTY_KEPT, words, at=at, by=word.by)
        return kept

    def _settle(self, uow: UnitOfWork, duty: Duty, outcome: str, at: datetime) -> None:
        done = replace(duty, status=SETTLED, outcome=outcome, kept_by=GATEWAY, kept_at=at)
        uow.duties.save(done)
        uow.timers.drop(ConversationId(duty.duty_id), DUTY_DUE)
        self._tell(uow, done, EventKind.DUTY_KEPT, {"outcome": outcome}, at=at)

    def _tell(
        self,
        uow: UnitOfWork,
        duty: Duty,
        kind: EventKind,
        more: "dict[str, Tree]",
        *,
        at: datetime,
        by: str = GATEWAY,
    ) -> None:
        words: dict[str, Tree] = {
            "duty_id": duty.duty_id,
            "duty": duty.code,
            "reason": duty.reason,
            "role": duty.role,
            "message_id": duty.message_id,
            **({} if kind is EventKind.DUTY_ESCALATED else {"recipient": duty.recipient}),
            **more,
        }
        about = About(actor=by, organisation=self.desk.sender, children=duty.children, message_id=duty.message_id)
        self.desk.trail.tell(uow, kind, words, at=at, about=about)


def _may_be_asked_anew(found: Duty, wanted: Opening, at: datetime) -> bool:
    """Tell whether a duty that was kept for an earlier document is to be kept again, for this one."""
    if found.status not in {KEPT, SETTLED} or found.kept_at is None or found.message_id == wanted.message_id:
        return False
    return found.kept_at + _ANEW <= at


def _opening(one: Incurred, delivery: Delivery, grounds: Grounds) -> Opening:
    """Return the duty *one* that a decision leaves; a consent is asked about again before it runs out."""
    until = grounds.valid_until
    by = grounds.decided_at + (DUTIES[REVIEW_DATE].lasting or timedelta())
    due = min(until, by) if one.code == REVIEW_DATE and until is not None else None
    return Opening(
        code=one.code,
        subject=one.subject,
        reason=grounds.reason,
        children=tuple(ChildRef(child) for child in one.children),
        message_id=delivery.message_id,
        recipient=delivery.recipient,
        due_at=due,
    )


def _reminder(duty: Duty) -> Timer:
    """Return the timer that tells somebody higher when nobody has kept *duty* in time."""
    return Timer(
        timer_id=f"{DUTY_DUE}/{duty.duty_id}",
        conversation_id=ConversationId(duty.duty_id),
        kind=DUTY_DUE,
        due_at=duty.due_at,
    )
