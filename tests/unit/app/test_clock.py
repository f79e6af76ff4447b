from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from gateway.app.clock import SteadyClock, SystemClock, machine_clock
from tests.fakes.clock import MONDAY_MORNING, SteppedClock


class Ticks:
    """Seconds that nobody sets."""

    def __init__(self) -> None:
        self.count = 100.0

    def __call__(self) -> float:
        return self.count


class Watch:
    """A machine whose clock a test sets, while time goes by."""

    def __init__(self) -> None:
        self.machine, self.ticks = SteppedClock(), Ticks()
        self.clock = SteadyClock(self.machine, self.ticks)

    def later(self, seconds: float) -> datetime:
        self.machine.move(seconds=seconds)
        self.ticks.count += seconds
        return self.clock.now()


@pytest.fixture
def watch() -> Watch:
    return Watch()


def after(seconds: float) -> datetime:
    return MONDAY_MORNING + timedelta(seconds=seconds)


def test_time_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_time_is_the_machines() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_clock_that_is_right_is_followed(watch: Watch) -> None:
    assert [watch.later(30), watch.later(30)] == [after(30), after(60)]


def test_a_clock_that_is_set_forward_is_followed(watch: Watch) -> None:
    watch.machine.move(hours=1)

    assert watch.later(30) == after(3630)


def test_time_goes_on_a_third_slower_when_the_clock_is_set_back(watch: Watch) -> None:
    watch.later(60)
    watch.machine.move(hours=-1)

    assert [watch.clock.now(), watch.later(30), watch.later(30)] == [after(60), after(80), after(100)]


def test_the_machines_clock_catches_up(watch: Watch) -> None:
    watch.machine.move(hours=-1)
    told = [watch.later(600) for _ in range(30)]

    assert told == sorted(told)
    assert told[17:] == [after(600 * turn - 3600) for turn in range(18, 31)]


@pytest.mark.parametrize(
    ("days", "told"), [(-2, after(0)), (-3, after(-3 * 86400))], ids=["two days are held", "three are not"]
)
def test_a_clock_that_was_much_too_wrong_is_believed_again(watch: Watch, days: float, told: datetime) -> None:
    watch.machine.move(days=days)

    assert watch.clock.now() == told


def test_time_does_not_begin_before_what_is_recorded(watch: Watch) -> None:
    watch.clock.not_before(after(90))

    assert [watch.clock.now(), watch.later(30), watch.later(300)] == [after(90), after(110), after(330)]


@pytest.mark.parametrize(
    ("steps", "seconds"),
    [((), []), ((-0.5,), []), ((-3600,), [3600]), ((-3600, -3600), [3600]), ((-60, 9999, -120), [60, 120])],
    ids=["never", "by a trifle", "once", "further", "again"],
)
def test_operators_are_told_each_time_the_clock_is_set_back(
    watch: Watch, steps: Sequence[float], seconds: list[int]
) -> None:
    with capture_logs() as lines:
        _ = [(watch.machine.move(seconds=step), watch.clock.now(), watch.clock.now()) for step in steps]

    assert [line["seconds"] for line in lines if line["event"] == "clock.set_back"] == seconds


def test_whoever_looks_after_the_clock_sees_the_machines_own(watch: Watch) -> None:
    watch.machine.move(hours=-1)

    assert machine_clock(watch.clock).now() == after(-3600)
    assert machine_clock(watch.machine) is watch.machine
