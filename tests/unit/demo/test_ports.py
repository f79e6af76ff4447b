"""Is a port that was called free still free when somebody listens there?"""

import socket
from pathlib import Path

import pytest

from gateway.demo.engines import ports
from gateway.demo.engines.ports import free_port

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_port_is_told_twice() -> None:
    told = [free_port() for _ in range(100)]

    assert len(set(told)) == 100


def test_no_port_is_one_that_the_system_gives_to_connections() -> None:
    lowest, _ = (int(text) for text in RANGE.read_text().split())

    assert max(free_port() for _ in range(100)) < lowest


def test_a_port_somebody_listens_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        here = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_given", set())

        assert not ports._is_free(here)
    assert ports._is_free(here)
