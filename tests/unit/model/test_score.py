"""How far a family has come follows from its scores, their scale and which way is up on it."""

from typing import Any

import pytest

from gateway.model.score import Better, Movement, Score, Travelled, travelled


def scored(*values: int | None, **said: Any) -> list[Score]:
    """Return scores of one need with these values, in order."""
    return [Score(value=value, **said) for value in values]


@pytest.mark.parametrize(
    ("scores", "points", "movement"),
    [
        pytest.param(scored(4, 2), 2, Movement.IMPROVED, id="from four to two, where one is best"),
        pytest.param(scored(2, 4), -2, Movement.WORSE, id="the other way"),
        pytest.param(scored(3, 5, 3), 0, Movement.UNCHANGED, id="there and back"),
        pytest.param(scored(2, 4, better=Better.HIGHER), 2, Movement.IMPROVED, id="a scale that runs up"),
        pytest.param(scored(None, 4, None, 3, None), 1, Movement.IMPROVED, id="what is missing says nothing"),
        pytest.param(scored(4), None, None, id="one score is no way"),
        pytest.param(scored(4, None), None, None, id="a missing score is not nought"),
        pytest.param([], None, None, id="none"),
        pytest.param([*scored(4, scale="pci"), *scored(9, scale="star")], None, None, id="two scales"),
    ],
)
def test_the_way_is_from_the_first_score_to_the_last(
    scores: list[Score], points: int | None, movement: Movement | None
) -> None:
    assert travelled(scores) == Travelled(points=points, movement=movement)


@pytest.mark.parametrize(
    ("score", "is_on"),
    [
        (Score(value=1), True),
        (Score(value=5), True),
        (Score(value=6), False),
        (Score(value=0), False),
        (Score(), True),
        (Score(value=10, lowest=0, highest=10), True),
        (Score(value=11, lowest=0, highest=10), False),
    ],
)
def test_a_score_lies_on_its_scale(score: Score, is_on: bool) -> None:  # the table's column
    assert score.is_on_its_scale is is_on
