"""What happens when two processes do the same thing at once? One transaction is held open while the other tries.

Each test is about something SQLite's one writer gives for nothing.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from gateway.adapters.sql.outbox import lease
from gateway.adapters.sql.postgres import PostgresStore
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.audit.log import Batch, Leaf
from gateway.errors import ConflictError
from gateway.flows.store.rows import Delivery, Lane, ReviewTask, State
from gateway.model.identifiers import ChildRef, DeliveryId, MessageId, ReviewId
from tests.contract.rows import (
    NOW,
    a_child,
    a_conversation,
    a_delivery,
    a_fact,
    a_label,
    a_message,
    a_record,
    a_review,
    a_timer,
    after,
    an_event,
)
from tests.engines.postgres import Database

Work = Callable[[SqlUnitOfWork], Any]
ANNA, BEN = ChildRef("child_a"), ChildRef("child_b")
A_MOMENT, A_WHILE = 0.15, 2


@contextmanager
def held_open(store: PostgresStore, work: Work) -> Iterator[Future[Any]]:
    """Do *work*, and keep its transaction open until the end of the block."""
    done, go_on = threading.Event(), threading.Event()

    def _held(unit: SqlUnitOfWork) -> Any:
        answer = work(unit)
        unit.finish()
        unit.transaction.settle()
        done.set()
        go_on.wait(10)
        return answer

    promise = store.submit(_held)
    assert done.wait(10), promise.exception(0)
    try:
        yield promise
    finally:
        go_on.set()
    promise.result(10)


def waits(promise: Future[Any]) -> bool:
    """Tell whether *promise* is still open after a moment."""
    try:
        promise.exception(A_MOMENT)
    except TimeoutError:
        return True
    return False


def order(store: PostgresStore, *deliveries: Delivery) -> None:
    """Store *deliveries*, of a record that is there."""
    store.write(lambda work: (work.messages.claim(a_message()), work.records.add(a_record())))
    store.write(lambda work: [work.deliveries.add(delivery) for delivery in deliveries])


def take(work: SqlUnitOfWork) -> list[str]:
    """Lease what may go."""
    return [one.delivery_id for one in work.deliveries.ready(at=NOW, limit=9, lease_seconds=60)]


def take_messages(work: SqlUnitOfWork) -> list[str]:
    """Lease the two oldest messages with work due."""
    return [one.message_id for one in work.messages.ready(at=after(10), limit=2, lease_seconds=60)]


def take_urgent(work: SqlUnitOfWork) -> list[str]:
    """Lease the two oldest urgent messages with work due."""
    found = work.messages.ready(at=after(10), limit=2, lease_seconds=60, lanes=(Lane.URGENT,))
    return [one.message_id for one in found]


def close_first(work: SqlUnitOfWork) -> None:
    """Let the first delivery be acknowledged."""
    found = work.deliveries.get(DeliveryId("dlv_1"))
    work.deliveries.save(replace(found, state=State.ACKNOWLEDGED, ready_at=None))


def test_a_key_that_is_being_claimed_is_claimed_once(one: PostgresStore, other: PostgresStore) -> None:
    with held_open(one, lambda work: work.messages.claim(a_message())):
        second = other.submit(lambda work: work.messages.claim(a_message(2, idempotency_key="form-1")))
        is_late = waits(second)

    assert is_late
    assert second.result(10) == a_message()


def test_two_who_meet_a_new_child_make_one(one: PostgresStore, other: PostgresStore) -> None:
    def _place(number: int) -> Work:
        def _work(work: SqlUnitOfWork) -> str:
            known = work.children.candidates([b"name and day", bytes([number])], limit=9)
            child = known[0] if known else a_child(number)
            if not known:
                work.children.add(child)
            work.children.index(child.child_ref, [b"name and day"])
            return child.child_ref

        return _work

    with held_open(one, _place(1)):
        second = other.submit(_place(2))
        is_late = waits(second)

    assert is_late
    assert second.result(10) == "child_1"


def test_two_events_of_one_child_never_have_the_same_number(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: work.children.add(a_child(child_ref=ANNA)))

    def _tell(number: int) -> Work:
        def _work(work: SqlUnitOfWork) -> int:
            sequence, _ = work.audit.chain(work.children.get(ANNA).child_ref)
            work.audit.append(an_event(number, child_ref=ANNA, subject_seq=sequence))
            return sequence

        return _work

    with held_open(one, _tell(1)):
        second = other.submit(_tell(2))
        is_late = waits(second)

    assert is_late
    assert second.result(10) == 1


@pytest.mark.parametrize("raised_before", [0, 1], ids=["never raised before", "raised before"])
def test_a_withdrawal_waits_for_a_mark_that_came_first(
    one: PostgresStore, other: PostgresStore, raised_before: int
) -> None:
    order(one, a_delivery())
    one.write(lambda work: work.epochs.lift(["child:child_1"] * raised_before))
    marked = a_delivery(state=State.HANDED_OVER)

    with held_open(one, lambda work: work.deliveries.mark(marked, epochs={"child:child_1": raised_before})) as mark:
        withdrawal = other.submit(lambda work: work.epochs.lift(["child:child_1"]))
        is_late = waits(withdrawal)

    assert is_late
    assert mark.result(10) is True


@pytest.mark.parametrize("raised_before", [0, 1], ids=["never raised before", "raised before"])
def test_a_mark_sees_the_withdrawal_that_came_first(
    one: PostgresStore, other: PostgresStore, raised_before: int
) -> None:
    order(one, a_delivery())
    one.write(lambda work: work.epochs.lift(["child:child_1"] * raised_before))
    marked = a_delivery(state=State.HANDED_OVER)

    with held_open(one, lambda work: work.epochs.lift(["child:child_1"])):
        mark = other.submit(lambda work: work.deliveries.mark(marked, epochs={"child:child_1": raised_before}))
        is_late = waits(mark)

    assert is_late
    assert mark.result(10) is False


@pytest.mark.parametrize(
    "decide",
    [
        lambda work: work.facts.of_child(ChildRef("child_1")),
        lambda work: (work.children.get(ChildRef("child_1")), work.facts.of_child(ChildRef("child_1"))),
    ],
    ids=["facts alone", "with the child's key"],
)
def test_facts_of_a_child_stand_still_while_somebody_decides_by_them(
    one: PostgresStore, other: PostgresStore, decide: Work
) -> None:
    one.write(lambda work: work.children.add(a_child()))

    with held_open(one, decide):
        changed = other.submit(lambda work: work.facts.put(a_fact()))
        is_late = waits(changed)

    assert is_late
    changed.result(10)


def test_a_case_is_begun_once(one: PostgresStore, other: PostgresStore) -> None:
    def _begin(number: int) -> Work:
        def _work(work: SqlUnitOfWork) -> str:
            held = work.conversations.by_reference("mash.referral", "REF-1")
            if held is None:
                work.conversations.save(a_conversation(number, reference="REF-1"))
            return held.conversation_id if held else f"conv_{number}"

        return _work

    with held_open(one, _begin(1)):
        second = other.submit(_begin(2))
        is_late = waits(second)

    assert is_late
    assert second.result(10) == "conv_1"


def test_two_steps_of_one_case_come_one_after_the_other(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: work.conversations.save(a_conversation()))

    def _step(work: SqlUnitOfWork) -> int:
        held = work.conversations.get(a_conversation().conversation_id)
        work.conversations.save(held)
        return held.version

    with held_open(one, _step):
        second = other.submit(_step)
        is_late = waits(second)

    assert is_late
    assert second.result(10) == 2


def test_a_timer_is_acted_on_once(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: work.timers.put(a_timer()))

    with held_open(one, lambda work: work.timers.take(a_timer())) as first:
        second = other.submit(lambda work: work.timers.take(a_timer()))
        is_late = waits(second)

    assert is_late
    assert (first.result(10), second.result(10)) == (True, False)


def test_an_answer_given_meanwhile_is_not_written_over(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: work.reviews.add(a_review()))
    found, answered = threading.Event(), threading.Event()

    def _take_back(work: SqlUnitOfWork) -> int:
        tasks = work.reviews.find()
        found.set()
        answered.wait(10)
        [work.reviews.save(replace(task, status="settled")) for task in tasks]
        return len(tasks)

    taken_back = one.submit(_take_back)
    found.wait(10)
    other.write(lambda work: work.reviews.save(replace(work.reviews.get(ReviewId("review_1")), status="permit")))
    answered.set()

    assert taken_back.result(10) == 0
    assert _review(one).status == "permit"


def _review(store: PostgresStore) -> ReviewTask:
    return store.read(lambda work: work.reviews.get(ReviewId("review_1")))


def test_a_label_that_is_being_stored_is_settled_too(one: PostgresStore, other: PostgresStore) -> None:
    with held_open(one, lambda work: work.labels.add(a_label())):
        settled = other.submit(lambda work: work.labels.settle("ethnicity", a_label().label_blind, "WBRI"))
        is_late = waits(settled)

    assert is_late
    assert settled.result(10) == ["rec_1"]


def test_nothing_of_a_lane_is_leased_past_what_is_just_being_leased(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: [work.messages.claim(a_message(number)) for number in range(1, 5)])

    with held_open(one, take_messages) as first:
        second = other.submit(take_messages)
        is_late = waits(second)

    assert is_late
    assert (first.result(10), second.result(10)) == (["msg_1", "msg_2"], [])


def test_urgent_messages_are_leased_side_by_side(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: [work.messages.claim(a_message(number, lane=Lane.URGENT)) for number in range(1, 5)])

    with held_open(one, take_urgent) as first:
        second = other.submit(take_urgent).result(A_WHILE)

    assert (first.result(10), second) == (["msg_1", "msg_2"], ["msg_3", "msg_4"])


def test_deliveries_are_leased_side_by_side_and_keep_their_childs_order(
    one: PostgresStore, other: PostgresStore
) -> None:
    order(one, a_delivery(1, subjects=(ANNA,)), a_delivery(2, subjects=(ANNA,)))

    with held_open(one, take) as first:
        other.write(lambda work: work.deliveries.add(a_delivery(3, subjects=(BEN,))))
        second = other.submit(take).result(A_WHILE)

    assert (first.result(10), second) == (["dlv_1"], ["dlv_3"])


def test_one_that_waits_for_a_delivery_just_being_closed_is_not_forgotten(
    one: PostgresStore, other: PostgresStore
) -> None:
    order(one, a_delivery(1, ready_at=None), a_delivery(2))
    one.write(_let_go)

    with held_open(one, close_first):
        leased = other.submit(take)
        is_late = waits(leased)

    assert is_late
    assert leased.result(10) == ["dlv_2"]


def _let_go(work: SqlUnitOfWork) -> None:
    """Let the second delivery be asked about anew."""
    work.transaction.run("UPDATE delivery SET waits_for = NULL WHERE authority = ?", (work.transaction.authority,))


def test_one_added_while_the_one_before_it_is_closed_is_not_forgotten(one: PostgresStore, other: PostgresStore) -> None:
    order(one, a_delivery(1))

    with held_open(one, close_first):
        added = other.submit(lambda work: work.deliveries.add(a_delivery(2)))
        is_late = waits(added)
    added.result(10)

    assert is_late
    assert one.write(take) == ["dlv_2"]


def test_deliveries_to_one_about_one_child_have_their_places_in_the_order_they_appear(
    one: PostgresStore, other: PostgresStore
) -> None:
    order(one)

    with held_open(one, lambda work: work.deliveries.add(a_delivery(1))):
        second = other.submit(lambda work: work.deliveries.add(a_delivery(2)))
        is_late = waits(second)
    second.result(10)

    found = one.read(lambda work: work.delivery_lists.of_message(MessageId("msg_1")))
    assert is_late
    assert [delivery.delivery_id for delivery in found] == ["dlv_1", "dlv_2"]
    assert one.write(take) == ["dlv_1"]


def test_two_relays_never_have_the_same_wake_up_in_hand(database: Database, one: PostgresStore) -> None:
    with database.store(has_outbox=True) as relayed:
        [relayed.write(lambda work: work.wake("message.normal", "msg_1")) for _ in range(2)]

        with held_open(relayed, lambda work: lease(work.transaction, 1, 30)) as first:
            second = one.submit(lambda work: lease(work.transaction, 9, 30)).result(A_WHILE)

    assert [wake.wake_id for wake in (*first.result(10), *second)] == [1, 2]


def test_two_sequencers_never_sign_one_size_twice(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: [work.audit.append(an_event(number)) for number in (1, 2)])
    signed: list[str] = []

    def _batch(event: int) -> Batch:
        leaf = Leaf(index=0, event_id=an_event(event).event_id, leaf_hash=bytes(32))
        note = f"note of {event}\n"
        return Batch(
            after=None, leaves=(leaf,), nodes=(), size=1, signed_at=NOW, sign=lambda: (signed.append(note), note)[1]
        )

    with held_open(one, lambda work: work.log.append_batch(_batch(1))):
        second = other.submit(lambda work: work.log.append_batch(_batch(2)))
        is_late = waits(second)

    assert is_late
    assert isinstance(second.exception(10), ConflictError)
    assert signed == ["note of 1\n"]


def test_two_who_hold_what_the_other_wants_both_get_there(one: PostgresStore, other: PostgresStore) -> None:
    one.write(lambda work: [work.children.add(a_child(number)) for number in (1, 2)])
    both = threading.Barrier(2, timeout=5)

    def _hold(first: int, second: int) -> Work:
        def _work(work: SqlUnitOfWork) -> str:
            work.facts.of_child(ChildRef(f"child_{first}"))
            with suppress(threading.BrokenBarrierError):
                both.wait()
            work.facts.of_child(ChildRef(f"child_{second}"))
            both.abort()
            return "done"

        return _work

    promises = [one.submit(_hold(1, 2)), other.submit(_hold(2, 1))]

    assert [promise.result(20) for promise in promises] == ["done", "done"]


def test_guesses_at_one_account_are_counted_one_by_one(one: PostgresStore, other: PostgresStore) -> None:
    def _guess(work: SqlUnitOfWork) -> int:
        count, _ = work.sign_ins.tries("name") or (0, NOW)
        work.sign_ins.note("name", count + 1, after(count))
        return count + 1

    with held_open(one, _guess) as first:
        second = other.submit(_guess)
        is_late = waits(second)

    assert is_late
    assert (first.result(10), second.result(10)) == (1, 2)
