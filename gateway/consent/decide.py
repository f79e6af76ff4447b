"""May this go there? Asks the policy's rows in order and says what follows.

A pure function: the same question under the same policy has the same answer, always, and every question has one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.consent.case import SELECTORS, Case, Tables
from gateway.consent.conditions_of_request import emergency, no_significant_harm
from gateway.consent.decision import Decision, Grounds, Permit, Redaction, Refusal, Review
from gateway.consent.digest import facts_digest
from gateway.consent.policy import Policy, Row
from gateway.consent.policy_file import Kind, Person, Result
from gateway.consent.question import Agreement, Question
from gateway.model.category import Category

NO_EPOCHS: Final[Mapping[str, int]] = MappingProxyType({})
EMPTY: Final = "D-EMPTY"
"""Why a document of which nothing would be left does not go."""
EMPTY_AT_RISK: Final = "H-EMPTY"
"""Why a person is asked instead, where a child may be at risk: no machine refuses that for what it withholds."""
LOG: Final = "O-LOG"
NEED_STAGE: Final = 3
"""The stage whose rows permit by need and law."""
_PERSON: Final = "P-PERSON"
_NO_AGREEMENT: Final = Agreement()


def decide(question: Question, *, policy: Policy, epochs: Mapping[str, int] = NO_EPOCHS) -> Decision:
    """Return whether the document may go, cut by what, or why not, or that a person must say.

    Rows are asked in order. A terminal row ends the search; a modifier adds what it withholds. Once something may go,
    the cutting rows are asked as well. If they leave nothing of what was asked for, it does not go, unless the purpose
    is served by routing data alone; in an emergency, and where it is about significant harm, a person is asked.

    Args:
        question: every fact, with the instant it is asked at.
        policy: the rules.
        epochs: the counters of child, recipient and policy as they stood when the facts were read.
    """
    case = Case(question, policy.tables)
    asked = (question.purpose, question.mode)
    fired: list[Row] = []
    result, reason = _search(policy.deciding[asked], case, fired)
    if result is Result.PERMIT:
        result, reason = _cut(policy.cutting[asked], case, fired, reason)
    redactions = tuple(found for row in fired if (found := _redaction(row, case)) is not None)
    kept = _kept(question, redactions)
    if result is Result.PERMIT and is_bare(question, policy.tables, kept):
        result, reason = when_empty(question, policy.tables)
    grounds = _grounds(case, policy, fired, reason)
    match result:
        case Result.PERMIT:
            return Permit(grounds=grounds, redactions=redactions, kept=kept, epochs=MappingProxyType(dict(epochs)))
        case Result.REVIEW:
            return Review(grounds=grounds)
        case _:
            return Refusal(grounds=grounds)


def _search(rows: tuple[Row, ...], case: Case, fired: list[Row]) -> tuple[Result, str]:
    """Return what the first terminal row says, noting every row that applied on the way."""
    for row in rows:
        if not row.applies(case):
            continue
        fired.append(row)
        if row.kind is Kind.MODIFIER:
            continue
        if row.reason in case.settled and row.person is Person.GOES_ON:
            continue
        case.permit_rests_on_need = row.stage == NEED_STAGE
        if row.reason in case.settled and row.person is Person.PERMITS:
            return Result.PERMIT, _PERSON
        case.permit_rests_on_consent = row.rests_on_consent
        return row.result, row.reason
    raise AssertionError("a policy always has a row that always applies: load_policy sees to it")


def _cut(rows: tuple[Row, ...], case: Case, fired: list[Row], reason: str) -> tuple[Result, str]:
    for row in rows:
        if not row.applies(case):
            continue
        fired.append(row)
        if row.kind is Kind.TERMINAL and row.reason not in case.settled:
            return row.result, row.reason
    return Result.PERMIT, reason


def _redaction(row: Row, case: Case) -> Redaction | None:
    """Return what *row* withholds of what was asked for.

    A locating redaction names all its categories, whatever was asked for: fields of any category can tell a place. So
    does one that takes out what tells of somebody, or hides persons.
    """
    if row.kind is not Kind.MODIFIER:
        return None
    if row.selector is None and (row.locating or row.telling or row.persons):
        return Redaction(
            reason=row.reason,
            categories=row.redacts,
            locating=row.locating,
            telling=row.telling,
            persons=row.persons,
        )
    chosen = SELECTORS[row.selector](case) if row.selector else frozenset(row.redacts)
    taken = tuple(category for category in dict.fromkeys(case.question.categories) if category in chosen)
    return Redaction(reason=row.reason, categories=taken, telling=row.telling) if taken or row.telling else None


def _kept(question: Question, redactions: tuple[Redaction, ...]) -> tuple[Category, ...]:
    gone = {category for redaction in redactions for category in redaction.categories}
    return tuple(category for category in dict.fromkeys(question.categories) if category not in gone)


def is_bare(question: Question, tables: Tables, kept: tuple[Category, ...]) -> bool:
    """Tell whether nothing is left of what was asked for, where the purpose is of no use without it."""
    if question.purpose in tables.may_be_empty or all(item is Category.ROUTING for item in question.categories):
        return False
    return all(category is Category.ROUTING for category in kept)


def when_empty(question: Question, tables: Tables) -> tuple[Result, str]:
    """Return what becomes of a document of which nothing is left."""
    case = Case(question, tables)
    at_risk = emergency(case) or not no_significant_harm(case)
    return (Result.REVIEW, EMPTY_AT_RISK) if at_risk else (Result.REFUSE, EMPTY)


def _grounds(case: Case, policy: Policy, fired: list[Row], reason: str) -> Grounds:
    question = case.question
    agreement = question.recipient.agreement or _NO_AGREEMENT
    obligations = [obligation for row in fired for obligation in row.obligations]
    if reason in {EMPTY, EMPTY_AT_RISK}:
        obligations.append(LOG)
    return Grounds(
        reason=reason,
        rules=tuple(dict.fromkeys(row.number for row in fired)),
        obligations=tuple(dict.fromkeys(obligations)),
        policy_version=policy.version,
        facts_digest=facts_digest(question),
        purpose=question.purpose,
        mode=question.mode,
        recipient=question.recipient.organisation or "",
        decided_at=question.at,
        valid_until=case.next_change,
        switches=question.switches,
        agreement=agreement.id,
        agreement_version=agreement.version,
        lawful_basis=agreement.lawful_basis,
    )
