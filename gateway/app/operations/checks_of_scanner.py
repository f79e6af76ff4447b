"""Can attached documents be scanned, by signatures that are not old, and does one wait for long?"""

from datetime import timedelta

from gateway.app.bootstrap import Application
from gateway.app.operations.findings import Finding, failed, ok, warning
from gateway.app.operations.words import count
from gateway.errors import TransientError

_CHECK, _WAITING = "scanner", "attached documents"
_OLD, _STALE = timedelta(days=3), timedelta(days=14)
"""Signatures are made anew every day; a machine that was off over a weekend is no fault yet."""
_PATIENCE = timedelta(hours=1)
_PAGE = "docs/runbook.md, attached documents are not scanned"


def scanner_answers(application: Application) -> Finding:
    """Tell whether the scanner answers, and how old its signatures are."""
    scanner = application.scanner
    if scanner is None:
        return ok(_CHECK, "none is used: attached documents are kept, and go nowhere")
    try:
        version = scanner.version()
    except TransientError as error:
        return failed(_CHECK, f"it does not answer: {error.code}", f"does clamd run at GATEWAY_SCANNER? {_PAGE}")
    if version.signatures_at is None:
        return warning(_CHECK, f"{version.name} does not say how old its signatures are", "does freshclam run there?")
    days = (application.desk.clock.now() - version.signatures_at).days
    found = f"{version.name} answers, with signatures of {version.signatures_at:%d %B %Y}"
    if days >= _STALE.days:
        return failed(_CHECK, f"{found}: {days} days old", "let freshclam fetch new ones")
    if days >= _OLD.days:
        return warning(_CHECK, f"{found}: {days} days old", "does freshclam run?")
    return ok(_CHECK, found)


def none_waits_for_long(application: Application) -> Finding:
    """Tell whether an attached document has waited long to be scanned."""
    now = application.desk.clock.now()
    waiting = application.store.read(lambda uow: uow.overview.read(at=now)).attachments
    if waiting.since is None or waiting.since > now - _PATIENCE:
        return ok(_WAITING, "none has waited for more than an hour to be scanned")
    hours = int((now - waiting.since).total_seconds() // 3600)
    found = f"{count(waiting.number, 'attached document')} not scanned, the oldest for {count(hours, 'hour')}"
    fix = f"scan.failed in the log says why; {_PAGE}" if application.scanner else f"set GATEWAY_SCANNER; {_PAGE}"
    return warning(_WAITING, found, fix)
