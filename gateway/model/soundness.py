"""What in an early-help record cannot be right, though every field of it is well made?

Nothing is refused for it: a record that was closed without a summary years ago is still the record. It is told, so that
whoever sent it can put it right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from gateway.model.document import from_tree
from gateway.model.episode import Episode, EpisodeState
from gateway.model.factors import Factors, OtherFactor
from gateway.model.role import Role
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One thing that cannot be right. `message` never repeats a value."""

    path: str
    code: str
    message: str


def doubts(tree: Group) -> tuple[Doubt, ...]:
    """Return what cannot be right in the episode that *tree* tells.

    Raises:
        SchemaViolationError: it tells none.
    """
    episode = cast("Episode", from_tree("ecaf.episode", tree))
    return (*_of_closure(episode), *_of_child(episode), *_of_assessment(episode), *_of_people(episode))


def _of_closure(episode: Episode) -> Iterator[Doubt]:
    closure = episode.closure
    if closure is not None and (closure.reason is None or not (closure.summary or "").strip()):
        message = "a closure has a reason and a summary, both by the lead professional"
        yield Doubt(path="closure", code="closure-incomplete", message=message)
    if closure is None and episode.state is EpisodeState.CLOSED:
        yield Doubt(path="state", code="closed-without-closure", message="closed, and nothing says how or why")


def _of_child(episode: Episode) -> Iterator[Doubt]:
    child = episode.child
    if child is None:
        return
    known = [day for day in (child.born, child.born_about, child.expected) if day is not None]
    if len(known) > 1:
        message = "one of born, born_about and expected is known, not several"
        yield Doubt(path="child", code="several-birthdays", message=message)
    if "NONE" in child.disabilities and len(child.disabilities) > 1:
        yield Doubt(path="child.disabilities", code="none-and-some", message="NONE excludes all others")


def _of_assessment(episode: Episode) -> Iterator[Doubt]:
    factors = episode.assessment.factors if episode.assessment is not None else None
    if factors is not None and OtherFactor.NONE in factors.other and _count(factors) > 1:
        yield Doubt(path="assessment.factors", code="none-and-some", message="21 excludes all others")
    for place, score in enumerate(episode.scores):
        if not score.is_on_its_scale:
            yield Doubt(path=f"scores[{place}].value", code="score-off-scale", message="not a value of its scale")


def _count(factors: Factors) -> int:
    named = (factors.health, factors.domestic_abuse, factors.disability, factors.family, factors.crime, factors.harm)
    return sum(map(len, (*named, factors.immigration, factors.other)))


def _of_people(episode: Episode) -> Iterator[Doubt]:
    leading = [one for one in episode.roles if one.role is Role.LEAD_PROFESSIONAL and one.until_on is None]
    if len(leading) > 1:
        yield Doubt(path="roles", code="several-leads", message="an episode has one lead professional at a time")
