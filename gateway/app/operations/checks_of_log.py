"""Is the audit log the one that was signed, and does it keep up?"""

import json
from datetime import datetime, timedelta

from gateway.adapters.keys.head_file import HeadFile
from gateway.app.bootstrap import Application
from gateway.app.operations.findings import Finding, failed, ok, warning
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.log import check_head
from gateway.audit.merkle import leaf_hash
from gateway.errors import ConflictError

_LOG_LAG = timedelta(minutes=1)
_LEAVES = 500
_TRIES = 5
_LOOK = "docs/runbook.md, the log does not check: copy store and keys before anything else"


def log_is_signed(application: Application) -> Finding:
    """Tell whether the stored tree is the one signed last, and continues the head kept beside the keys."""
    kept = HeadFile(application.settings.keys_folder).read()
    head = _checked(application, kept)
    beyond = "and continues the head kept beside the keys" if kept else "and no head is kept beside the keys yet"
    return ok("audit log", f"{head.size if head else 0} leaves; the stored tree is the one that was signed, {beyond}")


def _checked(application: Application, kept: str | None) -> Checkpoint | None:
    """Return the signed head; the log may grow while it is looked at."""
    for _ in range(_TRIES):
        try:
            return check_head(application.store.log_store, application.identity, witnessed=kept)
        except ConflictError:
            continue
    raise ConflictError("the log grew each time it was looked at", code="log-head-moved")


def newest_leaves_are_their_events(application: Application) -> Finding:
    """Tell whether the newest leaves are those of the events they stand for."""
    leaves = application.store.log_store.newest_leaves(_LEAVES)
    odd = [index for index, stored, header in leaves if leaf_hash(header) != stored]
    if odd:
        found = f"{len(odd)} of the newest {len(leaves)} are not their events', the first is leaf {min(odd)}"
        return failed("log leaves", found, _LOOK)
    indexes = sorted(index for index, _, _ in leaves)
    if indexes and indexes != list(range(indexes[0], indexes[-1] + 1)):
        return failed("log leaves", "a leaf among the newest is missing", _LOOK)
    return ok("log leaves", f"the newest {len(leaves)} leaves are those of their events")


def log_keeps_up(application: Application) -> Finding:
    """Tell whether events get their leaves in time."""
    if application.sequencer.halted is not None:
        return failed("log sequencing", "it has stopped: the log is not the one that was signed last", _LOOK)
    waiting = application.store.log_store.pending(1)
    if not waiting:
        return ok("log sequencing", "every event has its leaf")
    recorded = datetime.fromisoformat(json.loads(waiting[0].header)["at"])
    lag = application.desk.clock.now() - recorded
    found = f"the oldest event without a leaf is {int(lag.total_seconds())} s old"
    if lag > _LOG_LAG:
        return warning("log sequencing", found, "start the gateway: its sequencer signs what waits")
    return ok("log sequencing", found)


def witnesses_watch(_application: Application) -> Finding:
    """Tell who would notice that the log was rewritten."""
    return warning(
        "witnesses",
        "none is configured: only the checkpoints others keep show that the log was not rewritten",
        "hand a checkpoint to somebody outside: gateway audit checkpoint",
    )
