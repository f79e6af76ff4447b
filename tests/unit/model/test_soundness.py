"""What cannot be right is told by its place, and nothing that can be right is."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.model.soundness import doubts

EXAMPLE = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf" / "episode-full.json"
LEADER = {"role": "LEAD_PROFESSIONAL", "holder": {"name": "Lea Leading"}}


def test_a_sound_record_raises_no_doubt() -> None:
    assert doubts(json.loads(EXAMPLE.read_bytes())["document"]) == ()


@pytest.mark.parametrize(
    ("tree", "path", "code"),
    [
        ({"closure": {"reason": "C01"}}, "closure", "closure-incomplete"),
        ({"closure": {"reason": "C01", "summary": " "}}, "closure", "closure-incomplete"),
        ({"closure": {"summary": "all is well"}}, "closure", "closure-incomplete"),
        ({"state": "closed"}, "state", "closed-without-closure"),
        ({"child": {"born": "2016-06-14", "expected": "2016-07-01"}}, "child", "several-birthdays"),
        ({"child": {"disabilities": ["NONE", "HEAR"]}}, "child.disabilities", "none-and-some"),
        ({"assessment": {"factors": {"other": ["21"], "health": ["4A"]}}}, "assessment.factors", "none-and-some"),
        ({"scores": [{"value": 5}, {"value": 6}]}, "scores[1].value", "score-off-scale"),
        ({"roles": [LEADER, LEADER]}, "roles", "several-leads"),
    ],
)
def test_what_cannot_be_right_is_told_by_its_place(tree: dict[str, Any], path: str, code: str) -> None:
    assert [(one.path, one.code) for one in doubts(tree)] == [(path, code)]


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"child": {"expected": "2026-12-01"}},
        {"child": {"disabilities": ["NONE"]}},
        {"assessment": {"factors": {"other": ["21"]}}},
        {"scores": [{"stage": "REVIEW"}, {"value": 10, "highest": 10}]},
        {"roles": [{**LEADER, "until_on": "2026-03-01"}, LEADER]},
    ],
)
def test_what_can_be_right_is_left_alone(tree: dict[str, Any]) -> None:
    assert doubts(tree) == ()
