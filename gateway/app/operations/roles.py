"""Who may do what? Roles in the words of the field, and the one table of what each may do."""

import types
from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here to do."""

    INTEGRATION_ENGINEER = "INTEGRATION_ENGINEER"
    MASH_SCREENER = "MASH_SCREENER"
    MASH_MANAGER = "MASH_MANAGER"
    DSL = "DSL"
    CAF_COORDINATOR = "CAF_COORDINATOR"
    IG_OFFICER = "IG_OFFICER"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"


class Permission(StrEnum):
    """One thing a role may be trusted with."""

    READ_MESSAGES = "messages.read"
    """States, routes and reasons of messages; never what a document says."""
    READ_DEAD_LETTERS = "dead-letters.read"
    CHANGE_DEAD_LETTERS = "dead-letters.change"
    READ_REVIEWS = "reviews.read"
    DECIDE_REVIEWS = "reviews.decide"
    """Together with the role the question names, or a manager's."""
    CLOSE_REVIEWS = "reviews.close"
    """Say that something was dealt with which asks nothing about a family: malware that came attached."""
    READ_DUTIES = "duties.read"
    """What people must do because of what was shared, refused or went astray: codes and references."""
    KEEP_DUTIES = "duties.keep"
    """Together with the role the duty names, or a manager's."""
    RECALL = "deliveries.recall"
    """Say that a document went to the wrong recipient."""
    CORRECT = "records.correct"
    """Write a note beside a record, for everybody who was given it."""
    BREAK_GLASS = "deliveries.break-glass"
    """Let go, in an emergency, what is held or refused; somebody else looks at it afterwards."""
    READ_LABELS = "labels.read"
    MAP_LABELS = "labels.map"
    READ_PARTNERS = "partners.read"
    CHANGE_PARTNERS = "partners.change"
    CHANGE_AGREEMENTS = "agreements.change"
    """What bodies have agreed about sharing, and the lawful basis of each flow."""
    READ_USERS = "users.read"
    CHANGE_USERS = "users.change"
    OWN_ACCOUNT = "own-account"
    """One's own password: everybody with an account."""
    RECORD_CONSENT = "consents.record"
    SET_FLAG = "flags.set"
    LIFT_FLAG = "flags.lift"
    """Taking a protection away is not for the one who screens."""
    RECORD_ORDER = "court-orders.record"
    VERIFY_ORDER = "court-orders.verify"
    """Say that an order was verified with the court, or that it holds no more: not for the one who screens."""
    WEIGH = "weighings.record"
    """Say whether telling somebody is relevant to a child's safety, and whether it harms: for practitioners."""
    READ_LOG = "audit.read"
    """Checkpoints and proofs: hashes only."""
    EXPORT_LOG = "audit.export"
    """What the log says about one child, opened."""
    READ_HEALTH = "health.read"
    EXPORT_LISTS = "lists.export"
    """Lists of many children, for inspectors."""
    EXPORT_PUPILS = "pupils.export"
    """A school's own pupils as a transfer file, as far as the sharing policy lets them go."""
    TRY_RULES = "rules.try"
    """Changed tables or a changed policy over recorded documents: which outcomes would be others, never a value."""


_LOOKING = {Permission.READ_MESSAGES, Permission.OWN_ACCOUNT}
_DECIDING = _LOOKING | {
    Permission.READ_REVIEWS,
    Permission.DECIDE_REVIEWS,
    Permission.READ_DUTIES,
    Permission.KEEP_DUTIES,
}
_FRONT_DOOR = _DECIDING | {
    Permission.READ_DEAD_LETTERS,
    Permission.READ_LABELS,
    Permission.MAP_LABELS,
    Permission.READ_PARTNERS,
    Permission.RECORD_CONSENT,
    Permission.SET_FLAG,
    Permission.RECORD_ORDER,
    Permission.WEIGH,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = types.MappingProxyType(
    {
        Role.INTEGRATION_ENGINEER: frozenset(
            _LOOKING
            | {
                Permission.READ_DEAD_LETTERS,
                Permission.CHANGE_DEAD_LETTERS,
                Permission.READ_REVIEWS,
                Permission.CLOSE_REVIEWS,
                Permission.READ_DUTIES,
                Permission.KEEP_DUTIES,
                Permission.READ_LABELS,
                Permission.MAP_LABELS,
                Permission.READ_PARTNERS,
                Permission.CHANGE_PARTNERS,
                Permission.READ_LOG,
                Permission.READ_HEALTH,
                Permission.TRY_RULES,
            }
        ),
        Role.MASH_SCREENER: frozenset(_FRONT_DOOR),
        Role.MASH_MANAGER: frozenset(
            _FRONT_DOOR
            | {
                Permission.LIFT_FLAG,
                Permission.VERIFY_ORDER,
                Permission.CHANGE_DEAD_LETTERS,
                Permission.READ_LOG,
                Permission.RECALL,
                Permission.CORRECT,
                Permission.BREAK_GLASS,
            }
        ),
        Role.DSL: frozenset(_DECIDING | {Permission.BREAK_GLASS, Permission.WEIGH}),
        Role.CAF_COORDINATOR: frozenset(_FRONT_DOOR | {Permission.EXPORT_PUPILS, Permission.CORRECT}),
        Role.IG_OFFICER: frozenset(
            _DECIDING
            | {
                Permission.READ_DEAD_LETTERS,
                Permission.READ_LABELS,
                Permission.READ_PARTNERS,
                Permission.READ_USERS,
                Permission.CHANGE_AGREEMENTS,
                Permission.RECORD_CONSENT,
                Permission.SET_FLAG,
                Permission.LIFT_FLAG,
                Permission.RECORD_ORDER,
                Permission.VERIFY_ORDER,
                Permission.RECALL,
                Permission.CORRECT,
                Permission.READ_LOG,
                Permission.EXPORT_LOG,
                Permission.TRY_RULES,
                Permission.EXPORT_LISTS,
                Permission.EXPORT_PUPILS,
            }
        ),
        Role.AUDITOR: frozenset(
            _LOOKING
            | {
                Permission.READ_DEAD_LETTERS,
                Permission.READ_REVIEWS,
                Permission.READ_DUTIES,
                Permission.READ_PARTNERS,
                Permission.READ_USERS,
                Permission.READ_LOG,
                Permission.EXPORT_LOG,
                Permission.READ_HEALTH,
            }
        ),
        Role.ADMINISTRATOR: frozenset(
            {Permission.OWN_ACCOUNT, Permission.READ_USERS, Permission.CHANGE_USERS, Permission.READ_HEALTH}
        ),
    }
)
"""What each role may do.

Who hands out accounts sees no messages, and who adds partners opens no child. A small installation may give one person
several roles; the log shows in which of them they acted.
"""

MANAGERS = frozenset({Role.MASH_MANAGER})
"""Who may decide a question that names another role."""


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return all that *roles* may do together; a role nobody knows may do nothing."""
    named = set(roles)
    return frozenset(permission for role in Role if role in named for permission in PERMISSIONS[role])
