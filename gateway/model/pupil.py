"""What does a school tell about a pupil?"""

from dataclasses import dataclass
from datetime import date

from gateway.model.category import Category, Sensitivity, told
from gateway.model.child import Child
from gateway.model.consent_statement import ConsentStatement
from gateway.model.family import Person
from gateway.model.referral import LocalAnswer
from gateway.model.school_record import SchoolRecord, Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedForm:
    """A document a school attached to a pupil: the CAF form itself, kept as it came."""

    kind: str | None = told(Category.ROUTING, Sensitivity.S0)
    written_on: date | None = told(Category.ROUTING, Sensitivity.S0)
    author: str | None = told(Category.OPINION, Sensitivity.S1)
    file_name: str | None = told(Category.OPINION, locates=True)
    media_type: str | None = told(Category.ROUTING, Sensitivity.S0)
    sha256: str | None = told(Category.OPINION, Sensitivity.S3, locates=True)
    """What names the bytes tells them apart, so it goes where they go."""
    content: str | None = told(Category.OPINION, Sensitivity.S3, locates=True)
    """The document's bytes, base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilRecord:
    """One pupil of a school's export, gathered from every row about that pupil."""

    source_id: str | None = told(Category.ROUTING, Sensitivity.S0)
    school: str | None = told(Category.EDU, locates=True)
    child: Child | None = told(Category.ID)
    contacts: tuple[Person, ...] = told(Category.FAMILY, default=())
    forms: tuple[AttachedForm, ...] = told(Category.OPINION, default=())
    consent: ConsentStatement | None = told(Category.CONSENT)
    transfer: Transfer | None = told(Category.EDU)
    record: SchoolRecord | None = told(Category.EDU)
    local: tuple[LocalAnswer, ...] = told(Category.OPINION, default=())
