"""What is the least that would have to be different for the answer to be another? Found by asking the rules.

Changes are those of `gateway.consent.changes`: one by one, then two at a time. Whatever is told was tried: the rules,
asked with those facts, do give the other answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from gateway.consent.changes import LETS_IT_GO, STOPS_IT, Change, World
from gateway.consent.decision import Decision, Permit, Refusal, Review
from gateway.consent.policy import Policy
from gateway.consent.question import Question
from gateway.consent.question_json import result_of
from gateway.consent.together import decide_together

_MOST_TOGETHER: Final = 2
_MOST_TOLD: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Changes that together give another answer.

    Shape: `codes` and `plain` name them; `result` and `reason` are what the rules say then.
    """

    codes: tuple[str, ...]
    plain: tuple[str, ...]
    result: str
    reason: str


def flips(*questions: Question, policy: Policy) -> tuple[Flip, ...]:
    """Return the smallest changes that would turn the answer: up to three of the same size, the likeliest first.

    What goes is turned into what does not go by itself. What does not go is turned into what goes; where nothing on the
    list does that, a refusal is turned into a question for a person, and if that too is out of reach, there are none:
    then it is not for anybody here to change.

    Args:
        questions: what was asked, one for each child it is about.
        policy: the rules.
    """
    decision = decide_together(*questions, policy=policy)
    if isinstance(decision, Permit):
        return _smallest(questions, policy, decision, STOPS_IT, lambda found: not isinstance(found, Permit))
    goes = _smallest(questions, policy, decision, LETS_IT_GO, lambda found: isinstance(found, Permit))
    if goes or isinstance(decision, Review):
        return goes
    return _smallest(questions, policy, decision, LETS_IT_GO, lambda found: not isinstance(found, Refusal))


def _smallest(
    questions: tuple[Question, ...],
    policy: Policy,
    decision: Decision,
    changes: tuple[Change, ...],
    is_it: Callable[[Decision], bool],
) -> tuple[Flip, ...]:
    world = _world(policy, decision)
    for size in range(1, _MOST_TOGETHER + 1):
        found = tuple(_found(questions, policy, world, combinations(changes, size), is_it))
        if found:
            return found
    return ()


def _found(
    questions: tuple[Question, ...],
    policy: Policy,
    world: World,
    sets: Iterator[tuple[Change, ...]],
    is_it: Callable[[Decision], bool],
) -> Iterator[Flip]:
    told = 0
    for chosen in sets:
        changed = _changed(questions, chosen, world)
        if changed is None:
            continue
        answer = decide_together(*changed, policy=policy)
        if not is_it(answer):
            continue
        yield Flip(
            codes=tuple(one.code for one in chosen),
            plain=tuple(one.plain for one in chosen),
            result=result_of(answer),
            reason=answer.grounds.reason,
        )
        told += 1
        if told == _MOST_TOLD:
            return


def _changed(questions: tuple[Question, ...], chosen: tuple[Change, ...], world: World) -> tuple[Question, ...] | None:
    """Return *questions* after all of *chosen*; None where one of them makes no sense, or changes nothing, for all."""
    for change in chosen:
        made = [change.made(question, world) for question in questions]
        kept = tuple(old if new is None else new for old, new in zip(questions, made, strict=True))
        if kept == questions:
            return None
        questions = kept
    return questions


def _world(policy: Policy, decision: Decision) -> World:
    tables = policy.tables
    return World(
        terms=tables.terms,
        asked_by=decision.grounds.reason if isinstance(decision, Review) else None,
        audit_role=min(tables.audit_roles, default=None),
        social_work_role=min(tables.social_work_roles, default=None),
        manager_role=min(tables.manager_roles, default=None),
    )
