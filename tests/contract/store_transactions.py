"""Does a store keep its promises about transactions?"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.errors import GatewayError, NotFoundError, PermanentError, TooLargeError
from gateway.flows.ports import Store, UnitOfWork
from gateway.flows.store.rows import State
from gateway.model.identifiers import ChildRef, MessageId, OrganisationId, RecordId
from tests.contract.rows import (
    NOW,
    a_child,
    a_conversation,
    a_message,
    a_record,
    a_timer,
    an_event,
    an_organisation,
)

Wakes = list[tuple[str, str]]


class BadFormError(Exception):
    """What a piece of work raises in these tests."""


def lift(work: UnitOfWork) -> None:
    """Raise an epoch by one: the smallest change there is."""
    work.epochs.lift(["policy"])


def lift_and_fail(work: UnitOfWork) -> None:
    """Change something, ask for a wake-up, and fail."""
    lift(work)
    work.wake("record.due", "rec_1")
    raise BadFormError


def epoch(work: UnitOfWork) -> int:
    """Return how often the epoch was raised."""
    return work.epochs.current(["policy"])["policy"]


class TransactionsContract:
    """A subclass gives the fixtures `store`, an empty one, and `wakes`, the list of wake-ups it publishes."""

    def test_a_write_returns_what_its_work_returned(self, store: Store) -> None:
        assert store.write(lambda _: "answer") == "answer"

    def test_a_promise_is_kept_with_what_the_work_returned(self, store: Store) -> None:
        promise = store.submit(lambda work: (lift(work), "answer")[1])

        assert promise.result(10) == "answer"
        assert store.read(epoch) == 1

    def test_a_promise_for_work_that_fails_holds_its_error(self, store: Store) -> None:
        promise = store.submit(lift_and_fail)

        assert isinstance(promise.exception(10), BadFormError)

    def test_a_read_returns_what_its_work_returned(self, store: Store) -> None:
        assert store.read(lambda _: "answer") == "answer"

    def test_work_that_fails_leaves_nothing(self, store: Store, wakes: Wakes) -> None:
        with pytest.raises(BadFormError):
            store.write(lift_and_fail)
        store.write(lambda _: "the next one is served after the wake-ups of the one before")

        assert store.read(epoch) == 0
        assert wakes == []

    def test_work_reads_what_it_has_just_changed(self, store: Store) -> None:
        def change_what_was_read(work: UnitOfWork) -> tuple[State, bool, list[bool], int]:
            work.messages.claim(a_message())
            work.records.add(a_record())
            work.directory.put_organisation(an_organisation())
            work.children.add(a_child())
            work.records.get(RecordId("rec_1"))
            work.directory.organisation(OrganisationId("school-1"))
            work.directory.organisations()
            work.audit.chain(ChildRef("child_1"))
            work.records.save(a_record(state=State.REFUSED))
            work.directory.put_organisation(an_organisation(is_enabled=False))
            work.audit.append(an_event(child_ref=ChildRef("child_1"), subject_seq=0))
            return (
                work.records.get(RecordId("rec_1")).state,
                work.directory.organisation(OrganisationId("school-1")).is_enabled,
                [one.is_enabled for one in work.directory.organisations()],
                work.audit.chain(ChildRef("child_1"))[0],
            )

        assert store.write(change_what_was_read) == (State.REFUSED, False, [False], 1)

    def test_what_failed_work_has_seen_is_forgotten(self, store: Store) -> None:
        store.write(lambda work: work.children.add(a_child()))

        def append_and_fail(work: UnitOfWork) -> None:
            work.directory.put_organisation(an_organisation())
            work.directory.organisation(OrganisationId("school-1"))
            work.audit.append(an_event(child_ref=ChildRef("child_1"), subject_seq=0))
            raise BadFormError

        with pytest.raises(BadFormError):
            store.write(append_and_fail)

        assert store.write(lambda work: work.audit.chain(ChildRef("child_1"))) == (0, None)
        with pytest.raises(NotFoundError):
            store.write(lambda work: work.directory.organisation(OrganisationId("school-1")))

    def test_work_that_catches_its_own_error_keeps_the_rest(self, store: Store) -> None:
        def _second_is_known(work: UnitOfWork) -> None:
            work.messages.claim(a_message())
            with pytest.raises(GatewayError):
                work.messages.claim(a_message(idempotency_key="another"))
            lift(work)

        store.write(_second_is_known)

        assert store.read(epoch) == 1
        assert store.read(lambda work: work.messages.get(MessageId("msg_1"))) == a_message()

    def test_a_read_that_fails_leaves_the_store_usable(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.messages.get(MessageId("msg_9")))

        assert store.read(epoch) == 0

    def test_a_read_sees_one_state_whatever_happens_meanwhile(self, store: Store) -> None:
        def _twice(work: UnitOfWork) -> tuple[int, int]:
            before = epoch(work)
            store.write(lift)
            return before, epoch(work)

        assert store.read(_twice) == (0, 0)
        assert store.read(epoch) == 1

    def test_a_read_changes_nothing(self, store: Store) -> None:
        with pytest.raises(PermanentError):
            store.read(lift)
        with pytest.raises(PermanentError):
            store.read(lambda work: work.deliveries.ready(at=NOW, limit=1, lease_seconds=1))
        with pytest.raises(PermanentError):
            store.read(lambda work: work.wake("record.due", "rec_1"))

        assert store.read(epoch) == 0

    def test_work_that_writes_to_the_store_is_refused_and_does_not_wait_for_itself(self, store: Store) -> None:
        with pytest.raises(PermanentError):
            store.write(lambda _: store.write(lift))

        assert store.read(epoch) == 0

    def test_work_that_reads_past_its_unit_of_work_is_refused(self, store: Store) -> None:
        with pytest.raises(PermanentError):
            store.write(lambda _: store.read(epoch))

    def test_a_unit_of_work_ends_with_its_transaction(self, store: Store) -> None:
        kept: list[Any] = []
        store.write(kept.append)
        store.read(kept.append)

        with pytest.raises(PermanentError):
            lift(kept[0])
        with pytest.raises(PermanentError):
            epoch(kept[1])

    def test_wake_ups_are_published_once_the_work_is_durable(self, store: Store, wakes: Wakes) -> None:
        store.write(lambda work: (work.wake("record.due", "rec_1"), work.wake("delivery.due", "dlv_1")))
        store.write(lift)

        assert wakes == [("record.due", "rec_1"), ("delivery.due", "dlv_1")]

    def test_a_wake_up_holds_references_only(self, store: Store) -> None:
        with pytest.raises(TooLargeError):
            store.write(lambda work: work.wake("record.due", "x" * 1024))

    def test_many_writers_lose_nothing_and_see_each_other(self, store: Store) -> None:
        def _next(work: UnitOfWork) -> int:
            lift(work)
            return epoch(work)

        with ThreadPoolExecutor(16) as pool:
            seen = list(pool.map(lambda _: store.write(_next), range(400)))

        assert sorted(seen) == list(range(1, 401))

    def test_one_failing_piece_of_work_does_not_hurt_the_others(self, store: Store) -> None:
        def _write(number: int) -> None:
            store.write(lift_and_fail if number % 5 == 0 else lift)

        with ThreadPoolExecutor(16) as pool:
            outcomes = [pool.submit(_write, number) for number in range(200)]

        assert sum(isinstance(outcome.exception(), BadFormError) for outcome in outcomes) == 40
        assert store.read(epoch) == 160

    def test_two_who_change_the_same_conversation_do_not_both_succeed(self, store: Store) -> None:
        store.write(lambda work: work.conversations.save(a_conversation()))

        def _step(number: int) -> None:
            store.write(lambda work: work.conversations.save(a_conversation(state=f"step-{number}", version=1)))

        with ThreadPoolExecutor(8) as pool:
            outcomes = [pool.submit(_step, number) for number in range(8)]

        assert sum(outcome.exception() is None for outcome in outcomes) == 1

    def test_everything_of_one_piece_of_work_is_stored_or_nothing(self, store: Store) -> None:
        def _several(work: UnitOfWork) -> None:
            work.messages.claim(a_message())
            work.timers.put(a_timer())
            work.messages.save(a_message(9))

        with pytest.raises(NotFoundError):
            store.write(_several)

        assert store.read(lambda work: work.messages.find()) == []
        assert store.read(lambda work: work.timers.due(at=a_timer().due_at, limit=9)) == []

    def test_text_the_store_cannot_hold_is_refused_without_repeating_it(self, store: Store) -> None:
        with pytest.raises(PermanentError) as refusal:
            store.write(lambda work: work.messages.claim(a_message(reason="Testina \ud800")))

        assert "Testina" not in str(refusal.value)
        assert refusal.value.__cause__ is None
        assert refusal.value.__suppress_context__
