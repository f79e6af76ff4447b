"""Where did a value come from: which system, when, by whom?"""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.model.category import Category, Sensitivity, Tells, told

PROVENANCE = "provenance"
"""What the field is called, in every part that has one. The content filter knows it by this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where some fields of one part came from.

    A part says once where it came from; only fields that came from elsewhere are named. A field without a word of its
    own came from where its part did, and a part without one from where the part around it did, so that a document from
    one system holds one entry.

    Shape: `of` names fields of the part this stands in, with dots for what is below them and no list positions; none
    means all that no other entry names. `at` and `on` are the source's own, never when it came to us.
    """

    of: tuple[str, ...] = told(Category.ROUTING, Sensitivity.S0, default=())
    system: str | None = told(Category.OPINION, Sensitivity.S0, locates=True, tells=(Tells.INFORMANT,))
    organisation: str | None = told(Category.OPINION, locates=True, tells=(Tells.INFORMANT,))
    by: str | None = told(Category.OPINION, Sensitivity.S1, locates=True, tells=(Tells.INFORMANT, Tells.STAFF))
    at: datetime | None = told(Category.ROUTING, Sensitivity.S0)
    on: date | None = told(Category.ROUTING, Sensitivity.S0)
    """The day, where a source knows no time of day."""
