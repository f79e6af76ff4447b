"""May a partner be tried now, and how fast?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversations.breaker import Breaker, BreakerRules, BreakerState, Turn, admit, failed, succeeded, untried
from gateway.model.identifiers import OrganisationId

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
RULES = BreakerRules(failures=3, pause_seconds=30, most_seconds=100, urgent_pause_seconds=5, probe_seconds=60)
NEW = Breaker(organisation=OrganisationId("mash-1"))


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def an_open_breaker(times: int = 3) -> Breaker:
    breaker = NEW
    for _ in range(times):
        breaker = failed(breaker, RULES, AT)
    return breaker


def goes(breaker: Breaker, at: datetime, turn: Turn = Turn.NEW, rules: BreakerRules = RULES) -> bool:
    return admit(breaker, rules, at, turn).wait_until is None


def test_a_few_failures_do_not_open_it() -> None:
    assert goes(an_open_breaker(2), AT)


def test_a_success_in_between_counts_from_the_beginning() -> None:
    breaker = failed(succeeded(an_open_breaker(2)), RULES, AT)

    assert breaker.state is BreakerState.CLOSED
    assert breaker.failures == 1


def test_open_lets_nobody_go_until_the_pause_is_over_and_then_one() -> None:
    breaker = an_open_breaker()

    probing = admit(breaker, RULES, after(30), Turn.NEW)

    assert not goes(breaker, after(29.9))
    assert probing.wait_until is None
    assert not goes(probing.breaker, after(31))
    assert admit(probing.breaker, RULES, after(31), Turn.NEW).is_shut


def test_an_urgent_one_tries_first() -> None:
    breaker = an_open_breaker()

    assert not goes(breaker, after(4), Turn.URGENT)
    assert goes(breaker, after(5), Turn.URGENT)
    assert not goes(breaker, after(5))


def test_an_urgent_one_looks_again_shortly_while_another_tries() -> None:
    probing = admit(an_open_breaker(), RULES, after(30), Turn.NEW).breaker

    assert admit(probing, RULES, after(31), Turn.URGENT).wait_until == after(36)


def test_a_probe_that_was_lost_with_its_process_is_not_waited_for_for_ever() -> None:
    probing = admit(an_open_breaker(), RULES, after(30), Turn.NEW).breaker

    assert not goes(probing, after(89))
    assert goes(probing, after(90))


def test_each_pause_is_longer_than_the_one_before_up_to_a_limit() -> None:
    breaker, pauses = an_open_breaker(), []
    for _ in range(4):
        pauses.append((breaker.probe_at or AT) - (breaker.tried_at or AT))
        probing = admit(breaker, RULES, breaker.probe_at or AT, Turn.NEW).breaker
        breaker = failed(probing, RULES, probing.tried_at or AT)

    assert [pause.total_seconds() for pause in pauses] == [30, 60, 100, 100]
    assert breaker.since == AT


def test_a_partner_that_asks_for_a_longer_rest_gets_it() -> None:
    breaker = failed(an_open_breaker(2), RULES, AT, retry_after_seconds=300)

    assert breaker.probe_at == after(300)


def test_a_probe_that_arrives_closes_it() -> None:
    probing = admit(an_open_breaker(), RULES, after(30), Turn.NEW).breaker

    assert succeeded(probing) == NEW


def test_a_probe_that_asked_nobody_leaves_its_turn_to_the_next() -> None:
    probing = admit(an_open_breaker(), RULES, after(30), Turn.NEW).breaker

    breaker = untried(probing, after(31))

    assert not goes(probing, after(31))
    assert goes(breaker, after(31))
    assert (breaker.state, breaker.openings) == (BreakerState.OPEN, probing.openings)


@pytest.mark.parametrize("breaker", [NEW, an_open_breaker()], ids=("closed", "open"))
def test_what_is_no_probe_gives_nothing_back(breaker: Breaker) -> None:
    assert untried(breaker, after(31)) == breaker


def test_a_failure_from_before_it_opened_does_not_make_the_pause_longer() -> None:
    breaker = an_open_breaker()

    assert failed(breaker, RULES, after(10)) == breaker


TEN = BreakerRules(per_second=10)


def test_the_pace_gives_each_its_own_slot() -> None:
    first = admit(NEW, TEN, AT, Turn.NEW)
    second = admit(first.breaker, TEN, AT, Turn.NEW)
    third = admit(second.breaker, TEN, AT, Turn.NEW)

    assert first.wait_until is None
    assert (second.wait_until, third.wait_until) == (after(0.1), after(0.2))
    assert not second.is_shut


def test_whoever_comes_later_goes_behind_those_who_wait() -> None:
    waiting = admit(admit(NEW, TEN, AT, Turn.NEW).breaker, TEN, AT, Turn.NEW).breaker

    assert not goes(waiting, after(0.05), Turn.NEW, TEN)
    assert goes(waiting, after(0.1), Turn.QUEUED, TEN)


def test_an_urgent_one_waits_for_no_pace_and_the_next_waits_for_it() -> None:
    first = admit(NEW, TEN, AT, Turn.NEW).breaker
    urgent = admit(first, TEN, AT, Turn.URGENT)

    assert urgent.wait_until is None
    assert admit(urgent.breaker, TEN, AT, Turn.NEW).wait_until == after(0.2)


def test_a_burst_may_go_at_once() -> None:
    rules = BreakerRules(per_second=10, burst=3)
    breaker, gone = NEW, []
    for _ in range(4):
        admission = admit(breaker, rules, AT, Turn.NEW)
        breaker = admission.breaker
        gone.append(admission.wait_until is None)

    assert gone == [True, True, True, False]


@given(st.lists(st.floats(0, 0.3), max_size=60), st.integers(1, 5))
def test_never_more_go_than_the_pace_allows(waits: list[float], burst: int) -> None:
    rules = BreakerRules(per_second=10, burst=burst)
    breaker, now, gone = NEW, 0.0, 0
    for wait in waits:
        now += wait
        admission = admit(breaker, rules, after(now), Turn.QUEUED)
        breaker = admission.breaker
        gone += admission.wait_until is None

    assert gone <= now * 10 + burst + 1


@pytest.mark.parametrize("late", [0.0, 0.02, 0.09], ids=str)
def test_those_who_come_to_their_slot_a_little_late_lose_nothing(late: float) -> None:
    breaker, slots = NEW, []
    for _ in range(20):
        admission = admit(breaker, TEN, AT, Turn.NEW)
        breaker = admission.breaker
        slots.append(admission.wait_until or AT)

    for slot in slots[1:]:
        admission = admit(breaker, TEN, slot + timedelta(seconds=late), Turn.QUEUED)
        breaker = admission.breaker
        assert admission.wait_until is None
