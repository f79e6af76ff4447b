"""Are nodes really cut off from one another, and joined again?"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.engines.network import ADDRESSES, Network, is_allowed

pytestmark = [
    pytest.mark.skipif(not is_allowed(), reason="network namespaces are root's"),
    pytest.mark.allow_hosts(["127.0.0.1", "::1", *ADDRESSES]),
]
FIRST, SECOND, THIRD = ADDRESSES
PORT = 7000
_LISTEN = f"import socket, time; s = socket.create_server(('0.0.0.0', {PORT})); print(flush=True); time.sleep(60)"
_CONNECT = f"import socket, sys; socket.create_connection((sys.argv[1], {PORT}), timeout=0.5)"


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as network, listening(network, 1), listening(network, 2):
        yield network


@contextmanager
def listening(network: Network, place: int) -> Iterator[None]:
    command = [*network.places[place].within, sys.executable, "-c", _LISTEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


def reaches(network: Network, place: int, address: str) -> bool:
    command = [*network.places[place].within, sys.executable, "-c", _CONNECT, address]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def we_reach(address: str) -> bool:
    try:
        with socket.create_connection((address, PORT), timeout=0.5):
            return True
    except OSError:
        return False


def we_reach_soon(address: str) -> bool:
    until = time.monotonic() + 10
    while not we_reach(address) and time.monotonic() < until:
        time.sleep(0.1)
    return we_reach(address)


def test_two_nodes_that_are_cut_off_from_one_another_reach_the_rest(network: Network) -> None:
    network.cut(FIRST, SECOND)

    assert not reaches(network, 0, SECOND)
    assert reaches(network, 0, THIRD)
    assert we_reach(SECOND)


def test_a_node_that_is_unplugged_is_reached_by_nobody(network: Network) -> None:
    network.unplug(SECOND)

    assert not reaches(network, 0, SECOND)
    assert not we_reach(SECOND)


def test_what_is_healed_is_reached_again(network: Network) -> None:
    network.cut(FIRST, SECOND)
    network.unplug(SECOND)

    network.heal()

    assert we_reach_soon(SECOND)
    assert reaches(network, 0, SECOND)
