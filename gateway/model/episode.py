"""What is an early-help episode, from request to closure?"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.model.assessment import Assessment, AssessmentKind
from gateway.model.attached_form import AttachedForm
from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.checklist import Checklist
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Person
from gateway.model.plan import Plan, ServiceRequest
from gateway.model.practitioner import Practitioner
from gateway.model.provenance import Provenance
from gateway.model.referral import LocalAnswer
from gateway.model.review import Closure, Review, TeamMeeting
from gateway.model.role import Assignment, Service
from gateway.model.score import Score


class EpisodeState(StrEnum):
    """Where an episode stands."""

    DRAFT = "draft"
    """Content arrived without a consent block: kept, and nothing goes onward."""
    REQUESTED = "requested"
    """Somebody who may ask, asked for help to start."""
    ASSESSING = "assessing"
    PLANNING = "planning"
    """The assessment is complete; the team, the plan or the lead professional is still being found."""
    ACTIVE = "active"
    """A plan is agreed and somebody leads it."""
    ON_HOLD = "on_hold"
    """The family's consent has ended: nothing goes out until it is given again or the episode is closed."""
    STEPPED_UP = "stepped_up"
    """Social care is assessing or leading; the early-help plan rests."""
    CLOSED = "closed"


class Route(StrEnum):
    """How an episode came about."""

    PRACTITIONER = "practitioner"
    MASH = "mash"
    STEP_DOWN = "step_down"
    TRANSFER = "transfer"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What the episode came out of and went into: references, each in the system that holds the other."""

    previous_episode: str | None = told(Category.OPINION, locates=True, tells=(Tells.BIRTH,))
    next_episode: str | None = told(Category.OPINION, locates=True)
    social_care_referral: str | None = told(Category.OPINION, Sensitivity.S3, locates=True)
    transfer_from: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    transfer_to: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """The early-help record of one child, as the borough's eCAF system holds it.

    A family's episode is one such record for each child, with one `family_reference`; the others are people of the
    family here, and nothing of their own records is.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    state: EpisodeState | None = told(Category.ROUTING, Sensitivity.S0)
    opened_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    version: int | None = told(Category.ROUTING, Sensitivity.S0)
    """The record's version with whoever holds it; it only rises."""
    source_reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    opened_on: date | None = told(Category.OPINION)
    """The day it was opened, where the system that opened it knows no time of day."""
    closed_on: date | None = told(Category.OPINION)
    kind: AssessmentKind | None = told(Category.OPINION)
    route: Route | None = told(Category.OPINION)
    family_reference: str | None = told(Category.FAMILY, Sensitivity.S1)
    authority: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    """The GSS code of the authority whose episode it is."""
    child: Child | None = told(Category.ID)
    family: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    requested_by: Practitioner | None = told(Category.OPINION, tells=(Tells.INFORMANT,))
    practitioners: tuple[Practitioner, ...] = told(Category.OPINION, default=())
    lead_professional: Practitioner | None = told(Category.OPINION)
    roles: tuple[Assignment, ...] = told(Category.OPINION, default=())
    services: tuple[Service, ...] = told(Category.OPINION, default=())
    reason: str | None = written(Category.OPINION, Sensitivity.S3)
    support_wanted: str | None = written(Category.OPINION, Sensitivity.S3)
    support_tried: str | None = written(Category.OPINION, Sensitivity.S3)
    forms: tuple[AttachedForm, ...] = told(Category.OPINION, default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    earlier_consents: tuple[ConsentStatement, ...] = told(Category.CONSENT, default=())
    """What the family said before; nothing rests on it any more."""
    checklist: Checklist | None = told(Category.OPINION, internal=True)
    assessment: Assessment | None = told(Category.OPINION)
    earlier_assessments: tuple[Assessment, ...] = told(Category.OPINION, default=())
    plans: tuple[Plan, ...] = told(Category.PLAN, default=())
    service_requests: tuple[ServiceRequest, ...] = told(Category.PLAN, default=())
    meetings: tuple[TeamMeeting, ...] = told(Category.OPINION, default=())
    reviews: tuple[Review, ...] = told(Category.OPINION, default=())
    scores: tuple[Score, ...] = told(Category.PCI, default=())
    closure: Closure | None = told(Category.OPINION)
    links: Links | None = told(Category.OPINION)
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
