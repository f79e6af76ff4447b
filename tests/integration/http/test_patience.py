"""How long may a client take, and how much may it say, before any route sees its request?"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.integration.http.house import House, opened_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    chosen = {"head_seconds": 0.4, "connections_limit": 5, "body_limit_bytes": 1000, "keep_alive_seconds": 1}
    with opened_house(tmp_path_factory.mktemp("house"), **chosen) as house:
        yield house


def connect(house: House) -> socket.socket:
    url = house.client.base_url
    return socket.create_connection((url.host, url.port or 0), timeout=3)


def everything(connection: socket.socket) -> bytes:
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def drip(house: House, first: bytes, piece: bytes, *, times: int, every_seconds: float) -> int:
    """Send *first* and then *piece* again and again; return how often before the connection was closed on us."""
    sent = 0
    with connect(house) as connection, suppress(OSError):
        connection.sendall(first)
        for sent in range(times):  # noqa: B007  # how far it got is the answer
            connection.sendall(piece)
            time.sleep(every_seconds)
    return sent


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"POST /v1/intake/mash/flat-1 HTTP/1.1\r\nHost: x\r\n", id="half a head"),
        pytest.param(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET ", id="half a second head"),
    ],
)
def test_a_head_that_does_not_come_ends_the_connection(house: House, said: bytes) -> None:
    begun = time.monotonic()

    with connect(house) as connection:
        connection.sendall(said)
        answer = everything(connection)

    assert b"HTTP/1.1 408 " in answer
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["type"] == "/docs#problem-too-slow"
    assert 0.3 < time.monotonic() - begun < 1.5


def test_a_head_that_drips_does_not_live_longer(house: House) -> None:
    begun = time.monotonic()

    pieces = drip(house, b"GET / HTTP/1.1\r\n", b"X-A: b\r\n", times=60, every_seconds=0.05)

    assert pieces < 30
    assert time.monotonic() - begun < 1.5


def test_an_answer_under_way_is_not_cut_by_a_second_head_that_does_not_come(house: House) -> None:
    with connect(house) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = connection.recv(65536)

    assert answer.endswith(b'{"status":"live"}')


def test_one_connection_too_many_is_told_to_come_back(house: House) -> None:
    open_ones = [connect(house) for _ in range(5)]

    with connect(house) as one_more:
        answer = everything(one_more)

    _ = [connection.close() for connection in open_ones]
    assert answer.startswith(b"HTTP/1.1 503 ")


def test_who_goes_on_sending_after_the_answer_is_cut_off(house: House) -> None:
    head = b"POST /v1/intake/mash/flat-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"

    pieces = drip(house, head, b"x" * 10_000, times=200, every_seconds=0.01)

    assert pieces < 50


def test_the_server_does_not_say_what_it_is(house: House) -> None:
    answer = house.client.get("/health/live")

    assert "server" not in answer.headers
