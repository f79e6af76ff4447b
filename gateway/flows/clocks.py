"""What happens when the time has come?

Deadlines are rows of the store, so a restart forgets none, and a clock that is set back fires none twice: a timer is
gone in the transaction that acts on it. Of two processes that see one due, the one that takes it acts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gateway.audit.entry import time_text
from gateway.audit.event import EventKind
from gateway.conversations.referral_clock import NOT_DELIVERED
from gateway.conversations.review import Escalated, TimedOut, expire
from gateway.errors import code_of
from gateway.flows.context import Desk
from gateway.flows.conversing.converse import Converser
from gateway.flows.conversing.questions import QUESTIONS, Questions
from gateway.flows.deciding.sharing import WAITING, Sharer
from gateway.flows.facts.permission_clock import CLOCKS, PermissionClock
from gateway.flows.log_events import LogEvent
from gateway.flows.people.ask import REVIEW_DUE, reminder
from gateway.flows.people.duties import DUTY_DUE
from gateway.flows.people.label_clock import LABEL_WAITS, QUESTION, LabelClock
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Lane, ReviewTask, State, Timer
from gateway.flows.tally import Counted
from gateway.flows.trail import About
from gateway.flows.trying.breakers import LATE
from gateway.model.identifiers import DeliveryId, MessageId, ReviewId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

log = structlog.get_logger()
_BATCH = 100
_AGAIN = timedelta(minutes=1)
_ALL = 100_000
_GOING = frozenset({State.ORDERED, State.HANDED_OVER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Fires the timers that are due."""

    desk: Desk
    sharer: Sharer
    converser: Converser
    questions: Questions
    label_clock: LabelClock
    permission_clock: PermissionClock

    def tick(self) -> int:
        """Act on every timer that is due now, and return how many there were."""
        at = self.desk.clock.now()
        due = self.desk.store.read(lambda uow: uow.timers.due(at=at, limit=_BATCH))
        for timer in due:
            try:
                self.desk.store.write(partial(self._fire, timer=timer, at=at))
                self.desk.tally.count(Counted.TIMER_FIRED, timer.kind)
            except Exception as error:  # noqa: BLE001  # one that cannot be acted on must not stop all the others
                log.warning(LogEvent.TIMER_FAILED, timer=timer.timer_id, code=code_of(error))
                self.desk.store.write(partial(self._put_off, timer=timer, at=at))
        return len(due)

    def _put_off(self, uow: UnitOfWork, timer: Timer, at: datetime) -> None:
        """Look at *timer* again later: behind those that can be acted on now."""
        if uow.timers.take(timer):
            uow.timers.put(replace(timer, due_at=at + _AGAIN))

    def _fire(self, uow: UnitOfWork, timer: Timer, at: datetime) -> None:
        if not uow.timers.take(timer):
            return
        if timer.kind == REVIEW_DUE:
            self._expire(uow, ReviewId(timer.conversation_id), at)
        elif timer.kind == LABEL_WAITS:
            self.label_clock.look(uow, timer, at=at)
        elif timer.kind == DUTY_DUE:
            self.sharer.duties.fall_due(uow, timer.conversation_id, at=at)
        elif timer.kind == LATE:
            self._show_late(uow, DeliveryId(timer.conversation_id), at)
        elif timer.kind in CLOCKS:
            self.permission_clock.rang(uow, timer, at=at)
        else:
            held = uow.conversations.get(timer.conversation_id)
            if held.kind in QUESTIONS:
                self.questions.time_is_up(uow, timer, held, at=at)
            else:
                self.converser.clock_ran_out(uow, timer, at=at)

    def _show_late(self, uow: UnitOfWork, name: DeliveryId, at: datetime) -> None:
        """Show what protects a child and has not arrived to a person, once: for one delivery, or its conversation."""
        delivery = uow.deliveries.get(name)
        conversation = uow.records.get(delivery.record_id).conversation_id
        asked = {task.subject_id for task in uow.reviews.find(status=None, limit=_ALL) if task.reason == NOT_DELIVERED}
        is_late = delivery.state in _GOING and self.sharer.protects(uow, delivery)
        if is_late and asked.isdisjoint({name, str(conversation)}):
            self.sharer.ask_about_dead_letter(uow, delivery, at=at)

    def _expire(self, uow: UnitOfWork, review_id: ReviewId, at: datetime) -> None:
        """Nobody answered in time: where need is low nothing goes; else the next role is asked, again and again."""
        task = uow.reviews.get(review_id)
        if task.decided_at is not None:
            return
        if task.kind == QUESTION and self.label_clock.is_over(uow, task.subject_id):
            self.sharer.asker.take_back(uow, task.subject_id, task.reason)
            return
        delivery = uow.deliveries.get(DeliveryId(task.subject_id)) if task.subject_id.startswith("dlv_") else None
        level = self.sharer.level_of(uow, delivery) if delivery else self._level_of(uow, task)
        is_refusable = task.kind == "sharing" and delivery is not None and not self.sharer.protects(uow, delivery)
        match expire(level, at, self.desk.calendar, is_refusable=is_refusable):
            case TimedOut(reason=reason):
                self._time_out(uow, task, reason, at)
            case Escalated(role=role, due_at=due):
                self._escalate(uow, replace(task, status="escalated", role=role, due_at=due), task.due_at, at)

    def _level_of(self, uow: UnitOfWork, task: ReviewTask) -> str | None:
        """Return the need behind a question about a whole message: an urgent one stays urgent until it is answered."""
        if not task.subject_id.startswith("msg_"):
            return None
        message = uow.messages.get(MessageId(task.subject_id.partition("/")[0]))
        return "L4" if message.lane is Lane.URGENT else None

    def _time_out(self, uow: UnitOfWork, task: ReviewTask, reason: str, at: datetime) -> None:
        delivery = uow.deliveries.get(DeliveryId(task.subject_id))
        if delivery.state not in WAITING:
            return
        refused = replace(delivery, state=State.REFUSED, reason=reason, ready_at=None)
        uow.deliveries.save(refused)
        uow.reviews.save(replace(task, status="timed_out", decided_by="system", decided_at=at))
        self.sharer.tell(uow, refused, EventKind.DELIVERY_WITHDRAWN, {}, at=at)

    def _escalate(self, uow: UnitOfWork, task: ReviewTask, was_due: datetime, at: datetime) -> None:
        uow.reviews.save(task)
        self.sharer.asker.call(uow, task, due_at=was_due, at=at)
        uow.timers.put(reminder(task))
        words: dict[str, Tree] = {
            "review_id": task.review_id,
            "reason": task.reason,
            "role": task.role,
            "due_at": time_text(task.due_at),
        }
        self.desk.trail.tell(uow, EventKind.REVIEW_ESCALATED, words, at=at, about=About())
