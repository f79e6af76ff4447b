"""What does a MASH ask its partners while it decides, and what do they answer?

Whether they know a child, and by when it needs to know. The question names who is asked about, by identifiers alone:
a partner that knows nobody of that name must learn nothing from having been asked but the name.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.model.category import Category, Sensitivity, Tells, told, written
from gateway.model.child import Sex
from gateway.model.family import Answer
from gateway.model.referral import Level


class Rag(StrEnum):
    """How soon the MASH needs to know.

    Source: the ratings of Merton's and Luton's MASH; blue is not asked about.
    """

    RED = "RED"
    AMBER = "AMBER"
    GREEN = "GREEN"


class CheckQuestion(StrEnum):
    """What is asked: always one of these, so that no question tells a story."""

    KNOWN = "KNOWN"
    """Do you know this child?"""
    INVOLVED = "INVOLVED"
    """Are you working with this child, since when, and who?"""
    CONCERNS = "CONCERNS"
    """Do you hold anything that bears on this child's safety?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedChild:
    """A child who is asked about: identifiers, and nothing else."""

    given_names: str | None = told(Category.ID, Sensitivity.S1)
    family_name: str | None = told(Category.ID, Sensitivity.S1)
    preferred_name: str | None = told(Category.ID, Sensitivity.S1)
    born: date | None = told(Category.ID, Sensitivity.S1)
    expected: date | None = told(Category.ID, Sensitivity.S1)
    born_as_written: str | None = written(Category.ID, Sensitivity.S1)
    sex: Sex | None = told(Category.ID)
    upn: str | None = told(Category.ID, Sensitivity.S1, locates=True)
    nhs_number: str | None = told(Category.ID, Sensitivity.S1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCheck:
    """One question of a MASH to a partner about one or several children."""

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    """The MASH's own, by which the answer is told where it belongs."""
    level: Level | None = told(Category.ROUTING, Sensitivity.S0)
    rag: Rag | None = told(Category.ROUTING, Sensitivity.S0)
    question: CheckQuestion | None = told(Category.ROUTING, Sensitivity.S0)
    asked_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    due_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    children: tuple[CheckedChild, ...] = told(Category.ID, tells=(Tells.SIBLING, Tells.CHECK), default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnswer:
    """What a partner answers, for the MASH that asked and for its decision alone.

    What a partner knows is the partner's: all of it is of the kind that no early-help purpose, no export of a school's
    and no transfer carries.
    """

    reference: str | None = told(Category.ROUTING, Sensitivity.S0)
    """That of the question."""
    level: Level | None = told(Category.ROUTING, Sensitivity.S0)
    rag: Rag | None = told(Category.ROUTING, Sensitivity.S0)
    answered_at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    known: Answer | None = told(Category.THIRD, Sensitivity.S4, tells=(Tells.CHECK,))
    involved_from: date | None = told(Category.THIRD, Sensitivity.S4, tells=(Tells.CHECK,))
    involved_until: date | None = told(Category.THIRD, Sensitivity.S4, tells=(Tells.CHECK,))
    contact_role: str | None = told(Category.THIRD, Sensitivity.S4, locates=True, tells=(Tells.CHECK,))
    contact_telephones: tuple[str, ...] = told(
        Category.THIRD, Sensitivity.S4, locates=True, tells=(Tells.CHECK,), default=()
    )
    contact_emails: tuple[str, ...] = told(
        Category.THIRD, Sensitivity.S4, locates=True, tells=(Tells.CHECK,), default=()
    )
    risk: str | None = written(Category.THIRD, Sensitivity.S4, tells=(Tells.CHECK,))
    """What bears on the child's safety, in the partner's words."""
    shareable_onward: Answer | None = told(Category.THIRD, Sensitivity.S4, tells=(Tells.CHECK,))
    """Whether the partner lets the MASH pass it on; not said, it does not. No machine passes it on either way."""
