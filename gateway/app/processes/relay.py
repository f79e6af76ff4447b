"""What does `gateway relay` run? Handing wake-ups from the database to the broker.

Any number of these may run on one database; nothing is lost while none does, because whoever works looks by itself as
well. At the address it listens on it says only how it is.
"""

from gateway.app.http.api import build_watch
from gateway.app.http.readiness import Readiness
from gateway.app.processes.life import Crew, application_of_this_process, live


def run() -> None:
    """Hand wake-ups on until told to end.

    Raises:
        GatewayError: it cannot be started; the message says what to put right.
    """
    application = application_of_this_process(sharing_as="relay")
    readiness = Readiness()
    crew = Crew(application, application.couriers)
    live(application.settings, build_watch(application, readiness=readiness), parts=(crew,), readiness=readiness)
