"""Which broker do tests use? A private one for the whole run, and clusters for those that need them."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from gateway.demo.engines.rabbitmq import Brokers, Node
from tests.engines.certificates import make_certificates


@cache
def shared_broker() -> Node:
    """Return the broker of this test run, started when first asked for and ended with the run."""
    brokers = Brokers(make_certificates=make_certificates)
    atexit.register(brokers.stop)
    brokers.start()
    return brokers.nodes[0]


@contextmanager
def cluster(size: int = 3) -> Iterator[Brokers]:
    """Give a cluster of *size* nodes on this machine, and end it."""
    brokers = Brokers(size)
    try:
        yield brokers.start()
    finally:
        brokers.stop()
