from collections.abc import Callable, Iterator

import pytest

from gateway.adapters.amqp.address import BrokerAddress
from gateway.adapters.amqp.bus import RabbitBus
from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.topology import topology_of
from tests.contract.bus_contract import KEYS, BusContract, Wake
from tests.engines.amqp import QUICK, address_of, take, until
from tests.engines.rabbitmq import shared_broker

TOPOLOGY = topology_of(wakes=KEYS)


class TestRabbitBus(BusContract):
    @pytest.fixture
    def address(self) -> Iterator[BrokerAddress]:
        node = shared_broker()
        with node.virtual_host() as virtual_host:
            node.call("POST", "/definitions", definitions_of(TOPOLOGY, virtual_host))
            yield address_of(node, virtual_host)

    @pytest.fixture
    def bus(self, address: BrokerAddress) -> Iterator[RabbitBus]:
        bus = RabbitBus(address, TOPOLOGY, QUICK)
        until(lambda: bus.trouble is None)
        yield bus
        bus.close()

    @pytest.fixture
    def dead_letter(self, address: BrokerAddress) -> Callable[[], Wake]:
        def next_one() -> Wake:
            found = take(address, "dead.wakes")
            return found.properties.headers["x-death"][0]["routing-keys"][0], found.body.decode()

        return next_one
