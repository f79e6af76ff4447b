"""Are a connection's plans made anew soon at first, and seldom later?"""

from gateway.adapters.sql.postgres_plans import OLD_SECONDS, YOUNG_SECONDS, PlanAge


class Hand:
    """A clock that stands where it was put."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_plans_of_a_young_connection_are_soon_too_old_and_that_is_told_once() -> None:
    clock = Hand()
    age = PlanAge(clock)

    before = age.is_over()
    clock.seconds += YOUNG_SECONDS

    assert (before, age.is_over(), age.is_over()) == (False, True, False)


def test_each_time_they_last_twice_as_long_and_never_longer_than_a_minute() -> None:
    clock = Hand()
    age = PlanAge(clock)

    lasted = [_until_over(age, clock) for _ in range(12)]

    assert lasted[:4] == [0.25, 0.5, 1.0, 2.0]
    assert lasted[-2:] == [OLD_SECONDS, OLD_SECONDS]


def _until_over(age: PlanAge, clock: Hand) -> float:
    began = clock.seconds
    while not age.is_over():
        clock.seconds += YOUNG_SECONDS
    return clock.seconds - began
