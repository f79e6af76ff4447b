"""What does a step of a conversation set going? Its effects, performed in the transaction of the step."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.conversations.effects import (
    AskPerson,
    Effect,
    Note,
    Order,
    StartClock,
    StopAsking,
    StopClock,
)
from gateway.conversations.referral_state import ReferralState
from gateway.flows.context import Desk
from gateway.flows.conversing.derived import EPISODE, episode_of, is_waiting, wait_as
from gateway.flows.conversing.emit import Emission, emit
from gateway.flows.conversing.order import Orderer
from gateway.flows.documents import take_along
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation, Message, Record, State, Timer
from gateway.model.identifiers import RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step just taken: the conversation, the state it left, and the message that brought it, if one did."""

    conversation: Conversation
    state: ReferralState
    message: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effector:
    """Performs effects."""

    desk: Desk
    asker: Asker
    orderer: Orderer

    def perform(self, uow: UnitOfWork, done: Step, effects: tuple[Effect, ...], *, at: datetime) -> None:
        """Perform *effects* in their order."""
        for effect in effects:
            self._perform(uow, done, effect, at)

    def _perform(self, uow: UnitOfWork, done: Step, effect: Effect, at: datetime) -> None:
        held = done.conversation.conversation_id
        match effect:
            case StartClock(kind=kind, due_at=due):
                timer_id = f"{kind}/{held}"
                uow.timers.put(Timer(timer_id=timer_id, conversation_id=held, kind=kind, due_at=due))
            case StopClock(kind=kind):
                uow.timers.drop(held, kind)
            case AskPerson():
                self._ask(uow, done, effect)
            case StopAsking(reason=reason):
                self.asker.take_back(uow, held, reason)
            case Order():
                self._order(uow, done, effect, at)
            case Note():
                return

    def _ask(self, uow: UnitOfWork, done: Step, effect: AskPerson) -> None:
        record = self._referral(uow, done)
        asked = Asked(
            kind="clock",
            reason=effect.reason,
            role=effect.role,
            subject_id=done.conversation.conversation_id,
            due_at=effect.due_at,
            message_id=record.message_id,
            children=record.subjects,
        )
        self.asker.ask(uow, asked)

    def _order(self, uow: UnitOfWork, done: Step, order: Order, at: datetime) -> None:
        record = self._referral(uow, done)
        referral = uow.messages.get(record.message_id)
        for number, emission in enumerate(self._emissions(uow, done, order, record, referral)):
            cause = f"{done.conversation.conversation_id}/{order.kind}/{_turn(done.state)}/{number}"
            emitted = emit(self.desk, uow, emission, cause=cause, at=at)
            if emitted is None:
                continue
            message, kept = emitted
            take_along(self.desk.vault, uow, record, kept, emission.tree, at=at)
            if kept.state is State.HELD_LABEL:
                wait_as(self.desk, uow, record, kept)
            self.orderer.order_all(uow, message, kept, emission.tree, at=at, referrer=referral.organisation)

    def _emissions(
        self, uow: UnitOfWork, done: Step, order: Order, record: Record, referral: Message
    ) -> list[Emission]:
        """Return what an order comes to: feedback as the conversation words it, or one episode for each child."""
        said = Emission(
            kind=order.kind,
            format=self.desk.routes.of(order.kind)[0].format,
            document=order.document,
            tree=order.facts,
            subjects=record.subjects,
            correlation_id=referral.correlation_id,
            on_behalf_of=done.message.organisation if done.message else self.desk.sender,
            lane=referral.lane,
            conversation_id=done.conversation.conversation_id,
            match_status=record.match_status,
            match_score=record.match_score,
        )
        if order.document != EPISODE:
            return [said]
        state = State.HELD_LABEL if is_waiting(uow, record) else State.ACCEPTED
        return [
            replace(said, tree=episode_of(self.desk, uow, record, index), subjects=(child,), state=state)
            for index, child in enumerate(record.subjects)
        ]

    def _referral(self, uow: UnitOfWork, done: Step) -> Record:
        return uow.records.get(RecordId(done.state.records[-1]))


def _turn(state: ReferralState) -> str:
    """Return what tells one decision of the MASH from its next: an order is given once for each."""
    return f"{len(state.records)}.{state.outcome or ''}.{state.decided_at.isoformat() if state.decided_at else ''}"
