"""How far has a family come? The scores of parents and children, and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.assessment import ElementCode, Respondent
from gateway.model.category import Category, Sensitivity, told, written


class Stage(StrEnum):
    """When something was scored."""

    BASELINE = "BASELINE"
    REVIEW = "REVIEW"
    CLOSURE = "CLOSURE"


class Better(StrEnum):
    """Which way is up on a scale: on the parent and child indicators, one is the least concern."""

    LOWER = "lower"
    HIGHER = "higher"


class Movement(StrEnum):
    """What became of a score."""

    IMPROVED = "improved"
    UNCHANGED = "no change"
    WORSE = "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score, on its own scale: scales are never turned into one another.

    Shape: `value` lies between `lowest` and `highest`; absent it was not asked, which is not nought. `need` names what
    was scored where no element does.
    """

    element: ElementCode | None = told(Category.PCI)
    need: str | None = written(Category.PCI, Sensitivity.S3)
    respondent: Respondent | None = told(Category.PCI)
    about: str | None = told(Category.PCI, Sensitivity.S1)
    stage: Stage | None = told(Category.PCI)
    review: int | None = told(Category.PCI, Sensitivity.S0)
    scale: str | None = told(Category.PCI, Sensitivity.S0)
    lowest: int | None = told(Category.PCI, Sensitivity.S0)
    highest: int | None = told(Category.PCI, Sensitivity.S0)
    better: Better | None = told(Category.PCI, Sensitivity.S0)
    value: int | None = told(Category.PCI)
    scored_on: date | None = told(Category.PCI)
    missing_because: str | None = written(Category.PCI, Sensitivity.S3)
    comment: str | None = written(Category.PCI, Sensitivity.S3)

    @property
    def is_on_its_scale(self) -> bool:
        """Tell whether the value is one its scale has; a value on a scale nobody stated is on the one from 1 to 5."""
        lowest, highest = self.lowest if self.lowest is not None else 1, self.highest if self.highest is not None else 5
        return self.value is None or lowest <= self.value <= highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    """How far one need has come. Both are absent while there are not two scores of one scale to compare.

    Shape: `points` is positive for better, whichever way the scale runs.
    """

    points: int | None = None
    movement: Movement | None = None


def travelled(scores: Iterable[Score]) -> Travelled:
    """Return how far the need has come that *scores*, in their order, are all about.

    The first that has a value is where it began: a need that is found later begins later. The last that has one is
    where it is now; one that is missing says nothing.
    """
    known = [score for score in scores if score.value is not None]
    if len(known) <= 1 or len({(one.scale, one.lowest, one.highest, one.better) for one in known}) > 1:
        return Travelled()
    first, last = known[0], known[-1]
    points = (first.value or 0) - (last.value or 0)
    if first.better is Better.HIGHER:
        points = -points
    return Travelled(points=points, movement=_movement(points))


def _movement(points: int) -> Movement:
    if points == 0:
        return Movement.UNCHANGED
    return Movement.IMPROVED if points > 0 else Movement.WORSE
