"""Who works with the child?"""

from dataclasses import dataclass

from gateway.model.category import Category, Sensitivity, Tells, told
from gateway.model.family import Address, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """Somebody who meets the child or family through their work: a referrer, an assessor, a lead professional.

    Who they are and where they work can tell where a family lives: names are looked up. So all of it locates.
    """

    name: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.STAFF,))
    role: str | None = told(Category.OPINION, locates=True)
    organisation: str | None = told(Category.OPINION, locates=True)
    relationship: str | None = told(Category.OPINION, locates=True)
    telephones: tuple[str, ...] = told(Category.CONTACT, locates=True, default=())
    emails: tuple[str, ...] = told(Category.CONTACT, locates=True, default=())
    address: Address | None = told(Category.ADDR, locates=True)
    agrees_to_be_contacted: Answer | None = told(Category.CONSENT, locates=True)
