"""How does the HTTP side run, and how does it end without dropping what it has begun?"""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from threading import Event, Thread
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from gateway.app.http.guarded_protocol import Patience, guarded_protocol
from gateway.app.settings import Settings, SettingsError
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
_BACKLOG = 2048


class HttpServer(uvicorn.Server):
    """The HTTP server, which leaves signals to its owner.

    The library's own server raises a caught signal again when it has ended, and would take the process away before the
    store is closed.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._listeners = [_listen(settings.listen_host, settings.listen_port)]
        super().__init__(_config(app, settings))

    @property
    def port(self) -> int:
        """Return the port it listens on, also when the settings left the choice to the machine."""
        return int(self._listeners[0].getsockname()[1])

    def serve_until_told(self) -> None:
        """Serve in this thread until `end`; then finish every request that has begun."""
        self.run(sockets=self._listeners)

    def end(self) -> None:
        """Take no new connection, and return from `serve_until_told` when every answer is given.

        May be called from a signal handler: it only sets a flag.
        """
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish every request that has begun."""
        log.info(LogEvent.GATEWAY_STOPPING)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


class ServerThread:
    """The same in a thread of its own, for a process whose main thread has other work."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.server = HttpServer(app, settings)
        self._thread = Thread(target=self.server.serve_until_told, name="http", daemon=True)

    def start(self) -> None:
        """Return when requests are answered; the port is bound already."""
        self._thread.start()
        pause = Event()
        while self._thread.is_alive() and not self.server.started:
            pause.wait(0.01)

    def stop(self) -> None:
        """Return when every answer is given and the port is free."""
        self.server.end()
        self._thread.join()


@contextlib.contextmanager
def ending_on_signal(end: Callable[[], None]) -> Iterator[None]:
    """Call *end* on SIGTERM and SIGINT while the block runs."""

    def told(_number: int, _frame: FrameType | None) -> None:
        end()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    patience = Patience(
        head_seconds=settings.head_seconds,
        connections=settings.connections_limit,
        unread_bytes=settings.body_limit_bytes,
    )
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=guarded_protocol(patience),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(settings.keep_alive_seconds),
        timeout_graceful_shutdown=max(1, int(settings.stop_seconds / 2)),
    )


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, bound before anything else starts.

    Raises:
        SettingsError: the address is taken, or not this machine's.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise SettingsError(f"GATEWAY_LISTEN_HOST, GATEWAY_LISTEN_PORT: cannot listen there: {why}") from error
    listener.setblocking(False)
    return listener
