"""What did one giver say about sharing, with everything that was written down about it?

One of three records that are never read as one another: the agreement to be helped is in
`gateway.consent.help_agreement`, the lawful basis of a flow of data in `gateway.consent.sharing_agreement`.

A permission is kept in versions: whatever changes it makes the next one, and the one before stays as history. What the
rules are asked is `words_of` it: codes and times, never who anybody is.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.consent.question import Consent

GIVEN: Final = frozenset({"GIVEN", "GIVEN_LIMITED"})
_GIVEN_WHOLE: Final = "GIVEN"
SUPERSEDED: Final = "SUPERSEDED"
"""The status of a record in whose place another one stands: nobody's word any more."""
WRITTEN: Final = frozenset({"WRITTEN_SIGNED", "ELECTRONIC"})
VERBAL: Final = "VERBAL_WITNESSED"
CHILD_COMPETENT: Final = "CHILD_COMPETENT"
COMPETENT: Final = "COMPETENT"
_UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence:
    """Who found, and when, that a child under 16 can decide this (Gillick): COMPETENT, NOT_COMPETENT or UNCLEAR."""

    by: str
    on: datetime
    outcome: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Another holder of parental responsibility, or the child, says otherwise."""

    capacity: str
    at: datetime
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What somebody took back of a permission, and when.

    Shape: each part that is named is taken back by itself, which is the widest way to read a no: for these purposes,
    and to these agencies, and of these categories. Where none is named, all of it is taken back.
    """

    at: datetime
    by: str | None = None
    capacity: str | None = None
    kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Tell whether everything was taken back."""
        return not (self.kinds or self.purposes or self.agencies or self.categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One giver's word about one person: for what, with whom, of which kinds of information, from when until when.

    Shape: `subject` names an adult of the family who speaks for themselves; absent, it is the child the record is kept
    with. `supersedes` is the record in whose place this one stands. An agency is an organisation or a type of one;
    denied wins. `evidence_sha256` is of the scanned form. `source` tells where the word came from, `source_reference`
    what it is called there, `source_at` when it was last changed there, and `source_sha256` what was told of it, so
    that a repeat is known.
    Units: UTC. `effective_from` is included, `expires_on` is not.
    """

    consent_id: str
    version: int = 1
    supersedes: str | None = None
    subject: str | None = None
    episode: str | None = None
    giver: str | None = None
    giver_capacity: str | None = None
    competence: Competence | None = None
    kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    status: str | None = None
    mode: str | None = None
    evidence_sha256: str | None = None
    witness: str | None = None
    statement_version: str | None = None
    language: str | None = None
    interpreter: bool | None = None
    agencies_allowed: tuple[str, ...] = ()
    agencies_denied: tuple[str, ...] = ()
    categories_allowed: tuple[str, ...] = ()
    categories_denied: tuple[str, ...] = ()
    persons_excluded: tuple[str, ...] = ()
    given_at: datetime | None = None
    effective_from: datetime | None = None
    review_on: datetime | None = None
    expires_on: datetime | None = None
    withdrawals: tuple[Withdrawal, ...] = ()
    conflict: bool | None = None
    objections: tuple[Objection, ...] = ()
    source: str | None = None
    source_reference: str | None = None
    source_at: datetime | None = None
    source_sha256: str | None = None


def words_of(permission: Permission) -> tuple[Consent, ...]:
    """Return what the rules are asked about *permission*: nothing, where it is an adult's word about themselves.

    A kind that was taken back becomes a withdrawal of its own; purposes, agencies and categories that were taken back
    limit what is left. Nothing here makes more of a word than it says.
    """
    if permission.subject is not None:
        return ()
    taken = _taken(permission)
    if permission.status not in GIVEN or taken is None:
        return (_word(permission, status=permission.status if taken is not None else "WITHDRAWN"),)
    left = tuple(kind for kind in permission.kinds if kind not in taken.kinds)
    rest = _word(permission, status=permission.status, kinds=left, taken=taken)
    return (rest, _word(permission, status="WITHDRAWN", kinds=taken.kinds)) if taken.kinds else (rest,)


def protects_adult(permission: Permission) -> bool:
    """Tell whether *permission* is an adult's word that what is told of them may not go, or not all of it."""
    if permission.subject is None or permission.status == SUPERSEDED:
        return False
    denied = permission.agencies_denied or permission.categories_denied or permission.withdrawals
    limited = denied or permission.agencies_allowed or permission.categories_allowed or permission.persons_excluded
    return permission.status != _GIVEN_WHOLE or bool(limited or permission.objections) or permission.conflict is True


def may_know_of_adult(permission: Permission) -> tuple[str, ...]:
    """Return whom an adult's word, which hides them from everybody else, lets know of them: those it names.

    Nobody where it limits more than to whom; and one it names by type is not known by that here.
    """
    everybody = replace(permission, agencies_allowed=(), status=_GIVEN_WHOLE)
    is_yes = permission.status in GIVEN and not protects_adult(everybody)
    return permission.agencies_allowed if is_yes else ()


def is_same_voice(earlier: Permission, later: Permission) -> bool:
    """Tell whether two records are the word of one giver about one person: only then may *later* replace *earlier*.

    Where *earlier* does not name its giver, they must have spoken in the same capacity. Where it does, so must *later*:
    two parents have one capacity.
    """
    if _plain(earlier.subject) != _plain(later.subject):
        return False
    before = _plain(earlier.giver or earlier.subject)
    if before:
        return before == _plain(later.giver or later.subject)
    return earlier.giver_capacity == later.giver_capacity


def _plain(name: str | None) -> str:
    return " ".join((name or "").casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """All that was taken back of a permission of which something is left."""

    kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


_NOTHING: Final = _Taken()


def _taken(permission: Permission) -> _Taken | None:
    """Return all that was taken back, as one; None, where nothing of it is left."""
    withdrawals = permission.withdrawals
    kinds = {kind for one in withdrawals for kind in one.kinds}
    purposes = {purpose for one in withdrawals for purpose in one.purposes}
    everything = any(one.is_whole for one in withdrawals)
    if everything or _nothing_left(permission.kinds, kinds) or _nothing_left(permission.purposes, purposes):
        return None
    return _Taken(
        kinds=tuple(sorted(kinds)),
        purposes=tuple(sorted(purposes)),
        agencies=tuple(dict.fromkeys(agency for one in withdrawals for agency in one.agencies)),
        categories=tuple(dict.fromkeys(category for one in withdrawals for category in one.categories)),
    )


def _nothing_left(said: tuple[str, ...], gone: set[str]) -> bool:
    return bool(gone) and gone.issuperset(said)


def _word(
    permission: Permission,
    *,
    status: str | None,
    kinds: tuple[str, ...] | None = None,
    taken: _Taken = _NOTHING,
) -> Consent:
    return Consent(
        consent_id=permission.consent_id,
        giver_capacity=_capacity(permission, status),
        kinds=permission.kinds if kinds is None else kinds,
        purposes=permission.purposes,
        status=status,
        mode=permission.mode,
        agencies_allowed=permission.agencies_allowed,
        agencies_denied=(*permission.agencies_denied, *taken.agencies),
        categories_allowed=permission.categories_allowed,
        categories_denied=(*permission.categories_denied, *taken.categories),
        persons_excluded=permission.persons_excluded,
        withdrawn_purposes=taken.purposes,
        effective_from=permission.effective_from,
        expires_on=permission.expires_on,
        conflict=True if permission.objections else permission.conflict,
    )


def _capacity(permission: Permission, status: str | None) -> str | None:
    """Return in which capacity the word counts: a child's yes only where the child was found able to give it.

    A no counts even where nobody has looked into that.
    """
    is_unproved = permission.competence is None or permission.competence.outcome != COMPETENT
    if permission.giver_capacity == CHILD_COMPETENT and status in GIVEN and is_unproved:
        return _UNKNOWN
    return permission.giver_capacity
