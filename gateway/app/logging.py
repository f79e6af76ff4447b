"""How does a log line get out without anything personal in it?

Two guards, so that forgetting is safe: only keys of the catalogue are written, and of their values only numbers, truth
values and short words without blanks. An exception is logged by its class, code and place, never by its message. What
libraries log through the standard library is cut down to logger and level.
"""

import json
import logging
import math
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

from gateway.errors import GatewayError
from gateway.flows.log_events import KEYS, LogEvent
from gateway.flows.ports import Clock

WITHHELD = "<withheld>"
_KEY = re.compile(r"[a-z_]{1,40}")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.:/{}+-]{0,128}")
_OURS = str(Path(__file__).resolve().parents[1])
_EVENTS = frozenset(LogEvent)


def configure_logging(clock: Clock, *, level: str = "info", stream: TextIO | None = None) -> None:
    """Make every log line of this process one JSON object on *stream* (standard error unless said)."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _Stamp(clock), _expand_error, _only_listed, _as_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Quiet()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)


def catch_what_nobody_caught() -> None:
    """Send exceptions that end a thread or the process through the log, so that no traceback prints their messages."""
    sys.excepthook = _log_end
    threading.excepthook = lambda seen: _log_end(seen.exc_type, seen.exc_value, seen.exc_traceback)
    sys.unraisablehook = lambda seen: _log_end(seen.exc_type, seen.exc_value, seen.exc_traceback)


def safe_error(error: BaseException) -> Mapping[str, str]:
    """Return what may be said of *error*: class, code, place in our code, class of its cause."""
    known = {
        "error_type": type(error).__name__,
        "error_code": error.code if isinstance(error, GatewayError) else None,
        "error_at": _place(error.__traceback__),
        "error_cause": type(error.__cause__).__name__ if error.__cause__ else None,
    }
    return {key: value for key, value in known.items() if value is not None}


class _Stamp:
    """Adds the time and the level."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _logger: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["time"] = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line["level"] = "error" if method == "exception" else method
        return line


class _Quiet(logging.Handler):
    """Passes on that a library logged something, and not what."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the library's name and the class of the exception, if there is one."""
        error = record.exc_info[1] if record.exc_info else None
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(structlog.get_logger(), level)(LogEvent.LIBRARY_SPOKE, library=record.name, error=error)


def _expand_error(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace `error` and `exc_info` by what may be said of the exception."""
    error, also = line.pop("error", None), line.pop("exc_info", None)
    found = error or (sys.exc_info()[1] if also is True else also[1] if isinstance(also, tuple) else also)
    match found:
        case BaseException():
            line.update(safe_error(found))
        case str():
            line["error_type"] = found
        case _:
            pass
    return line


def _only_listed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    name = line.get("event")
    line["event"] = str(name) if isinstance(name, str) and name in _EVENTS else LogEvent.UNKNOWN.value
    return {
        key if _KEY.fullmatch(key) else WITHHELD: _safe(value) if key in KEYS else WITHHELD
        for key, value in line.items()
    }


def _safe(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case float() if math.isfinite(value):
            return round(value, 3)
        case str() if _PLAIN_WORD.fullmatch(value):
            return str(value)
        case _:
            return WITHHELD


def _as_json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    return json.dumps(line, allow_nan=False, default=lambda _: WITHHELD)


def _log_end(_kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    structlog.get_logger().critical(LogEvent.BUG_SURFACED, thread=threading.current_thread().name, error=error)


def _place(trace: TracebackType | None) -> str | None:
    """Return file and line of the last frame of ours an exception passed."""
    place = None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(_OURS):
            place = f"gateway{name.removeprefix(_OURS)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
