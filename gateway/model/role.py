"""Who does what in an episode?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Tells, told
from gateway.model.practitioner import Practitioner


class Role(StrEnum):
    """What somebody does, whatever their council calls it."""

    ASSESSOR = "ASSESSOR"
    LEAD_PROFESSIONAL = "LEAD_PROFESSIONAL"
    TEAM_MEMBER = "TEAM_MEMBER"
    SIGNPOSTER = "SIGNPOSTER"
    CAF_TEAM = "CAF_TEAM"
    CAF_COORDINATOR = "CAF_COORDINATOR"
    MASH_SCREENER = "MASH_SCREENER"
    MASH_MANAGER = "MASH_MANAGER"
    MASH_PARTNER = "MASH_PARTNER"
    SOCIAL_WORKER = "SOCIAL_WORKER"
    CSC_TEAM_MANAGER = "CSC_TEAM_MANAGER"
    HELPDESK = "HELPDESK"
    SCHOOL_USER = "SCHOOL_USER"
    DSL = "DSL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Somebody in a role, from one day to another. One lead professional at a time is the point of the role."""

    role: Role | None = told(Category.OPINION)
    local_title: str | None = told(Category.OPINION, locates=True)
    holder: Practitioner | None = told(Category.OPINION)
    from_on: date | None = told(Category.OPINION)
    until_on: date | None = told(Category.OPINION)


class ServiceTime(StrEnum):
    """Whether a service works with the child now, or did."""

    CURRENT = "current"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that works with the child or family: a surgery, a nursery, a family worker."""

    name: str | None = told(Category.OPINION, locates=True)
    kind: str | None = told(Category.OPINION, locates=True)
    contact: Practitioner | None = told(Category.OPINION)
    time: ServiceTime | None = told(Category.OPINION, locates=True)
    added_by: str | None = told(Category.OPINION, locates=True, tells=(Tells.STAFF,))
