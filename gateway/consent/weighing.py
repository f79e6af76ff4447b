"""What did a practitioner find when weighing whether to tell somebody of a child, and what are the rules told of it?

Section 16LA of the Children Act 2004 asks two things of whoever holds information: is it relevant to the child's
safeguarding or welfare, and would telling harm the child more than not telling?
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.consent.question import Detriment, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One practitioner's statement about one child: towards whom, for what, and why.

    Shape: `recipients` are organisations. `harmful` is None where harm was not weighed yet. `made_by` is a pseudonym.
    Units: UTC. `made_at` is included, `expires_on` is not; one without an end holds until somebody ends it.
    """

    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    relevant: bool
    rationale: str
    made_by: str
    made_at: datetime
    harmful: bool | None = None
    expires_on: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """Tell whether it counts at *at*."""
        return self.expires_on is None or at < self.expires_on

    def concerns(self, question: Question) -> bool:
        """Tell whether it was made about what *question* asks: it names both the recipient and the purpose."""
        is_named = question.recipient.organisation in self.recipients and question.purpose in self.purposes
        return is_named and self.holds_at(question.at)


def weighed(weighings: Iterable[Weighing], question: Question) -> tuple[bool | None, Detriment | None]:
    """Return whether it is relevant, and whether telling would harm the child, by all who weighed it.

    Whoever finds harm counts alone: nobody else's word that it is not relevant takes a finding of harm away. Else it is
    relevant where all say so, and harm is ruled out where all have weighed it and none has found any.
    """
    said = [one for one in weighings if one.concerns(question)]
    if not said:
        return None, None
    harmful = [one for one in said if one.harmful is True]
    is_relevant = all(one.relevant for one in harmful or said)
    if harmful:
        return is_relevant, Detriment(assessed=True, harmful=True)
    if any(one.harmful is None for one in said):
        return is_relevant, Detriment(assessed=False)
    return is_relevant, Detriment(assessed=True, harmful=False)
