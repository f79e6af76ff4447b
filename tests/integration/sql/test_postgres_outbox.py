"""Do wake-ups reach the relay of another process, and does only one process do what only one may do?"""

import time
from contextlib import suppress

import psycopg
import pytest

from gateway.adapters.sql.postgres import PostgresStore
from gateway.adapters.sql.postgres_transaction import CHANNEL
from gateway.flows.ports import UnitOfWork
from tests.engines.postgres import Database


class BadFormError(Exception):
    """What a piece of work raises in these tests."""


def wake(work: UnitOfWork) -> None:
    work.epochs.lift(["policy"])
    work.wake("message.normal", "msg_1")


def wake_and_fail(work: UnitOfWork) -> None:
    wake(work)
    raise BadFormError


@pytest.fixture
def relayed(database: Database) -> PostgresStore:
    """A store that keeps wake-ups for a relay."""
    return database.store(has_outbox=True)


@pytest.fixture(autouse=True)
def _closed(relayed: PostgresStore) -> object:
    yield
    relayed.close()


def test_a_wake_up_is_stored_with_what_it_speaks_of(relayed: PostgresStore) -> None:
    relayed.write(wake)
    with suppress(BadFormError):
        relayed.write(wake_and_fail)

    (found,) = relayed.outbox.pending_wakes(9)

    assert (found.routing_key, found.reference) == ("message.normal", "msg_1")


def test_a_wake_up_in_one_relays_hands_is_not_in_anothers(relayed: PostgresStore, other: PostgresStore) -> None:
    [relayed.write(wake) for _ in range(3)]

    first, second = relayed.outbox.pending_wakes(2), other.outbox.pending_wakes(9)

    assert (len(first), len(second)) == (2, 1)
    assert not {one.wake_id for one in first} & {one.wake_id for one in second}


def test_a_confirmed_wake_up_is_forgotten_and_another_comes_again(relayed: PostgresStore) -> None:
    [relayed.write(wake) for _ in range(2)]
    confirmed, lost = relayed.outbox.pending_wakes(9, lease_seconds=0.05)

    relayed.outbox.confirm_wakes([confirmed.wake_id])
    time.sleep(0.1)

    assert [one.wake_id for one in relayed.outbox.pending_wakes(9)] == [lost.wake_id]


def test_nothing_is_stored_where_no_relay_is(one: PostgresStore) -> None:
    one.write(wake)

    assert one.outbox.pending_wakes(9) == []


def test_a_relay_that_listens_hears_of_a_commit(database: Database, relayed: PostgresStore) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}".encode())
        relayed.write(wake)

        heard = [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)]

    assert heard == ["E09000003"]


def test_one_process_has_a_duty_at_a_time(one: PostgresStore, other: PostgresStore) -> None:
    ours, theirs = one.duty("sequencer"), other.duty("sequencer")

    assert (ours.is_ours(), theirs.is_ours(), ours.is_ours()) == (True, False, True)


def test_a_duty_nobody_renews_is_taken_over(one: PostgresStore, other: PostgresStore) -> None:
    assert one.duty("sequencer", seconds=0.2).is_ours()
    time.sleep(0.3)

    assert other.duty("sequencer").is_ours()
    assert not one.duty("sequencer", seconds=0.2).is_ours()


def test_a_store_that_closes_lays_its_duties_down(database: Database, one: PostgresStore) -> None:
    with database.store() as leaving:
        assert leaving.duty("sequencer").is_ours()

    assert one.duty("sequencer").is_ours()
