"""What is asked and said before there is an episode: who may use the system, is one open, whose family is it?"""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Answer, Person
from gateway.model.practitioner import Practitioner
from gateway.model.provenance import Provenance
from gateway.model.referral import LocalAnswer
from gateway.model.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One training somebody has done."""

    module: str | None = told(Category.OPINION, Sensitivity.S0)
    completed_on: date | None = told(Category.OPINION, Sensitivity.S0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Somebody asks to become a user of the eCAF system.

    An account rests on training and on a signed agreement, both evidenced here; it is the eCAF system that opens it.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    submitted_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    user: Practitioner | None = told(Category.OPINION)
    authoriser: Practitioner | None = told(Category.OPINION)
    role: Role | None = told(Category.OPINION)
    training: tuple[Training, ...] = told(Category.OPINION, default=())
    agreement: str | None = told(Category.OPINION, Sensitivity.S0)
    agreement_version: str | None = told(Category.OPINION, Sensitivity.S0)
    agreement_signed_on: date | None = told(Category.OPINION, Sensitivity.S0)
    is_dedicated_user: Answer | None = told(Category.OPINION)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """Somebody asks whether an episode is open. The answer is yes or no and whom to call, never content.

    In its `consent`, `agrees_to_share` says whether the family agrees that this is looked up; it counts for no more.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    submitted_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    enquirer: Practitioner | None = told(Category.OPINION, tells=(Tells.INFORMANT,))
    child: Child | None = told(Category.ID)
    family: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    purpose: str | None = written(Category.OPINION, Sensitivity.S3)
    consent: ConsentStatement | None = told(Category.CONSENT)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswer:
    """What an enquirer is told: whether an episode is open, and whom to call. There is no field for anything else.

    All of it is of the one kind that a check of existence may carry. Whom to call locates: an office can tell a place.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    """The enquiry's own, by which the answer is told where it belongs."""
    answered_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    open: Answer | None = told(Category.ID)
    contact_name: str | None = told(Category.ID, locates=True)
    contact_role: str | None = told(Category.ID, locates=True)
    contact_organisation: str | None = told(Category.ID, locates=True)
    contact_telephones: tuple[str, ...] = told(Category.ID, locates=True, default=())
    contact_emails: tuple[str, ...] = told(Category.ID, locates=True, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRegistration:
    """A family is put on the eCAF system once an enquiry has found that no episode is open."""

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    submitted_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    enquiry: str | None = told(Category.ROUTING, Sensitivity.S0)
    registered_by: Practitioner | None = told(Category.OPINION, tells=(Tells.INFORMANT,))
    children: tuple[Child, ...] = told(Category.ID, tells=(Tells.SIBLING,), default=())
    family: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
    provenance: tuple[Provenance, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
