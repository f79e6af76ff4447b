"""Do several processes hand over in each child's order, whatever they do at once? Many leasers, one checker."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from gateway.adapters.sql.postgres import PostgresStore
from gateway.errors import StoreUnavailableError
from gateway.flows.store.rows import Delivery, Lane, Message, State
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.contract.rows import a_delivery, a_message, a_record, after

CHILDREN = [ChildRef(f"child_{letter}") for letter in "abcd"]
RECIPIENTS = [OrganisationId("mash-1"), OrganisationId("camhs-1")]
MANY = 60


@dataclass(slots=True)
class History:
    """What was in whose hands, in the order it happened."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    in_hand: dict[str, Delivery] = field(default_factory=dict)
    ended: list[Delivery] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def begin(self, delivery: Delivery) -> None:
        """Note that *delivery* is being handed over."""
        with self.lock:
            shared = [other.delivery_id for other in self.in_hand.values() if in_one_order(other, delivery)]
            if shared:
                self.faults.append(f"{delivery.delivery_id} beside {shared}")
            self.in_hand[delivery.delivery_id] = delivery

    def end(self, delivery: Delivery) -> None:
        """Note that it was."""
        with self.lock:
            del self.in_hand[delivery.delivery_id]
            self.ended.append(delivery)


def in_one_order(first: Delivery, second: Delivery) -> bool:
    """Tell whether one of them has to wait for the other."""
    same = (first.recipient, first.lane) == (second.recipient, second.lane)
    return same and first.lane is not Lane.URGENT and not set(first.subjects).isdisjoint(second.subjects)


def now(began: float) -> datetime:
    return after(time.monotonic() - began)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_childs_deliveries_go_one_after_the_other_in_their_order(
    one: PostgresStore, other: PostgresStore, seed: int
) -> None:
    one.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
    chance = random.Random(seed)  # noqa: S311 - no secret
    history, began = History(), time.monotonic()
    plans = [
        a_delivery(
            number,
            subjects=tuple(chance.sample(CHILDREN, chance.randint(0, 2))),
            recipient=chance.choice(RECIPIENTS),
            lane=chance.choice([Lane.NORMAL] * 4 + [Lane.URGENT, Lane.BULK]),
        )
        for number in range(MANY)
    ]

    def _add(store: PostgresStore, some: list[Delivery]) -> None:
        for plan in some:
            store.write(lambda work, plan=plan: work.deliveries.add(plan))  # type: ignore[misc]

    def _hand_over(store: PostgresStore) -> None:
        while len(history.ended) < MANY and time.monotonic() - began < 30:
            for delivery in _lease(store, now(began)):
                history.begin(delivery)
                time.sleep(0.002)
                history.end(delivery)
                closed = replace(delivery, state=State.ACKNOWLEDGED, ready_at=None)
                store.write(lambda work, closed=closed: work.deliveries.save(closed))  # type: ignore[misc]

    with ThreadPoolExecutor(8) as pool:
        adders = [pool.submit(_add, store, plans[start::2]) for start, store in enumerate((one, other))]
        leasers = [pool.submit(_hand_over, store) for store in (one, other) * 3]
    [done.result(0) for done in (*adders, *leasers)]

    assert history.faults == []
    assert len(history.ended) == MANY
    assert out_of_order(history.ended) == []


def _lease(store: PostgresStore, at: datetime) -> list[Delivery]:
    try:
        return list(store.write(lambda work: work.deliveries.ready(at=at, limit=3, lease_seconds=60)))
    except StoreUnavailableError:
        return []


def out_of_order(ended: list[Delivery]) -> list[str]:
    """Return which deliveries ended before one that was to go first."""
    return [
        f"{earlier.delivery_id} (at {earlier.position}) before {later.delivery_id} (at {later.position})"
        for number, earlier in enumerate(ended)
        for later in ended[number + 1 :]
        if in_one_order(earlier, later) and earlier.position > later.position
    ]


def test_a_lane_is_worked_in_the_order_it_was_accepted(one: PostgresStore, other: PostgresStore) -> None:
    began, worked, lock = time.monotonic(), list[str](), threading.Lock()
    one.write(lambda work: [work.messages.claim(a_message(number, ready_at=after(0))) for number in range(40)])

    def _work(store: PostgresStore) -> None:
        while len(worked) < 40 and time.monotonic() - began < 30:
            at = now(began)
            for message in store.write(lambda work, at=at: work.messages.ready(at=at, limit=3, lease_seconds=60)):  # type: ignore[misc]
                _done(store, message)

    def _done(store: PostgresStore, message: Message) -> None:
        with lock:
            worked.append(message.message_id)
        store.write(lambda work: work.messages.save(replace(message, state=State.ORDERED, ready_at=None)))

    with ThreadPoolExecutor(4) as pool:
        [done.result() for done in [pool.submit(_work, store) for store in (one, other, one, other)]]

    assert worked == [f"msg_{number}" for number in range(40)]
