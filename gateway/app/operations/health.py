"""Is this installation well? Each check says what it looked at, what it found, and what to do."""

import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.app.bootstrap import Application
from gateway.app.operations.caller import Caller
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.app.operations.words import count
from gateway.audit.log import check_head
from gateway.conversations.breaker import BreakerState
from gateway.errors import GatewayError
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import State
from gateway.model.tree import Group, Tree

_LEAST_FREE_BYTES = 2 * 2**30
_BACKLOG_AGE = timedelta(minutes=5)
_LOG_LAG = timedelta(minutes=1)
_MANY = 1000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's answer: `level` is ok, warning or failed; `fix` says what to do when it is not ok."""

    check: str
    level: str
    found: str
    fix: str = ""


def _ok(check: str, found: str) -> Finding:
    return Finding(check=check, level="ok", found=found)


def _warning(check: str, found: str, fix: str) -> Finding:
    return Finding(check=check, level="warning", found=found, fix=fix)


def _failed(check: str, found: str, fix: str) -> Finding:
    return Finding(check=check, level="failed", found=found, fix=fix)


def check_health(application: Application, _caller: Caller, _args: Group) -> Group:
    """Return every check's finding; `ok` is true unless one failed."""
    findings = list(findings_of(application))
    rows: list[Tree] = [{"check": f.check, "level": f.level, "found": f.found, "fix": f.fix} for f in findings]
    return {"ok": all(finding.level != "failed" for finding in findings), "checks": rows}


def findings_of(application: Application) -> Iterator[Finding]:
    """Yield each check's finding; a check that cannot be made has failed and says why."""
    for name, check in _CHECKS.items():
        try:
            yield check(application)
        except (GatewayError, OSError) as error:
            code = error.code if isinstance(error, GatewayError) else type(error).__name__
            yield _failed(name, f"could not be checked: {code}", "see the operational log and docs/runbook.md")


def _store(application: Application) -> Finding:
    health = application.store.health()
    return _ok("store", f"guards in place, schema {health.version}, {health.file_bytes // 2**20} MiB")


def _disk(application: Application) -> Finding:
    free = application.store.health().free_bytes
    found = f"{free // 2**20} MiB free beside the store"
    if free < _LEAST_FREE_BYTES:
        return _warning("disk", found, "make room, or move the data folder to a larger disk")
    return _ok("disk", found)


def _clock(application: Application) -> Finding:
    now, newest = application.desk.clock.now(), application.desk.store.read(_newest)
    if newest is not None and newest > now + timedelta(seconds=5):
        return _failed(
            "clock", "the newest message is from the future", "set the machine's clock; check its time source"
        )
    return _ok("clock", f"{now:%d %B %Y %H:%M:%S} UTC, not behind what is recorded")


def _newest(uow: UnitOfWork) -> datetime | None:
    found = uow.messages.find(limit=1)
    return found[0].received_at if found else None


def _keys(application: Application) -> Finding:
    folder = application.settings.keys_folder
    wide = [path.name for path in (folder, *_files(folder)) if path.stat().st_mode & _OTHERS]
    if wide:
        return _failed("keys", f"others can reach {', '.join(sorted(wide))}", f"chmod -R go= {folder}")
    return _ok("keys", "only this account can read them")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*"))


def _backlog(application: Application) -> Finding:
    since = application.desk.clock.now() - _BACKLOG_AGE

    def _read(uow: UnitOfWork) -> tuple[int, int]:
        messages = [one for one in uow.messages.find(state=State.ACCEPTED, limit=_MANY) if one.received_at < since]
        found = uow.delivery_lists.find(state=State.ORDERED, limit=_MANY)
        return len(messages), len([one for one in found if one.created_at < since])

    messages, deliveries = application.desk.store.read(_read)
    found = f"{count(messages, 'message')} and {count(deliveries, 'delivery', 'deliveries')} older than five minutes"
    if messages or deliveries:
        return _warning("backlog", found, "see which receiver does not answer: gateway messages list --state ordered")
    return _ok("backlog", found)


def _partners(application: Application) -> Finding:
    def _read(uow: UnitOfWork) -> list[str]:
        return [str(one.organisation) for one in uow.breakers.all() if one.state is not BreakerState.CLOSED]

    down = application.desk.store.read(_read)
    if down:
        return _warning("partners", f"not answering: {', '.join(down)}", "gateway partners show ORGANISATION")
    return _ok("partners", "nobody we send to is left alone")


def _dead_letters(application: Application) -> Finding:
    def _read(uow: UnitOfWork) -> int:
        messages = uow.messages.find(state=State.DEAD_LETTER, limit=_MANY)
        return len(messages) + len(uow.delivery_lists.find(state=State.DEAD_LETTER, limit=_MANY))

    stuck = application.desk.store.read(_read)
    if stuck:
        return _warning("dead letters", f"{stuck} stuck", "gateway dead-letters list")
    return _ok("dead letters", "nothing is stuck")


def _reviews(application: Application) -> Finding:
    now = application.desk.clock.now()

    def _read(uow: UnitOfWork) -> tuple[int, int]:
        tasks = [*uow.reviews.find(status="open", limit=_MANY), *uow.reviews.find(status="escalated", limit=_MANY)]
        return len(tasks), len([task for task in tasks if task.due_at <= now])

    waiting, late = application.desk.store.read(_read)
    if late:
        return _warning("reviews", f"{late} of {waiting} are past their time", "gateway reviews list")
    return _ok("reviews", f"{waiting} waiting, none late")


def _log(application: Application) -> Finding:
    head = check_head(application.store.log_store, application.identity)
    return _ok("audit log", f"{head.size if head else 0} leaves; the stored tree is the one that was signed")


def _log_lag(application: Application) -> Finding:
    waiting = application.store.log_store.pending(1)
    if not waiting:
        return _ok("log sequencing", "every event has its leaf")
    recorded = datetime.fromisoformat(json.loads(waiting[0].header)["at"])
    lag = application.desk.clock.now() - recorded
    found = f"the oldest event without a leaf is {int(lag.total_seconds())} s old"
    if lag > _LOG_LAG:
        return _warning("log sequencing", found, "start the gateway: its sequencer signs what waits")
    return _ok("log sequencing", found)


def _witnesses(_application: Application) -> Finding:
    return _warning(
        "witnesses",
        "none is configured: only the checkpoints others keep show that the log was not rewritten",
        "hand a checkpoint to somebody outside: gateway audit checkpoint",
    )


_CHECKS: dict[str, Callable[[Application], Finding]] = {
    "store": _store,
    "disk": _disk,
    "clock": _clock,
    "keys": _keys,
    "backlog": _backlog,
    "partners": _partners,
    "dead letters": _dead_letters,
    "reviews": _reviews,
    "audit log": _log,
    "log sequencing": _log_lag,
    "witnesses": _witnesses,
}

OPERATIONS = (
    Operation(
        name="health.check",
        summary="Check the health of the installation",
        permission=Permission.READ_HEALTH,
        run=check_health,
        is_recorded=False,
    ),
)
