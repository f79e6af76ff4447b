"""Which factors did an assessment tag, in the codes of the children in need census?

They are kept by what they tell: a code for alcohol says as much about health as a sentence would, and goes only where
the sentence may go.

Source: children in need census, factors identified at the end of assessment.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, told


class HealthFactor(StrEnum):
    """Alcohol, drugs, mental health, self-harm: each of child, parent or another (A, B, C)."""

    ALCOHOL_CHILD = "1A"
    ALCOHOL_PARENT = "1B"
    ALCOHOL_OTHER = "1C"
    DRUGS_CHILD = "2A"
    DRUGS_PARENT = "2B"
    DRUGS_OTHER = "2C"
    MENTAL_HEALTH_CHILD = "4A"
    MENTAL_HEALTH_PARENT = "4B"
    MENTAL_HEALTH_OTHER = "4C"
    SELF_HARM = "15A"


class DomesticAbuseFactor(StrEnum):
    """Violence at home against child, parent or another."""

    CHILD = "3A"
    PARENT = "3B"
    OTHER = "3C"


class DisabilityFactor(StrEnum):
    """Learning disability (5) and physical disability or illness (6)."""

    LEARNING_CHILD = "5A"
    LEARNING_PARENT = "5B"
    LEARNING_OTHER = "5C"
    PHYSICAL_CHILD = "6A"
    PHYSICAL_PARENT = "6B"
    PHYSICAL_OTHER = "6C"


class FamilyFactor(StrEnum):
    """A young carer; private fostering of several kinds."""

    YOUNG_CARER = "7A"
    FOSTERED_OVERSEAS_CHILD = "8B"
    FOSTERED_LIVING_APART = "8C"
    FOSTERED_FOR_COURSE = "8D"
    FOSTERED_OTHER_REASON = "8E"
    FOSTERED_UNKNOWN = "8F"


class CrimeFactor(StrEnum):
    """Gangs, trafficking and exploitation, going missing, unacceptable behaviour."""

    MISSING = "10A"
    SEXUAL_EXPLOITATION = "11A"
    TRAFFICKING = "12A"
    GANGS = "13A"
    BEHAVIOUR = "14A"
    CRIMINAL_EXPLOITATION = "24A"


class HarmFactor(StrEnum):
    """Neglect and abuse."""

    NEGLECT = "16A"
    EMOTIONAL = "17A"
    PHYSICAL_EARLIER = "18A"
    PHYSICAL_BY_CHILD = "18B"
    PHYSICAL_BY_ADULT = "18C"
    SEXUAL_EARLIER = "19A"
    SEXUAL_BY_CHILD = "19B"
    SEXUAL_BY_ADULT = "19C"
    GENITAL_MUTILATION = "22A"
    FAITH_OR_BELIEF = "23A"


class ImmigrationFactor(StrEnum):
    """A child who seeks asylum by themselves."""

    ASYLUM = "9A"


class OtherFactor(StrEnum):
    """Something else, or that there is none; none excludes all others."""

    OTHER = "20"
    NONE = "21"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """The factors of one assessment."""

    health: tuple[HealthFactor, ...] = told(Category.HEALTH_S, Sensitivity.S3, tells=(Tells.PARENT_HEALTH,), default=())
    domestic_abuse: tuple[DomesticAbuseFactor, ...] = told(Category.DA, Sensitivity.S3, default=())
    disability: tuple[DisabilityFactor, ...] = told(
        Category.HEALTH_G, Sensitivity.S3, tells=(Tells.PARENT_HEALTH,), default=()
    )
    family: tuple[FamilyFactor, ...] = told(Category.FAMILY, Sensitivity.S3, default=())
    crime: tuple[CrimeFactor, ...] = told(Category.CRIME, Sensitivity.S3, default=())
    harm: tuple[HarmFactor, ...] = told(Category.OPINION, Sensitivity.S3, default=())
    immigration: tuple[ImmigrationFactor, ...] = told(Category.IMM, Sensitivity.S3, default=())
    other: tuple[OtherFactor, ...] = told(Category.OPINION, default=())
