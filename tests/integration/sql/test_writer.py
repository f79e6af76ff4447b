"""What does each caller learn when many share one commit?"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.sql.jobs import WAITING_LIMIT
from gateway.adapters.sql.sqlite import SqliteStore, open_view
from gateway.adapters.sql.writer import BATCH_LIMIT
from gateway.errors import ConflictError, GatewayError, PermanentError, StoreUnavailableError
from gateway.flows.ports import UnitOfWork
from tests.contract.rows import a_message, a_timer, after
from tests.fakes.stores import BARNET, a_store

Work = Callable[[UnitOfWork], Any]


def lift(work: UnitOfWork) -> None:
    """Raise an epoch by one."""
    work.epochs.lift(["policy"])


def epoch(work: UnitOfWork) -> int:
    """Return how often the epoch was raised."""
    return work.epochs.current(["policy"])["policy"]


def explode(work: UnitOfWork) -> None:
    """Make the engine take back the whole transaction, as it does when the disk is full."""
    work.timers.put(a_timer(kind="explode"))


@contextmanager
def held(store: SqliteStore) -> Iterator[None]:
    """Keep the writer busy, so that what is handed in meanwhile makes one batch."""
    begun, go_on = threading.Event(), threading.Event()
    store.submit(lambda _: (begun.set(), go_on.wait(10)))
    begun.wait(10)
    yield
    go_on.set()


def hand_in(store: SqliteStore, *works: Work) -> list[Future[Any]]:
    """Hand in *works* as one batch; return their promises, settled."""
    with held(store):
        promises = [store.submit(work) for work in works]
    [promise.exception(10) for promise in promises]
    return promises


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store whose engine rolls back when a timer of the kind `explode` is set."""
    a_store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute(
        "CREATE TRIGGER exploding BEFORE INSERT ON timer WHEN NEW.kind = 'explode'"
        " BEGIN SELECT RAISE(ROLLBACK, 'the engine rolls back'); END"
    )
    connection.close()
    with a_store(tmp_path) as store:
        yield store


def test_all_that_waits_shares_one_commit(store: SqliteStore) -> None:
    before = store.health().writer.commits

    hand_in(store, *[lift] * BATCH_LIMIT)

    # One for the work that held the writer, one for the batch; asking for the figures is the one taken off.
    assert store.health().writer.commits - before - 1 == 2
    assert store.read(epoch) == BATCH_LIMIT


def test_a_batch_has_a_limit(store: SqliteStore) -> None:
    before = store.health().writer.commits

    hand_in(store, *[lift] * (2 * BATCH_LIMIT + 1))

    assert store.health().writer.commits - before - 1 == 4


def test_a_failing_piece_leaves_its_batch_mates_alone(store: SqliteStore) -> None:
    def _fails(work: UnitOfWork) -> None:
        lift(work)
        work.messages.save(a_message())

    first, failing, last = hand_in(store, lift, _fails, lift)

    assert isinstance(failing.exception(), GatewayError)
    assert (first.exception(), last.exception()) == (None, None)
    assert store.read(epoch) == 2


def test_when_the_engine_rolls_back_only_the_culprit_fails(store: SqliteStore) -> None:
    first, culprit, last = hand_in(store, lift, explode, lift)

    assert isinstance(culprit.exception(), GatewayError)
    assert (first.exception(), last.exception()) == (None, None)
    assert store.read(epoch) == 2


def test_one_that_had_failed_before_the_engine_rolled_back_is_not_run_again(store: SqliteStore) -> None:
    runs: list[str] = []

    def _conflict(_work: UnitOfWork) -> None:
        runs.append("conflict")
        raise ConflictError("a step out of turn")

    failed, culprit = hand_in(store, _conflict, explode)

    assert isinstance(failed.exception(), ConflictError)
    assert isinstance(culprit.exception(), GatewayError)
    assert runs == ["conflict"]


def test_work_that_hides_a_rollback_of_the_engine_fails(store: SqliteStore) -> None:
    def _hides(work: UnitOfWork) -> None:
        lift(work)
        with suppress(GatewayError):
            explode(work)

    (hidden,) = hand_in(store, _hides)

    assert isinstance(hidden.exception(), StoreUnavailableError)
    assert store.read(epoch) == 0


def test_after_a_rollback_of_the_engine_no_statement_commits_alone(store: SqliteStore) -> None:
    def _goes_on(work: UnitOfWork) -> None:
        with suppress(GatewayError):
            explode(work)
        lift(work)

    (gone_on,) = hand_in(store, _goes_on)

    assert isinstance(gone_on.exception(), StoreUnavailableError)
    assert store.read(epoch) == 0


def test_a_promise_is_kept_only_when_others_can_see_what_was_done(store: SqliteStore) -> None:
    view = open_view(store.path, authority=BARNET)
    seen: list[int] = []

    with held(store):
        promise = store.submit(lift)
        promise.add_done_callback(lambda _: seen.append(view.read(epoch)))
    promise.result(10)
    store.write(lift)
    view.close()

    assert seen == [1]


def test_work_nobody_waits_for_any_more_is_not_run(store: SqliteStore) -> None:
    with held(store):
        given_up = store.submit(lift)
        given_up.cancel()

    store.write(lift)

    assert store.read(epoch) == 1
    with pytest.raises(CancelledError):
        given_up.result()


def test_too_much_work_is_refused_at_once_and_none_of_it_is_lost(store: SqliteStore) -> None:
    with held(store):
        promises = [store.submit(lift) for _ in range(WAITING_LIMIT)]
        with pytest.raises(StoreUnavailableError) as refusal:
            store.submit(lift)
    [promise.result(30) for promise in promises]

    assert refusal.value.code == "store-busy"
    assert store.read(epoch) == WAITING_LIMIT


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, MemoryError, RecursionError])
def test_whatever_work_raises_reaches_its_caller_and_not_the_writer(
    store: SqliteStore, error: type[BaseException]
) -> None:
    def _raises(_work: UnitOfWork) -> None:
        raise error

    with pytest.raises(error):
        store.write(_raises)

    store.write(lift)
    assert store.read(epoch) == 1


def test_a_listener_that_fails_does_not_stop_the_writer(tmp_path: Path) -> None:
    def _fails(_wakes: list[tuple[str, str]]) -> None:
        raise ConnectionError

    with a_store(tmp_path / "deaf", on_wake=_fails) as store:
        store.write(lambda work: work.wake("record.due", "rec_1"))
        store.write(lift)

        assert store.read(epoch) == 1


def test_a_listener_that_writes_is_refused_and_the_writer_goes_on(tmp_path: Path) -> None:
    stores: list[SqliteStore] = []
    refusals: list[PermanentError] = []

    def _writes(_wakes: list[tuple[str, str]]) -> None:
        with pytest.raises(PermanentError) as refusal:
            stores[0].write(lift)
        refusals.append(refusal.value)

    with a_store(tmp_path / "eager", on_wake=_writes) as store:
        stores.append(store)
        store.write(lambda work: work.wake("record.due", "rec_1"))
        store.write(lift)

        assert store.read(epoch) == 1
    assert [refusal.code for refusal in refusals] == ["store-misuse"]


def test_wake_ups_of_a_batch_are_published_together_and_none_of_failed_work(tmp_path: Path) -> None:
    published: list[list[tuple[str, str]]] = []

    def _fails(work: UnitOfWork) -> None:
        work.wake("never", "rec_0")
        raise ConflictError("a step out of turn")

    with a_store(tmp_path / "awake", on_wake=published.append) as store:
        hand_in(store, lambda work: work.wake("due", "rec_1"), _fails, lambda work: work.wake("due", "rec_2"))

    assert published == [[("due", "rec_1"), ("due", "rec_2")]]


def test_an_asynchronous_caller_need_not_block(store: SqliteStore) -> None:
    async def _many() -> list[None]:
        return await asyncio.gather(*[asyncio.wrap_future(store.submit(lift)) for _ in range(50)])

    asyncio.run(_many())

    assert store.read(epoch) == 50


def test_each_caller_gets_an_error_of_their_own(store: SqliteStore) -> None:
    first, second = hand_in(store, explode, explode)

    assert first.exception() is not second.exception()
    assert isinstance((first.exception() or SystemExit()).__cause__, sqlite3.Error)


@pytest.mark.slow
def test_a_database_somebody_else_has_locked_is_unavailable_and_then_usable(store: SqliteStore) -> None:
    thief = sqlite3.connect(store.path, isolation_level=None)
    thief.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailableError):
        store.write(lift)
    thief.execute("ROLLBACK")
    thief.close()

    store.write(lift)
    assert store.read(epoch) == 1


def test_the_figures_count_what_was_done(store: SqliteStore) -> None:
    before = store.health().writer
    hand_in(store, lift, explode)

    figures = store.health().writer

    assert figures.failures - before.failures == 1
    assert figures.waiting == 0
    assert figures.commit_seconds > before.commit_seconds


def test_a_timer_that_does_not_explode_is_kept(store: SqliteStore) -> None:
    store.write(lambda work: work.timers.put(a_timer()))

    assert store.read(lambda work: work.timers.due(at=after(9), limit=9)) == [a_timer()]


def test_work_that_hangs_is_seen_while_it_hangs(store: SqliteStore) -> None:
    with held(store):
        time.sleep(0.15)
        hanging = store.figures()
    store.write(lift)

    assert hanging.recent_seconds > 0.1
    assert 0 < store.figures().recent_seconds < hanging.recent_seconds
