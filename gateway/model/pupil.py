"""What does a school tell about a pupil?"""

from dataclasses import dataclass

from gateway.model.attached_form import AttachedForm
from gateway.model.category import Category, Sensitivity, Tells, told
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Person
from gateway.model.referral import LocalAnswer
from gateway.model.school_record import SchoolRecord, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilRecord:
    """One pupil of a school's export, gathered from every row about that pupil."""

    source_id: str | None = told(Category.ROUTING, Sensitivity.S0)
    school: str | None = told(Category.EDU, locates=True)
    child: Child | None = told(Category.ID)
    contacts: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    forms: tuple[AttachedForm, ...] = told(Category.OPINION, default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    transfer: Transfer | None = told(Category.EDU)
    record: SchoolRecord | None = told(Category.EDU)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
