"""What does `gateway up` run? Everything, in one process: the HTTP side, the workers and the watched folder.

On SIGTERM: say "not ready", take no new connection, finish every request, stop the folder and the workers, close the
store. If that takes too long the process ends as it stands; kill -9 would lose nothing either.
"""

import os
from collections.abc import Callable, Sequence
from threading import Timer
from typing import Protocol

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp

from gateway import __version__
from gateway.app.bootstrap import Application, World, assemble, real_world
from gateway.app.clock import SystemClock
from gateway.app.console.application import build_console
from gateway.app.drop_folder import drop_folder_ticker
from gateway.app.http.api import build_app
from gateway.app.http.readiness import Readiness
from gateway.app.logging import catch_what_nobody_caught, configure_logging
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Sessions
from gateway.app.processes.http_server import HttpServer, ending_on_signal
from gateway.app.settings import Settings, read_settings
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
CUT_SHORT = 1
"""The exit status of a process that did not end in time."""


def run(world_of: Callable[[Settings], World] = real_world) -> None:
    """Run the whole gateway in this process until it is told to end, in the world that *world_of* makes.

    Raises:
        GatewayError: it cannot be started; the message says what to put right.
    """
    settings = read_settings()
    configure_logging(SystemClock())
    catch_what_nobody_caught()
    application = assemble(settings, world_of(settings))
    readiness = Readiness()
    parts: list[Part] = [application]
    if settings.drop_folder is not None:
        parts.append(drop_folder_ticker(application, settings.drop_folder, ids=application.desk.ids))
    run_up(settings, http_side(application, readiness), parts=parts, readiness=readiness)


def http_side(application: Application, readiness: Readiness) -> FastAPI:
    """Return the HTTP application of an assembled gateway: API and console, with one set of sessions."""
    sessions = Sessions(application, seconds=application.settings.session_seconds)
    people = FrontDoor(application=application, sessions=sessions, door=Door.API)
    console = build_console(application, sessions)
    return build_app(application, readiness=readiness, people=people, console=console)


class Part(Protocol):
    """Something that works in threads of its own."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """Return when what was begun is finished."""
        ...


def run_up(settings: Settings, app: ASGIApp, *, parts: Sequence[Part], readiness: Readiness) -> None:
    """Run until told to end, and return when everything is finished and closed.

    Args:
        settings: what the installation chose.
        app: the HTTP application.
        parts: started in this order and stopped in reverse; the first is the application itself, whose stop closes the
            store.
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


def _cut_short() -> None:
    """End the process however far it has come."""
    log.error(LogEvent.GATEWAY_CUT_SHORT)
    os._exit(CUT_SHORT)
