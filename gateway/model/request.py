"""What is a request to start early help?

It is no referral: it asks for a CAF at a lower level of need, and the parent has been told. What a worried practitioner
sends is a referral, and what a MASH has not looked at yet is a contact; the three words are kept apart.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.model.attached_form import AttachedForm
from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Answer, Person
from gateway.model.practitioner import Practitioner
from gateway.model.referral import Level, LocalAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """One form that asks for early help to start for one or several children.

    `level` is the requester's own view of need; one that is too high for early help is for the MASH to see.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    form_name: str | None = told(Category.ROUTING, Sensitivity.S0)
    submitted_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    level: Level | None = told(Category.ROUTING, Sensitivity.S0)
    immediate_danger: Answer | None = told(Category.ROUTING, Sensitivity.S0)
    requested_by: Practitioner | None = told(Category.OPINION, tells=(Tells.INFORMANT,))
    children: tuple[Child, ...] = told(Category.ID, tells=(Tells.SIBLING,), default=())
    family: tuple[Person, ...] = told(Category.FAMILY, tells=(Tells.RELATIVE,), default=())
    practitioners: tuple[Practitioner, ...] = told(Category.OPINION, default=())
    """Which agencies work with the family already."""
    needs: str | None = written(Category.OPINION, Sensitivity.S3)
    going_well: str | None = written(Category.OPINION, Sensitivity.S3)
    support_tried: str | None = written(Category.OPINION, Sensitivity.S3)
    support_wanted: str | None = written(Category.OPINION, Sensitivity.S3)
    forms: tuple[AttachedForm, ...] = told(Category.OPINION, default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
