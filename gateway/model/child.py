"""Who is the child?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.family import Address, Answer
from gateway.model.partial_date import PartialDate
from gateway.model.provenance import Provenance


class Sex(StrEnum):
    """Sex as children's services record it.

    Source: children in need census; 0 also for an unborn child whose sex is known.
    """

    NOT_KNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    INDETERMINATE = "9"


class Disability(StrEnum):
    """Kinds of disability, as people code them by hand; a form has words instead.

    Source: children in need census. NONE excludes all others.
    """

    AUTISM = "AUT"
    BEHAVIOUR = "BEH"
    COMMUNICATION = "COMM"
    CONSCIOUSNESS = "CON"
    OTHER = "DDA"
    HAND_FUNCTION = "HAND"
    HEARING = "HEAR"
    INCONTINENCE = "INC"
    LEARNING = "LD"
    MOBILITY = "MOB"
    NONE = "NONE"
    PERSONAL_CARE = "PC"
    VISION = "VIS"


class UpnUnknown(StrEnum):
    """Why a child has no unique pupil number. Source: children in need census."""

    NOT_OF_SCHOOL_AGE = "UN1"
    NEVER_IN_A_SCHOOL = "UN2"
    EDUCATED_ELSEWHERE = "UN3"
    NEWLY_LOOKED_AFTER = "UN4"
    CONFLICTING = "UN5"
    UN6 = "UN6"
    UN7 = "UN7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """What another system calls the child; `system` is its address as a URI, or its name."""

    system: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    value: str | None = told(Category.ID, Sensitivity.S1, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schooling:
    """Where the child learns."""

    name: str | None = told(Category.EDU, locates=True)
    urn: str | None = told(Category.EDU, locates=True)
    year_group: str | None = told(Category.EDU)
    registration_group: str | None = told(Category.EDU, locates=True)
    house: str | None = told(Category.EDU, locates=True)
    admission_number: str | None = told(Category.EDU, Sensitivity.S1, locates=True)
    started_on: date | None = told(Category.EDU, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One child, born or unborn, as one document tells it.

    Exactly one of `born`, `born_about` and `expected` is known in a sound record; what a form held that was none of
    them stays in `born_as_written`. A day that is not known whole is never in `born`, by which children are found.
    """

    given_names: str | None = told(Category.ID, Sensitivity.S1)
    family_name: str | None = told(Category.ID, Sensitivity.S1)
    preferred_name: str | None = told(Category.ID, Sensitivity.S1)
    former_names: tuple[str, ...] = told(Category.ADOPT, Sensitivity.S4, tells=(Tells.BIRTH,), default=())
    born: date | None = told(Category.ID, Sensitivity.S1)
    born_about: PartialDate | None = told(Category.ID, Sensitivity.S1)
    expected: date | None = told(Category.ID, Sensitivity.S1)
    was_expected: date | None = told(Category.ID, Sensitivity.S1)
    """The day a baby was due that has been born since."""
    died: date | None = told(Category.ID, Sensitivity.S1)
    born_as_written: str | None = written(Category.ID, Sensitivity.S1)
    sex: Sex | None = told(Category.ID)
    gender: str | None = told(Category.SEXOR, Sensitivity.S3)
    ethnicity: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    ethnicity_as_written: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    religion: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    religion_code: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    immigration_status: str | None = written(Category.IMM, Sensitivity.S3)
    first_language: str | None = told(Category.ID)
    parents_language: str | None = told(Category.FAMILY)
    interpreter_needed: Answer | None = told(Category.ID)
    interpreter_arranged: Answer | None = told(Category.ID)
    special_requirements: str | None = written(Category.HEALTH_G, Sensitivity.S3)
    disabled: Answer | None = told(Category.HEALTH_G, Sensitivity.S3)
    disability_details: str | None = written(Category.HEALTH_G, Sensitivity.S3)
    disabilities: tuple[Disability, ...] = told(Category.HEALTH_G, Sensitivity.S3, default=())
    upn: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    """Its digits name the authority and the school that gave it."""
    upn_unknown: UpnUnknown | None = told(Category.ID)
    nhs_number: str | None = told(Category.ID, Sensitivity.S1)
    la_child_id: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    identifiers: tuple[Identifier, ...] = told(
        Category.ID, Sensitivity.S1, locates=True, tells=(Tells.BIRTH,), default=()
    )
    address: Address | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    other_addresses: tuple[Address, ...] = told(Category.ADDR, Sensitivity.S1, locates=True, default=())
    current_location: str | None = written(Category.ADDR, Sensitivity.S1)
    telephones: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S1, locates=True, default=())
    unsafe_telephones: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S4, locates=True, default=())
    emails: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S1, locates=True, default=())
    general_practice: str | None = told(Category.HEALTH_G, locates=True)
    schooling: Schooling | None = told(Category.EDU)
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
