"""Is one question answered, and are two children compared?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.matching.pairs import COLUMNS_IN
from tests.unit.commands.shell import Shell

QUESTION: dict[str, Any] = {
    "purpose": "COORDINATE",
    "at": "2026-11-23T09:00:00Z",
    "requester": {
        "organisation": "school-1",
        "type": "school",
        "authenticated": True,
        "training_valid": True,
        "agreement_signed": True,
    },
    "recipient": {
        "organisation": "camhs-1",
        "type": "health",
        "in_directory": True,
        "secure_channel": True,
        "agreement": {"id": "dsa-7", "version": "3", "status": "in_force", "expired_days": 0},
    },
    "categories": ["CAT-ID", "CAT-EDU"],
    "match": {"status": "MATCH", "score": 0.98},
}
CHILD = {"given": "Testina", "family": "Exampleton", "dob": "2016-06-15", "postcode": "ZZ99 3AA"}


def a_file(folder: Path, name: str, content: object) -> Path:
    file = folder / name
    file.write_text(json.dumps(content))
    return file


def test_a_no_is_an_answer(shell: Shell, tmp_path: Path) -> None:
    typed = shell.type("decide", a_file(tmp_path, "question.json", QUESTION))

    assert typed.code == 0
    assert (typed.json["result"], typed.json["reason"]) == ("DENY", "D-NONE")
    assert set(typed.json) == {
        "result",
        "reason",
        "rules",
        "obligations",
        "redactions",
        "policy_version",
        "valid_until",
    }


def test_an_answer_can_be_explained_to_somebody_who_never_saw_the_rules(shell: Shell, tmp_path: Path) -> None:
    typed = shell.type("decide", a_file(tmp_path, "question.json", QUESTION), "--explain")

    assert typed.json["explanation"]["text"]
    assert typed.json["explanation"]["advice"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"purpose": "CURIOSITY"}, "purpose", id="no such purpose"),
        pytest.param({"colour": "green"}, "colour", id="no such key"),
        pytest.param({"at": "2026-11-23T09:00:00"}, "at", id="time without zone"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_place(
    shell: Shell, tmp_path: Path, change: dict[str, str], path: str
) -> None:
    typed = shell.type("decide", a_file(tmp_path, "question.json", {**QUESTION, **change}))

    assert (typed.code, typed.error["path"]) == (2, path)


def test_two_files_about_one_child_match(shell: Shell, tmp_path: Path) -> None:
    left, right = a_file(tmp_path, "a.json", CHILD), a_file(tmp_path, "b.json", {**CHILD, "sex": "F"})

    typed = shell.type("match", left, right, "--json")

    assert (typed.code, typed.json["band"]) == (0, "MATCH")


def test_pairs_of_a_file_are_answered_row_by_row(shell: Shell, tmp_path: Path) -> None:
    pairs, out = tmp_path / "pairs.csv", tmp_path / "out.csv"
    sides = [f"{side}_{name}" for side in ("left", "right") for name in CHILD]
    pairs.write_text(
        f"{','.join(COLUMNS_IN)}\n"
        + ",".join(_cells({"id": "1", **dict(zip(sides, [*CHILD.values()] * 2, strict=True))}))
    )

    typed = shell.type("match", "--pairs", pairs, "-o", out)

    assert typed.code == 0
    assert out.read_text().splitlines()[1].startswith("1,MATCH,")


def _cells(row: dict[str, str]) -> list[str]:
    return [row.get(name, "") for name in COLUMNS_IN]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing"),
        pytest.param(["a.json"], id="one file"),
        pytest.param(["a.json", "b.json", "--pairs", "c.csv"], id="both kinds"),
    ],
)
def test_a_comparison_needs_two_files_or_pairs(shell: Shell, words: list[str]) -> None:
    typed = shell.type("match", *words)

    assert (typed.code, typed.error["code"]) == (2, "usage")


def test_a_file_of_pairs_without_its_columns_is_refused(shell: Shell, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("id,left_given\n1,Testina\n")

    typed = shell.type("match", "--pairs", pairs)

    assert (typed.code, typed.error["path"]) == (2, "left_family")
