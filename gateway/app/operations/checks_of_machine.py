"""Are settings, store, disk, clock and keys as they must be?"""

import ctypes
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.adapters.keys.key_files import INDEX, ROOT, SIGNING
from gateway.app.bootstrap import Application
from gateway.app.clock import machine_clock
from gateway.app.metrics.token import LEAST_TOKEN, read_token
from gateway.app.operations.findings import Finding, failed, ok, warning
from gateway.app.partner_profiles import is_loopback
from gateway.app.settings import Settings
from gateway.flows.ports import UnitOfWork

_FUTURE = timedelta(seconds=5)
_STEP_SECONDS = 5.0
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_UNSYNCHRONISED = 5
_TIMEX_BYTES = 512
_MIB = 2**20


def settings_fit(application: Application) -> Finding:
    """Tell whether the settings fit one another and this machine."""
    wrong = list(_odd_settings(application.settings))
    if wrong:
        return failed(
            "settings", "; ".join(wrong), "correct the settings and start again; deploy/example.env says more"
        )
    if not is_loopback(application.settings.listen_host):
        found = "requests are taken from other machines without TLS"
        return warning("settings", found, "listen on 127.0.0.1 behind a TLS proxy, see deploy/README.md")
    return ok("settings", "folders are there, keys are apart from the data, requests come from this machine only")


def _odd_settings(settings: Settings) -> Iterator[str]:
    if settings.keys_folder.resolve().is_relative_to(settings.data_folder.resolve()):
        yield "GATEWAY_KEYS_FOLDER lies in the data folder, so that a backup of the data holds its keys"
    folders = {"DROP_FOLDER": settings.drop_folder, "PARTNER_TOKENS_FOLDER": settings.partner_tokens_folder}
    for name, folder in folders.items():
        if folder is not None and not folder.is_dir():
            yield f"GATEWAY_{name} is no folder"
    token = settings.metrics_token_file
    if token is not None and read_token(token) is None:
        yield f"GATEWAY_METRICS_TOKEN_FILE holds no {LEAST_TOKEN} characters, or others can read it"


def store_stands(application: Application) -> Finding:
    """Tell whether the store has every guard and setting it was opened with; it raises where it has not."""
    health = application.store.health()
    if health.version.current != health.version.newest:
        return failed("store", f"schema {health.version}", "start the program that belongs to this store")
    return ok("store", f"guards in place, set as it must be, schema {health.version}, {health.file_bytes // _MIB} MiB")


def disk_has_room(application: Application) -> Finding:
    """Tell whether there is room for more."""
    figures, limits = application.store.figures(), application.pressure.limits
    if figures.free_bytes is None:
        return ok("disk", "the store lies on another machine")
    needed = limits.room_needed(figures.total_bytes)
    found = f"{figures.free_bytes // _MIB} MiB free beside the store; documents are taken in above {needed // _MIB} MiB"
    if figures.free_bytes < needed:
        return failed("disk", found, "make room now; below the last limit not even urgent referrals come in")
    if figures.free_bytes < 2 * needed:
        return warning("disk", found, "make room, or move the data folder to a larger disk")
    return ok("disk", found)


def door_is_open(application: Application) -> Finding:
    """Tell whether every document is taken in."""
    application.pressure.look()
    refusal = application.pressure.refusal(is_urgent=False)
    if refusal is None:
        return ok("intake", "every document is taken in")
    found = f"{application.pressure.intake.value}: {refusal.code}"
    return failed("intake", found, "docs/runbook.md, the door is narrowed")


def clock_is_right(application: Application) -> Finding:
    """Tell whether the clock is where it was, and not behind what is recorded."""
    now, newest = machine_clock(application.desk.clock).now(), application.desk.store.read(_newest)
    if newest is not None and newest > now + _FUTURE:
        return failed(
            "clock", "the newest message is from the future", "set the machine's clock; check its time source"
        )
    step = application.steadiness.step_seconds()
    if abs(step) > _STEP_SECONDS:
        found = f"the clock has been set {'forward' if step > 0 else 'back'} by {abs(step):.0f} s since the start"
        return warning("clock", found, "check its time source; deadlines may have come too early or late")
    return ok("clock", f"{now:%d %B %Y %H:%M:%S} UTC, not behind what is recorded, and not set since the start")


def _newest(uow: UnitOfWork) -> datetime | None:
    found = uow.messages.find(limit=1)
    return found[0].received_at if found else None


def clock_is_kept(_application: Application) -> Finding:
    """Tell whether the machine says that something keeps its clock right."""
    state = _clock_state()
    if state == _UNSYNCHRONISED:
        fix = "run chrony or systemd-timesyncd; deadlines and receipts rest on the clock"
        return warning("time source", "the kernel says that nothing keeps its clock right", fix)
    return ok("time source", "the machine's clock is kept" if state >= 0 else "cannot be told on this machine")


def _clock_state() -> int:
    """Return what the kernel says of its clock: 5 for one that nobody keeps, below 0 where it says nothing."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return -1


def keys_are_kept(application: Application) -> Finding:
    """Tell whether every key is there, for this account only."""
    folder = application.settings.keys_folder
    missing = [name for name in (ROOT, INDEX, SIGNING) if not (folder / name).is_file()]
    if missing:
        return failed("keys", f"{', '.join(missing)} is not there", "put it back from its backup before anything else")
    wide = [path.name for path in (folder, *folder.rglob("*")) if path.stat().st_mode & _OTHERS]
    if wide:
        return failed("keys", f"others can reach {', '.join(sorted(wide))}", f"chmod -R go= {folder}")
    return ok("keys", "all there, and only this account can read them")
