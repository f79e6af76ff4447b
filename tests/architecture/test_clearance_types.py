"""Does a document that nobody cleared fail to type-check, and does nobody reach behind the guard?"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "gateway").rglob("*.py"))
HOMES = {"clearance.py", "partner_document.py"}

PLANTED = """
from datetime import datetime
from typing import assert_never

from gateway.consent.clearance import Clearance, CurrentFacts, Stale, clear
from gateway.consent.decide import decide
from gateway.consent.decision import Permit, Refusal, Review
from gateway.consent.policy import Policy
from gateway.consent.question import Question
from gateway.flows.ports import Outlet
from gateway.flows.store.rows import Handover
from gateway.model.episode import Episode
from gateway.model.tree import Group
from gateway.translation.mapping import Mapping
from gateway.translation.message_translator import translate_out
from gateway.translation.partner_document import OutEnvelope, PartnerDocument


def a_tree_is_no_clearance(mapping: Mapping, tree: Group, envelope: OutEnvelope) -> PartnerDocument:
    return translate_out(mapping, tree, envelope=envelope)  # expect: arg-type


def an_episode_is_no_clearance(mapping: Mapping, episode: Episode, envelope: OutEnvelope) -> PartnerDocument:
    return translate_out(mapping, episode, envelope=envelope)  # expect: arg-type


def a_permit_is_no_clearance(mapping: Mapping, permit: Permit, envelope: OutEnvelope) -> PartnerDocument:
    return translate_out(mapping, permit, envelope=envelope)  # expect: arg-type


def an_answer_must_be_looked_at(mapping: Mapping, cleared: Clearance | Stale, envelope: OutEnvelope) -> PartnerDocument:
    return translate_out(mapping, cleared, envelope=envelope)  # expect: arg-type


def only_a_permit_can_be_cleared(question: Question, policy: Policy, facts: CurrentFacts, at: datetime) -> None:
    clear(decide(question, policy=policy), facts, at, document="mash.referral", tree={})  # expect: arg-type


def there_is_no_constructor() -> Clearance:
    return Clearance()  # expect: call-arg


def there_is_no_argument_that_fits_it(tree: Group) -> Clearance:
    return Clearance(tree)  # expect: arg-type


def nothing_in_it_can_be_set(cleared: Clearance) -> None:
    cleared.recipient = "school-1"  # expect: misc


def a_tree_cannot_be_sent(outlet: Outlet, tree: Group, handover: Handover) -> str:
    return outlet.send(tree, b"", handover)  # expect: arg-type


def a_clearance_cannot_be_sent(outlet: Outlet, cleared: Clearance, handover: Handover) -> str:
    return outlet.send(cleared, b"", handover)  # expect: arg-type


def a_refusal_that_nobody_handles(question: Question, policy: Policy) -> str:
    decision = decide(question, policy=policy)
    match decision:  # expect: exhaustive-match
        case Permit():
            return "goes"
        case Review():
            return "waits"
    return ""


def every_answer_handled(question: Question, policy: Policy) -> str:
    decision = decide(question, policy=policy)
    match decision:
        case Permit():
            return "goes"
        case Review():
            return "waits"
        case Refusal():
            return "stays"


def as_it_should_be(
    mapping: Mapping, permit: Permit, facts: CurrentFacts, tree: Group, envelope: OutEnvelope, at: datetime
) -> PartnerDocument | None:
    cleared = clear(permit, facts, at, document="mash.referral", tree=tree)
    match cleared:
        case Clearance():
            return translate_out(mapping, cleared, envelope=envelope)
        case Stale():
            return None
        case _:
            assert_never(cleared)


class Wider(Clearance):  # expect: misc
    pass
"""


def test_what_nobody_cleared_does_not_type_check(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(PLANTED)
    expected = {
        (number, found.group(1))
        for number, line in enumerate(PLANTED.splitlines(), start=1)
        if (found := re.search(r"# expect: (\S+)", line))
    }

    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", "--no-pretty", planted],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    lines = [line for line in ran.stdout.splitlines() if "planted.py" in line and ": error:" in line]
    parts = (re.search(r"planted\.py:(\d+): error: .*\[([\w-]+)\]$", line) for line in lines)
    found = {(int(part.group(1)), part.group(2)) for part in parts if part}
    assert found == expected, ran.stdout + ran.stderr


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_reaches_behind_the_guard(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    private = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.rpartition(".")[2] + ".py" in HOMES
        for alias in node.names
        if alias.name.startswith("_")
    ]
    reached = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"_MADE", "_make", "_content_of"}
    ]
    shells = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("object.__new__") and source.name not in HOMES
    ]

    assert (private, reached, shells) == ([], [], [])
