"""How long may a client take to say what it wants, and how much may it say? Before any route sees a request.

The HTTP server's own protocol waits for ever for the head of a request and keeps as many headers as come.
"""

from asyncio import AbstractEventLoop, TimerHandle, Transport
from dataclasses import dataclass
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gateway.app.http.offered_protocol import OfferedProtocol
from gateway.app.http.problems import MEDIA_TYPE, Problem

HEAD_BYTES = 32 * 1024
HEAD_LINES = 100

_MALFORMED = Problem(status=400, kind="malformed", title="This is not an HTTP request")
_TOO_MUCH = Problem(status=431, kind="head-too-large", title="The request's head is too large")
_TOO_SLOW = Problem(status=408, kind="too-slow", title="The request did not arrive in time")
_FULL = Problem(status=503, kind="busy", title="Too many connections; come back in a moment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How patient the server is. Units: seconds, connections, bytes."""

    head_seconds: float
    connections: int
    unread_bytes: int


def guarded_protocol(patience: Patience) -> type[HttpToolsProtocol]:
    """Return the protocol class for a server with this much patience."""
    return cast("type[HttpToolsProtocol]", type("Guarded", (GuardedProtocol,), {"patience": patience}))


class _TooMuchError(Exception):
    """The head of a request is too large."""


class GuardedProtocol(OfferedProtocol):
    """The server's protocol, with limits on heads, on silence, and on what is sent after the answer."""

    patience: Patience

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._waiting: TimerHandle | None = None
        self._head_bytes = 0
        self._unread_bytes = 0
        self._refusal = _MALFORMED

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, unless there are too many connections already."""
        super().connection_made(transport)
        if len(self.connections) > self.patience.connections:
            self._end(_FULL)
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count and to wait for the whole head."""
        super().on_message_begin()
        self._head_bytes = self._unread_bytes = 0
        self._wait()

    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count one header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > HEAD_LINES:
            self._too_much()

    def on_headers_complete(self) -> None:
        """Stop waiting: from here the route sets the time."""
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Close on a sender who goes on and on after the answer."""
        if self.cycle.response_complete:
            self._unread_bytes += len(body)
            if self._unread_bytes > self.patience.unread_bytes:
                self.transport.close()
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the server's words are not passed on
        """Answer what cannot be understood with a problem like every other."""
        self._end(self._refusal)

    def _count(self, size_bytes: int) -> None:
        self._head_bytes += size_bytes
        if self._head_bytes > HEAD_BYTES:
            self._too_much()

    def _too_much(self) -> None:
        self._refusal = _TOO_MUCH
        raise _TooMuchError

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(self.patience.head_seconds, self._end, _TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _end(self, problem: Problem) -> None:
        """Answer *problem* and close."""
        if self.transport.is_closing():
            return
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            self.transport.close()  # an earlier request's answer is under way: nothing may be written into it
            return
        body = problem.body
        lines = (
            b"HTTP/1.1 %d Refused" % problem.status,
            b"content-type: " + MEDIA_TYPE,
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"connection: close",
        )
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.transport.close()
