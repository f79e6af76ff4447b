"""Does the broker tell what lies in its queues, to the very account the gateway has there?"""

from dataclasses import replace

import pytest

from gateway.adapters.amqp.address import Host
from gateway.adapters.amqp.depths import depths_of
from gateway.adapters.amqp.topology import GATEWAY_USER, topology_of
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.rabbitmq import HOST, Node
from gateway.errors import TransientError
from gateway.flows.store.figures import QueueDepth
from tests.engines.amqp import QUICK, address_of, channel_of
from tests.integration.amqp.conftest import Furnish

TOPOLOGY = topology_of(["health-visitors"])
GIVEN_UP = "dead.intake"
SECRET = "invented-secret"


def test_what_lies_in_a_queue_is_told_and_stays_there(node: Node, furnish: Furnish) -> None:
    address = furnish(TOPOLOGY)
    node.call("PUT", f"/users/{GATEWAY_USER}", {"password": SECRET, "tags": ""})
    ours = address_of(node, address.virtual_host, user=GATEWAY_USER, password=SECRET)
    with channel_of(address) as channel:
        channel.confirm_delivery()
        channel.basic_publish("gateway.dead", "intake", b"sealed")
        channel.basic_publish("gateway.dead", "intake", b"sealed")

        for _ in range(2):
            found = depths_of(ours, [GIVEN_UP, "dead.unclaimed", "no.such.queue"], QUICK)

            assert found == {
                GIVEN_UP: QueueDepth(messages=2, consumers=0),
                "dead.unclaimed": QueueDepth(messages=0, consumers=0),
                "no.such.queue": None,
            }


def test_another_node_is_asked_where_one_is_away(furnish: Furnish) -> None:
    address = furnish(TOPOLOGY)
    away = Host(name=HOST, port=free_port())

    found = depths_of(replace(address, hosts=(away, *address.hosts)), [GIVEN_UP], QUICK)

    assert found == {GIVEN_UP: QueueDepth(messages=0, consumers=0)}


def test_a_broker_that_is_away_is_told(furnish: Furnish) -> None:
    away = Host(name=HOST, port=free_port())

    with pytest.raises(TransientError) as raised:
        depths_of(replace(furnish(TOPOLOGY), hosts=(away,)), [GIVEN_UP], QUICK)

    assert raised.value.code == "bus-unreachable"
