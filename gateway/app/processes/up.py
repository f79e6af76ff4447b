"""What does `gateway up` run? Everything, in one process: the HTTP side, the workers and the watched folder."""

from collections.abc import Callable

from gateway.app.bootstrap import World, real_world
from gateway.app.http.readiness import Readiness
from gateway.app.processes.life import application_of_this_process, live
from gateway.app.processes.serve import entrances, http_side
from gateway.app.settings import Settings


def run(world_of: Callable[[Settings], World] = real_world) -> None:
    """Run the whole gateway in this process until it is told to end, in the world that *world_of* makes.

    Raises:
        GatewayError: it cannot be started; the message says what to put right.
    """
    application = application_of_this_process(world_of=world_of)
    readiness = Readiness()
    parts = (application, *entrances(application))
    live(application.settings, http_side(application, readiness), parts=parts, readiness=readiness)
