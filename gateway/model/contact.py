"""What is a contact with the front door, as somebody who counts contacts tells it?

A contact may become a referral, and most do not: of one that is only counted, nothing is known but who, when and from
whom.
"""

from dataclasses import dataclass
from datetime import date

from gateway.model.category import Category, Sensitivity, told, written
from gateway.model.child import Child
from gateway.model.referral import LocalAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact about one child. No conversation begins with it: it has been dealt with long ago."""

    contacted_on: date | None = told(Category.OPINION)
    source: str | None = told(Category.OPINION)
    """From whom it came, by the census's codes."""
    source_as_written: str | None = written(Category.OPINION, Sensitivity.S3)
    child: Child | None = told(Category.ID)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
