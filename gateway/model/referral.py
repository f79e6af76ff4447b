"""What is a referral to the MASH, what did the MASH decide, and what is the referrer told?

A contact is not yet a referral, and a request for early help is neither: the words are kept apart.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.model.attached_form import AttachedForm
from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Answer, Person
from gateway.model.practitioner import Practitioner


class RequestType(StrEnum):
    """What the referrer asks for."""

    SAFEGUARDING = "SAFEGUARDING"
    EARLY_HELP = "EARLY_HELP"


class Level(StrEnum):
    """How great the need is, on the London continuum.

    Source: London continuum of need; IMMEDIATE is the 999 case.
    """

    NONE = "NONE"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    IMMEDIATE = "IMMEDIATE"


class MashOutcome(StrEnum):
    """What the MASH decided."""

    MO1 = "MO1"
    """No further action."""
    MO2 = "MO2"
    """Advice, information or signpost."""
    MO3 = "MO3"
    """Early help: a CAF to start."""
    MO4 = "MO4"
    """Early help: the existing episode's lead professional is told."""
    MO5 = "MO5"
    """A targeted early-help service."""
    MO6 = "MO6"
    """A child and family assessment by children's social care."""
    MO7 = "MO7"
    """A strategy discussion under section 47."""
    MO8 = "MO8"
    """Open case: the allocated worker is told."""
    MO9 = "MO9"
    """Another authority is responsible."""
    MO10 = "MO10"
    """Returned: something is missing."""
    MO11 = "MO11"
    """Police or emergency response."""
    MO12 = "MO12"
    """An allegation against an adult who works with children."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAnswer:
    """Something a local form asked that the canonical model has no field for: carried, never lost.

    The question is as personal as its answer: a form may well ask "Is Testina still at 1 Nowhere Lane?", and the name
    of a field of a flat post is whatever the sender made it.
    """

    key: str | None = written(Category.OPINION, Sensitivity.S0)
    question: str | None = written(Category.OPINION, Sensitivity.S3)
    answer: str | None = written(Category.OPINION, Sensitivity.S3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One form sent to the MASH about one or several children."""

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    form_name: str | None = told(Category.ROUTING, Sensitivity.S0)
    submitted_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    request_type: RequestType | None = told(Category.ROUTING, Sensitivity.S0)
    level: Level | None = told(Category.ROUTING, Sensitivity.S0)
    immediate_danger: Answer | None = told(Category.ROUTING, Sensitivity.S0)
    discussed_by_phone: str | None = written(Category.OPINION)
    referrer: Practitioner | None = told(Category.OPINION, tells=(Tells.INFORMANT,))
    safeguarding_lead_consulted: Answer | None = told(Category.OPINION)
    children: tuple[Child, ...] = told(Category.ID, tells=(Tells.SIBLING,), default=())
    parents: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    household: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    professionals: tuple[Practitioner, ...] = told(Category.OPINION, default=())
    worry: str | None = written(Category.OPINION, Sensitivity.S3)
    harm: str | None = written(Category.OPINION, Sensitivity.S3)
    parenting: str | None = written(Category.PARENT, Sensitivity.S3)
    going_well: str | None = written(Category.OPINION, Sensitivity.S3)
    support_tried: str | None = written(Category.OPINION, Sensitivity.S3)
    support_wanted: str | None = written(Category.OPINION, Sensitivity.S3)
    referrer_involvement: str | None = written(Category.OPINION, Sensitivity.S3)
    forms: tuple[AttachedForm, ...] = told(Category.OPINION, default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class MashDecision:
    """What the MASH says has become of a referral: received, or decided."""

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    step: str | None = told(Category.ROUTING, Sensitivity.S0)
    """`acknowledged` or `decided`."""
    mash_reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    outcome: MashOutcome | None = told(Category.ROUTING, Sensitivity.S0)
    reason: str | None = written(Category.OPINION, Sensitivity.S3)
    advice: str | None = told(Category.ROUTING, Sensitivity.S0)
    service: str | None = told(Category.ROUTING, Sensitivity.S0)
    """Which service has been asked to help."""
    contact: str | None = told(Category.ROUTING, Sensitivity.S0)
    """Whom the referrer may ask: a post or a desk and how to reach it."""
    missing: tuple[str, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What the referrer is told: routing data only, never what a partner check found or whether a child is known."""

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    step: str | None = told(Category.ROUTING, Sensitivity.S0)
    mash_reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    """What to quote when asking the MASH."""
    at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    outcome: MashOutcome | None = told(Category.ROUTING, Sensitivity.S0)
    outcome_in_words: str | None = told(Category.ROUTING, Sensitivity.S0)
    """Always the same words for one outcome: the MASH's own reason is case content and stays with it."""
    service: str | None = told(Category.ROUTING, Sensitivity.S0)
    contact: str | None = told(Category.ROUTING, Sensitivity.S0)
    next_step: str | None = told(Category.ROUTING, Sensitivity.S0)
    missing: tuple[str, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
    disagree: str | None = told(Category.ROUTING, Sensitivity.S0)
