"""What the tests of a referral's conversation share: a MASH with hours, a referral, and the events that befall it."""

from datetime import UTC, date, datetime, time, timedelta

from gateway.conversations.effects import Effect, Rejected, Transition
from gateway.conversations.feedback import ReferrerClass
from gateway.conversations.referral import step
from gateway.conversations.referral_events import (
    AcknowledgedByMash,
    ClockRanOut,
    Decided,
    FedBack,
    HandedOver,
    NotFedBack,
    NotHandedOver,
    Received,
    ReferralEvent,
    ReferralFacts,
    Returned,
)
from gateway.conversations.referral_state import ReferralState
from gateway.model.referral import Level, MashOutcome, RequestType
from gateway.working_time.calendar import LONDON, Calendar, Opening

DAY, FRIDAY = Opening(opens=time(9), closes=time(17, 15)), Opening(opens=time(9), closes=time(17))
CALENDAR = Calendar(
    bank_holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}), hours=(DAY, DAY, DAY, DAY, FRIDAY, None, None)
)
FACTS = ReferralFacts(calendar=CALENDAR)
MINUTE = timedelta(minutes=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)  # type: ignore[arg-type]


MONDAY = local(2026, 11, 23, 10)

RECEIVED = Received(
    record="rec_1",
    reference="REF-1",
    level=Level.L2,
    request_type=RequestType.EARLY_HELP,
    referrer=ReferrerClass.PROFESSIONAL,
)
RED = Received(
    record="rec_1",
    reference="REF-1",
    level=Level.L4,
    request_type=RequestType.SAFEGUARDING,
    referrer=ReferrerClass.SCHOOL,
)
HANDED_OVER, NOT_HANDED_OVER = HandedOver(record="rec_1"), NotHandedOver(record="rec_1")
ACKNOWLEDGED = AcknowledgedByMash(mash_reference="M-1")
DECIDED = Decided(outcome=MashOutcome.MO3, decided_at=MONDAY + 60 * MINUTE, reason="support at home would help")
RETURNED = Returned(missing=("their agreement",))
FED_BACK, NOT_FED_BACK = FedBack(), NotFedBack()
CLOCK = ClockRanOut(kind="mash.decide")


def after(*events: ReferralEvent, at: datetime = MONDAY, facts: ReferralFacts = FACTS) -> ReferralState:
    """Return the state after *events*, each a minute after the other, all of which are taken."""
    state: ReferralState | None = None
    for number, event in enumerate(events):
        state = taken(state, event, at=at + number * MINUTE, facts=facts).state
    assert state is not None
    return state


def taken(
    state: ReferralState | None, event: ReferralEvent, *, at: datetime = MONDAY, facts: ReferralFacts = FACTS
) -> Transition[ReferralState]:
    """Return the step of *event*, which is taken."""
    answer = step(state, event, facts, at)
    assert isinstance(answer, Transition), answer
    return answer


def refused(state: ReferralState | None, event: ReferralEvent, *, at: datetime = MONDAY) -> Rejected:
    """Return why *event* is not taken."""
    answer = step(state, event, FACTS, at)
    assert isinstance(answer, Rejected), answer
    return answer


def only(effects: tuple[Effect, ...], kind: type) -> list[Effect]:
    """Return the effects of one *kind*."""
    return [effect for effect in effects if isinstance(effect, kind)]
