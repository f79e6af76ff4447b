"""What may happen to a question that is put to others for somebody? Asked, and answered by each who was asked.

Two matters are such a question: an enquiry whether an early-help episode is open, and what a MASH asks its partners
about a child. What was answered is not in here: it goes on as a document of its own, or it does not go at all.
"""

import json
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.conversations.clocks import checks_due, is_urgent
from gateway.conversations.effects import (
    AskPerson,
    Effect,
    Note,
    Rejected,
    StartClock,
    StopAsking,
    StopClock,
    Transition,
)
from gateway.conversations.review import due_at, role_for
from gateway.errors import IntegrityError
from gateway.model.referral import Level
from gateway.working_time.calendar import Calendar

ENQUIRY, CHECK = "ecaf.enquiry", "mash.check"
"""The kinds of question, each called as the document that asks it."""
LATE = {ENQUIRY: "H-ENQUIRY-LATE", CHECK: "H-CHECK-LATE"}
"""Why a person is asked when nobody has answered in time."""
_CLOCK = {ENQUIRY: "enquiry.answer", CHECK: "check.answer"}
_ENQUIRY_WORKING_DAYS = 2
_CHECK_ELSE = timedelta(days=1)


class AskingStage(StrEnum):
    """How far a question has come."""

    ASKED = "asked"
    """On its way to those who can answer, or with them."""
    ANSWERED = "answered"
    """Everybody who was asked has answered. The end, unless somebody answers anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question, without anything personal.

    Shape: `kind` is the document that asks it, `records` are all that came in under its reference, oldest first,
    `answered` the organisations that have answered, `answer` the newest answer as a code, `asked` the reasons of the
    questions open with people. Times are UTC.
    """

    kind: str
    stage: AskingStage
    records: tuple[str, ...]
    due_at: datetime
    level: Level | None = None
    answered: tuple[str, ...] = ()
    answer: str | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question came in, and is kept as `record`; `due_at` (UTC) is when the asker needs to know, if they say."""

    kind: str
    record: str
    level: Level | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The organisation `by` has answered; `waits_for` are the organisations that were asked and are to answer."""

    by: str
    waits_for: frozenset[str]
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeIsUp:
    """The moment has come by which an answer was due."""


AskingEvent = Asked | Answered | TimeIsUp


def step(state: Asking | None, event: AskingEvent, calendar: Calendar, at: datetime) -> Transition[Asking] | Rejected:
    """Return the state after *event* at *at* (UTC) and what it asks for, or why it cannot be taken."""
    if isinstance(event, Asked):
        return _asked(state, event, calendar, at)
    if state is None:
        return Rejected(
            code="unknown-reference",
            message="nothing of this reference was asked here",
            remedy="Check the reference: it is the one of the question.",
        )
    return _answered(state, event) if isinstance(event, Answered) else _late(state, calendar, at)


def _asked(state: Asking | None, event: Asked, calendar: Calendar, at: datetime) -> Transition[Asking]:
    if state is not None and event.record in state.records:
        return Transition(state=state, effects=(Note(code="repeat"),))
    due = event.due_at or _due(event, calendar, at)
    fresh = Asking(kind=event.kind, stage=AskingStage.ASKED, records=(event.record,), due_at=due, level=event.level)
    if state is None:
        return Transition(state=fresh, effects=(StartClock(kind=_CLOCK[event.kind], due_at=due),))
    again = replace(fresh, records=(*state.records, event.record), asked=state.asked)
    return Transition(state=again, effects=(StartClock(kind=_CLOCK[event.kind], due_at=due), Note(code="asked.again")))


def _due(event: Asked, calendar: Calendar, at: datetime) -> datetime:
    """Return when an answer is due where the asker does not say.

    Source: two working days for an enquiry are ours; the times of a check are Merton's published ones.
    """
    if event.kind == ENQUIRY:
        return calendar.add_days(at, _ENQUIRY_WORKING_DAYS)
    return checks_due(event.level, at, calendar) or at + _CHECK_ELSE


def _answered(state: Asking, event: Answered) -> Transition[Asking]:
    everybody = tuple(dict.fromkeys((*state.answered, event.by)))
    told = replace(state, answered=everybody, answer=event.answer)
    if not event.waits_for <= set(everybody):
        return Transition(state=told, effects=(Note(code="answered.partly"),))
    done = replace(told, stage=AskingStage.ANSWERED, asked=())
    taken_back: tuple[Effect, ...] = tuple(StopAsking(reason=reason) for reason in state.asked)
    return Transition(state=done, effects=(StopClock(kind=_CLOCK[state.kind]), *taken_back, Note(code="answered")))


def _late(state: Asking, calendar: Calendar, at: datetime) -> Transition[Asking]:
    reason = LATE[state.kind]
    if state.stage is AskingStage.ANSWERED or reason in state.asked:
        return Transition(state=state, effects=(Note(code="late"),))
    if at < state.due_at:
        return Transition(state=state, effects=(StartClock(kind=_CLOCK[state.kind], due_at=state.due_at),))
    level = state.level.value if state.level and is_urgent(state.level) else None
    question = AskPerson(role=role_for(reason), reason=reason, due_at=due_at(level, at, calendar))
    return Transition(
        state=replace(state, asked=(*state.asked, reason)), effects=(question, Note(code="clock.breached"))
    )


def asking_to_json(state: Asking) -> str:
    """Return *state* as JSON text without its absent parts."""
    told = {spec.name: getattr(state, spec.name) for spec in fields(state)}
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}
    return json.dumps({name: value for name, value in plain.items() if value is not None}, sort_keys=True)


def asking_from_json(text: str) -> Asking:
    """Return the state that `asking_to_json` wrote.

    Raises:
        IntegrityError: it is not what was written.
    """
    try:
        told = json.loads(text)
        return Asking(
            kind=str(told["kind"]),
            stage=AskingStage(told["stage"]),
            records=tuple(told["records"]),
            due_at=datetime.fromisoformat(told["due_at"]),
            level=Level(told["level"]) if "level" in told else None,
            answered=tuple(told["answered"]),
            answer=told.get("answer"),
            asked=tuple(told["asked"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IntegrityError(f"a stored question cannot be read: {type(error).__name__}") from error
