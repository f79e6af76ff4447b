"""Who are the people around the child, and where do they live?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.partial_date import PartialDate
from gateway.model.provenance import Provenance


class Answer(StrEnum):
    """Yes, no, or asked and not known. A blank box is none of these: it is an absent value."""

    YES = "Y"
    NO = "N"
    UNKNOWN = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A place somebody lives, as it was written."""

    lines: tuple[str, ...] = told(Category.ADDR, Sensitivity.S1, locates=True, default=())
    town: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    county: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    postcode: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    country: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    uprn: str | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    kind: str | None = told(Category.ADDR, locates=True)
    """What the place is to them: home, temporary, a second home."""
    from_on: date | None = told(Category.ADDR, locates=True)
    until_on: date | None = told(Category.ADDR, locates=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A parent, carer, contact or member of the household: anybody who is not the child."""

    reference: str | None = told(Category.FAMILY, Sensitivity.S0)
    """What the document calls them, where it speaks of them elsewhere."""
    title: str | None = told(Category.FAMILY)
    name: str | None = told(Category.FAMILY, Sensitivity.S1)
    given_names: str | None = told(Category.FAMILY, Sensitivity.S1)
    family_name: str | None = told(Category.FAMILY, Sensitivity.S1)
    relationship: str | None = told(Category.FAMILY)
    born: date | None = told(Category.FAMILY, Sensitivity.S1)
    born_about: PartialDate | None = told(Category.FAMILY, Sensitivity.S1)
    born_as_written: str | None = written(Category.FAMILY, Sensitivity.S1)
    expected: date | None = told(Category.FAMILY, Sensitivity.S1)
    sex: str | None = told(Category.FAMILY)
    ethnicity: str | None = told(Category.RELIG_ETH, Sensitivity.S3)
    parental_responsibility: Answer | None = told(Category.FAMILY)
    priority: int | None = told(Category.FAMILY, Sensitivity.S0)
    lives_with_child: Answer | None = told(Category.FAMILY, locates=True)
    court_order: Answer | None = told(Category.FAMILY, Sensitivity.S4)
    helped: Answer | None = told(Category.FAMILY)
    """Whether the episode is about them too, as one of a whole family is."""
    episode: str | None = told(Category.FAMILY, Sensitivity.S0, tells=(Tells.SIBLING,))
    """The reference of their own episode: a child's record is never inside another child's."""
    first_language: str | None = told(Category.FAMILY)
    interpreter_needed: Answer | None = told(Category.FAMILY)
    school: str | None = told(Category.FAMILY, locates=True, tells=(Tells.SIBLING,))
    telephones: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S1, locates=True, default=())
    unsafe_telephones: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S4, locates=True, default=())
    """Numbers at which somebody else may listen: never to be called."""
    emails: tuple[str, ...] = told(Category.CONTACT, Sensitivity.S1, locates=True, default=())
    address: Address | None = told(Category.ADDR, Sensitivity.S1, locates=True)
    other_addresses: tuple[Address, ...] = told(Category.ADDR, Sensitivity.S1, locates=True, default=())
    """Where else somebody lives, when a source knows several places: a second home, a parent between two."""
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
