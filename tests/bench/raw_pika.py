"""How fast does the broker's own client publish, with nothing around it? Mandatory, confirmed, to a quorum queue."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic

from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER, Node

IN_FLIGHT = 64
_QUEUE = "bench"
_PROPERTIES = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A quorum queue in a virtual host of its own."""

    parameters: pika.ConnectionParameters


@contextmanager
def a_queue(node: Node) -> Iterator[Queue]:
    """Give an empty quorum queue, and forget it with all that was put in."""
    with node.virtual_host() as virtual_host:
        parameters = pika.ConnectionParameters(
            host=HOST, port=node.amqp, virtual_host=virtual_host, credentials=pika.PlainCredentials(USER, PASSWORD)
        )
        with pika.BlockingConnection(parameters) as connection:
            connection.channel().queue_declare(_QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        yield Queue(parameters=parameters)


def publish_singly(queue: Queue, bodies: Sequence[bytes]) -> list[float]:
    """Return the seconds each of *bodies* took until it was confirmed, one after the other."""
    took = []
    with pika.BlockingConnection(queue.parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            began = time.perf_counter()
            channel.basic_publish("", _QUEUE, body, _PROPERTIES, mandatory=True)
            took.append(time.perf_counter() - began)
    return took


def publish_together(queue: Queue, bodies: Sequence[bytes]) -> float:
    """Return the seconds until all of *bodies* were confirmed, with so many on their way at a time."""
    window = _Window(queue, bodies)
    window.run()
    assert not window.refused, "the broker returned or refused what the bench published"
    return window.ended - window.began


class _Window:
    """Publishes all bodies over one channel, never with more than `IN_FLIGHT` unconfirmed."""

    def __init__(self, queue: Queue, bodies: Sequence[bytes]) -> None:
        self.began = self.ended = 0.0
        self.refused = 0
        self._bodies = bodies
        self._sent = 0
        self._unconfirmed: set[int] = set()
        self._connection = pika.SelectConnection(
            queue.parameters, on_open_callback=lambda opened: opened.channel(on_open_callback=self._opened)
        )

    def run(self) -> None:
        self._connection.ioloop.start()

    def _opened(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._told, callback=self._begin)
        self._connection.add_on_close_callback(lambda *_: self._connection.ioloop.stop())

    def _begin(self, _: object) -> None:
        self.began = time.perf_counter()
        self._fill()

    def _fill(self) -> None:
        while self._sent < len(self._bodies) and len(self._unconfirmed) < IN_FLIGHT:
            self._channel.basic_publish("", _QUEUE, self._bodies[self._sent], _PROPERTIES, mandatory=True)
            self._sent += 1
            self._unconfirmed.add(self._sent)

    def _returned(self, *_: object) -> None:
        self.refused += 1

    def _told(self, frame: Method) -> None:
        self.refused += isinstance(frame.method, Basic.Nack)
        tag = frame.method.delivery_tag
        self._unconfirmed -= {one for one in self._unconfirmed if one <= tag} if frame.method.multiple else {tag}
        self._fill()
        if not self._unconfirmed:
            self.ended = time.perf_counter()
            self._connection.close()
