"""What did a common assessment find: nineteen elements in three domains, and what follows from them?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, of_its_part, told, written
from gateway.model.factors import Factors
from gateway.model.family import Answer
from gateway.model.practitioner import Practitioner
from gateway.model.provenance import Provenance


class ElementCode(StrEnum):
    """The elements by their numbers. Source: national assessment form; the numbers are ours."""

    GENERAL_HEALTH = "1.1"
    PHYSICAL_DEVELOPMENT = "1.2"
    SPEECH_AND_LANGUAGE = "1.3"
    EMOTIONAL_AND_SOCIAL = "1.4"
    BEHAVIOUR = "1.5"
    IDENTITY = "1.6"
    RELATIONSHIPS = "1.7"
    SELF_CARE = "1.8"
    REASONING = "1.9"
    PARTICIPATION = "1.10"
    PROGRESS = "1.11"
    ASPIRATIONS = "1.12"
    BASIC_CARE = "2.1"
    WARMTH_AND_STABILITY = "2.2"
    GUIDANCE_AND_BOUNDARIES = "2.3"
    FAMILY_HISTORY = "3.1"
    WIDER_FAMILY = "3.2"
    HOUSING_AND_MONEY = "3.3"
    COMMUNITY = "3.4"


class Respondent(StrEnum):
    """Whose view or score something is."""

    CHILD = "child"
    PARENT = "parent"
    CARER = "carer"
    PRACTITIONER = "practitioner"


class AssessmentKind(StrEnum):
    """Whom an assessment is about."""

    INDIVIDUAL = "individual"
    FAMILY = "family"


class Conclusion(StrEnum):
    """How great the need is that an assessment found. A risk of harm is a matter for the MASH, not for a plan."""

    NO_ADDITIONAL = "NO_ADDITIONAL"
    ADDITIONAL = "ADDITIONAL"
    COMPLEX = "COMPLEX"
    RISK_OF_HARM = "RISK_OF_HARM"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What somebody thinks about the matter of one element, in their words."""

    whose: Respondent | None = of_its_part(tells=(Tells.CHILD,))
    name: str | None = of_its_part(written=True, tells=(Tells.CHILD,))
    text: str | None = of_its_part(written=True, tells=(Tells.CHILD,))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHeading:
    """A heading a local form has in one part and the national one has not: of the part's kind, carried as it came."""

    key: str | None = of_its_part()
    heading: str | None = of_its_part(written=True)
    text: str | None = of_its_part(written=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of an assessment; a form leaves most of them empty, and that is right."""

    strengths: str | None = of_its_part(written=True)
    needs: str | None = of_its_part(written=True)
    evidence: str | None = of_its_part(written=True)
    views: tuple[View, ...] = of_its_part(default=())
    difference_of_view: Answer | None = of_its_part()
    difference: str | None = of_its_part(written=True)
    headings: tuple[LocalHeading, ...] = of_its_part(default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """The nineteen elements, each of its own kind, and what an assessor keeps apart from them.

    What is told apart, such as mental health or violence at home, is of a kind that a family may ask to have left out
    and that few may read; put into an element it would go wherever the element goes.
    """

    general_health: Element | None = told(Category.HEALTH_G, Sensitivity.S3)
    physical_development: Element | None = told(Category.HEALTH_G, Sensitivity.S3)
    speech_and_language: Element | None = told(Category.HEALTH_G, Sensitivity.S3)
    emotional_and_social: Element | None = told(Category.EMO, Sensitivity.S3)
    behaviour: Element | None = told(Category.EMO, Sensitivity.S3)
    identity: Element | None = told(Category.EMO, Sensitivity.S3, tells=(Tells.CHILD,))
    relationships: Element | None = told(Category.EMO, Sensitivity.S3)
    self_care: Element | None = told(Category.OPINION)
    reasoning: Element | None = told(Category.EDU)
    participation: Element | None = told(Category.EDU)
    progress: Element | None = told(Category.EDU)
    aspirations: Element | None = told(Category.EDU)
    basic_care: Element | None = told(Category.PARENT, Sensitivity.S3)
    warmth_and_stability: Element | None = told(Category.PARENT, Sensitivity.S3)
    guidance_and_boundaries: Element | None = told(Category.PARENT, Sensitivity.S3)
    family_history: Element | None = told(Category.FAMILY, Sensitivity.S3, tells=(Tells.PARENT_HEALTH,))
    wider_family: Element | None = told(Category.FAMILY)
    housing_and_money: Element | None = told(Category.FIN, Sensitivity.S3)
    community: Element | None = told(Category.OPINION)
    mental_health: Element | None = told(Category.HEALTH_S, Sensitivity.S3)
    sexual_health: Element | None = told(Category.HEALTH_S, Sensitivity.S3)
    substance_use: Element | None = told(Category.HEALTH_S, Sensitivity.S3)
    sexual_orientation: Element | None = told(Category.SEXOR, Sensitivity.S3)
    domestic_abuse: Element | None = told(Category.DA, Sensitivity.S3)
    offending: Element | None = told(Category.CRIME, Sensitivity.S3)
    housing: Element | None = told(Category.HOUSING)
    other_people: Element | None = told(Category.THIRD, Sensitivity.S4)
    held_by_police: Element | None = told(Category.POLICE, Sensitivity.S4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPresent:
    """Somebody who was there when the assessment was made."""

    name: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    relationship: str | None = told(Category.OPINION, locates=True)
    organisation: str | None = told(Category.OPINION, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedAction:
    """What was agreed at the end of an assessment: who does what by when. The plan grows out of it."""

    action: str | None = written(Category.PLAN)
    who: str | None = told(Category.PLAN, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    by_when: date | None = told(Category.PLAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One version of a common assessment. `version` only rises."""

    reference: str | None = told(Category.OPINION, Sensitivity.S0, locates=True)
    version: int | None = told(Category.OPINION, Sensitivity.S0)
    kind: AssessmentKind | None = told(Category.OPINION)
    started_on: date | None = told(Category.OPINION)
    completed_on: date | None = told(Category.OPINION)
    reason: str | None = written(Category.OPINION, Sensitivity.S3)
    enquiry_made: Answer | None = told(Category.OPINION)
    assessors: tuple[Practitioner, ...] = told(Category.OPINION, default=())
    people_present: tuple[PersonPresent, ...] = told(Category.OPINION, default=())
    situation: str | None = written(Category.FAMILY, Sensitivity.S3)
    elements: Elements | None = told(Category.OPINION)
    factors: Factors | None = told(Category.OPINION, Sensitivity.S3)
    conclusions: str | None = written(Category.OPINION, Sensitivity.S3)
    conclusion: Conclusion | None = told(Category.OPINION, Sensitivity.S3)
    change_wanted: tuple[str, ...] = written(Category.PLAN, Sensitivity.S3, default=())
    goals: tuple[str, ...] = written(Category.PLAN, Sensitivity.S3, default=())
    agreed_actions: tuple[AgreedAction, ...] = told(Category.PLAN, default=())
    review_agreed_on: date | None = told(Category.PLAN)
    """The day agreed for the first review."""
    child_comment: str | None = written(Category.OPINION, Sensitivity.S3, tells=(Tells.CHILD,))
    parent_comment: str | None = written(Category.OPINION, Sensitivity.S3)
    harm_notice_seen: Answer | None = told(Category.OPINION)
    """The assessor has seen that a suspected harm goes to the MASH, not into an assessment."""
    headings: tuple[LocalHeading, ...] = told(Category.OPINION, Sensitivity.S3, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
