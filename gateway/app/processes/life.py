"""How does a process of the gateway begin, live and end?

On SIGTERM: say "not ready", take no new connection, finish every request, stop what works, close the store. If that
takes too long the process ends as it stands; kill -9 would lose nothing either.
"""

import gc
import os
from collections.abc import Callable, Sequence
from threading import Timer
from typing import Protocol

import structlog
from starlette.types import ASGIApp

from gateway import __version__
from gateway.app.bootstrap import Application, World, assemble, real_world
from gateway.app.clock import SystemClock
from gateway.app.http.readiness import Readiness
from gateway.app.logging import catch_what_nobody_caught, configure_logging
from gateway.app.processes.http_server import HttpServer, ending_on_signal
from gateway.app.settings import Settings, SettingsError, read_settings
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
CUT_SHORT = 1
"""The exit status of a process that did not end in time."""
_NEW_OBJECTS = 20_000
"""How many more objects than were freed may be made before garbage is searched for."""


def application_of_this_process(
    *, sharing_as: str | None = None, world_of: Callable[[Settings], World] = real_world
) -> Application:
    """Return the gateway the environment describes, with its log lines going to standard error.

    Args:
        sharing_as: what this process is called, when it is one of several on one store.
        world_of: makes the clock, the names and the way out; a campaign hands in worse ones than the real.

    Raises:
        GatewayError: it cannot be opened; the message says what to put right.
    """
    settings = read_settings()
    if sharing_as is not None:
        _require_shared(settings, sharing_as)
    configure_logging(SystemClock())
    catch_what_nobody_caught()
    return assemble(settings, world_of(settings))


def _require_shared(settings: Settings, process: str) -> None:
    """Return if this installation's store and bus can be shared by several processes.

    Raises:
        SettingsError: they cannot.
    """
    if not settings.database_url.get_secret_value():
        raise SettingsError(
            f"gateway {process} shares its store with other processes, which SQLite cannot do: set"
            " GATEWAY_DATABASE_URL to a PostgreSQL database, or run `gateway up`"
        )
    if not settings.broker_hosts:
        raise SettingsError(
            f"gateway {process} is woken through RabbitMQ: set GATEWAY_BROKER_HOSTS, or run `gateway up`"
        )


class Part(Protocol):
    """Something that works in threads of its own."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """Return when what was begun is finished."""
        ...


class Crew:
    """Parts of one application, which is closed when they have stopped."""

    def __init__(self, application: Application, parts: Sequence[Part]) -> None:
        self._application = application
        self._parts = parts

    def start(self) -> None:
        """Begin."""
        for part in self._parts:
            part.start()

    def stop(self) -> None:
        """Return when every part has finished and the store is closed."""
        for part in self._parts:
            part.stop()
        self._application.close()


def live(settings: Settings, app: ASGIApp, *, parts: Sequence[Part], readiness: Readiness) -> None:
    """Run until told to end, and return when everything is finished and closed.

    Args:
        settings: what the installation chose.
        app: the HTTP application.
        parts: started in this order and stopped in reverse; the first closes the store when it is stopped.
        readiness: opened when everything runs, closed as soon as the process is told to end.

    Raises:
        SettingsError: the address cannot be listened on; nothing was started.
    """
    server = HttpServer(app, settings)
    limit = Timer(settings.stop_seconds, _cut_short)
    limit.daemon = True

    def end() -> None:
        readiness.close()
        server.end()
        if not limit.is_alive() and not limit.finished.is_set():
            limit.start()

    with ending_on_signal(end):
        for part in parts:
            part.start()
        _collect_seldom()
        readiness.open()
        log.info(LogEvent.GATEWAY_STARTED, host=settings.listen_host, port=server.port, version=__version__)
        try:
            server.serve_until_told()
        finally:
            readiness.close()
            for part in reversed(parts):
                part.stop()
    limit.cancel()
    log.info(LogEvent.GATEWAY_STOPPED)


def _collect_seldom() -> None:
    """Leave what was made at start out of every search for garbage, and search less often.

    Rules, mappings and schemas are some hundred thousand objects that never go; looking through them again and again
    took a tenth of the processor. Rows and documents hold no cycles and go without being searched for.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def _cut_short() -> None:
    """End the process however far it has come."""
    log.error(LogEvent.GATEWAY_CUT_SHORT)
    os._exit(CUT_SHORT)
