"""What did the family say about help and about sharing, as one form recorded it?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.family import Answer
from gateway.model.provenance import Provenance


class Scope(StrEnum):
    """For whom somebody signs."""

    SELF = "self"
    PARENT = "child_as_parent"
    CARER = "child_as_carer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, as what, on which evidence and when: a child or young person, a parent, a carer, the assessor."""

    name: str | None = told(Category.CONSENT, Sensitivity.S1, locates=True)
    capacity: str | None = told(Category.CONSENT)
    evidence: str | None = written(Category.CONSENT)
    signed_on: date | None = told(Category.CONSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatement:
    """The consent block of one form. A form without one has no statement at all, which is not a refusal.

    `information_excluded` are the family's own words for what they want left out, where no category says it: nothing
    is shared on such a statement before a person has read it.
    """

    scope: tuple[Scope, ...] = told(Category.CONSENT, default=())
    storage_explained: Answer | None = told(Category.CONSENT)
    sharing_explained: Answer | None = told(Category.CONSENT)
    parent_aware: Answer | None = told(Category.CONSENT)
    child_aware: Answer | None = told(Category.CONSENT)
    agrees_to_help: Answer | None = told(Category.CONSENT)
    agrees_to_share: Answer | None = told(Category.CONSENT)
    agencies_agreed: tuple[str, ...] = told(Category.CONSENT, default=())
    agencies_excluded: tuple[str, ...] = told(Category.CONSENT, default=())
    categories_excluded: tuple[str, ...] = told(Category.CONSENT, default=())
    information_excluded: tuple[str, ...] = written(Category.CONSENT, Sensitivity.S3, default=())
    safeguarding_grounds: Answer | None = told(Category.CONSENT)
    reason_not_sought: str | None = written(Category.CONSENT, Sensitivity.S3)
    shared_without_consent_because: str | None = written(Category.CONSENT, Sensitivity.S3)
    signatory: str | None = told(Category.CONSENT, Sensitivity.S1)
    signatory_capacity: str | None = told(Category.CONSENT)
    mode: str | None = told(Category.CONSENT)
    given_on: date | None = told(Category.CONSENT)
    expires_on: date | None = told(Category.CONSENT)
    withdrawn_on: date | None = told(Category.CONSENT)
    signatures: tuple[Signature, ...] = told(Category.CONSENT, default=())
    assessor_signature: Signature | None = told(Category.CONSENT, tells=(Tells.STAFF,))
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
