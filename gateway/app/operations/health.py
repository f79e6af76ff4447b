"""Is this installation well? Each check says what it looked at, what it found, and what to do."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from gateway.app.bootstrap import Application
from gateway.app.operations import (
    checks_of_broker,
    checks_of_log,
    checks_of_machine,
    checks_of_partners,
    checks_of_scanner,
    checks_of_work,
)
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.findings import Finding, failed
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.errors import GatewayError
from gateway.model.tree import Group, Tree

Check = Callable[[Application], Finding]


def check_health(application: Application, _caller: Caller, args: Group) -> Group:
    """Return every check's finding; `ok` is true unless one failed."""
    findings = list(findings_of(application, partners=args.get("partners") is True))
    rows: list[Tree] = [{"check": f.check, "level": f.level, "found": f.found, "fix": f.fix} for f in findings]
    return {"ok": all(finding.level != "failed" for finding in findings), "checks": rows}


def findings_of(application: Application, *, partners: bool = False) -> Iterator[Finding]:
    """Yield each check's finding; a check that cannot be made has failed and says why."""
    checks = {name: partial(check, application) for name, check in _CHECKS.items()}
    if partners:
        reached = checks_of_partners.reach(application)
        checks |= {name: partial(check, application, reached) for name, check in _OUTSIDE.items()}
    for name, check in checks.items():
        try:
            yield check()
        except (GatewayError, OSError) as error:
            yield failed(name, f"could not be checked: {_told(error)}", "see the operational log and docs/runbook.md")


def _told(error: GatewayError | OSError) -> str:
    return f"{error.code}: {error.message}" if isinstance(error, GatewayError) else type(error).__name__


_CHECKS: dict[str, Check] = {
    "settings": checks_of_machine.settings_fit,
    "store": checks_of_machine.store_stands,
    "disk": checks_of_machine.disk_has_room,
    "intake": checks_of_machine.door_is_open,
    "broker": checks_of_broker.broker_answers,
    "queues": checks_of_broker.no_document_is_given_up,
    "clock": checks_of_machine.clock_is_right,
    "time source": checks_of_machine.clock_is_kept,
    "keys": checks_of_machine.keys_are_kept,
    "backlog": checks_of_work.backlog_is_young,
    "leases": checks_of_work.leases_are_sound,
    "deadlines": checks_of_work.clocks_are_acted_on,
    "breakers": checks_of_work.partners_answer,
    "dead letters": checks_of_work.nothing_is_stuck,
    "reviews": checks_of_work.nobody_is_late,
    "held answers": checks_of_work.no_answer_waits_for_long,
    "duties": checks_of_work.duties_are_kept,
    "named persons": checks_of_work.persons_can_be_told,
    "scanner": checks_of_scanner.scanner_answers,
    "attached documents": checks_of_scanner.none_waits_for_long,
    "bank holidays": checks_of_work.holidays_are_known,
    "audit log": checks_of_log.log_is_signed,
    "log leaves": checks_of_log.newest_leaves_are_their_events,
    "log sequencing": checks_of_log.log_keeps_up,
    "witnesses": checks_of_log.witnesses_watch,
    "partner tokens": checks_of_partners.tokens_are_there,
}
_OUTSIDE: dict[str, Callable[[Application, Sequence[checks_of_partners.Reached]], Finding]] = {
    "partners": checks_of_partners.partners_answer,
    "certificates": checks_of_partners.certificates_hold,
    "sftp": checks_of_partners.folders_are_reached,
    "s3": checks_of_partners.buckets_are_reached,
}
"""Checks that speak to other machines, made only where somebody asks for them."""

OPERATIONS = (
    Operation(
        name="health.check",
        summary="Check the health of the installation",
        permission=Permission.READ_HEALTH,
        run=check_health,
        arguments=(Argument(name="partners", kind=Kind.YES_NO, help="also greet every partner's system"),),
        is_recorded=False,
    ),
)
