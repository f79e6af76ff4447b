"""May a document about several children go? Only if each child's own facts let it.

What one family agreed to says nothing of another child, so there is one question for each child, and the strictest
answer counts. What any of them withholds is withheld of the whole document, because nobody cuts it child by child.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.consent.decide import LOG, NO_EPOCHS, decide, is_bare, when_empty
from gateway.consent.decision import Answer, Decision, Grounds, Permit, Refusal, Review
from gateway.consent.digest import digest_of_all
from gateway.consent.policy import Policy
from gateway.consent.policy_file import Result
from gateway.consent.question import ProtectionFlag, Question
from gateway.consent.question_json import result_of

_STRICTNESS: Final[Mapping[type[Decision], int]] = {Permit: 0, Review: 1, Refusal: 2}


def decide_together(
    question: Question, *siblings: Question, policy: Policy, epochs: Mapping[str, int] = NO_EPOCHS
) -> Decision:
    """Return whether a document that is about several children may go.

    Promise: what goes is what every question by itself lets go, and nothing more; one question alone has the answer
    that `decide` gives.

    Args:
        question: what is asked of the first child.
        siblings: the same of each other child, with that child's facts.
        policy: the rules.
        epochs: the counters of all of them, as they stood when the facts were read.
    """
    if not siblings:
        return decide(question, policy=policy, epochs=epochs)
    questions = (question, *siblings)
    flags = tuple(dict.fromkeys(flag for one in questions for flag in one.flags))
    decisions = [_of_one(one, flags, policy, epochs) for one in questions]
    strictest = max(_STRICTNESS[type(one)] for one in decisions)
    counted = [one for one in decisions if _STRICTNESS[type(one)] == strictest]
    grounds = _grounds(decisions, counted)
    permits = [one for one in counted if isinstance(one, Permit)]
    if permits:
        return _permit(questions, permits, grounds, policy)
    return replace(counted[0], grounds=grounds)


def _of_one(
    question: Question, flags: tuple[ProtectionFlag, ...], policy: Policy, epochs: Mapping[str, int]
) -> Decision:
    """Return what one child's facts say, with the *flags* of all: a flag protects somebody in the document as a whole.

    A sibling's flag may put a question to a person that comes before a refusal. The refusal stands all the same.
    """
    flagged = decide(replace(question, flags=flags), policy=policy, epochs=epochs)
    if flags == question.flags:
        return flagged
    alone = decide(question, policy=policy, epochs=epochs)
    return alone if _STRICTNESS[type(alone)] > _STRICTNESS[type(flagged)] else flagged


def _permit(questions: tuple[Question, ...], permits: list[Permit], grounds: Grounds, policy: Policy) -> Decision:
    """Return the permit to send what all of *permits* let go; nothing may be left of it, and then it does not go."""
    first, *others = permits
    redactions = tuple(dict.fromkeys(redaction for permit in permits for redaction in permit.redactions))
    kept = tuple(category for category in first.kept if all(category in permit.kept for permit in others))
    if any(is_bare(one, policy.tables, kept) for one in questions):
        left = (when_empty(one, policy.tables) for one in questions)
        result, reason = min(left, key=lambda one: one[0] is not Result.REVIEW)
        obligations = tuple(dict.fromkeys((*grounds.obligations, LOG)))
        empty = replace(grounds, reason=reason, obligations=obligations)
        return Review(grounds=empty) if result is Result.REVIEW else Refusal(grounds=empty)
    return Permit(grounds=grounds, redactions=redactions, kept=kept, epochs=first.epochs)


def _grounds(decisions: list[Decision], counted: list[Decision]) -> Grounds:
    """Return what the answer rests on: the rules of those that count, the facts and the time limit of all."""
    grounds = [one.grounds for one in counted]
    ends = [one.grounds.valid_until for one in decisions if one.grounds.valid_until is not None]
    return replace(
        grounds[0],
        rules=tuple(dict.fromkeys(number for one in grounds for number in one.rules)),
        obligations=tuple(dict.fromkeys(code for one in grounds for code in one.obligations)),
        facts_digest=digest_of_all(one.grounds.facts_digest for one in decisions),
        valid_until=min(ends, default=None),
        answers=tuple(
            Answer(result=result_of(one), reason=one.grounds.reason, rules=one.grounds.rules) for one in decisions
        ),
    )
