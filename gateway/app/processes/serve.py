"""What does `gateway serve` run? The ways in: HTTP with API and console, the watched folder, and partners' queues.

What it takes in it stores; working on it is `gateway work`'s. Any number of these may run on one database.
"""

from fastapi import FastAPI

from gateway.app.bootstrap import Application
from gateway.app.console.application import build_console
from gateway.app.drop_folder import drop_folder_ticker
from gateway.app.http.api import build_app
from gateway.app.http.readiness import Readiness
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Sessions
from gateway.app.processes.life import Crew, Part, application_of_this_process, live
from gateway.app.sftp_folders import SftpIntake


def run() -> None:
    """Take documents in until told to end.

    Raises:
        GatewayError: it cannot be started; the message says what to put right.
    """
    application = application_of_this_process(sharing_as="serve")
    readiness = Readiness()
    parts = (Crew(application, application.sentries), *entrances(application))
    live(application.settings, http_side(application, readiness), parts=parts, readiness=readiness)


def entrances(application: Application) -> tuple[Part, ...]:
    """Return the ways in that are not HTTP: the watched folder, partners' SFTP servers, and their queues."""
    parts: list[Part] = []
    if application.settings.drop_folder is not None:
        parts.append(drop_folder_ticker(application, application.settings.drop_folder, ids=application.desk.ids))
    if application.settings.partner_tokens_folder is not None:
        parts.append(SftpIntake(application, ids=application.desk.ids))
    if application.queues is not None:
        parts.append(application.queues.intake(application))
    return tuple(parts)


def http_side(application: Application, readiness: Readiness) -> FastAPI:
    """Return the HTTP application of an assembled gateway: API and console, with one set of sessions."""
    sessions = Sessions(application, seconds=application.settings.session_seconds)
    people = FrontDoor(application=application, sessions=sessions, door=Door.API)
    console = build_console(application, sessions)
    return build_app(application, readiness=readiness, people=people, console=console)
