"""Can the broker be used, does it hold what it must, and does a document lie there that waits for a person?"""

import stat
import time

from gateway.adapters.amqp.topology import FOR_A_PERSON
from gateway.app.bootstrap import Application
from gateway.app.operations.findings import Finding, failed, ok

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_BROKER_SECONDS = 3.0
_LOOK_SECONDS = 0.05
_GIVEN_UP = "docs/runbook.md, a document was given up on the broker"


def broker_answers(application: Application) -> Finding:
    """Tell whether the broker can be used, and only this account can read the password we show it."""
    queues, settings = application.queues, application.settings
    if queues is None:
        return ok("broker", "none is used")
    file = settings.broker_password_file
    if file is not None and file.stat().st_mode & _OTHERS:
        return failed("broker", "others can read GATEWAY_BROKER_PASSWORD_FILE", f"chmod go= {file.name}")
    until = time.monotonic() + _BROKER_SECONDS
    while (trouble := queues.trouble) is not None and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    if trouble is None:
        return ok("broker", "it answers, and knows us")
    fix = "does it run at GATEWAY_BROKER_HOSTS, and do user, password, virtual host and certificate hold? docs/bus.md"
    return failed("broker", f"nothing can be handed to it: {trouble}", fix)


def no_document_is_given_up(application: Application) -> Finding:
    """Tell whether every queue is there, and whether a document lies in one that only a person empties."""
    name, queues = "queues", application.queues
    if queues is None:
        return ok(name, "none are used")
    depths = queues.depths(application.store.read(lambda uow: uow.directory.organisations()))
    missing = sorted(queue for queue, depth in depths.items() if depth is None)
    if missing:
        return failed(name, f"not on the broker: {', '.join(missing)}", "import the definitions, docs/bus.md")
    held = {queue: depth.messages for queue, depth in depths.items() if depth is not None}
    given_up = [f"{held[queue]} in {queue}" for queue in FOR_A_PERSON if held[queue]]
    if given_up:
        return failed(name, f"documents that nobody will take in by themselves: {', '.join(given_up)}", _GIVEN_UP)
    return ok(name, f"{sum(held.values())} messages wait in {len(held)} queues, and none for a person")
