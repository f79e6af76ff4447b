"""How do the processes of one gateway wake each other? Through RabbitMQ.

Every process that subscribes to a lane takes from the lane's one queue, so a wake-up wakes one of them. That is enough:
work is leased from the store, and a wake-up says only that looking is worth while.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future

import structlog

from gateway.adapters.amqp.address import BrokerAddress, Patience
from gateway.adapters.amqp.consumer import Consumer, Delivered, Subscription, Verdict
from gateway.adapters.amqp.publisher import Letter, Publisher
from gateway.adapters.amqp.topology import UNROUTED, WAKES, Topology
from gateway.errors import PermanentError, TransientError
from gateway.flows.delivering.wake_up import check_pattern, check_wake, have_common, is_match
from gateway.flows.log_events import LogEvent

_log = structlog.get_logger()

Wake = Callable[[str, str], None]


class RabbitBus:
    """Wake-ups between processes: at least once, in no promised order, while the broker lives.

    What is published while nobody subscribes waits in its queue. A wake-up for which the broker has no queue is
    reported and reaches its subscribers all the same, by the queue of the unrouted.
    """

    def __init__(self, address: BrokerAddress, topology: Topology, patience: Patience | None = None) -> None:
        patience = patience or Patience()
        self._topology = topology
        self._gate = threading.Lock()
        self._subscribers: tuple[tuple[str, Wake], ...] = ()
        self._queues: set[str] = set()
        self._is_closed = False
        self._publisher = Publisher(address, patience, name="bus-publisher")
        self._consumer = Consumer(address, patience, name="bus-consumer")

    @property
    def trouble(self) -> str | None:
        """Return why wake-ups are not carried just now (`bus-unreachable`, `bus-blocked`, `bus-closed`), or None."""
        return self._publisher.trouble or self._consumer.trouble

    def publish(self, routing_key: str, reference: str) -> None:
        """Hand a wake-up over and return at once; it MUST be durable in the store already.

        It is not known afterwards whether it arrived; whoever must know asks `publish_confirmed`.

        Raises:
            TooLargeError: key and reference together are over 1 KiB.
            PermanentError: it is not a routing key and identifiers of ours (code `bus-wake`).
            TransientError: the bus is closed (code `bus-closed`).
        """
        if self._is_closed:
            raise TransientError("the bus is closed", code="bus-closed")
        self.publish_confirmed(routing_key, reference)

    def publish_confirmed(self, routing_key: str, reference: str) -> Future[None]:
        """Return what is done when the broker has the wake-up on disk; it fails in bounded time, and never waits here.

        Raises:
            TooLargeError: key and reference together are over 1 KiB.
            PermanentError: it is not a routing key and identifiers of ours (code `bus-wake`).
        """
        check_wake(routing_key, reference)
        return self._publisher.publish(Letter(exchange=WAKES, routing_key=routing_key, body=reference.encode()))

    def publish_all(self, wakes: Iterable[tuple[str, str]]) -> None:
        """Hand over the wake-ups of a commit: what a store is given as its `on_wake`."""
        for routing_key, reference in wakes:
            self.publish(routing_key, reference)

    def subscribe(self, pattern: str, wake: Wake) -> None:
        """Call *wake* with routing key and reference for every wake-up that matches *pattern* and comes to us.

        Raises:
            PermanentError: not a pattern that every bus understands alike (code `bus-pattern`).
        """
        check_pattern(pattern)
        bound = {queue.name for queue in self._topology.bound_to(WAKES) if have_common(queue.binding, pattern)}
        with self._gate:
            self._subscribers = (*self._subscribers, (pattern, wake))
            fresh = (bound | {UNROUTED}) - self._queues
            self._queues |= fresh
        for queue in sorted(fresh):
            self._consumer.subscribe(Subscription(queue=queue, handle=self._handle))

    def close(self) -> None:
        """Return when what was published is confirmed or given up, and what was taken is handled."""
        self._is_closed = True
        self._publisher.close()
        self._consumer.close()

    def _handle(self, message: Delivered) -> Verdict:
        reference = message.body.decode("utf-8", "replace")
        try:
            check_wake(message.routing_key, reference)
        except PermanentError as error:
            _log.error(LogEvent.WAKE_DEAD_LETTERED, queue=message.queue, code=error.code)
            return Verdict.GIVE_UP
        if message.queue == UNROUTED:
            _log.error(LogEvent.BUS_UNROUTED, routing_key=message.routing_key, queue=message.queue)
        return self._wake_all(message.routing_key, reference)

    def _wake_all(self, routing_key: str, reference: str) -> Verdict:
        """Wake everybody it concerns; if one fails, all of them hear it again."""
        verdict = Verdict.DONE
        for pattern, wake in self._subscribers:
            if is_match(pattern, routing_key):
                try:
                    wake(routing_key, reference)
                except Exception as error:  # noqa: BLE001 - a subscriber's fault must not silence the bus for the others
                    _log.error(LogEvent.SUBSCRIBER_FAILED, routing_key=routing_key, error=error)
                    verdict = Verdict.AGAIN
        return verdict
