"""Does a store give out deliveries in the order and to the extent the ports promise?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import ConflictError, NotFoundError, OvertakenError
from gateway.flows.ports import Store
from gateway.flows.store.rows import TOGETHER, Delivery, Lane, State
from gateway.model.identifiers import ChildRef, DeliveryId, MessageId, OrganisationId, PermitId
from tests.contract.rows import NOW, a_delivery, a_message, a_record, after

ANNA, BEN = ChildRef("child_a"), ChildRef("child_b")

STILL_OPEN = [State.ORDERED, State.HANDED_OVER, State.IN_REVIEW, State.HELD_LABEL, State.HELD_MATCH]
CLOSED = [State.ACKNOWLEDGED, State.REFUSED, State.DEAD_LETTER, State.WITHDRAWN]


def order(store: Store, *deliveries: Delivery) -> None:
    """Store *deliveries* in this order."""
    store.write(lambda work: [work.deliveries.add(delivery) for delivery in deliveries])


def take(store: Store, *, seconds: float = 0, limit: int = 99) -> Sequence[str]:
    """Return the ids of what may go *seconds* after the start, leased for a minute."""
    found = store.write(lambda work: work.deliveries.ready(at=after(seconds), limit=limit, lease_seconds=60))
    return [delivery.delivery_id for delivery in found]


def turn(store: Store, number: int, state: State, **changes: Any) -> None:
    """Save a delivery in another state."""

    def _turn(work: Any) -> None:
        found = work.deliveries.get(DeliveryId(f"dlv_{number}"))
        work.deliveries.save(replace(found, state=state, **changes))

    store.write(_turn)


class DeliveriesContract:
    """A subclass gives the fixture `store`, an empty one."""

    @pytest.fixture
    def _record(self, store: Store) -> None:
        store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))

    @pytest.fixture(autouse=True)
    def _for_all(self, _record: None) -> None:
        """Let every test have a record to deliver."""

    def test_every_field_of_a_delivery_comes_back(self, store: Store) -> None:
        delivery = a_delivery(
            subjects=(BEN, ANNA),
            permit_id=None,
            attempt=2,
            reason="partner-unavailable",
            wrapped_key=b"\x01key",
            sealed_document=b"\x01\x00document",
            document_sha256="ab" * 32,
            handed_over_at=after(5),
        )

        order(store, delivery)

        found = store.read(lambda work: work.deliveries.get(delivery.delivery_id))
        assert replace(found, position=0) == delivery

    def test_positions_rise_in_the_order_of_adding(self, store: Store) -> None:
        order(store, a_delivery(2), a_delivery(1, position=99))

        found = store.read(lambda work: work.delivery_lists.of_message(MessageId("msg_1")))

        assert [delivery.delivery_id for delivery in found] == ["dlv_2", "dlv_1"]
        assert found[0].position < found[1].position

    def test_a_delivery_is_added_once(self, store: Store) -> None:
        order(store, a_delivery())

        with pytest.raises(ConflictError):
            order(store, a_delivery())

    def test_a_delivery_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.deliveries.get(DeliveryId("dlv_9")))
        with pytest.raises(NotFoundError):
            store.write(lambda work: work.deliveries.save(a_delivery()))
        with pytest.raises(NotFoundError):
            store.write(lambda work: work.deliveries.mark(a_delivery(), epochs={}))

    def test_saving_replaces_everything_but_identity_order_and_subjects(self, store: Store) -> None:
        order(store, a_delivery())
        changed = a_delivery(
            format="mash/referral-2",
            purpose="COORDINATE",
            mode="DISCLOSE",
            subjects=(BEN,),
            permit_id=PermitId("permit_2"),
            state=State.HANDED_OVER,
            attempt=1,
            ready_at=None,
            reason="acknowledgement-due",
            wrapped_key=b"\x01key",
            sealed_document=b"\x01document",
            document_sha256="ab" * 32,
            handed_over_at=after(1),
            created_at=after(99),
        )

        store.write(lambda work: work.deliveries.save(changed))

        found = store.read(lambda work: work.deliveries.get(changed.delivery_id))
        expected = replace(changed, subjects=a_delivery().subjects, created_at=NOW, position=found.position)
        assert found == expected

    def test_a_sealed_document_can_be_replaced_and_taken_away(self, store: Store) -> None:
        order(store, a_delivery(wrapped_key=b"\x01key", sealed_document=b"\x01first"))
        again = a_delivery(wrapped_key=b"\x01key", sealed_document=b"\x01second")

        store.write(lambda work: work.deliveries.save(again))
        second = store.read(lambda work: work.deliveries.get(again.delivery_id))
        store.write(lambda work: work.deliveries.save(a_delivery()))
        last = store.read(lambda work: work.deliveries.get(again.delivery_id))

        assert second.sealed_document == b"\x01second"
        assert (last.wrapped_key, last.sealed_document) == (None, None)

    @pytest.mark.parametrize(
        "change",
        [{"recipient": OrganisationId("camhs-1")}, {"lane": Lane.URGENT}],
        ids=["recipient", "lane"],
    )
    def test_recipient_and_lane_never_change(self, store: Store, change: dict[str, Any]) -> None:
        order(store, a_delivery())

        with pytest.raises(ConflictError):
            store.write(lambda work: work.deliveries.save(a_delivery(**change)))

    def test_one_that_is_due_is_leased_whole(self, store: Store) -> None:
        order(store, a_delivery(wrapped_key=b"\x01key", sealed_document=b"\x01document"))

        (leased,) = store.write(lambda work: work.deliveries.ready(at=NOW, limit=9, lease_seconds=60))

        assert leased == store.read(lambda work: work.deliveries.get(leased.delivery_id))
        assert (leased.ready_at, leased.sealed_document) == (after(60), b"\x01document")

    def test_what_is_leased_is_nobody_elses_until_the_lease_ends(self, store: Store) -> None:
        order(store, a_delivery())

        assert take(store) == ["dlv_1"]
        assert take(store, seconds=59) == []
        assert take(store, seconds=60) == ["dlv_1"]

    @pytest.mark.parametrize(
        "keep",
        [
            lambda work, one: work.deliveries.save(one),
            lambda work, one: work.deliveries.mark(one, epochs={}),
            lambda work, one: (work.deliveries.get(one.delivery_id), work.deliveries.save(one)),
        ],
        ids=["saving", "marking", "saving what it has read again"],
    )
    def test_who_was_overtaken_may_not_save(self, store: Store, keep: Any) -> None:
        order(store, a_delivery())
        (overtaken,) = store.write(lambda work: work.deliveries.ready(at=NOW, limit=9, lease_seconds=60))
        (holder,) = store.write(lambda work: work.deliveries.ready(at=after(60), limit=9, lease_seconds=60))

        with pytest.raises(ConflictError) as refusal:
            store.write(lambda work: keep(work, replace(overtaken, state=State.HANDED_OVER)))

        assert refusal.value.code == "overtaken"
        assert (overtaken.lease, holder.lease) == (1, 2)
        assert store.read(lambda work: work.deliveries.get(holder.delivery_id)) == holder

    @pytest.mark.parametrize(
        ("state", "ready_at"),
        [
            (State.ORDERED, None),
            (State.ORDERED, after(1)),
            (State.HANDED_OVER, None),
            (State.IN_REVIEW, NOW),
            (State.HELD_MATCH, NOW),
            (State.WITHDRAWN, NOW),
        ],
        ids=["nothing due", "due later", "handed over", "in review", "held", "withdrawn"],
    )
    def test_what_may_not_go_now_is_not_leased(self, store: Store, state: State, ready_at: Any) -> None:
        order(store, a_delivery(state=state, ready_at=ready_at))

        assert take(store) == []

    def test_one_handed_over_without_an_answer_is_due_again(self, store: Store) -> None:
        order(store, a_delivery())
        turn(store, 1, State.HANDED_OVER, ready_at=after(30))

        assert take(store, seconds=30) == ["dlv_1"]

    @pytest.mark.parametrize("state", STILL_OPEN, ids=str)
    def test_one_waits_while_an_earlier_one_about_the_same_child_is_open(self, store: Store, state: State) -> None:
        order(store, a_delivery(1), a_delivery(2))
        turn(store, 1, state, ready_at=None)

        assert take(store) == []

    @pytest.mark.parametrize("state", CLOSED, ids=str)
    def test_one_goes_once_the_earlier_one_is_closed(self, store: Store, state: State) -> None:
        order(store, a_delivery(1), a_delivery(2))

        assert take(store) == ["dlv_1"]
        turn(store, 1, state, ready_at=None)

        assert take(store) == ["dlv_2"]

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"subjects": (BEN,)}, id="another child"),
            pytest.param({"subjects": ()}, id="no child"),
            pytest.param({"recipient": OrganisationId("camhs-1")}, id="another recipient"),
            pytest.param({"lane": Lane.BULK}, id="another lane"),
        ],
    )
    def test_nothing_else_makes_one_wait(self, store: Store, other: dict[str, Any]) -> None:
        order(store, a_delivery(1), a_delivery(2, **other))

        assert take(store) == ["dlv_1", "dlv_2"]

    def test_an_urgent_one_waits_for_nobody(self, store: Store) -> None:
        order(store, a_delivery(1, lane=Lane.URGENT), a_delivery(2, lane=Lane.URGENT), a_delivery(3))

        assert take(store) == ["dlv_1", "dlv_2", "dlv_3"]

    def test_urgent_goes_first_and_bulk_last(self, store: Store) -> None:
        order(
            store,
            a_delivery(1, lane=Lane.BULK, subjects=(ANNA,)),
            a_delivery(2, subjects=(BEN,)),
            a_delivery(3, lane=Lane.URGENT),
        )

        assert take(store, limit=2) == ["dlv_3", "dlv_2"]
        assert take(store) == ["dlv_1"]

    def test_a_pump_for_urgent_ones_leaves_the_others_alone(self, store: Store) -> None:
        order(store, a_delivery(1), a_delivery(2, lane=Lane.URGENT), a_delivery(3, lane=Lane.BULK))

        leased = store.write(lambda work: work.deliveries.ready(at=NOW, limit=9, lease_seconds=60, urgent_only=True))

        assert [delivery.delivery_id for delivery in leased] == ["dlv_2"]
        assert take(store) == ["dlv_1", "dlv_3"]

    @pytest.mark.parametrize("siblings", [(ANNA, BEN), (BEN, ANNA)], ids=["Anna and Ben", "Ben and Anna"])
    def test_one_about_siblings_waits_for_each_of_them(self, store: Store, siblings: tuple[ChildRef, ...]) -> None:
        order(
            store,
            a_delivery(1, subjects=(ANNA,)),
            a_delivery(2, subjects=(BEN,)),
            a_delivery(3, subjects=siblings),
            a_delivery(4, subjects=(BEN,)),
        )

        assert take(store) == ["dlv_1", "dlv_2"]
        turn(store, 2, State.ACKNOWLEDGED)
        assert take(store) == []
        turn(store, 1, State.ACKNOWLEDGED)
        assert take(store) == ["dlv_3"]
        turn(store, 3, State.ACKNOWLEDGED)
        assert take(store) == ["dlv_4"]

    def test_one_withdrawn_while_it_waited_lets_the_next_wait_for_the_first(self, store: Store) -> None:
        order(store, a_delivery(1), a_delivery(2), a_delivery(3))
        assert take(store) == ["dlv_1"]

        turn(store, 2, State.WITHDRAWN)

        assert take(store) == []
        turn(store, 1, State.ACKNOWLEDGED)
        assert take(store) == ["dlv_3"]

    def test_a_replayed_dead_letter_takes_its_old_place(self, store: Store) -> None:
        order(store, a_delivery(1), a_delivery(2), a_delivery(3))
        turn(store, 1, State.DEAD_LETTER)

        turn(store, 1, State.ORDERED)

        assert take(store) == ["dlv_1"]
        turn(store, 1, State.ACKNOWLEDGED)
        assert take(store) == ["dlv_2"]

    @pytest.mark.parametrize(
        ("idempotency", "next_ones"), [("at-most-once", ["dlv_1", "dlv_2"]), ("idempotent", ["dlv_1"])]
    )
    def test_what_was_sent_and_never_is_again_waits_for_nothing_that_is_put_back(
        self, store: Store, idempotency: str, next_ones: list[str]
    ) -> None:
        order(store, a_delivery(1), a_delivery(2, idempotency=idempotency))
        turn(store, 1, State.DEAD_LETTER)
        turn(store, 2, State.HANDED_OVER, ready_at=after(2))

        turn(store, 1, State.ORDERED, ready_at=after(1))

        assert take(store, seconds=3) == next_ones

    def test_retries_let_others_pass_and_keep_their_childs_order(self, store: Store) -> None:
        order(store, a_delivery(1, subjects=(ANNA,)), a_delivery(2, subjects=(ANNA,)), a_delivery(3, subjects=(BEN,)))
        assert take(store) == ["dlv_1", "dlv_3"]

        turn(store, 1, State.ORDERED, attempt=1, ready_at=after(30))

        assert take(store, seconds=29) == []
        assert take(store, seconds=30) == ["dlv_1"]

    def test_marking_saves_when_the_epochs_hold(self, store: Store) -> None:
        order(store, a_delivery())
        store.write(lambda work: work.epochs.lift(["child:child_1", "policy", "policy"]))
        marked = a_delivery(state=State.HANDED_OVER, handed_over_at=after(1))

        held = {"child:child_1": 1, "policy": 2, "recipient:mash-1": 0}
        assert store.write(lambda work: work.deliveries.mark(marked, epochs=held)) is True

        assert store.read(lambda work: work.deliveries.get(marked.delivery_id)).state is State.HANDED_OVER

    @pytest.mark.parametrize("name", ["child:child_1", "policy", "recipient:mash-1"])
    def test_one_epoch_that_has_risen_stops_the_mark(self, store: Store, name: str) -> None:
        order(store, a_delivery())
        held = {"child:child_1": 0, "policy": 0, "recipient:mash-1": 0}
        store.write(lambda work: work.epochs.lift([name]))
        marked = a_delivery(state=State.HANDED_OVER)

        assert store.write(lambda work: work.deliveries.mark(marked, epochs=held)) is False

        assert store.read(lambda work: work.deliveries.get(marked.delivery_id)).state is State.ORDERED

    @pytest.mark.parametrize("state", CLOSED, ids=str)
    def test_one_that_was_closed_meanwhile_cannot_be_marked(self, store: Store, state: State) -> None:
        order(store, a_delivery())
        turn(store, 1, state)

        assert store.write(lambda work: work.deliveries.mark(a_delivery(state=State.HANDED_OVER), epochs={})) is False

        assert store.read(lambda work: work.deliveries.get(DeliveryId("dlv_1"))).state is state

    def test_marking_one_closed_lets_the_next_go(self, store: Store) -> None:
        order(store, a_delivery(1), a_delivery(2))
        assert take(store) == ["dlv_1"]

        store.write(lambda work: work.deliveries.mark(a_delivery(1, state=State.ACKNOWLEDGED, lease=1), epochs={}))

        assert take(store) == ["dlv_2"]

    def test_every_delivery_lease_has_the_next_number(self, store: Store) -> None:
        order(store, a_delivery())

        leased = [
            store.write(lambda work, at=at: work.deliveries.ready(at=after(at), limit=1, lease_seconds=60))[0]
            for at in (0, 60, 120)
        ]

        assert [(one.lease, one.lost) for one in leased] == [(1, 1), (2, TOGETHER), (3, TOGETHER)]

    @pytest.mark.parametrize("way", ["save", "mark"])
    def test_whoever_was_overtaken_changes_no_delivery(self, store: Store, way: str) -> None:
        order(store, a_delivery())
        (slow,) = store.write(lambda work: work.deliveries.ready(at=NOW, limit=1, lease_seconds=60))
        (fast,) = store.write(lambda work: work.deliveries.ready(at=after(60), limit=1, lease_seconds=60))
        changed = replace(slow, state=State.HANDED_OVER)
        ways: dict[str, Any] = {
            "save": lambda work: work.deliveries.save(changed),
            "mark": lambda work: work.deliveries.mark(changed, epochs={}),
        }

        with pytest.raises(OvertakenError):
            store.write(ways[way])

        assert store.read(lambda work: work.deliveries.get(fast.delivery_id)) == fast

    def test_the_newest_are_listed_first(self, store: Store) -> None:
        order(store, a_delivery(1), a_delivery(2, state=State.DEAD_LETTER), a_delivery(3))

        everything = store.read(lambda work: work.delivery_lists.find())
        newest = store.read(lambda work: work.delivery_lists.find(limit=1))
        dead = store.read(lambda work: work.delivery_lists.find(state=State.DEAD_LETTER))

        assert [delivery.delivery_id for delivery in everything] == ["dlv_3", "dlv_2", "dlv_1"]
        assert [delivery.delivery_id for delivery in newest] == ["dlv_3"]
        assert [delivery.delivery_id for delivery in dead] == ["dlv_2"]
