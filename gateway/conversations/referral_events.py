"""What can happen to a referral, and what does a step have to know besides?"""

from dataclasses import dataclass
from datetime import datetime

from gateway.conversations.feedback import ReferrerClass
from gateway.model.referral import Level, MashOutcome, RequestType
from gateway.working_time.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A referral came in and is kept as `record`. A second record under one `reference` is a corrected referral."""

    record: str
    reference: str
    level: Level | None
    request_type: RequestType | None
    referrer: ReferrerClass


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The MASH's system has taken this `record`."""

    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHandedOver:
    """The MASH's system will not have this `record`, or could not be reached for too long."""

    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgedByMash:
    """The MASH says that it has the referral, under its own reference. `said_at` (UTC) is the MASH's own time."""

    mash_reference: str | None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The MASH says what becomes of it.

    Shape: `decided_at` (UTC) is the MASH's own time; a later one revises an earlier. `advice`, `service` and `contact`
    are for the referrer and are passed on; `reason` is case content and never is. `missing` names what the form left
    out.
    """

    outcome: MashOutcome
    decided_at: datetime
    mash_reference: str | None = None
    reason: str | None = None
    advice: str | None = None
    service: str | None = None
    contact: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The form goes back to its sender before the MASH has seen it. `missing` names what the sender must add."""

    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FedBack:
    """The referrer's system has taken the feedback on this `step` (`acknowledged` or `decided`)."""

    step: str = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFedBack:
    """The referrer's system will not have the feedback, or could not be reached for too long."""

    step: str = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRanOut:
    """The moment a `StartClock` of this `kind` named has come."""

    kind: str


ReferralEvent = (
    Received | HandedOver | NotHandedOver | AcknowledgedByMash | Decided | Returned | FedBack | NotFedBack | ClockRanOut
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """What the installation knows.

    Shape: `connected` are the messages that have a route here; what follows from an outcome but is not among them is
    noted and left to the MASH. `disagree` is the local way to disagree. `is_protected` tells that a child of this
    referral has a withheld address or was adopted. `tells_acknowledgement` sends the referrer word when the MASH has
    the referral, besides the word on its decision.
    """

    calendar: Calendar
    connected: frozenset[str] = frozenset({"caf.request.accepted"})
    disagree: str | None = None
    is_protected: bool = False
    tells_acknowledgement: bool = False
