"""When is the next try?"""

from datetime import UTC, datetime

import pytest

from gateway.flows.settings import FlowSettings
from gateway.flows.trying.retry import next_try

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SETTINGS = FlowSettings(retry_first_seconds=1.0, retry_factor=2.0, retry_most_seconds=60.0)


@pytest.mark.parametrize(
    ("attempt", "asked", "seconds"),
    [
        pytest.param(0, None, 1, id="before the first try ended"),
        pytest.param(1, None, 1, id="first"),
        pytest.param(4, None, 8, id="doubling"),
        pytest.param(40, None, 60, id="up to the limit"),
        pytest.param(1_024, None, 60, id="the last that a fraction can count"),
        pytest.param(1_025, None, 60, id="never an overflow"),
        pytest.param(10_000, None, 60, id="however often"),
        pytest.param(1, 5.0, 5, id="as long as the partner asked"),
        pytest.param(1, 300.0, 300, id="the partner's wish outranks our limit"),
        pytest.param(4, 2.0, 8, id="never sooner than our own pause"),
    ],
)
def test_the_pause_grows_up_to_a_limit_and_honours_the_partner(attempt: int, asked: float | None, seconds: int) -> None:
    again = next_try(NOON, attempt, SETTINGS, at_least_seconds=asked)

    assert (again - NOON).total_seconds() == seconds
