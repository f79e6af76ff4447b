"""How is one exchange with a slow partner ended in time, however it drips?

The HTTP client's own limits are for each read; a partner who sends a byte now and then never meets them. Here every
read and write gets only what is left of the whole exchange's time.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import httpcore
import httpx

_WRITE_BYTES = 16 * 1024
_ENDS_AT: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End every read and write of this thread with a timeout once *seconds* are over."""
    token = _ENDS_AT.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS_AT.reset(token)


class TimedTransport(httpx.HTTPTransport):
    """A pooled transport whose exchanges end with `within`."""

    def __init__(self, *, context: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=context, trust_env=False)
        self._backend = _TimedBackend()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=self._backend,
        )

    def close(self) -> None:
        """Close every connection, those as well that are just being made: the pool knows nothing of them yet."""
        super().close()
        self._backend.close()


class _TimedBackend(httpcore.SyncBackend):
    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._streams: WeakSet[_TimedStream] | None = WeakSet()

    def close(self) -> None:
        """Close whatever was opened; what is opened from now on is closed at once."""
        with self._gate:
            streams, self._streams = tuple(self._streams or ()), None
        for stream in streams:
            stream.close()

    def kept(self, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        """Return *stream* with the limits of time on it, to be closed with the others.

        Raises:
            httpcore.ConnectError: they have been closed meanwhile.
        """
        timed = _TimedStream(stream, self.kept)
        with self._gate:
            if self._streams is not None:
                self._streams.add(timed)
                return timed
        timed.close()
        raise httpcore.ConnectError("everything was closed meanwhile")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection made in the time that is left."""
        return self.kept(super().connect_tcp(host, port, _left(timeout), local_address, socket_options))


class _TimedStream(httpcore.NetworkStream):
    def __init__(
        self, stream: httpcore.NetworkStream, kept: Callable[[httpcore.NetworkStream], httpcore.NetworkStream]
    ) -> None:
        self._stream = stream
        self._kept = kept

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what arrives in the time that is left."""
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send *buffer* in pieces, each in the time that is left."""
        for start in range(0, len(buffer), _WRITE_BYTES):
            self._stream.write(buffer[start : start + _WRITE_BYTES], _left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS on it."""
        return self._kept(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # the library's own signature
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    ends_at = _ENDS_AT.get()
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)
