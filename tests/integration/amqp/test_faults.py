"""What becomes of wake-ups and publishes when the broker, the way to it or a consumer fails?"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.amqp.address import BrokerAddress, Host, Patience, tls_context
from gateway.adapters.amqp.bus import RabbitBus
from gateway.adapters.amqp.consumer import Consumer, Delivered, Subscription, Verdict
from gateway.adapters.amqp.publisher import Letter, Publisher
from gateway.adapters.amqp.topology import PARTNERS, UNROUTED, WAKES, topology_of
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.rabbitmq import HOST, Node
from gateway.errors import TransientError
from tests.contract.bus_contract import Listener
from tests.engines.amqp import QUICK, count_of, until
from tests.integration.amqp.conftest import Furnish

TOPOLOGY = topology_of()
KEY = "message.urgent"
QUEUE = "wake.message.urgent"
ROOT = Path(__file__).parents[3]
_KILLED = """
import sys, time
from gateway.adapters.amqp.address import BrokerAddress, Host
from gateway.adapters.amqp.bus import RabbitBus
from gateway.adapters.amqp.topology import topology_of
port, virtual_host = int(sys.argv[1]), sys.argv[2]
address = BrokerAddress(
    hosts=(Host(name="127.0.0.1", port=port),), virtual_host=virtual_host, user="engine", password="engine"
)
def take(routing_key, reference):
    print(reference, flush=True)
    time.sleep(60)
RabbitBus(address, topology_of()).subscribe("message.urgent", take)
time.sleep(60)
"""


@pytest.fixture
def address(furnish: Furnish) -> BrokerAddress:
    return furnish(TOPOLOGY)


@pytest.fixture
def publisher(address: BrokerAddress) -> Iterator[Publisher]:
    publisher = Publisher(address, QUICK, name="test-publisher")
    until(lambda: publisher.trouble is None)
    yield publisher
    publisher.close()


@pytest.fixture
def bus(address: BrokerAddress) -> Iterator[RabbitBus]:
    bus = RabbitBus(address, TOPOLOGY, QUICK)
    until(lambda: bus.trouble is None)
    yield bus
    bus.close()


def a_letter(routing_key: str = KEY, exchange: str = WAKES) -> Letter:
    return Letter(exchange=exchange, routing_key=routing_key, body=b"msg_1")


def failure(done: Future[None], *, seconds: float = 20) -> str:
    """Return the code a publish failed with."""
    error = done.exception(seconds)
    assert isinstance(error, TransientError)
    return error.code


def test_what_is_confirmed_lies_in_its_queue(publisher: Publisher, address: BrokerAddress) -> None:
    done = [publisher.publish(a_letter()) for _ in range(500)]

    assert [one.result(20) for one in done] == [None] * 500
    assert count_of(address, QUEUE) == 500


def test_a_killed_broker_costs_nothing_that_was_confirmed_and_nobody_waits_for_it(node: Node, bus: RabbitBus) -> None:
    confirmed = [bus.publish_confirmed(KEY, f"msg_{number}") for number in range(50)]
    _ = [one.result(10) for one in confirmed]
    node.kill()

    began = time.monotonic()
    failed = bus.publish_confirmed(KEY, "msg_50")
    took = time.monotonic() - began
    code = failure(failed, seconds=QUICK.confirm + 1)
    node.start()
    listener = Listener()
    bus.subscribe(KEY, listener)

    assert took < 0.1
    assert code in {"bus-unreachable", "bus-unknown"}
    assert listener.several(50) >= {(KEY, f"msg_{number}") for number in range(50)}
    until(lambda: bus.trouble is None)
    assert bus.publish_confirmed(KEY, "msg_51").result(10) is None


def test_what_was_under_way_when_the_connection_was_lost_fails_as_unknown(node: Node, publisher: Publisher) -> None:
    node.pause()
    done = [publisher.publish(a_letter()) for _ in range(10)]
    time.sleep(0.3)
    node.kill()

    codes = {failure(one) for one in done}
    node.start()

    assert codes == {"bus-unknown"}
    until(lambda: publisher.trouble is None)


def test_a_broker_that_stands_still_is_not_waited_for(node: Node, publisher: Publisher) -> None:
    node.pause()

    began = time.monotonic()
    code = failure(publisher.publish(a_letter()))
    took = time.monotonic() - began
    node.resume()
    until(lambda: publisher.trouble is None)

    assert code in {"bus-unconfirmed", "bus-unknown"}
    assert took < QUICK.confirm + 1
    assert publisher.publish(a_letter()).result(10) is None


def test_a_declaration_that_is_not_answered_is_begun_anew(node: Node, address: BrokerAddress) -> None:
    patience = replace(QUICK, rpc=0.5, heartbeat=60)
    consumer, heard = Consumer(address, patience, name="test-consumer"), Listener()
    until(lambda: consumer.trouble is None)

    node.pause()
    consumer.subscribe(Subscription(queue=QUEUE, handle=lambda message: taken(heard, message)))
    until(lambda: consumer.trouble is not None, seconds=5)
    node.resume()
    publisher = Publisher(address, QUICK, name="test-publisher")
    until(lambda: publisher.trouble is None)
    publisher.publish(a_letter()).result(10)

    assert heard.next() == (KEY, "msg_1")
    publisher.close()
    consumer.close()


def taken(listener: Listener, message: Delivered) -> Verdict:
    listener(message.routing_key, message.body.decode())
    return Verdict.DONE


def test_a_broker_short_of_memory_is_reported_and_waited_for_by_nobody(node: Node, bus: RabbitBus) -> None:
    node.control("set_vm_memory_high_watermark", "0.0000001")
    try:
        first = bus.publish_confirmed(KEY, "msg_1")
        until(lambda: bus.trouble == "bus-blocked", seconds=10)

        began = time.monotonic()
        code = failure(bus.publish_confirmed(KEY, "msg_2"), seconds=1)
        bus.publish(KEY, "msg_3")
        took = time.monotonic() - began
    finally:
        node.control("set_vm_memory_high_watermark", "0.4")

    assert code == "bus-blocked"
    assert took < 0.1
    until(lambda: bus.trouble is None)
    assert first.exception(20) is None or failure(first) in {"bus-unconfirmed", "bus-unknown"}
    assert bus.publish_confirmed(KEY, "msg_4").result(10) is None


def test_a_wake_up_no_queue_is_bound_for_lies_with_the_unrouted_and_still_arrives(
    bus: RabbitBus, address: BrokerAddress
) -> None:
    bus.publish_confirmed("unheard_of", "msg_1").result(10)
    was_kept = count_of(address, UNROUTED)
    listener = Listener()

    bus.subscribe("unheard_of", listener)

    assert was_kept == 1
    assert listener.next() == ("unheard_of", "msg_1")


def test_a_document_no_queue_is_bound_for_is_told(publisher: Publisher) -> None:
    code = failure(publisher.publish(a_letter("nobody.documents", PARTNERS)))

    assert code == "bus-unroutable"
    assert publisher.publish(a_letter()).result(10) is None


def test_what_a_full_queue_does_not_take_is_told(node: Node, publisher: Publisher, address: BrokerAddress) -> None:
    node.call(
        "PUT",
        f"/policies/{address.virtual_host}/references",
        {"pattern": r"^wake\.", "definition": {"max-length": 2}, "apply-to": "queues"},
    )

    outcomes = [publisher.publish(a_letter()).exception(20) for _ in range(10)]

    codes = [error.code for error in outcomes if isinstance(error, TransientError)]
    assert set(codes) == {"bus-nacked"}
    assert count_of(address, QUEUE) == 10 - len(codes)


def test_a_missing_exchange_costs_the_publish_and_no_more(publisher: Publisher) -> None:
    code = failure(publisher.publish(a_letter(exchange="nowhere")))

    assert code == "bus-unknown"
    until(lambda: publisher.trouble is None)
    assert publisher.publish(a_letter()).result(10) is None


def test_a_message_whose_consumer_was_killed_goes_to_another(
    node: Node, bus: RabbitBus, address: BrokerAddress
) -> None:
    victim = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(node.amqp), address.virtual_host], cwd=ROOT, stdout=subprocess.PIPE
    )
    with victim, contextlib.ExitStack() as at_last:
        at_last.callback(victim.kill)
        assert victim.stdout is not None
        bus.publish_confirmed(KEY, "msg_1").result(10)
        assert b"msg_1\n" in iter(victim.stdout.readline, b"")
        listener = Listener()
        bus.subscribe(KEY, listener)

        was_alone = listener.heard.empty()
        victim.kill()

    assert was_alone
    assert listener.next() == (KEY, "msg_1")


def test_closing_waits_for_what_was_taken_and_acknowledges_it(bus: RabbitBus, address: BrokerAddress) -> None:
    begun, ended = threading.Event(), threading.Event()

    def slow(_routing_key: str, _reference: str) -> None:
        begun.set()
        time.sleep(0.5)
        ended.set()

    bus.subscribe(KEY, slow)
    bus.publish_confirmed(KEY, "msg_1").result(10)
    assert begun.wait(10)

    bus.close()

    assert ended.is_set()
    assert count_of(address, QUEUE) == 0


def test_closing_waits_for_confirms(publisher: Publisher, address: BrokerAddress) -> None:
    done = [publisher.publish(a_letter()) for _ in range(300)]

    publisher.close()

    assert [one.result(0) for one in done] == [None] * 300
    assert count_of(address, QUEUE) == 300
    assert failure(publisher.publish(a_letter()), seconds=0) == "bus-closed"


def test_connections_an_operator_closes_come_back(node: Node, bus: RabbitBus, address: BrokerAddress) -> None:
    listener = Listener()
    bus.subscribe(KEY, listener)
    until(lambda: len(node.call("GET", "/connections")) >= 2)

    node.drop_connections()
    until(lambda: bus.trouble is not None, seconds=10)
    until(lambda: bus.trouble is None)
    bus.publish_confirmed(KEY, "msg_1").result(10)

    assert listener.next() == (KEY, "msg_1")
    assert address.virtual_host


def test_what_waits_is_bounded(address: BrokerAddress) -> None:
    nowhere = replace(address, hosts=(Host(name=HOST, port=free_port()),))
    publisher = Publisher(nowhere, replace(QUICK, confirm=0.5, stop=1.0), name="test-publisher", waiting_limit=3)

    done = [publisher.publish(a_letter()) for _ in range(5)]

    assert [failure(one) for one in done] == ["bus-unreachable"] * 3 + ["bus-full"] * 2
    publisher.close()


def test_nodes_are_tried_in_turn(address: BrokerAddress) -> None:
    dead = tuple(Host(name=HOST, port=free_port()) for _ in range(2))
    publisher = Publisher(replace(address, hosts=(*dead, *address.hosts)), QUICK, name="test-publisher")
    until(lambda: publisher.trouble is None)

    assert publisher.publish(a_letter()).result(10) is None
    publisher.close()


def test_a_broker_is_spoken_to_over_tls(node: Node, address: BrokerAddress) -> None:
    secure = replace(
        address, hosts=(Host(name="127.0.0.1", port=node.amqps),), tls=tls_context(node.certificates.authority)
    )
    publisher = Publisher(secure, QUICK, name="test-publisher")
    until(lambda: publisher.trouble is None)

    assert publisher.publish(a_letter()).result(10) is None
    publisher.close()


@pytest.mark.parametrize(
    ("name", "is_known"), [(HOST, False), ("localhost", True)], ids=["an unknown authority", "another name"]
)
def test_a_broker_nobody_vouches_for_is_told_nothing(
    node: Node, address: BrokerAddress, name: str, is_known: bool
) -> None:
    context = tls_context(node.certificates.authority if is_known else None)
    secure = replace(address, hosts=(Host(name=name, port=node.amqps),), tls=context)
    publisher = Publisher(secure, replace(QUICK, confirm=1.0), name="test-publisher")

    assert failure(publisher.publish(a_letter())) == "bus-unreachable"
    publisher.close()


def test_a_wrong_password_is_unreachable_and_not_a_crash(address: BrokerAddress) -> None:
    patience: Patience = replace(QUICK, confirm=1.0)
    publisher = Publisher(replace(address, password="wrong"), patience, name="test-publisher")

    assert failure(publisher.publish(a_letter())) == "bus-unreachable"
    publisher.close()


def test_no_address_tells_its_password(address: BrokerAddress) -> None:
    assert "invented" not in repr(replace(address, password="invented"))
