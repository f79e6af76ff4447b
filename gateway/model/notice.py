"""What do we tell somebody who has documents of ours, and what do they answer?

A notice holds no content: which of the documents we sent it is about, and what to do. It says the same whatever the
cause, so that nothing about a family can be read off it. A correction holds content: each note is of the kind of
information of the field it is about, and stands where what that field can tell of is told.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, of_its_part, told


class NoticeStep(StrEnum):
    """What a notice asks for."""

    STOP_SHARING = "STOP_SHARING"
    """Keep it, and pass none of it on."""
    PURGE = "PURGE"
    """It was not meant for you: destroy every copy, and certify that."""
    CORRECTION = "CORRECTION"
    """Something in it is not right: mark it as disputed, and ask us if no correction follows."""


class NoticeAnswer(StrEnum):
    """What whoever got a notice, or a document with terms, says."""

    STOPPED = "STOPPED"
    PURGED = "PURGED"
    CORRECTED = "CORRECTED"
    ACCEPTED = "ACCEPTED"
    """Of a document: that it is shared on only as agreed."""
    CANNOT = "CANNOT"
    """None of it; somebody must be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is to be done with documents that we sent.

    Shape: `documents` are the `message_id`s they came under. `what_to_do` says it in a sentence.
    """

    step: NoticeStep | None = told(Category.ROUTING, Sensitivity.S0)
    documents: tuple[str, ...] = told(Category.ROUTING, Sensitivity.S0)
    at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    answer_by: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    what_to_do: str | None = told(Category.ROUTING, Sensitivity.S0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReply:
    """What somebody answers to a notice, or to a document.

    Shape: `in_answer_to` is the `message_id` of ours. `certificate` is their own reference of the certificate of a
    purge; `documents` are those they destroyed.
    """

    in_answer_to: str | None = told(Category.ROUTING, Sensitivity.S0)
    answer: NoticeAnswer | None = told(Category.ROUTING, Sensitivity.S0)
    at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    certificate: str | None = told(Category.ROUTING, Sensitivity.S0)
    documents: tuple[str, ...] = told(Category.ROUTING, Sensitivity.S0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A note that tells of somebody: `field` is where, `note` what is to be read with it."""

    field: str | None = of_its_part(written=True)
    note: str | None = of_its_part(written=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One note beside a field: `field` is where, `note` what is to be read with it.

    Shape: a note beside a field that can tell of somebody stands in the part with the fewest marks that has all of that
    field's, so that whoever may not have the field has not the note either.
    """

    field: str | None = of_its_part(written=True)
    note: str | None = of_its_part(written=True)
    of_birth: Remark | None = of_its_part(tells=(Tells.BIRTH, Tells.SIBLING))
    of_check: Remark | None = of_its_part(tells=(Tells.CHECK, Tells.SIBLING))
    of_child: Remark | None = of_its_part(tells=(Tells.CHILD,))
    of_family: Remark | None = of_its_part(tells=(Tells.RELATIVE, Tells.SIBLING))
    of_parent: Remark | None = of_its_part(tells=(Tells.PARENT_HEALTH, Tells.CHILD))
    of_teller: Remark | None = of_its_part(tells=(Tells.INFORMANT, Tells.STAFF))
    of_anybody: Remark | None = of_its_part(tells=tuple(Tells))


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Notes that correct documents we sent, by the kind of information of the field each is about.

    Shape: `documents` are the `message_id`s the documents came under. Nothing they said is overwritten: each note is
    read beside it.
    """

    documents: tuple[str, ...] = told(Category.ROUTING, Sensitivity.S0)
    at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    identity: tuple[Annotation, ...] = told(Category.ID)
    contact: tuple[Annotation, ...] = told(Category.CONTACT, Sensitivity.S4)
    address: tuple[Annotation, ...] = told(Category.ADDR, locates=True)
    family: tuple[Annotation, ...] = told(Category.FAMILY, Sensitivity.S4)
    education: tuple[Annotation, ...] = told(Category.EDU, Sensitivity.S3, locates=True)
    health: tuple[Annotation, ...] = told(Category.HEALTH_G, Sensitivity.S3)
    sensitive_health: tuple[Annotation, ...] = told(Category.HEALTH_S, Sensitivity.S3)
    emotional: tuple[Annotation, ...] = told(Category.EMO, Sensitivity.S3)
    parenting: tuple[Annotation, ...] = told(Category.PARENT, Sensitivity.S3)
    money: tuple[Annotation, ...] = told(Category.FIN, Sensitivity.S3)
    housing: tuple[Annotation, ...] = told(Category.HOUSING)
    offending: tuple[Annotation, ...] = told(Category.CRIME, Sensitivity.S3)
    domestic_abuse: tuple[Annotation, ...] = told(Category.DA, Sensitivity.S3)
    immigration: tuple[Annotation, ...] = told(Category.IMM, Sensitivity.S3)
    religion_and_ethnicity: tuple[Annotation, ...] = told(Category.RELIG_ETH, Sensitivity.S3)
    orientation: tuple[Annotation, ...] = told(Category.SEXOR, Sensitivity.S3)
    third_party: tuple[Annotation, ...] = told(Category.THIRD, Sensitivity.S4)
    views: tuple[Annotation, ...] = told(Category.OPINION, Sensitivity.S3)
    plan: tuple[Annotation, ...] = told(Category.PLAN, Sensitivity.S3)
    scores: tuple[Annotation, ...] = told(Category.PCI, Sensitivity.S3)
    consent: tuple[Annotation, ...] = told(Category.CONSENT, Sensitivity.S3)
    adoption: tuple[Annotation, ...] = told(Category.ADOPT, Sensitivity.S4)
    police: tuple[Annotation, ...] = told(Category.POLICE, Sensitivity.S4)
