"""What is wrong with how a policy answers these questions? The checks that hold of every cell."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.consent.decide import decide
from gateway.consent.decision import Decision, Permit, Refusal
from gateway.consent.policy import Policy
from gateway.consent.question import Mode, Purpose, Question
from gateway.consent.question_json import question_to_json
from tests.oracle.cells import DENIALS
from tests.oracle.explained import EXPLAINED
from tests.oracle.second_opinion import Opinion, SecondOpinion
from tests.unit.consent.strategies import lets_go

NEED: Final = {"P-EMERG", "P-ORDER", "P-S47", "P-16LA", "P-S17C", "P-S17O"}
"""Permits of rows 10 to 19."""
MAY_REFUSE_PROTECTION: Final = {"D-CHANNEL", "D-LEGAL", "D-POLICE"}
"""Refusals of rows 1, 3 and 9."""
KEPT: Final = 5
"""How many questions are kept for each kind of fault."""


@dataclass(slots=True)
class Found:
    """How many cells were looked at, how they were answered, and what was wrong."""

    cells: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    only_cedar_permits: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[Question]] = field(default_factory=dict)

    def wrong(self, what: str, question: Question) -> None:
        """Note a fault, with a few of the questions that show it."""
        kept = self.faults.setdefault(what, [])
        if len(kept) < KEPT:
            kept.append(question)

    def add(self, other: "Found") -> None:
        """Join what was found elsewhere."""
        self.cells += other.cells
        self.answers += other.answers
        self.only_cedar_permits += other.only_cedar_permits
        for what, questions in other.faults.items():
            self.faults.setdefault(what, []).extend(questions)


def check(
    questions: Iterable[Question], *, policy: Policy, opinion: SecondOpinion, denials: int = 1, first: int = 0
) -> Found:
    """Ask every question of both engines, and look at each answer.

    Args:
        questions: the cells.
        policy: our rules.
        opinion: the second engine.
        denials: how many of the denials each question is asked again with; they take turns.
        first: the denial that begins.
    """
    found, names = Found(), list(DENIALS)
    numbers = _numbers(policy)
    for count, question in enumerate(questions, start=first):
        found.cells += 1
        answer = decide(question, policy=policy)
        found.answers[answer.grounds.reason] += 1
        for what, holds in _RULES.items():
            if not holds(question, answer):
                found.wrong(what, question)
        if answer.grounds.reason not in numbers or not numbers[answer.grounds.reason] & set(answer.grounds.rules):
            found.wrong(f"{answer.grounds.reason} is given by no row that says so", question)
        for turn in range(denials):
            _deny(question, answer, names[(count * denials + turn) % len(names)], policy, found)
        _compare(question, answer, opinion(question_to_json(question)), found)
    return found


def _numbers(policy: Policy) -> dict[str, set[int]]:
    """Return the rows that give each reason; what leaves nothing is told by the rows that took it away."""
    cutting = {row.number for row in policy.rows if row.kind == "modifier"}
    numbers: dict[str, set[int]] = {"D-EMPTY": cutting, "H-EMPTY": cutting}
    for row in policy.rows:
        numbers.setdefault(row.reason, set()).add(row.number)
    return numbers


def _is_protection(question: Question) -> bool:
    """Tell whether it is about significant harm or an emergency."""
    purposes, levels = {Purpose.SAFEGUARD_S47, Purpose.EMERGENCY}, {"L4", "IMMEDIATE"}
    return question.purpose in purposes or question.level in levels or question.emergency is True


def _protection_is_not_refused(question: Question, answer: Decision) -> bool:
    return (
        not isinstance(answer, Refusal)
        or not _is_protection(question)
        or answer.grounds.reason in MAY_REFUSE_PROTECTION
    )


def _withdrawal_holds(question: Question, answer: Decision) -> bool:
    """Tell whether nothing that rests on consent goes after a withdrawal."""
    if question.mode is Mode.CONVEY or not isinstance(answer, Permit) or answer.grounds.reason in NEED:
        return True
    withdrawn = {kind for one in question.consents if one.status == "WITHDRAWN" for kind in one.kinds}
    return not (
        (question.purpose in {Purpose.REQUEST_EH, Purpose.COORDINATE} and "SHARE" in withdrawn)
        or (question.purpose is Purpose.SCHOOL_EXPORT and question.direction != "in" and "SHARE" in withdrawn)
        or (question.purpose is Purpose.STEP_UP and "SHARE" in withdrawn)
        or (question.purpose is Purpose.TRANSFER and "TRANSFER" in withdrawn)
    )


def _nothing_falls_through(question: Question, answer: Decision) -> bool:
    """Tell whether what rests on consent is answered by a row of its own, never by the last one for want of any."""
    resting = {Purpose.REQUEST_EH, Purpose.COORDINATE, Purpose.SCHOOL_EXPORT, Purpose.STEP_UP, Purpose.TRANSFER}
    return question.purpose not in resting or answer.grounds.reason != "D-DEFAULT"


def _goes_only_as_asked(question: Question, answer: Decision) -> bool:
    return not isinstance(answer, Permit) or set(answer.kept) <= set(question.categories)


_RULES: Final[dict[str, Callable[[Question, Decision], bool]]] = {
    "significant harm or an emergency is refused by another row than 1, 3 and 9": _protection_is_not_refused,
    "content goes after a withdrawal, and not by need": _withdrawal_holds,
    "more goes than was asked for": _goes_only_as_asked,
    "no row but the last speaks of content": _nothing_falls_through,
}


def _deny(question: Question, answer: Decision, name: str, policy: Policy, found: Found) -> None:
    """See that a denial more lets nothing more go, and that asking again changes nothing."""
    denied = DENIALS[name](question)
    again = decide(denied, policy=policy)
    if not lets_go(again) <= lets_go(answer):
        found.wrong(f"more goes with {name}", question)
    if denied == question and again != answer:
        found.wrong("the same question has two answers", question)


def _compare(question: Question, answer: Decision, second: Opinion, found: Found) -> None:
    if not isinstance(answer, Permit):
        if second.permits:
            reason = answer.grounds.reason
            found.only_cedar_permits[reason] += 1
            if reason not in EXPLAINED or not EXPLAINED[reason](question, second.because):
                found.wrong(f"{reason}, and the second engine permits by {sorted(second.because)}", question)
        return
    if not second.permits:
        # Feedback and notices may go though everything asked for is cut: then nothing goes that could be refused.
        if question.categories and not answer.kept:
            return
        found.wrong(
            f"{answer.grounds.reason} is permitted, and the second engine says {sorted(second.because)}", question
        )
        return
    kept = {category.value for category in answer.kept}
    if second.hides and not any(redaction.persons for redaction in answer.redactions):
        found.wrong(f"{answer.grounds.reason} tells of whoever has not agreed, whom the second engine hides", question)
    if kept & second.cut:
        found.wrong(
            f"{answer.grounds.reason} lets {sorted(kept & second.cut)} go, which the second engine cuts", question
        )
