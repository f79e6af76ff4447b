"""How do the parts of one process wake each other?"""

import queue
import threading
from collections.abc import Callable, Iterable

import structlog

from gateway.errors import PermanentError, TooLargeError

BODY_LIMIT_BYTES = 1024

_ANYTHING = "#"
_ALL_BELOW = ".#"

_log = structlog.get_logger()

_Wake = Callable[[str, str], None]


class EmbeddedBus:
    """Wake-ups within one process, each delivered at least once while it runs, on one thread of the bus.

    A wake-up lost with the process is found again by the sweep, because the store has what it spoke of. A subscriber
    must be quick, since all share the thread; one that fails is logged, and the others are called all the same.
    """

    def __init__(self) -> None:
        self._subscribers: tuple[tuple[str, _Wake], ...] = ()
        self._waiting: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="embedded-bus", daemon=True)
        self._thread.start()

    def publish(self, routing_key: str, reference: str) -> None:
        """Hand a wake-up to the bus and return at once; it MUST be durable in the store already.

        Raises:
            TooLargeError: key and reference together are over 1 KiB.
        """
        if len(routing_key.encode()) + len(reference.encode()) > BODY_LIMIT_BYTES:
            raise TooLargeError(f"a wake-up holds at most {BODY_LIMIT_BYTES} bytes of references")
        self._waiting.put((routing_key, reference))

    def publish_all(self, wakes: Iterable[tuple[str, str]]) -> None:
        """Hand over the wake-ups of a commit: what a store is given as its `on_wake`."""
        for routing_key, reference in wakes:
            self.publish(routing_key, reference)

    def subscribe(self, pattern: str, wake: Callable[[str, str], None]) -> None:
        """Call *wake* with routing key and reference for every wake-up that matches *pattern*.

        Shape: a pattern is a routing key; or one followed by `.#`, which matches it and everything below it; or `#`,
        which matches everything. These mean the same to an AMQP topic exchange.

        Raises:
            PermanentError: the pattern uses a wildcard in any other way (code `bus-pattern`).
        """
        if "*" in pattern or "#" in pattern.removesuffix(_ANYTHING) or not _is_whole(pattern):
            raise PermanentError(f"{pattern} is neither a routing key nor one followed by .#", code="bus-pattern")
        with self._gate:
            self._subscribers = (*self._subscribers, (pattern, wake))

    def close(self) -> None:
        """Return when every wake-up published before is delivered and the thread has ended."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            for pattern, wake in self._subscribers:
                if _matches(pattern, waiting[0]):
                    _call(wake, *waiting)


def _is_whole(pattern: str) -> bool:
    """Tell whether a wildcard at the end stands for whole words."""
    return not pattern.endswith(_ANYTHING) or pattern == _ANYTHING or pattern.endswith(_ALL_BELOW)


def _matches(pattern: str, routing_key: str) -> bool:
    if pattern == _ANYTHING:
        return True
    if not pattern.endswith(_ALL_BELOW):
        return routing_key == pattern
    stem = pattern.removesuffix(_ALL_BELOW)
    return routing_key == stem or routing_key.startswith(stem + ".")


def _call(wake: _Wake, routing_key: str, reference: str) -> None:
    """Wake one subscriber; its failure is its own."""
    try:
        wake(routing_key, reference)
    except Exception as error:  # noqa: BLE001 - a subscriber's fault must not silence the bus for the others
        _log.error("bus.subscriber_failed", routing_key=routing_key, error=type(error).__name__)
