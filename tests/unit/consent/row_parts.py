"""What questions for every row of the sharing policy are made of."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.consent.question import Consent, Mode, Override, Purpose, Question
from gateway.model.category import Category
from tests.unit.consent.questions import KNOWSLEY, LISTED, a_consent, a_flag, a_question

C: Final = Category
P: Final = Purpose


@dataclass(frozen=True, slots=True)
class Told:
    """One row (`9b`), a sentence, and a question."""

    row: str
    sentence: str
    question: Question


def named(told: Told) -> str:
    """Return how a test report calls it."""
    return f"row {told.row}: {told.sentence}"


def a_referral(**changes: Any) -> Question:
    """Return a question about a sender's own document; *changes* replace facts of it."""
    return a_question(mode=Mode.CONVEY, **changes)


GOES_BACK: Final[dict[str, Any]] = {
    "purpose": P.REQUEST_EH,
    "area": "E09000028",
    "early_help_alone": True,
    "agreement_on_form": False,
    "can_go_back": True,
}
"""A form for early help without agreement, where agreement comes first."""


STEP_DOWN: Final[dict[str, Any]] = {"purpose": P.STEP_DOWN, "family_agreement": True, "area": KNOWSLEY}
"""A step-down the family agrees to, where the area says from where."""


def a_consent_for(purpose: str, **changes: Any) -> Consent:
    """Return a yes to one purpose; *changes* replace parts of it."""
    return a_consent(purposes=(purpose,), **changes)


def a_transfer_consent(**changes: Any) -> Consent:
    """Return a yes to a transfer; *changes* replace parts of it."""
    return a_consent(kinds=("TRANSFER",), **changes)


HELD: Final = a_flag("ADDRESS_WITHHELD")
STRANGER: Final[dict[str, Any]] = {**LISTED, "organisation": "csc-9"}
"""A listed safeguarding recipient that is on nobody's need-list."""
UNSURE: Final[dict[str, Any]] = {"could_reidentify": True}
YES: Final = a_consent()
SPOKEN_FRIDAY: Final[dict[str, Any]] = {
    "mode": "VERBAL_WITNESSED",
    "effective_from": datetime(2026, 11, 20, tzinfo=UTC),
}
SPOKEN_OLD: Final = a_consent(mode="VERBAL_WITNESSED", effective_from=datetime(2026, 11, 2, tzinfo=UTC))
SPOKEN_NEW: Final = a_consent(**SPOKEN_FRIDAY)
ENDED: Final = a_consent(expires_on=datetime(2026, 11, 23, 9, tzinfo=UTC))
STEP_UP: Final[dict[str, Any]] = {"purpose": P.STEP_UP, "recipient": LISTED}
NEED: Final[dict[str, Any]] = {"purpose": P.SAFEGUARD_S17, "level": "L3", "recipient": LISTED}
MOVE: Final[dict[str, Any]] = {"purpose": P.TRANSFER, "recipient": {"organisation": "borough-2", "type": "borough"}}
CHECK: Final[dict[str, Any]] = {"purpose": P.CHECK_EXISTS, "categories": (C.ID,)}
FEEDBACK: Final[dict[str, Any]] = {"purpose": P.FEEDBACK, "categories": ()}
PULL: Final[dict[str, Any]] = {
    "purpose": P.PULL_THROUGH,
    "statutory_episode_open": True,
    "requester": {"role": "SOCIAL_WORKER"},
    "recipient": LISTED,
}
DRAFT: Final[dict[str, Any]] = {"purpose": P.SCHOOL_EXPORT, "direction": "in", "no_consent_block": True, "consents": ()}
CONFIDED: Final[dict[str, Any]] = {
    "categories": (C.ID, C.SEXOR),
    "flags": (a_flag("COMPETENT_CONFIDENTIAL"),),
    "recipient": {"type": "school"},
}
PARENT: Final[dict[str, Any]] = {"type": "parent"}
INSISTS: Final = Override(asserted=True, basis="competent-confidential")
THIRD: Final[dict[str, Any]] = {
    "purpose": P.SAFEGUARD_S47,
    "recipient": STRANGER,
    "categories": (C.ID, C.THIRD),
    "flags": (a_flag("THIRD_PARTY"),),
}
OTHERS: Final[dict[str, Any]] = {"recipient": STRANGER, "flags": (a_flag("THIRD_PARTY"),)}
"""Somebody of the family has not agreed."""
