"""How does an enquiry, or a MASH's check, go on? To those who can answer, and what they answer to whoever asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.conversations import asking
from gateway.conversations.asking import CHECK, ENQUIRY, Asked, Asking, AskingEvent, asking_from_json, asking_to_json
from gateway.conversations.effects import AskPerson, Effect, Rejected, StartClock, StopAsking, StopClock
from gateway.errors import PermanentError
from gateway.flows.context import Desk
from gateway.flows.conversing.case_names import open_names, seal_names
from gateway.flows.conversing.cases import Cases
from gateway.flows.conversing.emit import Emission, emit
from gateway.flows.conversing.order import Orderer
from gateway.flows.documents import open_document, read_group
from gateway.flows.people import ask
from gateway.flows.people.ask import Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.routes import rated
from gateway.flows.store.rows import Conversation, Message, Record, Timer
from gateway.flows.trail import About
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef, RecordId
from gateway.model.tree import Group

if TYPE_CHECKING:
    from gateway.model.identifiers import OrganisationId
    from gateway.model.tree import Tree

ANSWERS: Mapping[str, str] = MappingProxyType({"ecaf.answer": ENQUIRY, "mash.answer": CHECK})
"""The documents that answer a question, and the kind of question each answers."""
QUESTIONS = frozenset(ANSWERS.values())
ANSWERED = "caf.enquiry.answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Drives the conversations about questions."""

    desk: Desk
    asker: Asker
    orderer: Orderer
    cases: Cases

    def put(self, uow: UnitOfWork, record: Record, tree: Group, held: Conversation, *, at: datetime) -> None:
        """Begin *held*, or go on with it: *record*, a question, has come in."""
        event = Asked(kind=record.document, record=record.record_id, level=rated(tree), due_at=_due(tree))
        self._step(uow, held, event, at)

    def answered(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None:
        """Go on with the question that *record* answers, and let the answer go to whoever asked, if it may.

        Raises:
            PermanentError: nobody asked its sender anything under this reference.
        """
        held = self.cases.answered(uow, message, tree, (ANSWERS[record.document],))
        if held is None:
            raise PermanentError("nothing that you were asked has this reference", code="unknown-reference")
        due = frozenset(self._asked_of(uow, held))
        code = tree.get("open")
        event = asking.Answered(by=message.organisation, waits_for=due, answer=code if isinstance(code, str) else None)
        self._step(uow, held, event, at)
        question = self.cases.last_record(uow, held)
        asked = uow.messages.get(question.message_id)
        if record.document == "ecaf.answer":
            self._tell_enquirer(uow, asked, question, record, tree, at=at)
        else:
            # How urgent the answer is, the question says, unless the answer does.
            put = open_document(self.desk.vault, uow, question)
            rating: Group = {name: put[name] for name in ("level", "rag") if name in put}
            self.orderer.order_all(uow, message, record, rating | tree, at=at, referrer=asked.organisation)

    def time_is_up(self, uow: UnitOfWork, timer: Timer, held: Conversation, *, at: datetime) -> None:
        """Tell *held* that its time has come."""
        self._step(uow, held, asking.TimeIsUp(), at)
        state = self._state_of(uow.conversations.get(timer.conversation_id))
        if state.asked:
            words: dict[str, Tree] = {"timer": timer.kind, "conversation": held.kind}
            about = About(children=self.cases.subjects_of(uow, held))
            self.desk.trail.tell(uow, EventKind.TIMER_BREACHED, words, at=at, about=about)

    def last_answer(
        self, uow: UnitOfWork, message: Message, reference: str, subjects: Collection[ChildRef]
    ) -> str | None:
        """Return what the enquiry that the sender of *message* calls *reference* was last answered: Y, N, U or None.

        None, too, where it was about none of *subjects*.
        """
        held = self.cases.own(uow, message, ENQUIRY, reference)
        if held is None or set(self.cases.subjects_of(uow, held)).isdisjoint(subjects):
            return None
        return self._state_of(held).answer

    def _state_of(self, held: Conversation) -> Asking:
        """Return the state that was stored, or raise IntegrityError."""
        return asking_from_json(write_json(open_names(self.desk.vault, held)).decode())

    def _asked_of(self, uow: UnitOfWork, held: Conversation) -> set["OrganisationId"]:
        """Return who was sent the newest form of a question, and may therefore be expected to answer."""
        record = self.cases.last_record(uow, held)
        due = uow.delivery_lists.of_message(record.message_id)
        return {one.recipient for one in due if one.kind == record.kind and one.handed_over_at is not None}

    def _tell_enquirer(
        self, uow: UnitOfWork, asked: Message, question: Record, record: Record, tree: Group, *, at: datetime
    ) -> None:
        """Order the answer to an enquiry as a message of ours: whether the enquirer may have it, the rules decide."""
        routes = self.desk.routes.of(ANSWERED)
        if not routes:
            return
        emission = Emission(
            kind=ANSWERED,
            format=routes[0].format,
            document=record.document,
            tree=tree,
            subjects=question.subjects,
            correlation_id=asked.correlation_id,
            on_behalf_of=asked.organisation,
            lane=asked.lane,
            conversation_id=None,
        )
        emitted = emit(self.desk, uow, emission, cause=f"{record.record_id}/{ANSWERED}", at=at)
        if emitted is not None:
            said, kept = emitted
            self.orderer.order_all(uow, said, kept, tree, at=at, referrer=asked.organisation)

    def _step(self, uow: UnitOfWork, held: Conversation, event: AskingEvent, at: datetime) -> None:
        before = self._state_of(held) if held.body else None
        answer = asking.step(before, event, self.desk.calendar, at)
        if isinstance(answer, Rejected):
            raise PermanentError(answer.message, code=answer.code)
        after = answer.state
        if after != before:
            body = seal_names(self.desk.vault, held.conversation_id, read_group(asking_to_json(after).encode()))
            uow.conversations.save(replace(held, state=after.stage.value, body=body))
        words: dict[str, Tree] = {
            "conversation_id": held.conversation_id,
            "conversation": held.kind,
            "step": type(event).__name__,
            "from_state": before.stage.value if before else "none",
            "to_state": after.stage.value,
        }
        record = uow.records.get(RecordId(after.records[-1]))
        about = About(children=record.subjects, message_id=record.message_id)
        self.desk.trail.tell(uow, EventKind.CONVERSATION_STEPPED, words, at=at, about=about)
        for effect in answer.effects:
            self._perform(uow, held, record, effect)

    def _perform(self, uow: UnitOfWork, held: Conversation, record: Record, effect: Effect) -> None:
        name = held.conversation_id
        match effect:
            case StartClock(kind=kind, due_at=due):
                uow.timers.put(Timer(timer_id=f"{kind}/{name}", conversation_id=name, kind=kind, due_at=due))
            case StopClock(kind=kind):
                uow.timers.drop(name, kind)
            case StopAsking(reason=reason):
                self.asker.take_back(uow, name, reason)
            case AskPerson(role=role, reason=reason, due_at=due):
                asked = ask.Asked(
                    kind="clock",
                    reason=reason,
                    role=role,
                    subject_id=name,
                    due_at=due,
                    message_id=record.message_id,
                    children=record.subjects,
                )
                self.asker.ask(uow, asked)
            case _:
                return


def _due(tree: Group) -> datetime | None:
    """Return when the asker says that an answer is due; None, where they name a moment that there is not in UTC."""
    told = tree.get("due_at")
    if not isinstance(told, str):
        return None
    due = datetime.fromisoformat(told)
    try:
        return due.astimezone(UTC) if due.tzinfo is not None else due.replace(tzinfo=UTC)
    except OverflowError:
        return None
