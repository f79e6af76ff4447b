"""How does a test reach its private broker? As an operator, past the gateway's own code, by the library alone."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from gateway.adapters.amqp.address import BrokerAddress, Host, Patience
from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER, Node

QUICK = Patience(heartbeat=5, blocked=5.0, rpc=5.0, confirm=3.0, retry_first=0.05, retry_most=0.5, stop=5.0)


def address_of(node: Node, virtual_host: str, *, user: str = USER, password: str = PASSWORD) -> BrokerAddress:
    """Return how to reach *virtual_host* of *node*."""
    hosts = (Host(name=HOST, port=node.amqp),)
    return BrokerAddress(hosts=hosts, virtual_host=virtual_host, user=user, password=password)


def until(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    """Return once something is so, or fail. Whoever tests what a bus does waits first until it is there."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


@contextmanager
def channel_of(address: BrokerAddress) -> Iterator[BlockingChannel]:
    """Give a channel of the library's own."""
    connection = pika.BlockingConnection(address.parameters(0, QUICK, name="test"))
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lay in a queue."""

    routing_key: str
    properties: Any
    body: bytes


def take(address: BrokerAddress, queue: str, *, seconds: float = 10) -> Found:
    """Return the next message of *queue* and take it away, or fail when none comes."""
    until = time.monotonic() + seconds
    with channel_of(address) as channel:
        while time.monotonic() < until:
            method, properties, body = channel.basic_get(queue, auto_ack=True)
            if method is not None:
                return Found(routing_key=method.routing_key or "", properties=properties, body=body or b"")
            time.sleep(0.05)
    raise AssertionError(f"nothing came into {queue}")


def count_of(address: BrokerAddress, queue: str) -> int:
    """Return how many messages of *queue* are ready."""
    with channel_of(address) as channel:
        return int(channel.queue_declare(queue, passive=True).method.message_count)
