"""How is a server loaded from outside, by as little Python as can be? Keep-alive connections over raw sockets.

`python -m tests.bench.load` reads one JSON line, a `Plan`, and writes one, the answers: `[sent, answered, status,
message id]` for each request, in monotonic seconds of the machine.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any, cast

import uvloop

_REFERENCE = b"@REFEREN"
"""Eight characters in every body that are replaced by the number of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is sent, and how fast.

    Shape: `bodies` are sent in turn, each with its own reference; at most `count` in all, for at most `seconds`.
    `rate` is requests a second whether or not the server keeps up (latency counts from when one was due); without it,
    each connection sends as soon as it has its answer. `prefix` makes the references of this run its own.
    """

    port: int
    path: str
    token: str
    bodies: list[str]
    connections: int = 16
    seconds: float = 10.0
    count: int = 10**9
    rate: float | None = None
    prefix: str = "A"
    content_type: str = "application/json"

    def as_line(self) -> str:
        """Return the plan as the generator reads it."""
        return json.dumps(asdict(self)) + "\n"


def reference(prefix: str, number: int) -> str:
    """Return the eight characters of one request."""
    return f"{prefix}{number:0{8 - len(prefix)}d}"


class _Client(asyncio.Protocol):
    """One keep-alive connection with one request at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._answered: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
        if len(body) >= length and self._answered is not None:
            self._received = b""
            self._answered.set_result((int(head[9:12]), body))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered


class Generator:
    """Carries out one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._heads = [self._head(body) for body in plan.bodies]
        self._bodies = [body.encode().split(_REFERENCE) for body in plan.bodies]
        self._numbers = iter(range(plan.count))
        self._answers: list[list[Any]] = []

    async def run(self) -> list[list[Any]]:
        """Return one row for each request."""
        began = time.monotonic()
        await asyncio.gather(*(self._serve(began) for _ in range(self._plan.connections)))
        return self._answers

    async def _serve(self, began: float) -> None:
        plan = self._plan
        _, client = await asyncio.get_running_loop().create_connection(_Client, "127.0.0.1", plan.port)
        for number in self._numbers:
            due = began + number / plan.rate if plan.rate else time.monotonic()
            if due > began + plan.seconds:
                return
            if plan.rate and due > time.monotonic():
                await asyncio.sleep(due - time.monotonic())
            which = number % len(self._heads)
            body = reference(plan.prefix, number).encode().join(self._bodies[which])
            status, answer = await client.ask(self._heads[which] + body)
            self._answers.append([due, time.monotonic(), status, _message_id(answer)])

    def _head(self, body: str) -> bytes:
        length = len(body.encode())
        plan = self._plan
        return (
            f"POST {plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {plan.token}\r\n"
            f"Content-Type: {plan.content_type}\r\nContent-Length: {length}\r\n\r\n"
        ).encode()


def _message_id(answer: bytes) -> str:
    return answer.partition(b'"message_id":"')[2][:30].decode()


def main() -> None:
    """Read a plan, carry it out, write the answers."""
    plan = Plan(**json.loads(sys.stdin.readline()))
    json.dump(uvloop.run(Generator(plan).run()), sys.stdout)


if __name__ == "__main__":
    main()
