"""Does every command line end as it should?"""

import json

import pytest

from gateway.app.cli import build
from gateway.app.commands.output import clean, our_mistake
from gateway.app.operations.catalogue import OPERATIONS
from gateway.formats.register import FORMATS
from tests.unit.commands.shell import Shell

AT_THE_COMMAND_LINE_UNDER_ANOTHER_NAME = {
    "health.check": "doctor",
    "account.password": "users password",
    "home.show": "messages list",
    "labels.import": "labels map",
    "decisions.explain": "explain",
    "deliveries.recall": "recall",
    "records.correct": "correct",
    "deliveries.break-glass": "break-glass",
}


def test_formats_lists_every_format_with_its_directions(shell: Shell) -> None:
    typed = shell.type("formats", "--json")

    assert typed.code == 0
    assert {one["name"]: (one["in"], one["out"]) for one in typed.json["formats"]} == {
        name: ("in" in form.directions, "out" in form.directions) for name, form in FORMATS.items()
    }


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nonsense"], id="no such command"),
        pytest.param(["messages", "show"], id="something missing"),
        pytest.param(["formats", "--colour"], id="no such option"),
        pytest.param(["messages", "list", "--limit", "many"], id="no number"),
    ],
)
def test_a_wrong_call_is_refused_with_a_reason(shell: Shell, words: list[str]) -> None:
    typed = shell.type(*words)

    assert typed.code == 2
    assert typed.error["code"] == "usage"
    assert typed.error["message"]


def test_help_is_an_answer(shell: Shell) -> None:
    typed = shell.type("translate", "--help")

    assert typed.code == 0
    assert "--test-permit" in typed.out


@pytest.mark.parametrize("name", [pytest.param(one, id=one) for one in OPERATIONS])
def test_every_operation_can_be_typed(shell: Shell, name: str) -> None:
    words = AT_THE_COMMAND_LINE_UNDER_ANOTHER_NAME.get(name, name.replace(".", " "))

    typed = shell.type(*words.split(), "--help")

    assert typed.code == 0


@pytest.mark.parametrize(
    "words", ["formats", "translate", "decide", "match", "check", "mapping coverage", "mapping try"]
)
def test_every_command_takes_json(shell: Shell, words: str) -> None:
    assert "--json" in shell.type(*words.split(), "--help").out


def test_a_mistake_of_ours_tells_its_place_and_not_its_message() -> None:
    told = _told_of_a_mistake()

    assert told["code"] == "internal"
    assert "ValueError" in told["message"]
    assert "Exampleton" not in json.dumps(told)


def _told_of_a_mistake() -> dict[str, str]:
    try:
        raise ValueError("Testina Exampleton")  # noqa: TRY301 - the mistake itself
    except ValueError as error:
        return our_mistake(error)


def test_what_comes_from_outside_cannot_steer_a_terminal() -> None:
    assert clean("a\x1b[2Jb\u202ec") == "a\ufffd[2Jb\ufffdc"


def test_the_program_has_one_name() -> None:
    assert build().info.name == "gateway"
