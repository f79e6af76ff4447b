"""How do wake-ups get from the store to the broker? They are handed on until the broker has confirmed them.

Nothing waits for this: what a wake-up speaks of is in the store, and whoever works there looks by itself as well. While
the broker is away wake-ups stay in the store; any number of relays may hand them on.
"""

from collections.abc import Sequence
from concurrent.futures import Future, wait
from threading import Event, Thread
from typing import Protocol

import structlog

from gateway.errors import GatewayError, code_of
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
_TOGETHER = 500
_LEASE_SECONDS = 5.0
"""How long wake-ups that were not confirmed belong to the relay that failed to hand them on."""
_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 0.2
_CONFIRM_SECONDS = 15.0


class PendingWake(Protocol):
    """One wake-up on its way to the bus."""

    @property
    def wake_id(self) -> int:
        """Return its number in the store."""
        ...

    @property
    def routing_key(self) -> str:
        """Return what it is about."""
        ...

    @property
    def reference(self) -> str:
        """Return which one it is about."""
        ...


class Outbox(Protocol):
    """The wake-ups no bus has confirmed yet."""

    def pending_wakes(self, limit: int, *, lease_seconds: float) -> Sequence[PendingWake]:
        """Lease and return the oldest nobody else has in hand, at most *limit*."""
        ...

    def confirm_wakes(self, ids: Sequence[int]) -> None:
        """Forget those the bus has confirmed."""
        ...


class ConfirmingBus(Protocol):
    """A bus that says when it has a wake-up on disk."""

    @property
    def trouble(self) -> str | None:
        """Return why wake-ups are not carried just now, or None."""
        ...

    def publish_confirmed(self, routing_key: str, reference: str) -> Future[None]:
        """Return what is done when the bus has the wake-up, and fails in bounded time when it has not."""
        ...


class Relay:
    """Hands wake-ups from the store to the bus, at least once each."""

    def __init__(self, outbox: Outbox, bus: ConfirmingBus) -> None:
        self._outbox = outbox
        self._bus = bus
        self._wanted = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that looking is worth while."""
        self._wanted.set()

    def stop(self) -> None:
        """Return when what is in hand is confirmed or given up."""
        self._stopping.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()

    def hand_on(self) -> int:
        """Hand on what waits, once, and return how many wake-ups the bus has confirmed.

        Raises:
            GatewayError: the store cannot be asked just now.
        """
        if self._bus.trouble is not None:
            return 0
        pending = self._outbox.pending_wakes(_TOGETHER, lease_seconds=_LEASE_SECONDS)
        sent = [(one.wake_id, self._bus.publish_confirmed(one.routing_key, one.reference)) for one in pending]
        wait([done for _, done in sent], timeout=_CONFIRM_SECONDS)
        confirmed = [wake_id for wake_id, done in sent if done.done() and done.exception() is None]
        self._outbox.confirm_wakes(confirmed)
        return len(confirmed)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wanted.clear()
            if not self._round():
                self._wanted.wait(_LOOK_SECONDS if self._bus.trouble is None else _PAUSE_SECONDS)

    def _round(self) -> bool:
        """Tell whether there was anything to hand on."""
        try:
            return self.hand_on() > 0
        except GatewayError as error:
            log.warning(LogEvent.ROUND_FAILED, ticker="relay", code=code_of(error))
            self._stopping.wait(_PAUSE_SECONDS)
            return False
