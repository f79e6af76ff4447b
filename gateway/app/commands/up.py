"""How does `gateway up` put the HTTP side, the console, the workers and the watched folder together?"""

from collections.abc import Sequence

from gateway.app.bootstrap import Application, assemble
from gateway.app.console.application import build_console
from gateway.app.drop_folder import drop_folder_ticker
from gateway.app.http.api import build_app
from gateway.app.http.readiness import Readiness
from gateway.app.logging import catch_what_nobody_caught, configure_logging
from gateway.app.operations.sessions import Sessions
from gateway.app.people import ApiPeople
from gateway.app.processes.up import Part, run_up
from gateway.app.settings import read_settings


def run() -> None:
    """Run the whole gateway in this process until it is told to end."""
    settings = read_settings()
    application = assemble(settings)
    configure_logging(application.desk.clock)
    catch_what_nobody_caught()
    sessions = Sessions(application, seconds=settings.session_seconds)
    readiness = Readiness()
    app = build_app(
        application,
        readiness=readiness,
        people=ApiPeople(application, sessions),
        console=build_console(application, sessions),
    )
    run_up(settings, app, parts=_parts(application), readiness=readiness)


def _parts(application: Application) -> Sequence[Part]:
    """Return what works in threads: the application first, whose stop closes the store."""
    drop = application.settings.drop_folder
    if drop is None:
        return (application,)
    return (application, drop_folder_ticker(application, drop, ids=application.desk.ids))
