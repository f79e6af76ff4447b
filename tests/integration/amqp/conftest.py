"""A private broker, and a virtual host of it for each test."""

from collections.abc import Callable, Iterator

import pytest

from gateway.adapters.amqp.address import BrokerAddress
from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.topology import Topology
from tests.engines.amqp import address_of
from tests.engines.rabbitmq import Node, shared_broker

Furnish = Callable[[Topology], BrokerAddress]


@pytest.fixture(scope="session")
def node() -> Node:
    return shared_broker()


@pytest.fixture
def furnish(node: Node) -> Iterator[Furnish]:
    """Give what puts a topology into a virtual host of its own and returns where that is."""
    with node.virtual_host() as virtual_host:

        def put(topology: Topology) -> BrokerAddress:
            node.call("POST", "/definitions", definitions_of(topology, virtual_host))
            return address_of(node, virtual_host)

        yield put
