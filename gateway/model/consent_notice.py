"""What does another system tell us of a family's word: that it was given, limited, refused or withdrawn?"""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.model.category import Category, Sensitivity, told
from gateway.model.child import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePlace:
    """Where the child lives, as far as it helps to tell them from others."""

    postcode: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeChild:
    """Whom the word is about."""

    given_names: str | None = told(Category.ID, Sensitivity.S1)
    family_name: str | None = told(Category.ID, Sensitivity.S1)
    born: date | None = told(Category.ID, Sensitivity.S1)
    sex: Sex | None = told(Category.ID)
    upn: str | None = told(Category.ID, Sensitivity.S1)
    nhs_number: str | None = told(Category.ID, Sensitivity.S1)
    address: NoticePlace | None = told(Category.ADDR, Sensitivity.S1, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNotice:
    """One word of one giver about one child.

    Shape: where `status` is WITHDRAWN, the lists name what was taken back; where they name nothing, all of it was.
    `reference` is the sender's own for the consent, by which a later word finds it; `said_at` is when this was said.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    status: str | None = told(Category.CONSENT)
    said_at: datetime | None = told(Category.CONSENT)
    child: NoticeChild | None = told(Category.ID, default=None)
    giver: str | None = told(Category.CONSENT, Sensitivity.S1)
    giver_capacity: str | None = told(Category.CONSENT)
    mode: str | None = told(Category.CONSENT)
    witness: str | None = told(Category.CONSENT, Sensitivity.S1)
    evidence_sha256: str | None = told(Category.CONSENT)
    statement_version: str | None = told(Category.CONSENT)
    language: str | None = told(Category.CONSENT)
    kinds: tuple[str, ...] = told(Category.CONSENT, default=())
    purposes: tuple[str, ...] = told(Category.CONSENT, default=())
    agencies_allowed: tuple[str, ...] = told(Category.CONSENT, default=())
    agencies_denied: tuple[str, ...] = told(Category.CONSENT, default=())
    categories_allowed: tuple[str, ...] = told(Category.CONSENT, default=())
    categories_denied: tuple[str, ...] = told(Category.CONSENT, default=())
    persons_excluded: tuple[str, ...] = told(Category.CONSENT, Sensitivity.S2, locates=True, default=())
    effective_from: datetime | None = told(Category.CONSENT)
    review_on: datetime | None = told(Category.CONSENT)
    expires_on: datetime | None = told(Category.CONSENT)
    objects: str | None = told(Category.CONSENT)
    """In which capacity somebody else objects."""
    reason: str | None = told(Category.CONSENT, Sensitivity.S3, locates=True)
