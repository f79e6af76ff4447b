"""Does a store keep breakers, and what is shelved behind them, as the ports promise?"""

from dataclasses import replace
from typing import Any

import pytest

from gateway.conversations.breaker import Breaker, BreakerState
from gateway.flows.ports import Store
from gateway.flows.store.rows import Lane, State
from gateway.model.identifiers import ChildRef, DeliveryId, OrganisationId
from tests.contract.rows import MASH, NOW, a_delivery, a_message, a_record, after

CAMHS = OrganisationId("camhs-1")
ANNA = ChildRef("child_anna")


def of(number: int, **changes: Any) -> Any:
    """Return delivery *number*, about a child of its own."""
    return a_delivery(number, **{"subjects": (ChildRef(f"child_{number}"),), **changes})


def order(store: Store, *deliveries: Any) -> None:
    store.write(lambda work: [work.deliveries.add(delivery) for delivery in deliveries])


def due(store: Store, seconds: float = 0) -> list[str]:
    found = store.write(lambda work: work.deliveries.ready(at=after(seconds), limit=99, lease_seconds=1))
    return [delivery.delivery_id for delivery in found]


def shelve(store: Store, limit: int = 99) -> int:
    breaker = store.write(lambda work: work.breakers.save(Breaker(organisation=MASH, state=BreakerState.OPEN)))
    return store.write(lambda work: work.breakers.shelve(breaker, limit=limit))


def unshelve(store: Store, limit: int = 99, seconds: float = 0) -> int:
    return store.write(lambda work: work.breakers.unshelve(work.breakers.get(MASH), at=after(seconds), limit=limit))


class BreakersContract:
    """A subclass gives the fixture `store`, an empty one."""

    @pytest.fixture(autouse=True)
    def _for_all(self, store: Store) -> None:
        """Let every test have a record to deliver."""
        store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))

    def test_of_a_partner_nothing_is_known_of_it_is_closed(self, store: Store) -> None:
        assert store.read(lambda work: work.breakers.get(MASH)) == Breaker(organisation=MASH)
        assert store.read(lambda work: work.breakers.all()) == []

    def test_every_field_of_a_breaker_comes_back(self, store: Store) -> None:
        kept = Breaker(
            organisation=MASH,
            state=BreakerState.HALF_OPEN,
            failures=7,
            openings=2,
            since=NOW,
            tried_at=after(1),
            probe_at=after(2),
            paced_at=after(3),
            queued_at=after(4),
        )

        saved = store.write(lambda work: work.breakers.save(kept))
        again = store.write(lambda work: work.breakers.save(replace(saved, failures=8)))

        assert saved.number > 0
        assert saved == replace(kept, number=saved.number)
        assert store.read(lambda work: work.breakers.get(MASH)) == again == replace(saved, failures=8)

    def test_what_is_shelved_is_not_leased_and_nobody_else_is_held_up(self, store: Store) -> None:
        order(store, of(1), of(2, recipient=CAMHS), of(3))

        assert shelve(store) == 2

        assert due(store) == ["dlv_2"]
        assert store.read(lambda work: work.breakers.shelved(work.breakers.get(MASH))) == 2

    def test_urgent_ones_are_never_shelved(self, store: Store) -> None:
        order(store, of(1, lane=Lane.URGENT))

        assert shelve(store) == 0
        assert due(store) == ["dlv_1"]

    @pytest.mark.parametrize(
        "changes",
        [{"state": State.HANDED_OVER}, {"state": State.IN_REVIEW, "ready_at": None}, {"state": State.ACKNOWLEDGED}],
        ids=["handed over", "in review", "arrived"],
    )
    def test_only_what_waits_to_be_sent_is_shelved(self, store: Store, changes: dict[str, Any]) -> None:
        order(store, of(1, **changes))

        assert shelve(store) == 0

    def test_a_shelf_is_filled_and_emptied_a_part_at_a_time(self, store: Store) -> None:
        order(store, *(of(number) for number in range(1, 6)))

        assert [shelve(store, 2), shelve(store, 2), shelve(store, 2)] == [2, 2, 1]
        assert unshelve(store, 1) == 1
        assert due(store) == ["dlv_1"]
        assert unshelve(store, 9) == 4
        assert due(store) == ["dlv_2", "dlv_3", "dlv_4", "dlv_5"]
        assert unshelve(store, 9) == 0

    def test_the_normal_lane_leaves_the_shelf_before_the_bulk_lane(self, store: Store) -> None:
        order(store, of(1, lane=Lane.BULK), of(2))
        shelve(store)

        unshelve(store, 1)

        assert due(store) == ["dlv_2"]

    def test_what_rested_until_its_next_try_is_due_when_it_leaves_the_shelf(self, store: Store) -> None:
        order(store, of(1, ready_at=after(900)))
        shelve(store)

        unshelve(store, seconds=10)

        assert due(store, 10) == ["dlv_1"]

    def test_the_order_of_a_child_is_kept_across_the_shelf(self, store: Store) -> None:
        order(store, of(1, subjects=(ANNA,)), of(2, subjects=(ANNA,)))
        shelve(store)
        order(store, of(3, subjects=(ANNA,)))

        unshelve(store)

        assert due(store) == ["dlv_1"]
        assert due(store) == []

    def test_one_that_is_withdrawn_on_the_shelf_stays_withdrawn(self, store: Store) -> None:
        order(store, of(1), of(2))
        shelve(store)
        store.write(
            lambda work: work.deliveries.save(
                replace(work.deliveries.get(DeliveryId("dlv_1")), state=State.WITHDRAWN, ready_at=None)
            )
        )

        unshelve(store)

        assert due(store) == ["dlv_2"]
