"""How are messages taken from the broker? Acknowledged by hand, after the work on them has ended."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum

import structlog
from pika import BasicProperties
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.spec import Basic

from gateway.adapters.amqp.address import BrokerAddress, Patience
from gateway.adapters.amqp.connection import UNREACHABLE, Connection
from gateway.flows.log_events import LogEvent

_log = structlog.get_logger()


class Verdict(Enum):
    """What becomes of a message that was delivered to us."""

    DONE = "done"
    AGAIN = "again"
    """It goes back into its queue, at most as often as the queue allows; then it is a dead letter."""
    GIVE_UP = "give up"
    """It is a dead letter at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One message from a queue. `redelivered` is not told: it proves nothing."""

    queue: str
    exchange: str
    routing_key: str
    body: bytes
    message_id: str | None = None
    correlation_id: str | None = None
    type: str | None = None
    user: str | None = None


Handle = Callable[[Delivered], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A queue, whoever handles what comes out of it, and how many may be on their way to us at once.

    Shape: `has_own_thread` where a handler may wait long: then it holds up nothing that comes from other queues.
    """

    queue: str
    handle: Handle
    prefetch: int = 50
    has_own_thread: bool = False


class Consumer:
    """Takes messages from queues and has them handled in a few threads.

    Promise: a message is acknowledged only after its handler has returned; if we are killed before, or the connection
    is lost, the broker delivers it again. A handler that raises gets it again, until the queue's limit.
    """

    def __init__(self, address: BrokerAddress, patience: Patience, *, name: str, threads: int = 2) -> None:
        self._patience = patience
        self._subscriptions: list[Subscription] = []
        self._running = 0
        self._gate = threading.Condition()
        self._is_closing = self._is_drained = False
        self._channel: Channel | None = None
        self._name = name
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix=f"{name}-handler")
        self._own_pools: dict[str, ThreadPoolExecutor] = {}
        self._connection = Connection(address, patience, name=name, party=self)
        self._connection.start()

    @property
    def trouble(self) -> str | None:
        """Return why nothing is taken just now, or None."""
        return self._connection.trouble

    @property
    def is_closing(self) -> bool:
        """Tell whether handlers should come to an end."""
        return self._is_closing

    def subscribe(self, subscription: Subscription) -> None:
        """Begin to take messages from a queue, now and after every reconnection."""

        def begin() -> None:
            if subscription.has_own_thread:
                own = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"{self._name}-{subscription.queue}")
                self._own_pools[subscription.queue] = own
            self._subscriptions.append(subscription)
            if self._channel is not None:
                self._consume(self._channel, len(self._subscriptions) - 1)

        self._connection.call(begin)

    def close(self) -> None:
        """Take nothing more, and return when what was taken is handled and acknowledged; or time has run out."""
        if self._is_closing:
            return
        self._is_closing = True
        cancelled = threading.Event()
        self._connection.call(lambda: self._cancel(cancelled))
        cancelled.wait(self._patience.rpc)
        with self._gate:
            self._gate.wait_for(lambda: self._running == 0, timeout=self._patience.stop)
            self._is_drained = True
        for pool in (self._pool, *self._own_pools.values()):
            pool.shutdown(wait=False, cancel_futures=True)
        self._connection.stop()

    def opened(self, channel: Channel) -> None:
        """Register for every queue, one after the other."""
        self._channel = channel
        self._consume(channel, 0)

    def lost(self) -> None:
        """Forget the channel: what was not acknowledged on it will come again."""
        self._channel = None

    def tick(self) -> None:
        """Nothing waits here for a deadline: the broker waits for us."""

    def _consume(self, channel: Channel, index: int) -> None:
        """Register for the queue at *index* and those after it; without any, we are ready."""
        if index >= len(self._subscriptions) or self._is_closing:
            self._connection.ready()
            return
        subscription = self._subscriptions[index]

        def deliver(of: Channel, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
            self._delivered(of, method, subscription, _told(subscription.queue, method, properties, body))

        self._connection.rpc(
            lambda answered: channel.basic_qos(prefetch_count=subscription.prefetch, callback=answered),
            lambda _: self._connection.rpc(
                lambda answered: channel.basic_consume(subscription.queue, deliver, callback=answered),
                lambda _: self._consume(channel, index + 1),
            ),
        )

    def _delivered(
        self, channel: Channel, method: Basic.Deliver, subscription: Subscription, message: Delivered
    ) -> None:
        with self._gate:
            if self._is_drained:
                return  # it was sent before the broker heard us; it stays unacknowledged and comes again
            self._running += 1
        tag = method.delivery_tag or 0
        pool = self._own_pools.get(subscription.queue, self._pool)
        handled = pool.submit(_handle, subscription.handle, message)
        handled.add_done_callback(lambda done: self._connection.call(lambda: self._settle(channel, tag, done)))

    def _settle(self, channel: Channel, tag: int, done: Future[Verdict]) -> None:
        try:
            if channel is self._channel and not done.cancelled():
                _tell(channel, tag, done.result())
        except AMQPError:
            self._connection.begin_anew(UNREACHABLE)
        finally:
            with self._gate:
                self._running -= 1
                self._gate.notify_all()

    def _cancel(self, cancelled: threading.Event) -> None:
        """Let the broker send nothing more; *cancelled* is set once it has said so, or if there is nothing to say."""
        channel = self._channel
        tags = list(channel.consumer_tags) if channel is not None else []
        if channel is None or not tags:
            cancelled.set()
            return
        left = set(tags)

        def gone(tag: str) -> None:
            left.discard(tag)
            if not left:
                cancelled.set()

        for tag in tags:
            channel.basic_cancel(tag, callback=lambda _, one=tag: gone(one))  # type: ignore[misc]


def _handle(handle: Handle, message: Delivered) -> Verdict:
    try:
        return handle(message)
    except Exception as error:  # noqa: BLE001 - whatever it was, the message comes again or becomes a dead letter
        _log.error(LogEvent.SUBSCRIBER_FAILED, queue=message.queue, error=error)
        return Verdict.AGAIN


def _tell(channel: Channel, tag: int, verdict: Verdict) -> None:
    if verdict is Verdict.DONE:
        channel.basic_ack(tag)
    else:
        channel.basic_nack(tag, requeue=verdict is Verdict.AGAIN)


def _told(queue: str, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> Delivered:
    return Delivered(
        queue=queue,
        exchange=method.exchange or "",
        routing_key=method.routing_key or "",
        body=body,
        message_id=properties.message_id,
        correlation_id=properties.correlation_id,
        type=properties.type,
        user=properties.user_id,
    )
