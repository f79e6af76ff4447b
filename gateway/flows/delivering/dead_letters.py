"""What becomes of what failed too often, or for good? The Dead Letter Channel: set aside, inspect, replay, discard.

Replaying skips no check: a message is read again from its sealed original, behind the last record that was stored; a
delivery is cleared again before anything leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from gateway.audit.event import Event, EventKind
from gateway.errors import ConflictError
from gateway.flows.context import Desk
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Message, State
from gateway.model.identifiers import DeliveryId, MessageId
from gateway.model.tree import Tree

DISCARDED = "discarded"
_BATCH = 100


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Carries out what a person decides about dead letters."""

    desk: Desk

    def replay_all(self, names: Sequence[str], *, actor: str) -> int:
        """Put those of *names* that are stuck back to work, oldest first, and return how many there were.

        Promise: what is about one child goes to one recipient in the order it was due; the store sees to it.
        """
        return sum(
            self.desk.store.write(partial(self._replay_batch, names=names[start : start + _BATCH], actor=actor))
            for start in range(0, len(names), _BATCH)
        )

    def _replay_batch(self, uow: UnitOfWork, names: Sequence[str], actor: str) -> int:
        replayed = 0
        for name in names:
            try:
                self._replay(uow, name, actor)
            except ConflictError:
                continue  # somebody else has dealt with it meanwhile
            replayed += 1
        return replayed

    def _replay(self, uow: UnitOfWork, name: str, actor: str) -> str:
        if name.startswith("msg_"):
            return self._replay_message(uow, MessageId(name), actor)
        return self._replay_delivery(uow, DeliveryId(name), actor)

    def replay(self, name: str, *, actor: str) -> str:
        """Put the message or delivery called *name* back to work and return its state.

        Raises:
            NotFoundError: there is none.
            ConflictError: it is not stuck.
        """
        return self.desk.store.write(lambda uow: self._replay(uow, name, actor))

    def discard(self, name: str, *, reason: str, actor: str) -> str:
        """Take the message or delivery called *name* out of work for good and return its state.

        Raises:
            NotFoundError: there is none.
            ConflictError: it is not stuck.
        """
        if name.startswith("msg_"):
            return self.desk.store.write(lambda uow: self._discard_message(uow, MessageId(name), reason, actor))
        return self.desk.store.write(lambda uow: self._discard_delivery(uow, DeliveryId(name), reason, actor))

    def _replay_message(self, uow: UnitOfWork, name: MessageId, actor: str) -> str:
        message = uow.messages.get(name)
        _must_be_stuck(message.state)
        now = self.desk.clock.now()
        again = replace(message, state=State.ACCEPTED, attempt=0, lost=0, ready_at=now, reason=None)
        uow.messages.save(again)
        self._tell_message(uow, EventKind.MESSAGE_REPLAYED, again, {}, actor)
        uow.wake(f"message.{again.lane.name.lower()}", again.message_id)
        return again.state.value

    def _replay_delivery(self, uow: UnitOfWork, name: DeliveryId, actor: str) -> str:
        delivery = uow.deliveries.get(name)
        _must_be_stuck(delivery.state)
        # What the partner may have is asked for first, where it can be asked.
        is_asked_first = delivery.idempotency == "query-first" and delivery.handed_over_at is not None
        state = State.HANDED_OVER if is_asked_first else State.ORDERED
        again = replace(delivery, state=state, attempt=0, ready_at=self.desk.clock.now(), reason=None)
        uow.deliveries.save(again)
        self._tell_delivery(uow, EventKind.MESSAGE_REPLAYED, again, {}, actor)
        uow.wake(f"delivery.{again.lane.name.lower()}", again.delivery_id)
        return again.state.value

    def _discard_message(self, uow: UnitOfWork, name: MessageId, reason: str, actor: str) -> str:
        message = uow.messages.get(name)
        _must_be_stuck(message.state)
        gone = replace(message, state=State.WITHDRAWN, ready_at=None, reason=DISCARDED)
        uow.messages.save(gone)
        self._tell_message(uow, EventKind.MESSAGE_DISCARDED, gone, {"reason": reason}, actor)
        return gone.state.value

    def _discard_delivery(self, uow: UnitOfWork, name: DeliveryId, reason: str, actor: str) -> str:
        delivery = uow.deliveries.get(name)
        _must_be_stuck(delivery.state)
        gone = replace(delivery, state=State.WITHDRAWN, ready_at=None, reason=DISCARDED)
        uow.deliveries.save(gone)
        self._tell_delivery(uow, EventKind.MESSAGE_DISCARDED, gone, {"reason": reason}, actor)
        return gone.state.value

    def _tell_message(
        self, uow: UnitOfWork, kind: EventKind, message: Message, more: dict[str, Tree], actor: str
    ) -> None:
        event = self._event(kind, {"message_id": message.message_id, **more}, actor)
        self.desk.trail.record(uow, event, message_id=message.message_id)

    def _tell_delivery(
        self, uow: UnitOfWork, kind: EventKind, delivery: Delivery, more: dict[str, Tree], actor: str
    ) -> None:
        words: dict[str, Tree] = {"message_id": delivery.message_id, "delivery_id": delivery.delivery_id, **more}
        event = self._event(kind, words, actor)
        self.desk.trail.record_of(uow, event, delivery.subjects, message_id=delivery.message_id)

    def _event(self, kind: EventKind, words: dict[str, Tree], actor: str) -> Event:
        return Event.of(kind, words, at=self.desk.clock.now(), actor=actor, organisation=self.desk.sender)


def _must_be_stuck(state: State) -> None:
    if state is not State.DEAD_LETTER:
        raise ConflictError(f"only what is stuck can be replayed or discarded; this is {state.value}")
