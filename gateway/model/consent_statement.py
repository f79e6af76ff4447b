"""What did the family say about help and about sharing, as one form recorded it?"""

from dataclasses import dataclass
from datetime import date

from gateway.model.category import Category, Sensitivity, told
from gateway.model.family import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatement:
    """The consent block of one form. A form without one has no statement at all, which is not a refusal."""

    parent_aware: Answer | None = told(Category.CONSENT)
    child_aware: Answer | None = told(Category.CONSENT)
    agrees_to_help: Answer | None = told(Category.CONSENT)
    agrees_to_share: Answer | None = told(Category.CONSENT)
    agencies_agreed: tuple[str, ...] = told(Category.CONSENT, default=())
    agencies_excluded: tuple[str, ...] = told(Category.CONSENT, default=())
    categories_excluded: tuple[str, ...] = told(Category.CONSENT, default=())
    reason_not_sought: str | None = told(Category.CONSENT, Sensitivity.S3, locates=True)
    shared_without_consent_because: str | None = told(Category.CONSENT, Sensitivity.S3, locates=True)
    signatory: str | None = told(Category.CONSENT, Sensitivity.S1)
    signatory_capacity: str | None = told(Category.CONSENT)
    mode: str | None = told(Category.CONSENT)
    given_on: date | None = told(Category.CONSENT)
