"""What does `gateway up` run? Everything, in one process: the HTTP side, the workers and the watched folder."""

from gateway.app.http.readiness import Readiness
from gateway.app.processes.life import application_of_this_process, live
from gateway.app.processes.serve import entrances, http_side


def run() -> None:
    """Run the whole gateway in this process until it is told to end.

    Raises:
        GatewayError: it cannot be started; the message says what to put right.
    """
    application = application_of_this_process()
    readiness = Readiness()
    parts = (application, *entrances(application))
    live(application.settings, http_side(application, readiness), parts=parts, readiness=readiness)
