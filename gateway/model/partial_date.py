"""What is known of a day nobody knows for certain?"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.model.category import of_its_part


class Accuracy(StrEnum):
    """How sure one part of a day is.

    Source: Social Care Data, person standard (accuracy indicator of a partial date).
    """

    ACCURATE = "A"
    ESTIMATED = "E"
    UNKNOWN = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A day of which something is estimated or unknown; one that is known whole is a plain date instead.

    A number that is not known is absent, never made up: nobody is born on the first of January because a form says
    2016.
    """

    year: int | None = of_its_part()
    month: int | None = of_its_part()
    day: int | None = of_its_part()
    year_is: Accuracy | None = of_its_part()
    month_is: Accuracy | None = of_its_part()
    day_is: Accuracy | None = of_its_part()
