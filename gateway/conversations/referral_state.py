"""Where does a referral stand, and how is that kept?"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from gateway.conversations.feedback import ReferrerClass
from gateway.errors import IntegrityError
from gateway.model.referral import Level, MashOutcome


class Stage(StrEnum):
    """How far a referral has come."""

    RECEIVED = "received"
    """Here, on its way to the MASH or with it."""
    ACKNOWLEDGED = "acknowledged"
    """The MASH says that it has it."""
    DECIDED = "decided"
    """The MASH has decided; the referrer is being told."""
    FED_BACK = "fed_back"
    """The referrer has been told. The end."""
    NOT_FED_BACK = "not_fed_back"
    """There is nobody to tell. The end."""


class Watch(StrEnum):
    """What the clock of a referral is waiting for."""

    HAND_OVER = "hand_over"
    """Half an hour: has an urgent referral reached the MASH?"""
    WARNING = "warning"
    BREACH = "breach"
    LATE = "late"
    """The clock has run out; the duty manager owns the referral until the MASH decides."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralState:
    """One referral's conversation, without anything personal.

    Shape: `records` are all records received under `reference`, oldest first. `decide_by` is the deadline, `watch` what
    the clock waits for. `handed_over` are the records the MASH's system has taken, `returned` those that went back to
    their sender unseen. `decided_at` is the MASH's own time of its newest decision; `followed` are the outcomes whose
    next message was ordered; `asked` are the reasons of the questions open with people. Times are UTC.
    """

    reference: str
    stage: Stage
    records: tuple[str, ...]
    referrer: ReferrerClass
    received_at: datetime
    decide_by: datetime
    watch: Watch
    level: Level | None = None
    request_type: str | None = None
    handed_over: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    acknowledged_at: datetime | None = None
    mash_reference: str | None = None
    outcome: MashOutcome | None = None
    decided_at: datetime | None = None
    followed: tuple[str, ...] = ()
    fed_back_at: datetime | None = None
    asked: tuple[str, ...] = ()

    @property
    def is_handed_over(self) -> bool:
        """Tell whether the MASH's system has everything that came in and did not go back."""
        return set(self.records) <= {*self.handed_over, *self.returned}

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing more is due, unless the MASH changes its mind or a corrected form comes."""
        return self.stage in {Stage.FED_BACK, Stage.NOT_FED_BACK}

    @property
    def owner(self) -> str | None:
        """Return the role that must act next, or None at the end."""
        if self.is_ended:
            return None
        if self.stage is Stage.DECIDED:
            return "MASH_SCREENER" if "H-NOT-FED-BACK" in self.asked else "SYSTEM"
        return "MASH_MANAGER" if self.watch is Watch.LATE else "MASH_SCREENER"


_TIMES = frozenset({"received_at", "decide_by", "acknowledged_at", "decided_at", "fed_back_at"})
_LISTS = frozenset({"records", "handed_over", "returned", "followed", "asked"})
_CODES: Mapping[str, Callable[[str], object]] = {
    "stage": Stage,
    "level": Level,
    "referrer": ReferrerClass,
    "watch": Watch,
    "outcome": MashOutcome,
}


def referral_to_json(state: ReferralState) -> str:
    """Return *state* as JSON text without its absent parts."""
    known = {spec.name: getattr(state, spec.name) for spec in fields(state)}
    told = {name: _plain(value) for name, value in known.items() if value is not None}
    return json.dumps(told, separators=(",", ":"), sort_keys=True)


def referral_from_json(text: str) -> ReferralState:
    """Return the state that `referral_to_json` wrote.

    Raises:
        IntegrityError: it is not what was written.
    """
    try:
        told = json.loads(text)
        return ReferralState(**{name: _value(name, value) for name, value in told.items()})  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError) as error:
        raise IntegrityError(f"a stored referral conversation cannot be read: {type(error).__name__}") from error


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _value(name: str, value: object) -> object:
    if name in _TIMES:
        return datetime.fromisoformat(str(value))
    if name in _LISTS:
        if not isinstance(value, list):
            raise TypeError(name)
        return tuple(str(item) for item in value)
    return _CODES[name](str(value)) if name in _CODES else value
