import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app import partner_profiles, settings
from gateway.app.http import bodies
from gateway.app.http.problems import INTERNAL, Problem, kinds, problem_of
from gateway.errors import (
    BusyError,
    Fate,
    GatewayError,
    IntegrityError,
    MalformedMessageError,
    PermanentError,
    Place,
    fate_of,
)

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "errors.md").read_text()
LOADED = (partner_profiles, settings, bodies)
_FATES = {Fate.RETRY: "retry", Fate.DEAD_LETTER: "dead letter", Fate.HALT: "halt"}
_NOT_PROBLEMS = {"app/commands", "app/console", "simulators", "demo"}


def _tree(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


def _told(kind: type[GatewayError]) -> Problem:
    return problem_of(kind("x"), busy_seconds=2)


OURS = [
    kind for kind in _tree(GatewayError) if kind.__module__.startswith("gateway.") and "commands" not in kind.__module__
]


@pytest.mark.parametrize("kind", OURS[1:], ids=lambda kind: kind.__name__)
def test_every_error_of_ours_has_an_answer_that_is_not_500(kind: type[GatewayError]) -> None:
    assert 400 <= _told(kind).status < 500 or _told(kind).status == 503


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_the_documentation_tells_every_errors_fate_and_status(kind: type[GatewayError]) -> None:
    fate = _FATES[fate_of(kind("x"), attempt=1, limit=2)]

    assert f"| `{kind.code}` | {kind.__name__} | {fate} | {_told(kind).status} |" in PAGE


def _codes_in_the_code() -> set[str]:
    trees = [
        ast.parse(path.read_text())
        for path in (ROOT / "gateway").rglob("*.py")
        if not any(part in path.as_posix() for part in _NOT_PROBLEMS)
    ]
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    raised = (call for call in calls if ast.unparse(call.func).endswith("Error"))
    given = (keyword.value for call in raised for keyword in call.keywords if keyword.arg == "code")
    return {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}


@pytest.mark.parametrize("code", sorted(_codes_in_the_code()))
def test_the_documentation_explains_every_code(code: str) -> None:
    assert f"| `{code}` |" in PAGE


@pytest.mark.parametrize("code", sorted(set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE))))
def test_the_documentation_explains_no_code_that_is_never_given(code: str) -> None:
    code_of_ours = [path.read_text() for path in (ROOT / "gateway").rglob("*.py")]

    assert any(f'"{code}"' in text for text in code_of_ours)


def test_a_problem_names_kind_code_and_place() -> None:
    error = MalformedMessageError("half a pair", code="bad-text", place=Place(path="answers[3].text", line=9))

    told = json.loads(problem_of(error, busy_seconds=2).body)

    assert told == {
        "type": "/docs#problem-malformed",
        "title": "The body is not the format it claims to be",
        "status": 400,
        "code": "bad-text",
        "detail": "half a pair",
        "path": "answers[3].text",
        "line": 9,
    }


def test_nothing_is_told_of_a_foreign_exception() -> None:
    assert problem_of(KeyError("Testina Exampleton"), busy_seconds=2) is INTERNAL


def test_nothing_is_told_of_an_error_no_request_can_cause() -> None:
    assert problem_of(PermanentError("no such column", code="store-misuse"), busy_seconds=2) is INTERNAL


def test_nothing_is_told_of_a_broken_promise() -> None:
    told = problem_of(IntegrityError("Testina", expected="Testina", found="Exampleton"), busy_seconds=2)

    assert told.detail is None
    assert b"Testina" not in told.body


@pytest.mark.parametrize(("asked", "told"), [(None, b"2"), (0.0, b"2"), (0.2, b"1"), (7.5, b"8")])
def test_a_wait_is_whole_seconds_and_at_least_one(asked: float | None, told: bytes) -> None:
    problem = problem_of(BusyError("later", retry_after_seconds=asked), busy_seconds=2)

    assert problem.headers == ((b"retry-after", told),)


def test_every_kind_of_problem_has_one_name() -> None:
    names = [kind.kind for kind in kinds()]

    assert len(names) == len(set(names))
