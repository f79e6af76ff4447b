"""By when must somebody have said what an answer means, and who is told when nobody has?

One clock for each label, however many documents it holds up: it begins with the first record the label stands in and
goes on until the label is mapped. When the time of what waits is nearly over, whoever maps labels is asked, once; when
it is over, the duty manager, as often as it takes. Nothing is ever refused because nobody answered.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.consent.question import Purpose
from gateway.conversations.clocks import warn_at
from gateway.conversations.review import due_at, role_for
from gateway.flows.people.ask import OPEN, Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Timer
from gateway.flows.trail import About
from gateway.model.identifiers import ConversationId
from gateway.working_time.calendar import Calendar

H_LABEL = "H-LABEL"
"""Why a permitted document does not go yet: an answer in it has still to be mapped."""
LABEL_WAITS = "label.waits"
QUESTION = "label"
"""The kind of the question that is put when a label has waited for long."""
MAPPED = "label-mapped"
_SOONEST, _ELSE = "L3", "L2"
_HOURS_LEFT = 2
_ALL = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelClock:
    """Starts, looks at and ends the clocks of labels nobody has mapped."""

    calendar: Calendar
    asker: Asker

    def begin(self, uow: UnitOfWork, list_name: str, label_blind: str, *, at: datetime) -> None:
        """Let the clock of a label run, unless it does: it is looked at before anything can be late."""
        uow.timers.begin(_timer(_name(list_name, label_blind), self._warn_at(_SOONEST, at)))

    def end(self, uow: UnitOfWork, list_name: str, label_blind: str) -> None:
        """Stop the clock of a label that somebody has mapped, and take back what was asked because of it."""
        name = _name(list_name, label_blind)
        uow.timers.drop(ConversationId(name), LABEL_WAITS)
        self.asker.settle(uow, name, About(), code=MAPPED)

    def look(self, uow: UnitOfWork, timer: Timer, *, at: datetime) -> None:
        """Ask a person about a label if what it holds up is nearly late; look again as long as it is not mapped."""
        name = str(timer.conversation_id)
        since = self._since(uow, name)
        if since is None:
            if uow.labels.is_open(*_label(name)):
                uow.timers.put(_timer(name, self.calendar.add_days(at, 1)))
            return
        due, warned = min((due_at(level, begun, self.calendar), self._warn_at(level, begun)) for level, begun in since)
        if warned > at:
            uow.timers.put(_timer(name, warned))
            return
        if not self._is_asked(uow, name):
            self._ask(uow, name, max(due, self.calendar.add_hours(at, _HOURS_LEFT)))
        uow.timers.put(_timer(name, self.calendar.add_days(at, 1)))

    def is_over(self, uow: UnitOfWork, subject_id: str) -> bool:
        """Tell whether nothing waits any more for the label that a question is about."""
        return self._since(uow, subject_id) is None

    def _since(self, uow: UnitOfWork, name: str) -> list[tuple[str, datetime]] | None:
        """Return since when documents of each level have waited for a label; None where none does."""
        held = uow.labels.holds(*_label(name))
        urgent = Purpose.SAFEGUARD_S17.value
        return [(_SOONEST if purpose == urgent else _ELSE, since) for purpose, since in held.items()] or None

    def _warn_at(self, level: str, since: datetime) -> datetime:
        return warn_at(None, due_at(level, since, self.calendar), self.calendar)

    def _is_asked(self, uow: UnitOfWork, name: str) -> bool:
        return any(task.subject_id == name for status in OPEN for task in uow.reviews.find(status=status, limit=_ALL))

    def _ask(self, uow: UnitOfWork, name: str, due: datetime) -> None:
        asked = Asked(kind=QUESTION, reason=H_LABEL, role=role_for(H_LABEL), subject_id=name, due_at=due)
        self.asker.ask(uow, asked)


def _name(list_name: str, label_blind: str) -> str:
    """Return what the clock of a label, and the question about it, are known by."""
    return f"{QUESTION}/{list_name}/{label_blind}"


def _label(name: str) -> tuple[str, str]:
    _, list_name, label_blind = name.split("/", 2)
    return list_name, label_blind


def _timer(name: str, due: datetime) -> Timer:
    return Timer(timer_id=f"{LABEL_WAITS}/{name}", conversation_id=ConversationId(name), kind=LABEL_WAITS, due_at=due)
