"""How does a message get to the broker, and how do we know that it is there?

Confirms come in windows: many are on their way at once. A message is published mandatory and persistent, and its future
is done only when the broker has it on disk, in a queue.
"""

import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field

from pika import BasicProperties, DeliveryMode
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.spec import Basic

from gateway.adapters.amqp.address import BrokerAddress, Patience
from gateway.adapters.amqp.connection import BLOCKED, CLOSED, UNREACHABLE, Answer, Connection
from gateway.errors import TransientError

NACKED = "bus-nacked"
UNROUTABLE = "bus-unroutable"
UNCONFIRMED = "bus-unconfirmed"
UNKNOWN = "bus-unknown"
FULL = "bus-full"

_WORDS = {
    BLOCKED: "the broker is short of memory or disk and takes nothing now",
    UNREACHABLE: "there was no connection to the broker in time",
    CLOSED: "the connection to the broker is closed",
    NACKED: "the broker did not take the message; its queue may be full",
    UNROUTABLE: "no queue is bound for the message",
    UNCONFIRMED: "the broker did not confirm in time; nobody knows whether it has the message",
    UNKNOWN: "the connection was lost before the confirm; nobody knows whether the broker has the message",
    FULL: "too many messages wait for the broker",
}
_PUBLISH_HEADER = "gateway-publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message for the broker. Everything but the body of a sealed document is seen by it."""

    exchange: str
    routing_key: str
    body: bytes
    content_type: str = "text/plain"
    type: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None


@dataclass(slots=True, kw_only=True)
class _Due:
    """A letter and whoever waits for its confirm. Units: `until` in seconds of the monotonic clock."""

    letter: Letter
    until: float
    done: Future[None] = field(default_factory=Future)
    is_returned: bool = False


class Publisher:
    """Publishes from any thread and never waits. Futures are completed on the connection's thread: be quick there.

    Promise: a future is done without an error only if the broker has confirmed the message and did not return it. With
    `bus-unknown` and `bus-unconfirmed` the message may be there all the same: publish it again, under the same id.
    """

    def __init__(
        self, address: BrokerAddress, patience: Patience, *, name: str, window: int = 200, waiting_limit: int = 10_000
    ) -> None:
        self._patience = patience
        self._window = window
        self._waiting_limit = waiting_limit
        self._waiting: deque[_Due] = deque()
        self._unconfirmed: dict[int, _Due] = {}
        self._number = 0
        self._gate = threading.Condition()
        self._open = 0
        self._is_pumping = False
        self._is_closed = False
        self._channel: Channel | None = None
        self._connection = Connection(address, patience, name=name, party=self)
        self._connection.start()

    @property
    def trouble(self) -> str | None:
        """Return why nothing can be published just now, or None."""
        return CLOSED if self._is_closed else self._connection.trouble

    def publish(self, letter: Letter) -> Future[None]:
        """Return what is done when the broker has *letter*, or fails with a TransientError that says why not."""
        due = _Due(letter=letter, until=time.monotonic() + self._patience.confirm)
        due.done.set_running_or_notify_cancel()
        with self._gate:
            refusal = self._refusal()
            if refusal is None:
                self._open += 1
                self._waiting.append(due)
                is_idle, self._is_pumping = not self._is_pumping, True
        if refusal is not None:
            due.done.set_exception(_error(refusal))
        elif is_idle:
            self._connection.call(self._pump)
        return due.done

    def close(self) -> None:
        """Return when everything published before is confirmed or given up, and the connection is closed."""
        with self._gate:
            self._is_closed = True
            self._gate.wait_for(lambda: self._open == 0, timeout=self._patience.stop)
        self._connection.stop()
        self._give_up_all()

    def opened(self, channel: Channel) -> None:
        """Ask for confirms on a fresh channel; until the broker agrees nothing is sent."""
        channel.add_on_return_callback(self._returned)
        self._number = 0

        def confirming(_: Answer) -> None:
            self._channel = channel
            self._connection.ready()
            self._pump()

        self._connection.rpc(
            lambda answered: channel.confirm_delivery(ack_nack_callback=self._settled, callback=answered), confirming
        )

    def lost(self) -> None:
        """Fail what was sent and not confirmed; what was not sent yet may still go, in time."""
        self._channel = None
        lost, self._unconfirmed = self._unconfirmed, {}
        for due in lost.values():
            self._fail(due, UNKNOWN)

    def tick(self) -> None:
        """Fail what has waited too long."""
        now = time.monotonic()
        for number, due in tuple(self._unconfirmed.items()):
            if due.until > now:
                break
            del self._unconfirmed[number]
            self._fail(due, UNCONFIRMED)
        self._expire_waiting(now)
        self._pump()

    def _expire_waiting(self, now: float) -> None:
        expired: list[_Due] = []
        with self._gate:
            while self._waiting and self._waiting[0].until <= now:
                expired.append(self._waiting.popleft())
        for due in expired:
            self._fail(due, self._connection.trouble or UNCONFIRMED)

    def _refusal(self) -> str | None:
        if self._is_closed:
            return CLOSED
        if self._connection.trouble == BLOCKED:
            return BLOCKED
        return FULL if len(self._waiting) >= self._waiting_limit else None

    def _pump(self) -> None:
        """Send while there is room in the window."""
        while True:
            with self._gate:
                channel = self._channel if self._connection.trouble is None else None
                if channel is None or not self._waiting or len(self._unconfirmed) >= self._window:
                    self._is_pumping = bool(self._waiting)
                    return
                due = self._waiting.popleft()
            self._send(channel, due)

    def _send(self, channel: Channel, due: _Due) -> None:
        letter = due.letter
        self._number += 1
        self._unconfirmed[self._number] = due
        properties = BasicProperties(
            content_type=letter.content_type,
            delivery_mode=DeliveryMode.Persistent,
            type=letter.type,
            message_id=letter.message_id,
            correlation_id=letter.correlation_id,
            headers={_PUBLISH_HEADER: self._number},
        )
        try:
            channel.basic_publish(letter.exchange, letter.routing_key, letter.body, properties, mandatory=True)
        except AMQPError:
            self._connection.begin_anew(UNREACHABLE)

    def _returned(self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes) -> None:
        """Remember that the broker has no queue for it; the confirm that follows is worth nothing."""
        number = (properties.headers or {}).get(_PUBLISH_HEADER)
        due = self._unconfirmed.get(number) if isinstance(number, int) else None
        if due is not None:
            due.is_returned = True

    def _settled(self, frame: Answer) -> None:
        method = frame.method
        number = method.delivery_tag
        numbers = [one for one in self._unconfirmed if one <= number] if method.multiple else [number]
        for one in numbers:
            due = self._unconfirmed.pop(one, None)
            if due is not None:
                self._answered(due, is_taken=isinstance(method, Basic.Ack))
        self._pump()

    def _answered(self, due: _Due, *, is_taken: bool) -> None:
        if not is_taken:
            self._fail(due, NACKED)
        elif due.is_returned:
            self._fail(due, UNROUTABLE)
        else:
            due.done.set_result(None)
            self._one_less()

    def _fail(self, due: _Due, code: str) -> None:
        due.done.set_exception(_error(code))
        self._one_less()

    def _one_less(self) -> None:
        with self._gate:
            self._open -= 1
            self._gate.notify_all()

    def _give_up_all(self) -> None:
        """Fail what is left: what was sent to a broker that does not answer may be there, what was not is not."""
        with self._gate:
            unsent, sent = [*self._waiting], [*self._unconfirmed.values()]
            self._waiting.clear()
            self._unconfirmed = {}
        for due in unsent:
            self._fail(due, CLOSED)
        for due in sent:
            self._fail(due, UNKNOWN)


def _error(code: str) -> TransientError:
    return TransientError(_WORDS[code], code=code)
