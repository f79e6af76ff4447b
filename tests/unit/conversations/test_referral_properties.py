"""Whatever comes, in whatever order, however often: a referral ends or somebody owns it, and nothing happens twice."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.conversations.effects import AskPerson, Effect, Note, Order, Rejected, StartClock, StopAsking, StopClock
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
    Returned,
)
from gateway.conversations.referral_state import ReferralState, Stage, referral_from_json, referral_to_json
from gateway.model.referral import Level, MashOutcome, RequestType
from tests.unit.conversations.referral_stage import FACTS, MONDAY

records = st.sampled_from(["rec_1", "rec_2", "rec_3"])
levels = st.none() | st.sampled_from(list(Level))
steps = st.sampled_from(["acknowledged", "decided"])
moments = st.integers(-60, 600).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
events = st.one_of(
    st.builds(
        Received,
        record=records,
        reference=st.just("REF-1"),
        level=levels,
        request_type=st.none() | st.sampled_from(list(RequestType)),
        referrer=st.sampled_from(list(ReferrerClass)),
    ),
    st.builds(HandedOver, record=records),
    st.builds(NotHandedOver, record=records),
    st.builds(AcknowledgedByMash, mash_reference=st.none() | st.just("M-1"), said_at=st.none() | moments),
    st.builds(
        Decided,
        outcome=st.sampled_from(list(MashOutcome)),
        decided_at=moments,
        reason=st.none() | st.just("a reason"),
        advice=st.none() | st.just("some advice"),
        missing=st.just(()) | st.just(("an address",)),
    ),
    st.builds(Returned, missing=st.just(("their agreement",))),
    st.builds(FedBack, step=steps),
    st.builds(NotFedBack, step=steps),
    st.builds(ClockRanOut, kind=st.sampled_from(["mash.decide", "another.clock"])),
)


class World:
    """What flows would have done: the documents ordered, the clock that runs, the questions that are open."""

    def __init__(self) -> None:
        self.ordered: list[Order] = []
        self.clock: datetime | None = None
        self.asked: list[str] = []

    def perform(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Order():
                    self.ordered.append(effect)
                case StartClock(due_at=due):
                    self.clock = due
                case StopClock():
                    self.clock = None
                case AskPerson(reason=reason):
                    self.asked.append(reason)
                case StopAsking(reason=reason):
                    self.asked.remove(reason)
                case Note():
                    pass


class Referral(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state: ReferralState | None = None
        self.world = World()
        self.now = MONDAY
        self.past: list[ReferralEvent] = []
        self.last: ReferralEvent | None = None

    @rule(event=events, minutes=st.integers(0, 500))
    def something_happens(self, event: ReferralEvent, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        # What was rejected is to be sent again, so that is no repeat.
        self.last = event if self._take(event) else None
        # A form goes back while it is taken in, once for all: that comes at no other time.
        self.past += [event] if self.last and not isinstance(event, Returned) else []

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_last_thing_is_delivered_again(self) -> None:
        before, orders, asked = self.state, len(self.world.ordered), list(self.world.asked)
        assert self.last is not None

        self._take(self.last)

        assert self.state == before
        assert len(self.world.ordered) == orders
        assert self.world.asked == asked

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def something_old_is_delivered_again(self, data: st.DataObject) -> None:
        orders = len(self.world.ordered)

        self._take(data.draw(st.sampled_from(self.past)))
        self.last = None

        assert len(self.world.ordered) == orders

    @precondition(lambda self: self.world.clock is not None)
    @rule()
    def its_clock_wakes_it(self) -> None:
        assert self.world.clock is not None
        self.now = max(self.now, self.world.clock)
        # As flows do: a timer that fires is gone.
        self.world.clock = None
        self._take(ClockRanOut(kind="mash.decide"))
        self.last = None

    @rule()
    def it_is_kept_and_comes_back(self) -> None:
        if self.state is not None:
            assert referral_from_json(referral_to_json(self.state)) == self.state

    @invariant()
    def it_has_ended_or_somebody_owns_it(self) -> None:
        if self.state is not None:
            assert self.state.is_ended != bool(self.state.owner)

    @invariant()
    def while_the_mash_must_decide_a_clock_runs_or_a_manager_was_asked(self) -> None:
        if self.state is not None and self.state.stage in {Stage.RECEIVED, Stage.ACKNOWLEDGED}:
            assert self.world.clock is not None or "H-CLOCK-LATE" in self.world.asked

    @invariant()
    def once_decided_no_clock_runs_and_at_the_end_nobody_is_asked(self) -> None:
        if self.state is not None and self.state.outcome is not None and self.state.stage is not Stage.RECEIVED:
            assert self.world.clock is None or self.state.stage is Stage.ACKNOWLEDGED
        if self.state is not None and self.state.is_ended:
            assert self.world.asked == []

    @invariant()
    def the_state_knows_what_is_asked_and_nothing_is_asked_twice(self) -> None:
        assert len(set(self.world.asked)) == len(self.world.asked)
        assert set(self.world.asked) == set(self.state.asked if self.state else ())

    @invariant()
    def each_message_but_feedback_is_ordered_at_most_once(self) -> None:
        kinds = [order.kind for order in self.world.ordered if order.kind != "mash.feedback.sent"]
        assert len(set(kinds)) == len(kinds)

    def _take(self, event: ReferralEvent) -> bool:
        answer = step(self.state, event, FACTS, self.now)
        if isinstance(answer, Rejected):
            assert answer.message
            assert answer.remedy
            return False
        self.state = answer.state
        self.world.perform(answer.effects)
        return True


TestReferral = Referral.TestCase
TestReferral.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
