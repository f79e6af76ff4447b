"""What may a parent be told of a decision? Never what would give away a protected person, and never a lie.

There are six things to say, and which of them is said follows from the answer, not from what was kept back: what is
withheld because of a protection is never mentioned, so a parent reads the same whether there was such a thing or not.
Where the rules forbid to tell the family, or telling might show what a child or somebody else told us, there is one
answer for all of it, which is given in many ordinary cases too.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.consent.decision import Decision, Permit, Review
from gateway.consent.policy import Policy
from gateway.consent.question import Mode, Purpose, Question
from gateway.consent.record_json import read_record
from gateway.errors import PolicyError, SchemaViolationError

NO_INFORM: Final = "O-NOINFORM"
IF_SAFE: Final = "O-INFORM-IF-SAFE"


class Situation(StrEnum):
    """What can be said."""

    SENT_BY_AGREEMENT = "sent_by_agreement"
    SENT_TO_PROTECT = "sent_to_protect"
    WAITING = "waiting"
    NO_AGREEMENT = "no_agreement"
    NOT_SENT = "not_sent"
    CANNOT_SAY = "cannot_say"


class Told(StrEnum):
    """Whether somebody may say it to the family."""

    YES = "yes"
    IF_SAFE = "if safe"
    """Only once somebody has made sure that telling puts nobody at risk."""
    NO = "no"
    """Not of our own accord. Whoever asks gets these words, which are those for many other things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyWords:
    """One thing to say: what it is, in a paragraph, and what a parent can do."""

    heading: str
    text: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForFamily:
    """What may be said of one decision, and whether."""

    may_be_told: Told
    words: FamilyWords


_ORDINARY: Final = frozenset(
    {
        Purpose.REQUEST_EH,
        Purpose.COORDINATE,
        Purpose.SCHOOL_EXPORT,
        Purpose.STEP_UP,
        Purpose.STEP_DOWN,
        Purpose.TRANSFER,
    }
)
"""Purposes a family knows of, because it was asked. Of anything else a parent hears from a person who has looked."""
_ABOUT_AGREEMENT: Final = MappingProxyType(
    {
        **dict.fromkeys(("P-CONSENT", "P-XFER", "P-SD", "P-S17C"), Situation.SENT_BY_AGREEMENT),
        **dict.fromkeys(("D-NOCONSENT", "D-REFUSED", "D-WITHDRAWN", "D-EXPIRED", "D-NONE"), Situation.NO_AGREEMENT),
        **dict.fromkeys(("D-VERBAL", "D-AGENCY", "D-AGENCY-NOTLISTED", "D-XFER", "D-SD"), Situation.NO_AGREEMENT),
    }
)
_PAPERWORK: Final = frozenset({"D-ACCOUNT", "D-CHANNEL", "D-DSA", "D-SD-FROM", "D-EMPTY", "D-DEFAULT", "D-TIMEOUT"})
_YES: Final = frozenset({"GIVEN", "GIVEN_LIMITED"})
_NEVER: Final = re.compile(
    r"\b[A-Z]{1,3}-[A-Z0-9-]+\b|police|polic[iy]|refuge|adopt|informant|referrer|neighbour|flag|confiden|withheld|redact",
    re.IGNORECASE,
)
"""What would give something away, or is a code."""


def load_family_words(text: bytes) -> Mapping[Situation, FamilyWords]:
    """Return what a file says to families.

    Raises:
        PolicyError: no TOML, a situation that there is not or that is missing, or words that would give something away.
    """
    try:
        tree = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"no TOML: {error}") from error
    odd, missing = sorted(set(tree) - set(Situation)), [one for one in Situation if one not in tree]
    if odd or missing:
        name = odd[0] if odd else missing[0]
        raise PolicyError(f"[{name}]: there must be exactly {', '.join(f'[{one}]' for one in Situation)}")
    return {one: _words(one, tree[one]) for one in Situation}


def for_family(
    decision: Decision, *questions: Question, policy: Policy, words: Mapping[Situation, FamilyWords]
) -> ForFamily:
    """Return what a parent may be told of *decision*.

    Args:
        decision: what was decided.
        questions: what was asked; without it, nothing that rests on who agreed is told.
        policy: the rules it was decided by.
        words: how it is said.
    """
    situation = _situation(decision, questions, policy)
    if situation is Situation.CANNOT_SAY:
        told = Told.NO
    else:
        told = Told.IF_SAFE if IF_SAFE in decision.grounds.obligations else Told.YES
    return ForFamily(may_be_told=told, words=words[situation])


def _situation(decision: Decision, questions: tuple[Question, ...], policy: Policy) -> Situation:
    grounds = decision.grounds
    if NO_INFORM in grounds.obligations or grounds.mode is Mode.CONVEY:
        return Situation.CANNOT_SAY
    if isinstance(decision, Permit) and IF_SAFE in grounds.obligations:
        return Situation.SENT_TO_PROTECT
    if grounds.purpose not in _ORDINARY:
        return Situation.CANNOT_SAY
    if isinstance(decision, Review):
        return Situation.WAITING
    if grounds.reason in _PAPERWORK:
        return Situation.NOT_SENT
    is_theirs = bool(questions) and not any(_speaks_of_others(question, policy) for question in questions)
    return _ABOUT_AGREEMENT.get(grounds.reason, Situation.CANNOT_SAY) if is_theirs else Situation.CANNOT_SAY


def _speaks_of_others(question: Question, policy: Policy) -> bool:
    """Tell whether what the family said shows what a child alone said, or that those who have a say differ."""
    child = policy.tables.terms.child_capacities
    said = {one.status in _YES for one in question.consents if one.status not in {None, "SUPERSEDED", "EXPIRED"}}
    return len(said) > 1 or any(one.giver_capacity in child or one.conflict for one in question.consents)


def _words(situation: Situation, told: object) -> FamilyWords:
    try:
        words = read_record(FamilyWords, told, path=f"{situation}.")
    except SchemaViolationError as error:
        raise PolicyError(error.message, place=error.place) from error
    for part in (words.heading, words.text, words.next):
        if found := _NEVER.search(part):
            raise PolicyError(f"[{situation}]: {found[0]!r} is a code, or gives something away; say it otherwise")
    return words
