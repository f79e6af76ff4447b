"""What did somebody think before they asked for an assessment? An aid to a decision, for whoever decides."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, told, written
from gateway.model.family import Answer


class Sure(StrEnum):
    """Yes, no, or not sure."""

    YES = "Y"
    NO = "N"
    NOT_SURE = "NS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One of the five questions, and why it was answered so."""

    is_so: Sure | None = told(Category.OPINION, Sensitivity.S3)
    comment: str | None = written(Category.OPINION, Sensitivity.S3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """The pre-assessment checklist. It stays where it was filled in, unless somebody attaches it to a request."""

    healthy: Doubt | None = told(Category.OPINION)
    safe_from_harm: Doubt | None = told(Category.OPINION)
    learning_and_developing: Doubt | None = told(Category.OPINION)
    good_for_others: Doubt | None = told(Category.OPINION)
    free_from_poverty: Doubt | None = told(Category.OPINION)
    services_needed: str | None = written(Category.OPINION, Sensitivity.S3)
    can_provide: Answer | None = told(Category.OPINION)
    assessment_would_help: Sure | None = told(Category.OPINION)
    who_will_do_it: str | None = told(Category.OPINION, Sensitivity.S1)
    action_if_not: str | None = written(Category.OPINION, Sensitivity.S3)
    completed_by: str | None = told(Category.OPINION, Sensitivity.S1)
    role: str | None = told(Category.OPINION)
    organisation: str | None = told(Category.OPINION, locates=True)
    completed_on: date | None = told(Category.OPINION)
    discussed_with_child: Answer | None = told(Category.OPINION)
    discussed_with_parent: Answer | None = told(Category.OPINION)
