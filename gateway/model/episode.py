"""What is an early-help episode, from request to closure?"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, told
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Person
from gateway.model.practitioner import Practitioner
from gateway.model.pupil import AttachedForm
from gateway.model.referral import LocalAnswer


class EpisodeState(StrEnum):
    """Where an episode stands, as far as the gateway sets one up."""

    DRAFT = "draft"
    """Content arrived without a consent block: kept, and nothing goes onward."""
    REQUESTED = "requested"
    """Somebody who may ask, asked for help to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """The early-help record of one child, as the borough's eCAF system holds it."""

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    state: EpisodeState | None = told(Category.ROUTING, Sensitivity.S0)
    opened_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    source_reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    child: Child | None = told(Category.ID)
    family: tuple[Person, ...] = told(Category.FAMILY, default=())
    requested_by: Practitioner | None = told(Category.OPINION)
    practitioners: tuple[Practitioner, ...] = told(Category.OPINION, default=())
    reason: str | None = told(Category.OPINION, Sensitivity.S3, locates=True)
    support_wanted: str | None = told(Category.OPINION, Sensitivity.S3, locates=True)
    support_tried: str | None = told(Category.OPINION, Sensitivity.S3, locates=True)
    forms: tuple[AttachedForm, ...] = told(Category.OPINION, default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
