"""How do the parts of one process wake each other?"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import structlog

from gateway.errors import TransientError
from gateway.flows.delivering.wake_up import TRIES, check_pattern, check_wake, is_match
from gateway.flows.log_events import LogEvent

_MOST_UNHEARD = 10_000
_MOST_DEAD = 1_000

_log = structlog.get_logger()

Wake = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subscriber:
    pattern: str
    wake: Wake


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A wake-up on its way: to everybody at first, and again to `only` whoever failed."""

    routing_key: str
    reference: str
    only: _Subscriber | None = None
    attempt: int = 1


class EmbeddedBus:
    """Wake-ups within one process, each delivered at least once while it runs, on one thread of the bus.

    A wake-up lost with the process is found again by the sweep, because the store has what it spoke of. A subscriber
    must be quick, since all share the thread; one that fails is told again a few times, and the others are called all
    the same. What nobody listens for yet waits for its first subscriber.
    """

    def __init__(self) -> None:
        self._subscribers: tuple[_Subscriber, ...] = ()
        self._unheard: deque[_Due] = deque(maxlen=_MOST_UNHEARD)
        self._dead: deque[tuple[str, str]] = deque(maxlen=_MOST_DEAD)
        self._waiting: queue.SimpleQueue[_Due | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="embedded-bus", daemon=True)
        self._thread.start()

    @property
    def dead_letters(self) -> tuple[tuple[str, str], ...]:
        """Return the last wake-ups that a subscriber failed at as often as it was told."""
        return tuple(self._dead)

    def publish(self, routing_key: str, reference: str) -> None:
        """Hand a wake-up to the bus and return at once; it MUST be durable in the store already.

        Raises:
            TooLargeError: key and reference together are over 1 KiB.
            PermanentError: it is not a routing key and identifiers of ours (code `bus-wake`).
            TransientError: the bus is closed (code `bus-closed`).
        """
        check_wake(routing_key, reference)
        if self._is_closed:
            raise TransientError("the bus is closed", code="bus-closed")
        self._waiting.put(_Due(routing_key=routing_key, reference=reference))

    def publish_all(self, wakes: Iterable[tuple[str, str]]) -> None:
        """Hand over the wake-ups of a commit: what a store is given as its `on_wake`."""
        for routing_key, reference in wakes:
            self.publish(routing_key, reference)

    def subscribe(self, pattern: str, wake: Wake) -> None:
        """Call *wake* with routing key and reference for every wake-up that matches *pattern*.

        Raises:
            PermanentError: not a pattern that every bus understands alike (code `bus-pattern`).
        """
        check_pattern(pattern)
        with self._gate:
            self._subscribers = (*self._subscribers, _Subscriber(pattern=pattern, wake=wake))
            for due in tuple(self._unheard):
                if is_match(pattern, due.routing_key):
                    self._unheard.remove(due)
                    self._waiting.put(due)

    def close(self) -> None:
        """Return when every wake-up published before is delivered and the thread has ended."""
        self._is_closed = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_ending = False
        while not (is_ending and self._waiting.empty()):
            due = self._waiting.get()
            is_ending = is_ending or due is None
            if due is not None:
                self._deliver(due)

    def _deliver(self, due: _Due) -> None:
        with self._gate:
            hearers = tuple(one for one in self._subscribers if is_match(one.pattern, due.routing_key))
            if not hearers:
                self._unheard.append(due)
        for subscriber in hearers if due.only is None else (due.only,):
            self._call(subscriber, due)

    def _call(self, subscriber: _Subscriber, due: _Due) -> None:
        """Wake one subscriber; its failure is its own."""
        try:
            subscriber.wake(due.routing_key, due.reference)
        except Exception as error:  # noqa: BLE001 - a subscriber's fault must not silence the bus for the others
            _log.error(LogEvent.SUBSCRIBER_FAILED, routing_key=due.routing_key, attempt=due.attempt, error=error)
            if due.attempt < TRIES:
                self._waiting.put(replace(due, only=subscriber, attempt=due.attempt + 1))
                return
            _log.error(LogEvent.WAKE_DEAD_LETTERED, routing_key=due.routing_key)
            self._dead.append((due.routing_key, due.reference))
