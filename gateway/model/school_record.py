"""What goes with a pupil who changes schools?

The parts of a Common Transfer File that no other document of ours has: numbers, names as the school keeps them, and
what the school recorded about learning. They stay with the pupil's record; an early-help episode takes none of them.

Source: the DfE's Common Transfer File, editions 12 to 25.
"""

from dataclasses import dataclass
from datetime import date

from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.family import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school as such files name it: an authority's three digits and four of its own."""

    authority: str | None = told(Category.EDU, locates=True)
    establishment: str | None = told(Category.EDU, locates=True)
    urn: str | None = told(Category.EDU, locates=True)
    name: str | None = told(Category.EDU, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """From which school to which a record goes, and what the file says about itself."""

    edition: str | None = told(Category.ROUTING, Sensitivity.S0)
    made_at: str | None = told(Category.ROUTING, Sensitivity.S0)
    """As it was written: such files name no time zone."""
    qualifier: str | None = told(Category.ROUTING, Sensitivity.S0)
    """`full` or `partial`."""
    data_qualifier: str | None = told(Category.ROUTING, Sensitivity.S0)
    data_descriptor: str | None = written(Category.EDU)
    supplier: str | None = told(Category.ROUTING, Sensitivity.S0)
    academic_year: str | None = told(Category.ROUTING, Sensitivity.S0)
    source: School | None = told(Category.EDU)
    destination: School | None = told(Category.EDU)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPeriod:
    """Since when a pupil had which provision for special educational needs."""

    started_on: date | None = told(Category.EDU, Sensitivity.S3)
    provision: str | None = told(Category.EDU, Sensitivity.S3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportNeed:
    """One special educational need, and its rank among them."""

    kind: str | None = told(Category.HEALTH_G, Sensitivity.S3)
    rank: int | None = told(Category.HEALTH_G, Sensitivity.S3)


@dataclass(frozen=True, slots=True, kw_only=True)
class MealPeriod:
    """A time in which a pupil had free school meals."""

    started_on: date | None = told(Category.FIN, Sensitivity.S3)
    ended_on: date | None = told(Category.FIN, Sensitivity.S3)
    country: str | None = told(Category.FIN, Sensitivity.S3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One assessment."""

    locale: str | None = told(Category.EDU)
    year: str | None = told(Category.EDU)
    subject: str | None = told(Category.EDU)
    method: str | None = told(Category.EDU)
    component: str | None = told(Category.EDU)
    status: str | None = told(Category.EDU)
    qualifier: str | None = told(Category.EDU)
    result: str | None = told(Category.EDU)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStage:
    """What a pupil achieved at the end of a key stage."""

    stage: str | None = told(Category.EDU)
    results: tuple[Result, ...] = told(Category.EDU, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """A school the pupil went to, and when."""

    authority: str | None = told(Category.EDU, locates=True)
    establishment: str | None = told(Category.EDU, locates=True)
    name: str | None = told(Category.EDU, locates=True)
    entered_on: date | None = told(Category.EDU, locates=True)
    left_on: date | None = told(Category.EDU, locates=True)
    reason: str | None = told(Category.EDU, locates=True)
    is_last: Answer | None = told(Category.EDU, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRecord:
    """What one school tells the next about a pupil."""

    application_reference: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    former_upn: str | None = told(Category.ADOPT, Sensitivity.S4, locates=True, tells=(Tells.BIRTH,))
    """An adopted child is given a new number, and nothing leads from it to the old one."""
    uln: str | None = told(Category.ID, Sensitivity.S1)
    uci: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    middle_names: str | None = told(Category.ID, Sensitivity.S1)
    preferred_given_names: str | None = told(Category.ID, Sensitivity.S1)
    preferred_family_name: str | None = told(Category.ID, Sensitivity.S1)
    former_given_names: str | None = told(Category.ADOPT, Sensitivity.S4, tells=(Tells.BIRTH,))
    former_family_name: str | None = told(Category.ADOPT, Sensitivity.S4, tells=(Tells.BIRTH,))
    year_group: str | None = told(Category.EDU)
    """The National Curriculum year as the file writes it, such as `5`."""
    ethnicity_source: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    languages: tuple[str, ...] = told(Category.ID, default=())
    enrolment_status: str | None = told(Category.EDU)
    medical_flag: Answer | None = told(Category.HEALTH_G, Sensitivity.S3)
    disabilities: tuple[str, ...] = told(Category.HEALTH_G, Sensitivity.S3, default=())
    support: tuple[SupportPeriod, ...] = told(Category.EDU, default=())
    needs: tuple[SupportNeed, ...] = told(Category.HEALTH_G, default=())
    meals_review_on: date | None = told(Category.FIN, Sensitivity.S3)
    meals: tuple[MealPeriod, ...] = told(Category.FIN, default=())
    in_care: Answer | None = told(Category.FAMILY, Sensitivity.S4)
    """Kept, and by default told to nobody: that a child is looked after is not a school's to pass on."""
    care_authority: str | None = told(Category.FAMILY, Sensitivity.S4, locates=True)
    key_stages: tuple[KeyStage, ...] = told(Category.EDU, default=())
    schools: tuple[Attended, ...] = told(Category.EDU, default=())
