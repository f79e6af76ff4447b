"""What do a sharing question, its answer, and what is stored of either look like as JSON?

    {"purpose": "COORDINATE", "mode": "DISCLOSE", "at": "2026-11-23T09:00:00Z", "requester": {...}, "recipient": {...},
     "categories": ["CAT-ID"], "consents": [{...}], "flags": [{...}], "match": {"status": "MATCH"}, ...}

    {"result": "PERMIT", "reason": "P-CONSENT", "rules": [43], "obligations": ["O-REVIEW-DATE"], "redactions": [],
     "policy_version": "sharing-2026.1", "valid_until": "2027-09-01T00:00:00Z"}

The keys are the fields of `gateway.consent.question`. An absent key means not known, never yes; an unknown one is
refused, because whoever wrote it meant something by it.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from gateway.consent.case import FLAGS
from gateway.consent.decision import Decision, Permit, Refusal, Review
from gateway.consent.hidden_person import PERSONS, THIRD_PARTY, HiddenPerson, check_hidden
from gateway.consent.question import Consent, ProtectionFlag, Question
from gateway.consent.record_json import read_record, write_record
from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category
from gateway.model.referral import Level
from gateway.model.tree import Group, Tree

STEPS_DOWN_FROM: Final = ("assessment", "child_in_need", "child_protection", "looked_after")
"""What social care may have done for a child before its case steps down."""

CODES: Final[Mapping[str, Collection[str]]] = MappingProxyType(
    {
        "Question.direction": ("in", "out"),
        "Question.level": tuple(level.value for level in Level),
        "Question.steps_down_from": STEPS_DOWN_FROM,
        "Agreement.status": ("in_force", "expired", "missing"),
        "Consent.giver_capacity": (
            "PARENT_PR",
            "PARENT_NO_PR",
            "CARER",
            "CHILD_COMPETENT",
            "YP_16_17",
            "LA_PR",
            "COURT",
            "ADULT_SELF",
            "UNKNOWN",
        ),
        "Consent.kinds": ("ASSESS", "STORE", "SHARE", "CHECK_EXISTS", "TRANSFER", "SCHOOL_EXPORT"),
        "Consent.status": ("GIVEN", "GIVEN_LIMITED", "REFUSED", "WITHDRAWN", "EXPIRED", "SUPERSEDED"),
        "Consent.mode": ("WRITTEN_SIGNED", "ELECTRONIC", "VERBAL_WITNESSED"),
        "Consent.categories_denied": tuple(category.value for category in Category),
        "Consent.categories_allowed": tuple(category.value for category in Category),
        "ProtectionFlag.flag": tuple(sorted(FLAGS)),
        "MatchFact.status": ("MATCH", "POTENTIAL", "LOW", "MANY", "NONE", "NEW"),
        "CourtOrder.kind": ("requires_disclosure", "prohibits_disclosure"),
        "PersonDecision.choice": ("permit", "refuse"),
    }
)
"""The codes an outsider's question may use. Purposes of a consent stay open: a purpose nobody knows covers nothing."""

_STORED: Final[Mapping[str, type[Decision]]] = MappingProxyType(
    {"PERMIT": Permit, "PERMIT_REDACTED": Permit, "DENY": Refusal, "REVIEW": Review}
)


def question_from_json(tree: Tree, *, at: datetime | None = None) -> Question:
    """Return the question that *tree* asks.

    Args:
        tree: the question.
        at: the instant it is asked at, where the tree does not say (UTC).

    Raises:
        SchemaViolationError: an unknown key or code, a value of the wrong kind, no purpose, or no time at all; the
            place's path says where, and the message never repeats the value.
    """
    told = tree
    if at is not None and isinstance(tree, dict) and tree.get("at") is None:
        told = {**tree, "at": at.astimezone(UTC).isoformat()}
    return read_record(Question, told, codes=CODES)


def stored_question(tree: Group) -> Question:
    """Return the question that was stored as *tree*; a code that nobody knows any more is kept as it was.

    Raises:
        SchemaViolationError: it is no stored question.
    """
    return read_record(Question, tree)


def question_to_json(question: Question) -> Group:
    """Return *question* as JSON has it, without what is not known."""
    return write_record(question)


def answer_to_json(decision: Decision) -> Group:
    """Return the answer to a question, as the command line and the API give it."""
    grounds = decision.grounds
    redactions = decision.redactions if isinstance(decision, Permit) else ()
    until = grounds.valid_until
    return {
        "result": result_of(decision),
        "reason": grounds.reason,
        "rules": list(grounds.rules),
        "obligations": list(grounds.obligations),
        "redactions": [
            {"reason": redaction.reason, "categories": [category.value for category in redaction.categories]}
            for redaction in redactions
        ],
        "policy_version": grounds.policy_version,
        "valid_until": None if until is None else until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def result_of(decision: Decision) -> str:
    """Return `PERMIT`, `PERMIT_REDACTED`, `REVIEW` or `DENY`."""
    match decision:
        case Permit():
            return "PERMIT_REDACTED" if decision.is_redacted else "PERMIT"
        case Review():
            return "REVIEW"
        case Refusal():
            return "DENY"


def decision_to_json(decision: Decision) -> Group:
    """Return *decision*, whatever it was, as it is stored: nothing in it is personal."""
    return {"result": result_of(decision), **write_record(decision)}


def decision_from_json(tree: Group) -> Decision:
    """Return the decision that was stored as *tree*.

    Raises:
        SchemaViolationError: it is no stored decision; the place's path says where.
    """
    result = tree.get("result")
    if not isinstance(result, str) or result not in _STORED:
        raise SchemaViolationError(f"expected one of {', '.join(_STORED)}", place=Place(path="result"))
    rest: dict[str, Tree] = {name: part for name, part in tree.items() if name != "result"}
    decision = read_record(_STORED[result], rest)
    if result_of(decision) != result:
        raise SchemaViolationError("the result does not follow from the redactions", place=Place(path="result"))
    return decision


def permit_to_json(permit: Permit) -> Group:
    """Return *permit* as it is stored."""
    return decision_to_json(permit)


def permit_from_json(tree: Group) -> Permit:
    """Return the permit that was stored as *tree*.

    Raises:
        SchemaViolationError: it is no stored permit.
    """
    decision = decision_from_json(tree)
    if not isinstance(decision, Permit):
        raise SchemaViolationError("expected a permit, found another decision", place=Place(path="result"))
    return decision


def consent_from_json(tree: Group) -> Consent:
    """Return one giver's word as it was stored.

    A code that nobody knows is kept, not refused: the rules count it as not known, and a stored word that could not
    be read must never stop a document that needs no consent.

    Raises:
        SchemaViolationError: an unknown key, or a value of the wrong kind.
    """
    return read_record(Consent, tree)


def flag_from_json(tree: Group) -> ProtectionFlag:
    """Return one protection flag as it was stored. A flag that nobody knows is kept: it protects like every flag.

    Whom it names is no part of it: no rule looks at that, and nothing that is stored of a decision may hold it.

    Raises:
        SchemaViolationError: an unknown key, or a value of the wrong kind.
    """
    return read_record(ProtectionFlag, {name: part for name, part in tree.items() if name != PERSONS})


def check_consent(tree: Group) -> Consent:
    """Return one giver's word that somebody wants to record, every code of it known.

    Raises:
        SchemaViolationError: an unknown key or code, or a value of the wrong kind.
    """
    return read_record(Consent, tree, codes=CODES)


def check_flag(tree: Group) -> ProtectionFlag:
    """Return one protection flag that somebody wants to set, its code known.

    Raises:
        SchemaViolationError: an unknown key or code, or a value of the wrong kind.
    """
    flag = read_record(ProtectionFlag, {name: part for name, part in tree.items() if name != PERSONS}, codes=CODES)
    if tree.get(PERSONS) is not None and flag.flag != THIRD_PARTY:
        raise SchemaViolationError(f"{PERSONS}: only {THIRD_PARTY} names persons", place=Place(path=PERSONS))
    for number, person in enumerate(hidden_from_json(tree)):
        check_hidden(person, f"{PERSONS}[{number}]")
    return flag


def hidden_from_json(tree: Group) -> tuple[HiddenPerson, ...]:
    """Return whom a protection flag names that was stored as *tree*, none where it names nobody.

    Raises:
        SchemaViolationError: it does not name them as it should; the place's path says where.
    """
    named = tree.get(PERSONS)
    if named is None:
        return ()
    if not isinstance(named, list):
        raise SchemaViolationError(f"{PERSONS}: expected a list", place=Place(path=PERSONS))
    return tuple(read_record(HiddenPerson, one, path=f"{PERSONS}[{n}].") for n, one in enumerate(named))
