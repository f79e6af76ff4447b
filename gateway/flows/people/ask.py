"""How is a question put before a person, and how is it taken back?"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.audit.entry import time_text
from gateway.audit.event import EventKind
from gateway.flows.people.callers import Callers
from gateway.flows.ports import Clock, Ids, UnitOfWork
from gateway.flows.store.rows import ReviewTask, Timer
from gateway.flows.trail import GATEWAY, About, Trail
from gateway.model.identifiers import ChildRef, ConversationId, MessageId, ReviewId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

REVIEW_DUE = "review.due"
SETTLED = "settled"
"""The status of a question that nobody has answered, because what happened meanwhile has."""
OPEN = ("open", "escalated")
"""The statuses of a question that waits for an answer."""
_SOON = timedelta(hours=1)
"""What is due so soon is told to a named person at once: nobody might look at the queue within the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, of whom, by when, and which document or conversation it holds up."""

    kind: str
    reason: str
    role: str
    subject_id: str
    due_at: datetime
    message_id: MessageId | None = None
    children: tuple[ChildRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Opens questions for people. Each has a role, a clock, and an escalation when the clock runs out."""

    trail: Trail
    ids: Ids
    clock: Clock
    callers: Callers

    def ask(self, uow: UnitOfWork, asked: Asked) -> ReviewTask:
        """Open the question, with its reminder, and return it."""
        at = self.clock.now()
        task = ReviewTask(
            review_id=ReviewId(self.ids.fresh("rev")),
            kind=asked.kind,
            reason=asked.reason,
            role=asked.role,
            subject_id=asked.subject_id,
            opened_at=at,
            due_at=asked.due_at,
        )
        uow.reviews.add(task)
        uow.timers.put(reminder(task))
        words: dict[str, Tree] = {
            "review_id": task.review_id,
            "reason": task.reason,
            "role": task.role,
            "message_id": asked.message_id,
            "due_at": time_text(task.due_at),
        }
        about = About(children=asked.children, message_id=asked.message_id)
        self.trail.tell(uow, EventKind.REVIEW_OPENED, words, at=at, about=about)
        if task.due_at - at <= _SOON:
            self.call(uow, task, due_at=task.due_at, at=at)
        return task

    def call(self, uow: UnitOfWork, task: ReviewTask, *, due_at: datetime, at: datetime) -> None:
        """Have a named person told that *task* waits, or waited beyond *due_at*."""
        self.callers.call(uow, task.role, about=task.review_id, heading=task.reason, due_at=due_at, at=at)

    def settle(self, uow: UnitOfWork, subject_id: str, about: About, *, code: str) -> None:
        """Close every question about *subject_id* that what *code* names has answered, and tell so."""
        at = self.clock.now()
        for task in uow.reviews.waiting_about(subject_id):
            uow.reviews.save(replace(task, status=SETTLED, decided_by=GATEWAY, decided_at=at))
            uow.timers.drop(ConversationId(task.review_id), REVIEW_DUE)
            words: dict[str, Tree] = {"review_id": task.review_id, "decision": SETTLED, "code": code}
            self.trail.tell(uow, EventKind.REVIEW_DECIDED, words, at=at, about=about)

    def take_back(self, uow: UnitOfWork, subject_id: str, reason: str) -> None:
        """Close the open questions about *subject_id* that have answered themselves."""
        for task in uow.reviews.waiting_about(subject_id):
            if task.reason == reason:
                uow.reviews.save(replace(task, status=SETTLED, decided_by=GATEWAY, decided_at=self.clock.now()))
                uow.timers.drop(ConversationId(task.review_id), REVIEW_DUE)


def reminder(task: ReviewTask) -> Timer:
    """Return the timer that escalates *task* when nobody has answered in time."""
    return Timer(
        timer_id=f"{REVIEW_DUE}/{task.review_id}",
        conversation_id=ConversationId(task.review_id),
        kind=REVIEW_DUE,
        due_at=task.due_at,
    )
