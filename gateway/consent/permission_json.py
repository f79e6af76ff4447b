"""What does a permission look like as JSON, and which may be written down?

The keys are the fields of `gateway.consent.permission.Permission`. What somebody wants to record is checked strictly,
and an error names the field; what is stored is read as it is, because a word that could not be read must never stop a
document that needs no consent.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from gateway.consent.help_agreement import STATUSES, HelpAgreement
from gateway.consent.permission import CHILD_COMPETENT, GIVEN, VERBAL, Permission
from gateway.consent.question import Purpose
from gateway.consent.question_json import CODES as OF_QUESTION
from gateway.consent.record_json import read_record, write_record
from gateway.errors import Place, SchemaViolationError
from gateway.model.tree import Group

YEAR: Final = timedelta(days=365)
"""How long a permission holds that does not say."""
_CAPACITIES: Final = OF_QUESTION["Consent.giver_capacity"]
_AGENCY: Final = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}|ANY_LA")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_WORD: Final = "Consent."

CODES: Final[Mapping[str, Collection[str]]] = MappingProxyType(
    {
        **{f"Permission.{name.removeprefix(_WORD)}": codes for name, codes in OF_QUESTION.items() if _WORD in name},
        "Permission.purposes": tuple(Purpose),
        "Competence.outcome": ("COMPETENT", "NOT_COMPETENT", "UNCLEAR"),
        "Objection.capacity": _CAPACITIES,
        "Withdrawal.capacity": _CAPACITIES,
        "Withdrawal.kinds": OF_QUESTION["Consent.kinds"],
        "Withdrawal.purposes": tuple(Purpose),
        "Withdrawal.categories": OF_QUESTION["Consent.categories_denied"],
        "HelpAgreement.status": STATUSES,
        "HelpAgreement.giver_capacity": _CAPACITIES,
        "HelpAgreement.mode": OF_QUESTION["Consent.mode"],
    }
)
"""The codes somebody who records a permission, or an agreement to be helped, may use."""


def permission_from_json(tree: Group) -> Permission:
    """Return a permission as it was stored; a code that nobody knows is kept, and the rules count it as not known.

    Raises:
        SchemaViolationError: an unknown key, or a value of the wrong kind.
    """
    return read_record(Permission, tree)


def permission_to_json(permission: Permission) -> Group:
    """Return *permission* as it is stored: without what is not known, or is none."""
    return {name: value for name, value in write_record(permission).items() if value != []}


def check_permission(tree: Group, *, at: datetime) -> Permission:
    """Return the permission that somebody wants to record at *at*, with the end it has where it names none.

    Raises:
        SchemaViolationError: an unknown key or code, a value of the wrong kind, or what cannot be so; the place's path
            names the field, and the message never repeats a value.
    """
    permission = read_record(Permission, tree, codes=CODES)
    for path, problem in _problems(permission, at):
        raise SchemaViolationError(f"{path}: {problem}", place=Place(path=path))
    if permission.expires_on is None and permission.effective_from is not None and permission.status in GIVEN:
        return replace(permission, expires_on=year_after(permission.effective_from))
    return permission


def year_after(start: datetime) -> datetime | None:
    """Return when a word given at *start* runs out by itself; None, where no calendar reaches so far."""
    try:
        return start + YEAR
    except OverflowError:
        return None


def check_help(tree: Group) -> HelpAgreement:
    """Return the agreement to be helped that somebody wants to record.

    Raises:
        SchemaViolationError: an unknown key or code, a value of the wrong kind, or what cannot be so; the place's path
            names the field.
    """
    said = read_record(HelpAgreement, tree, codes=CODES)
    if said.expires_on is not None and said.effective_from is not None and said.expires_on <= said.effective_from:
        raise SchemaViolationError("expires_on: it would end before it begins", place=Place(path="expires_on"))
    return said


def help_from_json(tree: Group) -> HelpAgreement:
    """Return an agreement to be helped as it was stored.

    Raises:
        SchemaViolationError: an unknown key, or a value of the wrong kind.
    """
    return read_record(HelpAgreement, tree)


def _problems(permission: Permission, at: datetime) -> Iterable[tuple[str, str]]:
    """Yield what cannot be so about *permission*: the field, and what is wrong with it."""
    for path, is_wrong, problem in _RULES:
        if is_wrong(permission):
            yield path, problem
    for name in ("agencies_allowed", "agencies_denied"):
        for number, agency in enumerate(getattr(permission, name)):
            if _AGENCY.fullmatch(agency) is None:
                yield f"{name}[{number}]", "expected the id of an organisation, or a type of one"
    for number, withdrawal in enumerate(permission.withdrawals):
        if withdrawal.at > at:
            yield f"withdrawals[{number}].at", "a withdrawal holds from when it was said, which cannot be still to come"


def _ends_too_early(permission: Permission) -> bool:
    start, end = permission.effective_from, permission.expires_on
    return start is not None and end is not None and end <= start


def _reviewed_too_early(permission: Permission) -> bool:
    start, review = permission.effective_from, permission.review_on
    return start is not None and review is not None and review < start


def _is_yes(permission: Permission) -> bool:
    return permission.status in GIVEN


_RULES: Final[tuple[tuple[str, Callable[[Permission], bool], str], ...]] = (
    ("status", lambda one: one.status is None, "say what the giver said"),
    ("kinds", lambda one: not one.kinds, "say what it is for, such as SHARE"),
    ("giver_capacity", lambda one: one.giver_capacity is None, "say in which capacity it was said"),
    ("effective_from", lambda one: _is_yes(one) and one.effective_from is None, "a yes must say from when it holds"),
    ("expires_on", _ends_too_early, "it would end before it begins"),
    ("review_on", _reviewed_too_early, "it would be reviewed before it begins"),
    ("mode", lambda one: _is_yes(one) and one.mode is None, "say how the yes was given"),
    (
        "witness",
        lambda one: _is_yes(one) and one.mode == VERBAL and not one.witness,
        "a yes by word of mouth needs a witness",
    ),
    (
        "evidence_sha256",
        lambda one: one.evidence_sha256 is not None and _DIGEST.fullmatch(one.evidence_sha256) is None,
        "expected the SHA-256 of the scanned form: 64 hexadecimal digits, small letters",
    ),
    (
        "competence",
        lambda one: _is_yes(one) and one.giver_capacity == CHILD_COMPETENT and one.competence is None,
        "a child's own yes needs who found that they can decide this, when, and with which outcome",
    ),
    (
        "subject",
        lambda one: one.subject is not None and one.giver_capacity != "ADULT_SELF",
        "an adult speaks for themselves: the capacity must be ADULT_SELF",
    ),
)
