"""docs/conversations.md says what the machine does: its table and its drawing are worked out here from the machine."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.conversations.effects import AskPerson, Effect, Note, Order, Rejected, StartClock, StopAsking, StopClock
from gateway.conversations.feedback import ReferrerClass
from gateway.conversations.feedback_words import HANDLED, NEXT_STEP, THANKS
from gateway.conversations.referral import step
from gateway.conversations.referral_events import ReferralEvent
from gateway.conversations.referral_state import ReferralState, Stage
from gateway.conversations.review import ROLE_OF_REASON
from gateway.model.referral import MashOutcome
from tests.unit.conversations.referral_stage import (
    ACKNOWLEDGED,
    CLOCK,
    DECIDED,
    FACTS,
    FED_BACK,
    HANDED_OVER,
    MINUTE,
    MONDAY,
    NOT_FED_BACK,
    NOT_HANDED_OVER,
    RECEIVED,
    RETURNED,
    after,
    local,
)

PAGE = (Path(__file__).parents[3] / "docs/conversations.md").read_text(encoding="utf-8")

ANONYMOUS = replace(RECEIVED, referrer=ReferrerClass.ANONYMOUS)
FROM: dict[str, ReferralState | None] = {
    "nothing": None,
    Stage.RECEIVED: after(RECEIVED),
    Stage.ACKNOWLEDGED: after(RECEIVED, HANDED_OVER, ACKNOWLEDGED),
    Stage.DECIDED: after(RECEIVED, HANDED_OVER, ACKNOWLEDGED, DECIDED),
    Stage.FED_BACK: after(RECEIVED, HANDED_OVER, ACKNOWLEDGED, DECIDED, FED_BACK),
    Stage.NOT_FED_BACK: after(ANONYMOUS, HANDED_OVER, ACKNOWLEDGED, DECIDED),
}
LATER = replace(DECIDED, outcome=MashOutcome.MO5, decided_at=DECIDED.decided_at + MINUTE)
EVENTS: tuple[tuple[str, ReferralEvent, datetime], ...] = (
    ("Received", RECEIVED, MONDAY),
    ("Received, another form", replace(RECEIVED, record="rec_2"), MONDAY),
    ("HandedOver", HANDED_OVER, MONDAY),
    ("NotHandedOver", NOT_HANDED_OVER, MONDAY),
    ("AcknowledgedByMash", ACKNOWLEDGED, MONDAY),
    ("Decided", DECIDED, MONDAY),
    ("Decided, later", LATER, MONDAY),
    ("Returned", RETURNED, MONDAY),
    ("FedBack", FED_BACK, MONDAY),
    ("NotFedBack", NOT_FED_BACK, MONDAY),
    ("ClockRanOut, near", CLOCK, local(2026, 11, 24, 15, 15)),
    ("ClockRanOut, over", CLOCK, MONDAY + timedelta(days=3)),
)


def in_words(effect: Effect) -> str:
    match effect:
        case Order(kind=kind, to=to):
            return f"order `{kind}` to {to}"
        case StartClock(kind=kind):
            return f"start `{kind}`"
        case StopClock(kind=kind):
            return f"stop `{kind}`"
        case AskPerson(role=role, reason=reason):
            return f"ask {role} ({reason})"
        case StopAsking(reason=reason):
            return f"no longer ask ({reason})"
        case Note(code=code):
            return f"note `{code}`"


def rows() -> list[tuple[str, str, str, str]]:
    """Return (from, event, to, what is due) for every stage and event."""
    table = []
    for stage, state in FROM.items():
        for name, event, at in EVENTS:
            answer = step(state, event, FACTS, at)
            if isinstance(answer, Rejected):
                table.append((stage, name, stage, f"rejected: `{answer.code}`"))
            else:
                due = "; ".join(in_words(effect) for effect in answer.effects)
                table.append((stage, name, answer.state.stage.value, due))
    return table


def test_the_table_on_the_page_is_the_machine() -> None:
    lines = [f"| {start} | {event} | {end} | {due} |" for start, event, end, due in rows()]

    assert "\n".join(lines) in PAGE


def test_the_drawing_on_the_page_is_the_machine() -> None:
    moves = dict.fromkeys(
        f"    {start.replace('nothing', '[*]')} --> {end}: {event}"
        for start, event, end, _ in rows()
        if start not in {end, "not_fed_back"}
    )

    assert "\n".join(moves) in PAGE


@pytest.mark.parametrize("outcome", MashOutcome)
def test_the_page_shows_what_a_professional_is_told(outcome: MashOutcome) -> None:
    assert f"| {outcome.value} | {NEXT_STEP[outcome]} |" in PAGE


@pytest.mark.parametrize("words", [HANDLED, THANKS], ids=["handled", "thanks"])
def test_the_page_shows_what_everybody_else_is_told(words: str) -> None:
    assert words in PAGE


@pytest.mark.parametrize("reason", ROLE_OF_REASON)
def test_the_page_shows_who_decides_what(reason: str) -> None:
    assert f"| {reason} | {ROLE_OF_REASON[reason]} |" in PAGE
