"""Who is the child?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, told
from gateway.model.family import Address, Answer


class Sex(StrEnum):
    """Sex as children's services record it.

    Source: children in need census; 0 also for an unborn child whose sex is known.
    """

    NOT_KNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    INDETERMINATE = "9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schooling:
    """Where the child learns."""

    name: str | None = told(Category.EDU, locates=True)
    urn: str | None = told(Category.EDU, locates=True)
    year_group: str | None = told(Category.EDU)
    registration_group: str | None = told(Category.EDU, locates=True)
    house: str | None = told(Category.EDU, locates=True)
    admission_number: str | None = told(Category.EDU, Sensitivity.S1, locates=True)
    started_on: date | None = told(Category.EDU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One child, born or unborn, as one document tells it.

    Exactly one of `born` and `expected` is known in a sound record; what a form held that was neither stays in
    `born_as_written`.
    """

    given_names: str | None = told(Category.ID, Sensitivity.S1)
    family_name: str | None = told(Category.ID, Sensitivity.S1)
    preferred_name: str | None = told(Category.ID, Sensitivity.S1)
    former_names: tuple[str, ...] = told(Category.ADOPT, Sensitivity.S4, default=())
    born: date | None = told(Category.ID, Sensitivity.S1)
    expected: date | None = told(Category.ID, Sensitivity.S1)
    born_as_written: str | None = told(Category.ID, Sensitivity.S1)
    sex: Sex | None = told(Category.ID)
    ethnicity: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    ethnicity_as_written: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    religion: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    first_language: str | None = told(Category.ID)
    interpreter_needed: Answer | None = told(Category.ID)
    disabled: Answer | None = told(Category.HEALTH_G, Sensitivity.S3)
    disability_details: str | None = told(Category.HEALTH_G, Sensitivity.S3, locates=True)
    upn: str | None = told(Category.ID, Sensitivity.S1)
    nhs_number: str | None = told(Category.ID, Sensitivity.S1)
    la_child_id: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    address: Address | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    current_location: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    telephones: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S1, locates=True, default=())
    emails: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S1, locates=True, default=())
    general_practice: str | None = told(Category.HEALTH_G, locates=True)
    schooling: Schooling | None = told(Category.EDU)
