"""What has been agreed to do, and what services were asked for?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.assessment import ElementCode, LocalHeading
from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.family import Answer
from gateway.model.practitioner import Practitioner
from gateway.model.provenance import Provenance


class PlanStatus(StrEnum):
    """Where a plan stands."""

    DRAFT = "DRAFT"
    AGREED = "AGREED"
    SUPERSEDED = "SUPERSEDED"
    ENDED = "ENDED"


class ActionStatus(StrEnum):
    """Where an action stands."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    OVERDUE = "OVERDUE"
    DROPPED = "DROPPED"


class ServiceStatus(StrEnum):
    """What became of a request for one service; who declines says why."""

    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing somebody will do for somebody by a day. `for_person` is the reference of a member of the family."""

    reference: str | None = told(Category.PLAN, Sensitivity.S0)
    priority: int | None = told(Category.PLAN, Sensitivity.S0)
    elements: tuple[ElementCode, ...] = told(Category.PLAN, default=())
    for_person: str | None = told(Category.PLAN)
    desired_outcome: str | None = written(Category.PLAN, Sensitivity.S3)
    action: str | None = written(Category.PLAN, Sensitivity.S3)
    responsible: str | None = told(Category.PLAN, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    organisation: str | None = told(Category.PLAN, locates=True)
    by_when: date | None = told(Category.PLAN)
    status: ActionStatus | None = told(Category.PLAN)
    progress: str | None = written(Category.PLAN, Sensitivity.S3)
    completed_on: date | None = told(Category.PLAN)
    dropped_because: str | None = written(Category.PLAN, Sensitivity.S3)
    service_request: str | None = told(Category.PLAN, Sensitivity.S0)
    headings: tuple[LocalHeading, ...] = told(Category.PLAN, Sensitivity.S3, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of the delivery plan. `version` only rises."""

    reference: str | None = told(Category.PLAN, Sensitivity.S0)
    version: int | None = told(Category.PLAN, Sensitivity.S0)
    status: PlanStatus | None = told(Category.PLAN)
    agreed_on: date | None = told(Category.PLAN)
    lead_professional: Practitioner | None = told(Category.OPINION)
    team: tuple[Practitioner, ...] = told(Category.OPINION, default=())
    actions: tuple[Action, ...] = told(Category.PLAN, default=())
    next_review_on: date | None = told(Category.PLAN)
    agreed_by_child: Answer | None = told(Category.PLAN)
    agreed_by_parent: Answer | None = told(Category.PLAN)
    copy_given_on: date | None = told(Category.PLAN)
    headings: tuple[LocalHeading, ...] = told(Category.PLAN, Sensitivity.S3, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """A request for one service, which is no assessment: several needs are what an assessment is for."""

    reference: str | None = told(Category.PLAN, Sensitivity.S0)
    service: str | None = told(Category.PLAN, locates=True)
    organisation: str | None = told(Category.PLAN, locates=True)
    reason: str | None = written(Category.PLAN, Sensitivity.S3)
    requested_by: str | None = told(Category.PLAN, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    requested_on: date | None = told(Category.PLAN)
    status: ServiceStatus | None = told(Category.PLAN)
    declined_because: str | None = written(Category.PLAN, Sensitivity.S3)
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
