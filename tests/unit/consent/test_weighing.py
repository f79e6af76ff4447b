"""What are the rules told of what practitioners weighed?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.consent.question import Detriment
from gateway.consent.weighing import Weighing, weighed
from tests.unit.consent.questions import AT, a_question

HARM, NO_HARM, NOT_WEIGHED = (
    Detriment(assessed=True, harmful=True),
    Detriment(assessed=True, harmful=False),
    Detriment(assessed=False),
)


def a_weighing(**changes: Any) -> Weighing:
    """Return a statement that telling camhs-1 is relevant, and whose harm was not weighed yet."""
    made = Weighing(
        recipients=("camhs-1",),
        purposes=("COORDINATE",),
        relevant=True,
        rationale="Invented reasons.",
        made_by="person:1",
        made_at=AT - timedelta(days=1),
    )
    return replace(made, **changes)


SAFE, HARMFUL, OPEN = a_weighing(harmful=False), a_weighing(harmful=True), a_weighing()
BESIDE_THE_POINT = a_weighing(relevant=False, harmful=False)
SAID: dict[str, tuple[tuple[Weighing, ...], tuple[bool | None, Detriment | None]]] = {
    "nothing": ((), (None, None)),
    "relevant, and no harm": ((SAFE,), (True, NO_HARM)),
    "relevant, and harm": ((HARMFUL,), (True, HARM)),
    "relevant, and not weighed": ((OPEN,), (True, NOT_WEIGHED)),
    "not relevant": ((BESIDE_THE_POINT,), (False, NO_HARM)),
    "relevant to one, not to another": ((SAFE, BESIDE_THE_POINT), (False, NO_HARM)),
    "no harm to one, not weighed by another": ((SAFE, OPEN), (True, NOT_WEIGHED)),
    "harm to one, none to another": ((SAFE, HARMFUL), (True, HARM)),
    "harm to one, not relevant to another": ((BESIDE_THE_POINT, HARMFUL), (True, HARM)),
    "harm, and not relevant": ((SAFE, a_weighing(relevant=False, harmful=True)), (False, HARM)),
    "towards somebody else": ((replace(SAFE, recipients=("csc-1",)),), (None, None)),
    "towards a type of organisation, which is nobody": ((replace(SAFE, recipients=("health",)),), (None, None)),
    "for something else": ((replace(SAFE, purposes=("STEP_UP",)),), (None, None)),
    "until now": ((replace(SAFE, expires_on=AT),), (None, None)),
    "until later": ((replace(SAFE, expires_on=AT + timedelta(seconds=1)),), (True, NO_HARM)),
}


@pytest.mark.parametrize(("said", "told"), SAID.values(), ids=SAID)
def test_the_most_restrictive_word_about_a_recipient_and_a_purpose_counts(
    said: tuple[Weighing, ...], told: tuple[bool | None, Detriment | None]
) -> None:
    assert weighed(said, a_question()) == told


def test_in_which_order_it_was_said_changes_nothing() -> None:
    assert weighed((HARMFUL, BESIDE_THE_POINT), a_question()) == weighed((BESIDE_THE_POINT, HARMFUL), a_question())
