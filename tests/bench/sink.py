"""How does the lean partner of the bench answer? It acknowledges at once, and remembers when, for each message.

`python -m tests.bench.sink PORT`. `GET /times` gives `{correlation id: {kind: monotonic seconds}}`; `GET /count` how
many of each kind; `GET /forget` forgets. Only the first acknowledgement of a message counts. After `GET /down/PARTNER`
that partner is unavailable until `GET /up/PARTNER`; `GET /tries` gives the last time each document came all the same.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from typing import cast

import httptools
import uvloop

_DOWN, _UP = b"/down/", b"/up/"
_ANSWER = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Sink(asyncio.Protocol):
    """One connection. What it gets is shared by all."""

    times: dict[str, dict[str, float]] = {}  # noqa: RUF012 - shared by all connections on purpose

    tries: dict[str, dict[str, float]] = {}  # noqa: RUF012 - likewise
    """When each document came last, also while its partner was down."""
    down: set[bytes] = set()  # noqa: RUF012 - likewise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._url = b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_message_complete(self) -> None:
        headers, self._headers = self._headers, {}
        if self._url == b"/times":
            self._answer(b"200 OK", json.dumps(self.times).encode())
        elif self._url == b"/count":
            self._answer(b"200 OK", json.dumps(self._counts()).encode())
        elif self._url == b"/tries":
            self._answer(b"200 OK", json.dumps(self.tries).encode())
        elif self._url == b"/forget":
            self.times.clear()
            self.tries.clear()
            self._answer(b"200 OK", b"{}")
        elif self._url.startswith((_DOWN, _UP)):
            order, _, partner = self._url.rpartition(b"/")
            (self.down.add if order + b"/" == _DOWN else self.down.discard)(partner)
            self._answer(b"200 OK", b"{}")
        else:
            self._acknowledge(headers)

    def _counts(self) -> Counter[str]:
        return Counter(kind for kinds in self.times.values() for kind in kinds)

    def _acknowledge(self, headers: dict[bytes, bytes]) -> None:
        message_id = headers[b"idempotency-key"].decode()
        now, about = time.monotonic(), headers[b"x-correlation-id"].decode()
        kind = headers[b"x-gateway-message"].decode()
        self.tries.setdefault(about, {})[kind] = now
        if self._url.rpartition(b"/")[2] in self.down:
            self._answer(b"503 Service Unavailable", b"{}")
            return
        self.times.setdefault(about, {}).setdefault(kind, now)
        self._answer(b"202 Accepted", b'{"acknowledgement":"S-1","message_id":"%s"}' % message_id.encode())

    def _answer(self, status: bytes, body: bytes) -> None:
        self._transport.write(_ANSWER % (status, len(body), body))


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
