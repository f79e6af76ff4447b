"""What does `gateway work` run? Working documents through, handing them over, keeping clocks and the audit log.

Any number of these may run on one database: each leases its work there. At the address it listens on it says only how
it is.
"""

from gateway.app.http.api import build_watch
from gateway.app.http.readiness import Readiness
from gateway.app.processes.life import Crew, application_of_this_process, live


def run() -> None:
    """Work until told to end.

    Raises:
        GatewayError: it cannot be started; the message says what to put right.
    """
    application = application_of_this_process(sharing_as="work")
    readiness = Readiness()
    crew = Crew(application, application.workers)
    live(application.settings, build_watch(application, readiness=readiness), parts=(crew,), readiness=readiness)
