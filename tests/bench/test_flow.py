import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.bench.flow import a_sink, carry_out
from tests.bench.load import Plan


@contextmanager
def a_server(*statuses: int) -> Iterator[int]:
    """Give the port of a server that answers with *statuses* in turn."""
    told = iter(statuses)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = b'{"message_id":"01JDA000000000000000000000"}'
            self.send_response(next(told))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def plan_of(port: int, count: int) -> Plan:
    return Plan(port=port, path="/", token="x", bodies=["@REFEREN"], connections=1, count=count)


def test_what_was_taken_in_is_counted() -> None:
    with a_server(202, 202, 202) as port:
        sent, spent_ms = carry_out(plan_of(port, 3))

    assert len(sent) == 3
    assert all(one.due <= one.answered for one in sent)
    assert spent_ms > 0


def test_an_answer_that_refuses_fails_the_bench() -> None:
    with a_server(202, 503, 202) as port, pytest.raises(AssertionError, match="503"):
        carry_out(plan_of(port, 3))


def test_a_plan_that_sends_nothing_fails_the_bench() -> None:
    with a_server() as port, pytest.raises(AssertionError, match="nothing"):
        carry_out(plan_of(port, 0))


def test_a_fresh_sink_has_nothing() -> None:
    with a_sink() as sink:
        assert sink.arrivals(0) == {}
