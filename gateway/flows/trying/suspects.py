"""What becomes of work that seems to end the process? It is worked alone, and after a few times no more.

An error that is caught is counted as a try. What kills the process is not caught, so each lease is counted in the row
and the count is taken back when somebody says what became of it. Work is leased together, and the innocent neighbours
of a killer count up with it; so leasing counts no further than `TOGETHER`. From there on work is a suspect: one at a
time is worked in a process, and only that one counts on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock

from gateway.errors import PermanentError
from gateway.flows.ports import Store, UnitOfWork
from gateway.flows.settings import FlowSettings
from gateway.flows.store.rows import TOGETHER, Delivery, Message

KILLER = "ends-the-process"
"""Why work is set aside that was leased again and again, and each time without a word of what became of it."""


class Suspects:
    """Sees to it that suspects are worked one at a time, and not for ever. One for a whole process."""

    def __init__(self, store: Store, settings: FlowSettings) -> None:
        self._store = store
        self._settings = settings
        self._alone = Lock()

    @contextmanager
    def guard(self, work: Message | Delivery) -> Iterator[None]:
        """Let no other suspect be worked meanwhile, if *work* is one."""
        if is_suspect(work):
            with self._alone:
                yield
        else:
            yield

    def begin_message(self, message: Message) -> Message:
        """Return *message* as it may be worked now; a suspect is counted, durably, before anything else is done.

        Raises:
            PermanentError: it has been a suspect too often.
            OvertakenError: somebody else has it.
        """
        if not is_suspect(message):
            return message
        self._check(message)

        def count(uow: UnitOfWork) -> Message:
            now = uow.messages.get(message.message_id)
            counted = replace(now, lease=message.lease, lost=now.lost + 1)
            uow.messages.save(counted)
            return counted

        return self._store.write(count)

    def begin_delivery(self, delivery: Delivery) -> Delivery:
        """Return *delivery* as it may be worked now, as `begin_message` does."""
        if not is_suspect(delivery):
            return delivery
        self._check(delivery)

        def count(uow: UnitOfWork) -> Delivery:
            now = uow.deliveries.get(delivery.delivery_id)
            counted = replace(now, lease=delivery.lease, lost=now.lost + 1)
            uow.deliveries.save(counted)
            return counted

        return self._store.write(count)

    def _check(self, work: Message | Delivery) -> None:
        if work.lost > self._settings.lost_leases_limit:  # a suspect was counted twice for the lease that made it one
            raise PermanentError("each time this was worked on, the process ended", code=KILLER)


def is_suspect(work: Message | Delivery) -> bool:
    """Tell whether the process has ended so often while *work* was leased that it may be the reason."""
    return work.lost >= TOGETHER


def given_back(lost: int) -> int:
    """Return how many leases count as lost once one is given back unworked."""
    return lost - 1 if 0 < lost <= TOGETHER else lost
