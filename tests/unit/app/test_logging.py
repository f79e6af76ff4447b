import ast
import io
import json
import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.app.logging import WITHHELD, configure_logging, safe_error
from gateway.errors import MalformedMessageError, PartnerUnavailableError
from gateway.flows.log_events import KEYS, LogEvent

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "docs" / "log-events.md"
CANARY = "Testina Exampleton"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(_Noon(), stream=stream)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)


def last(stream: io.StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return line


def test_a_line_is_one_json_object_with_time_and_level(stream: io.StringIO) -> None:
    structlog.get_logger().info(LogEvent.MESSAGE_FAILED, message_id="msg_01", attempt=2)

    assert last(stream) == {
        "event": "message.failed",
        "message_id": "msg_01",
        "attempt": 2,
        "time": "2026-11-23T12:00:00.000Z",
        "level": "info",
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("surname", "Exampleton"),
        ("child", {"surname": "Exampleton"}),
        ("fate", CANARY),
        ("code", f"x {CANARY}"),
        ("message_id", CANARY.encode()),
        ("organisation", [CANARY]),
        ("route", "/v1/intake?name=Testina Exampleton"),
        ("format", "Exampleton " * 100),
        ("fate", "line\nbreak"),
        ("attempt", float("nan")),
        (CANARY, "x"),
    ],
)
def test_what_is_not_listed_or_not_a_plain_word_is_withheld(stream: io.StringIO, key: str, value: object) -> None:
    structlog.get_logger().info(LogEvent.MESSAGE_FAILED, **{key: value})

    assert WITHHELD in last(stream).values()
    assert "Exampleton" not in stream.getvalue()


def test_an_event_that_is_not_in_the_catalogue_is_not_written(stream: io.StringIO) -> None:
    structlog.get_logger().info(f"sent {CANARY}")

    assert last(stream)["event"] == "event.unknown"
    assert "Exampleton" not in stream.getvalue()


def _raised(error: Exception) -> Exception:
    error.__cause__ = KeyError(CANARY)
    return error


@pytest.mark.parametrize("how", ["error", "exc_info"])
def test_an_exception_is_told_by_class_code_and_cause(stream: io.StringIO, how: str) -> None:
    error = _raised(PartnerUnavailableError(CANARY, code="timeout"))

    structlog.get_logger().error(LogEvent.DELIVERY_FAILED, **{how: error})

    assert last(stream) | {"error_type": "PartnerUnavailableError", "error_code": "timeout"} == last(stream)
    assert last(stream)["error_cause"] == "KeyError"
    assert "Exampleton" not in stream.getvalue()


def test_the_exception_at_hand_is_told_likewise(stream: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        structlog.get_logger().exception(LogEvent.DELIVERY_FAILED)

    assert last(stream)["error_type"] == "ValueError"
    assert last(stream)["level"] == "error"
    assert "Exampleton" not in stream.getvalue()


def test_an_exception_tells_where_in_our_code_it_passed_last() -> None:
    with pytest.raises(ValueError, match="kind") as caught:
        _make_an_id_badly()

    assert re.fullmatch(r"gateway/app/ids\.py:\d+", safe_error(caught.value)["error_at"])


def _make_an_id_badly() -> None:
    from gateway.app.ids import SortableIds  # noqa: PLC0415  # the import is not what the test is about

    SortableIds(_Noon()).fresh("")


def test_the_place_in_an_error_of_ours_is_not_logged(stream: io.StringIO) -> None:
    structlog.get_logger().error(LogEvent.MESSAGE_FAILED, error=MalformedMessageError(CANARY))

    assert "Exampleton" not in stream.getvalue()


@pytest.mark.parametrize("name", ["uvicorn.error", "httpx", "asyncio", "some.library"])
def test_a_librarys_words_are_withheld(stream: io.StringIO, name: str) -> None:
    # A simulator that ran in this process before may have hushed its server, and with it everybody's.
    logging.getLogger(name).setLevel(logging.NOTSET)

    logging.getLogger(name).error("child %s", CANARY, exc_info=ValueError(CANARY))

    assert last(stream) | {"event": "library.spoke", "library": name, "error_type": "ValueError"} == last(stream)
    assert "Exampleton" not in stream.getvalue()


def test_a_librarys_chatter_is_left_out(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://mash.example/?name=%s", CANARY)

    assert stream.getvalue() == ""


def test_a_warnings_words_are_withheld(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, UserWarning, stacklevel=1)

    assert last(stream)["library"] == "py.warnings"
    assert "Exampleton" not in stream.getvalue()


_NOBODY_CATCHES = """
import sys, threading
from gateway.app.clock import SystemClock
from gateway.app.logging import catch_what_nobody_caught, configure_logging
configure_logging(SystemClock()); catch_what_nobody_caught()
class Bad:
    def __del__(self): raise ValueError("Testina Exampleton")
def dies(): raise ValueError("Testina Exampleton")
thread = threading.Thread(target=dies, name="worker"); thread.start(); thread.join()
bad = Bad(); del bad
dies()
"""


def test_an_exception_nobody_caught_prints_no_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _NOBODY_CATCHES], capture_output=True, text=True, cwd=ROOT, check=False
    )

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 1
    assert [line["event"] for line in lines] == ["bug.surfaced"] * 3
    assert "Exampleton" not in ended.stderr + ended.stdout


def _is_log_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "_log", "logger"}
    )


def _calls() -> list[tuple[str, ast.Call]]:
    trees = ((path, ast.parse(path.read_text())) for path in sorted((ROOT / "gateway").rglob("*.py")))
    nodes = ((path, node) for path, tree in trees for node in ast.walk(tree))
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path, node in nodes
        if _is_log_call(node) and isinstance(node, ast.Call)
    ]


@pytest.mark.parametrize("call", [call for _, call in _calls()], ids=[where for where, _ in _calls()])
def test_every_log_line_in_the_code_is_one_of_the_catalogue(call: ast.Call) -> None:
    name = call.args[0]
    keys = {keyword.arg for keyword in call.keywords}

    is_member = isinstance(name, ast.Attribute) and name.attr in LogEvent.__members__
    is_name = isinstance(name, ast.Constant) and name.value in set(LogEvent)
    assert is_member or is_name
    assert keys <= set(KEYS) | {"error", "exc_info"}


@pytest.mark.parametrize("event", LogEvent)
def test_every_event_of_the_catalogue_is_written_somewhere(event: LogEvent) -> None:
    code = [path.read_text() for path in (ROOT / "gateway").rglob("*.py") if path.name != "log_events.py"]

    assert any(f"LogEvent.{event.name}" in text or f'"{event.value}"' in text for text in code)


def _table(first: dict[str, str]) -> str:
    return "\n".join(f"| `{name}` | {text} |" for name, text in first.items())


def test_the_documentation_lists_every_event() -> None:
    assert _table({event.value: event.when for event in LogEvent}) in CATALOGUE.read_text()


def test_the_documentation_lists_every_key() -> None:
    assert _table(dict(KEYS)) in CATALOGUE.read_text()
