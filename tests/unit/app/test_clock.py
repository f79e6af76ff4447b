from datetime import UTC, datetime, timedelta

from gateway.app.clock import SystemClock


def test_time_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_time_is_the_machines() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=1)
