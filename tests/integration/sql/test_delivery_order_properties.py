"""Does the store give out deliveries exactly as the rule says, whatever happens to them? The rule is asked naively."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.adapters.sql.delivery_order import OPEN
from gateway.flows.store.rows import TOGETHER, Delivery, Lane, State
from gateway.model.identifiers import ChildRef, DeliveryId, OrganisationId
from tests.contract.rows import a_delivery, a_message, a_record, after
from tests.fakes.stores import a_store

LEASE_SECONDS = 10
CHILDREN = st.lists(st.sampled_from([ChildRef(f"child_{letter}") for letter in "abc"]), max_size=2, unique=True)
RECIPIENTS = st.sampled_from([OrganisationId("mash-1")] * 3 + [OrganisationId("camhs-1")])
LANES = st.sampled_from([Lane.NORMAL] * 4 + [Lane.URGENT, Lane.BULK])


class DeliveryOrder(RuleBasedStateMachine):
    """A store and a plain list beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = a_store(Path(self.folder.name))
        self.store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
        self.known: list[Delivery] = []
        self.seconds = 0

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()
        self.folder.cleanup()

    @rule(subjects=CHILDREN, recipient=RECIPIENTS, lane=LANES, wait=st.integers(-2, 2))
    def add(self, subjects: list[ChildRef], recipient: OrganisationId, lane: Lane, wait: int) -> None:
        """Order a delivery."""
        delivery = a_delivery(
            len(self.known),
            subjects=tuple(subjects),
            recipient=recipient,
            lane=lane,
            ready_at=after(self.seconds + wait),
        )
        self.store.write(lambda work: work.deliveries.add(delivery))
        self.known.append(delivery)

    @precondition(lambda self: self.known)
    @rule(choice=st.integers(0, 30), state=st.sampled_from(list(State)), wait=st.none() | st.integers(-9, 3))
    def turn(self, choice: int, state: State, wait: int | None) -> None:
        """Save one in any state, due at any time."""
        number = choice % len(self.known)
        ready_at = None if wait is None else after(self.seconds + wait)
        turned = replace(self.known[number], state=state, ready_at=ready_at)
        self.store.write(lambda work: work.deliveries.save(turned))
        self.known[number] = turned

    @precondition(lambda self: self.known)
    @rule(choice=st.integers(0, 6))
    def settle(self, choice: int) -> None:
        """Close one."""
        self.turn(choice, State.ACKNOWLEDGED, None)

    @rule(seconds=st.integers(1, 15))
    def pass_time(self, seconds: int) -> None:
        """Let time pass."""
        self.seconds += seconds

    @rule(limit=st.integers(1, 5))
    def lease(self, limit: int) -> None:
        """Take what may go, and compare."""
        expected = self.may_go(limit)

        leased = self.store.write(
            lambda work: work.deliveries.ready(at=after(self.seconds), limit=limit, lease_seconds=LEASE_SECONDS)
        )

        assert [delivery.delivery_id for delivery in leased] == expected
        for delivery_id in expected:
            number = int(delivery_id.removeprefix("dlv_"))
            was = self.known[number]
            until = after(self.seconds + LEASE_SECONDS)
            self.known[number] = replace(was, ready_at=until, lease=was.lease + 1, lost=min(was.lost + 1, TOGETHER))

    @invariant()
    def every_state_is_what_was_saved(self) -> None:
        """Compare the open ones, so that a lost save shows at once."""
        if self.known:
            last = self.known[-1]
            found = self.store.read(lambda work: work.deliveries.get(DeliveryId(last.delivery_id)))
            assert replace(found, position=0) == last

    def may_go(self, limit: int) -> list[str]:
        """Return what may go, by the rule as it is written."""
        gone: list[Delivery] = []
        for lane in Lane:
            due = [
                (delivery.ready_at, number)
                for number, delivery in enumerate(self.known)
                if delivery.lane is lane
                and delivery.state in (State.ORDERED, State.HANDED_OVER)
                and delivery.ready_at is not None
                and delivery.ready_at <= after(self.seconds)
                and not self.waits(number)
            ]
            gone += [self.known[number] for _, number in sorted(due)]
        return [delivery.delivery_id for delivery in gone[:limit]]

    def waits(self, number: int) -> bool:
        """Tell whether an earlier open one stands in the way."""
        mine = self.known[number]
        return mine.lane is not Lane.URGENT and any(
            earlier.state in OPEN
            and earlier.lane is mine.lane
            and earlier.recipient == mine.recipient
            and not set(earlier.subjects).isdisjoint(mine.subjects)
            for earlier in self.known[:number]
        )


TestDeliveryOrder = DeliveryOrder.TestCase
TestDeliveryOrder.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    # Without shrinking, which would run into the time limit of a test: forty steps can be read.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
