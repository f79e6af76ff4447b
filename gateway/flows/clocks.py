"""What happens when the time has come?

Deadlines are rows of the store, so a restart forgets none, and a clock that is set back fires none twice: a timer is
gone in the transaction that acts on it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.audit.event import Event, EventKind
from gateway.errors import NotFoundError
from gateway.flows.context import Desk
from gateway.flows.converse import Converser
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import ReviewTask, State, Timer
from gateway.model.identifiers import ConversationId, DeliveryId, ReviewId

REVIEW_DUE = "review.due"
WATCH = "delivery.watch"
_BATCH = 100
_ESCALATED_TO = "MASH_MANAGER"
_DONE = frozenset({State.ACKNOWLEDGED, State.REFUSED, State.WITHDRAWN})
WATCH_AFTER = timedelta(minutes=30)
"""A protection message that has not been acknowledged by now is shown to a person, well within its hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Fires the timers that are due."""

    desk: Desk
    converser: Converser

    def tick(self) -> int:
        """Act on every timer that is due now, and return how many there were."""
        at = self.desk.clock.now()
        due = self.desk.store.read(lambda uow: uow.timers.due(at=at, limit=_BATCH))
        for timer in due:
            self.desk.store.write(lambda uow, one=timer: self._fire(uow, one, at))
        return len(due)

    def _fire(self, uow: UnitOfWork, timer: Timer, at: datetime) -> None:
        uow.timers.drop(timer.conversation_id, timer.kind)
        match timer.kind:
            case "review.due":
                self._escalate(uow, ReviewId(timer.conversation_id), at)
            case "delivery.watch":
                self._look_after(uow, DeliveryId(timer.conversation_id), at)
            case _:
                self.converser.clock_ran_out(uow, timer, at=at)

    def _escalate(self, uow: UnitOfWork, review_id: ReviewId, at: datetime) -> None:
        """Nobody answered in time: the question goes to a manager. It is never answered by the clock."""
        task = uow.reviews.get(review_id)
        if task.status != "open":
            return
        uow.reviews.save(replace(task, status="escalated", role=_ESCALATED_TO))
        self._audit(uow, EventKind.REVIEW_ESCALATED, {"review_id": review_id, "role": _ESCALATED_TO}, at)

    def _look_after(self, uow: UnitOfWork, delivery_id: DeliveryId, at: datetime) -> None:
        try:
            delivery = uow.deliveries.get(delivery_id)
        except NotFoundError:
            return
        if delivery.state not in _DONE:
            self.converser.undeliverable(uow, delivery, at=at)

    def _audit(self, uow: UnitOfWork, kind: EventKind, words: dict[str, str], at: datetime) -> None:
        event = Event.of(kind, dict(words), at=at, actor="gateway", organisation=self.desk.sender)
        self.desk.trail.record(uow, event)


def watch(delivery_id: DeliveryId, at: datetime) -> Timer:
    """Return the timer that looks after a protection message."""
    return Timer(
        timer_id=f"{WATCH}/{delivery_id}",
        conversation_id=ConversationId(delivery_id),
        kind=WATCH,
        due_at=at + WATCH_AFTER,
    )


def remind(task: ReviewTask) -> Timer:
    """Return the timer that escalates *task* when nobody has answered in time."""
    return Timer(
        timer_id=f"{REVIEW_DUE}/{task.review_id}",
        conversation_id=ConversationId(task.review_id),
        kind=REVIEW_DUE,
        due_at=task.due_at,
    )
