"""What does `gateway serve` run? The ways in: HTTP with API and console, the watched folder, and partners' queues.

What it takes in it stores; working on it is `gateway work`'s. Any number of these may run on one database.
"""

from fastapi import FastAPI

from gateway.app.bootstrap import Application
from gateway.app.console.application import build_console
from gateway.app.drop_folder import drop_folder_ticker
from gateway.app.far_folders import FarIntake
from gateway.app.http.api import build_app
from gateway.app.http.readiness import Readiness
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Sessions
from gateway.app.processes.life import Crew, Part, application_of_this_process, live
from gateway.app.s3_buckets import s3_channel
from gateway.app.sftp_folders import sftp_channel


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
    """Return the ways in that are not HTTP: the watched folder, partners' SFTP and S3 servers, and their queues."""
    parts: list[Part] = []
    settings, ids = application.settings, application.desk.ids
    if settings.drop_folder is not None:
        parts.append(drop_folder_ticker(application, settings.drop_folder, ids=ids))
    if settings.partner_tokens_folder is not None:
        parts.append(FarIntake(sftp_channel(application, ids=ids), every_seconds=settings.sftp_poll_seconds))
        parts.append(FarIntake(s3_channel(application, ids=ids), every_seconds=settings.s3_poll_seconds))
    if application.queues is not None:
        parts.append(application.queues.intake(application))
    return tuple(parts)


def http_side(application: Application, readiness: Readiness) -> FastAPI:
    """Return the HTTP application of an assembled gateway: API and console, with one set of sessions."""
    sessions = Sessions(application, seconds=application.settings.session_seconds)
    people = FrontDoor(application=application, sessions=sessions, door=Door.API)
    console = build_console(application, sessions)
    return build_app(application, readiness=readiness, people=people, console=console)
