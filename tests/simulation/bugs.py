"""Would a bug of each kind be found? Each is one function or one statement, changed as a careless hand might have."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.adapters.sql import delivery_order
from gateway.adapters.sql.audit_store import SqlLog
from gateway.adapters.sql.child_store import SqlEpochs
from gateway.adapters.sql.delivery_order import DeliveryOrder
from gateway.adapters.sql.delivery_store import SqlDeliveries
from gateway.adapters.sql.message_store import SqlMessages
from gateway.consent import clearance
from gateway.flows.deciding import sharing
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.delivering import deliver
from gateway.flows.delivering.deliver import Deliver
from gateway.flows.store.rows import Delivery, Message
from gateway.flows.trying.breakers import Breakers
from tests.simulation.ports import SimStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A bug to plant.

    Shape: `plant` puts it in; `shows` is a part of what the checker must say of it; it must be found within so many
    histories. With `sweeps` off, workers look only when they are woken.
    """

    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    shows: str
    within: int = 1_500
    sweeps: bool = True


def _mark_asks_no_counter(patch: pytest.MonkeyPatch) -> None:
    mark = SqlDeliveries.mark
    patch.setattr(SqlDeliveries, "mark", lambda self, delivery, **_: mark(self, delivery, epochs={}))


def _counters_are_read_too_late(patch: pytest.MonkeyPatch) -> None:
    """The clearance asks for no counter, and the mark for those that stood when it was made, not the permit's."""
    stale, load = clearance._stale, Deliver._load
    patch.setattr(
        clearance, "_stale", lambda permit, facts, at: stale(permit, replace(facts, epochs=permit.epochs), at)
    )

    def lenient(self: Deliver, uow: Any, delivery: Delivery) -> Any:
        due = load(self, uow, delivery)
        return replace(due, permit=replace(due.permit, epochs=due.facts.epochs))

    patch.setattr(Deliver, "_load", lenient)


def _lifts_nothing(prefix: str) -> Callable[[pytest.MonkeyPatch], None]:
    lift = SqlEpochs.lift

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(SqlEpochs, "lift", lambda self, names: lift(self, [one for one in names if prefix not in one]))

    return plant


def _sends_before_marking(patch: pytest.MonkeyPatch) -> None:
    marked = Deliver._marked

    def early(self: Deliver, due: Any, body: bytes, at: Any) -> Delivery:
        self._outlet.send(None, body, self._handover(due))  # type: ignore[arg-type]  # the simulated way out asks for none
        return marked(self, due, body, at)

    patch.setattr(Deliver, "_marked", early)


def _retries_what_was_sealed(patch: pytest.MonkeyPatch) -> None:
    """A retry takes the bytes of the first try, whatever has changed since."""
    attempt = Deliver._attempt

    def again(self: Deliver, delivery: Delivery) -> None:
        if delivery.sealed_document is None:
            attempt(self, delivery)
            return
        at = self._desk.clock.now()
        due = self._desk.store.read(lambda uow: self._load(uow, delivery))
        place = deliver._place(delivery.delivery_id, due.permit, delivery.document_sha256 or "")
        body = self._desk.vault.open(delivery.wrapped_key or b"", place, delivery.sealed_document)
        marked = self._marked(due, body, at)
        self._desk.store.write(lambda uow: uow.deliveries.save(marked))
        reference = self._outlet.send(None, body, self._handover(due))  # type: ignore[arg-type]
        self._desk.store.write(lambda uow: self._acknowledge(uow, marked, due, reference))

    patch.setattr(Deliver, "_attempt", again)


def _no_is_not_heard(patch: pytest.MonkeyPatch) -> None:
    decide = sharing.decide_together

    def deaf(*questions: Any, **others: Any) -> Any:
        return decide(*(replace(one, consents=tuple(filter(_is_no_no, one.consents))) for one in questions), **others)

    patch.setattr(sharing, "decide_together", deaf)


def _is_no_no(consent: Any) -> bool:
    return consent.status not in {"WITHDRAWN", "REFUSED"}


def _one_child_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    """What is decided for the child named last is taken for all."""
    decide = sharing.decide_together
    patch.setattr(sharing, "decide_together", lambda *questions, **others: decide(questions[-1], **others))


def _order_by_time(patch: pytest.MonkeyPatch) -> None:
    """One that waits to be tried again is overtaken by a later one that is due now."""
    nearest = DeliveryOrder._nearest

    def due_now(self: DeliveryOrder, asked: Any, lane: Any) -> dict[int, int | None]:
        found = nearest(self, asked, lane)
        return {
            position: earlier if is_due_before(self, earlier, position) else None for position, earlier in found.items()
        }

    def is_due_before(self: DeliveryOrder, earlier: int | None, position: int) -> bool:
        ready = "SELECT ready_at FROM delivery WHERE position = ?"
        mine, its = (self._at.row(ready, (one,)) for one in (position, earlier))
        return not (mine and its and (its[0] or 0) > mine[0])

    patch.setattr(DeliveryOrder, "_nearest", due_now)
    patch.setattr(DeliveryOrder, "last_before_new", lambda *_: None)


def _key_is_no_key(patch: pytest.MonkeyPatch) -> None:
    claim = SqlMessages.claim
    patch.setattr(
        SqlMessages, "claim", lambda self, message: claim(self, replace(message, idempotency_key=message.message_id))
    )


def _receipt_before_the_disk(patch: pytest.MonkeyPatch) -> None:
    write = SimStore.write

    def hasty(self: SimStore, work: Callable[[Any], Any]) -> Any:
        answers: list[Any] = []
        try:
            return write(self, lambda uow: answers.append(work(uow)) or answers[-1])
        except Exception:
            if self._stage.actor == "sender" and answers:
                return answers[-1]
            raise

    patch.setattr(SimStore, "write", hasty)


def _nobody_is_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sharer, "ask_about_dead_letter", lambda *_, **__: None)


def _no_lease_rises(patch: pytest.MonkeyPatch) -> None:
    """A message is leased under the number it had, so that nobody can tell whose lease is the newest."""

    def leased(self: SqlMessages, message: Message, until: Any) -> Message:
        taken = replace(message, ready_at=until)
        self.save(taken)
        return taken

    patch.setattr(SqlMessages, "_leased", leased)


def _swap(where: object, name: str, old: str, new: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what changes a part of a statement; a part that is not there would be no bug."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        statement = getattr(where, name)
        assert old in statement, f"{name} has no {old}"
        patch.setattr(where, name, statement.replace(old, new))

    return plant


def _set(where: object, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(where, name, value)


def _forgets_an_event(patch: pytest.MonkeyPatch) -> None:
    pending = SqlLog.pending
    patch.setattr(SqlLog, "pending", lambda self, limit: pending(self, limit)[1:])


_NO = "after the family had said no"
BUGS = (
    Bug(name="the mark asks no counter", plant=_mark_asks_no_counter, shows=_NO),
    Bug(name="counters are read too late", plant=_counters_are_read_too_late, shows=_NO),
    Bug(name="a withdrawal lifts no counter", plant=_lifts_nothing("child:"), shows=_NO),
    Bug(name="a form's refusal lifts no counter", plant=_lifts_nothing("consent:"), shows=_NO),
    Bug(
        name="an agreement lifts no counter", plant=_lifts_nothing("recipient:"), shows="without an agreement in force"
    ),
    Bug(name="a flag lifts no counter", plant=_lifts_nothing("child:"), shows="an address that was withheld"),
    Bug(name="the document is sent before the mark", plant=_sends_before_marking, shows="no mark stands"),
    Bug(name="a retry asks nothing anew", plant=_retries_what_was_sealed, shows=_NO),
    Bug(name="a no is not heard", plant=_no_is_not_heard, shows=_NO),
    Bug(
        name="time alone ends nothing",
        plant=_set(Deliver, "_has_aged", lambda *_: False),
        shows="without an agreement in force",
    ),
    Bug(
        name="a lease excludes nobody",
        plant=_swap(delivery_order, "_LEASE", "ready_at = ?, lease = lease + 1", "ready_at = coalesce(ready_at, ?)"),
        shows="taken twice",
    ),
    Bug(
        name="a message's lease excludes nobody",
        plant=_set(SqlMessages, "_leased", lambda _self, message, _until: message),
        shows="whose lease had gone",
    ),
    Bug(
        name="nobody asks whose lease a delivery's is",
        plant=_swap(delivery_order, "_LEASE", "lease = lease + 1", "lease = lease"),
        shows="taken twice",
        within=4_000,
    ),
    Bug(
        name="nobody asks whose lease a message's is",
        plant=_no_lease_rises,
        shows="whose lease had gone",
        within=4_000,
    ),
    Bug(name="a sibling's no is not heard", plant=_one_child_is_asked_for, shows=_NO),
    Bug(
        name="nobody is asked whether they have it",
        plant=_set(Deliver, "_is_missing", lambda *_: True),
        shows="taken twice",
    ),
    Bug(
        name="what is shelved stays there",
        plant=_set(Breakers, "_empty_shelf", lambda *_, **__: 0),
        shows="ended as ordered",
    ),
    Bug(name="nobody is in doubt", plant=_set(deliver, "_is_doubtful", lambda *_: False), shows="taken twice"),
    Bug(
        name="what was handed over is never looked at again",
        plant=_swap(delivery_order, "_DUE", "('ordered', 'handed_over')", "('ordered')"),
        shows="ended as handed_over",
    ),
    Bug(name="order by time instead of place", plant=_order_by_time, shows="had its turn before"),
    Bug(name="an idempotency key is none", plant=_key_is_no_key, shows="stored twice"),
    Bug(name="a receipt before the disk has it", plant=_receipt_before_the_disk, shows="has a receipt and is not"),
    Bug(
        name="wake-ups may be lost and nobody sweeps", plant=lambda _: None, shows="and nobody was asked", sweeps=False
    ),
    Bug(name="nobody is told of a dead letter", plant=_nobody_is_told, shows="ended as dead_letter"),
    Bug(name="an event is left without a leaf", plant=_forgets_an_event, shows="has no leaf"),
)
