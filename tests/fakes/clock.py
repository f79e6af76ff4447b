"""What time is it in a test? What the test says."""

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class SteppedClock:
    """A clock that stands still until the test moves it."""

    def __init__(self, at: datetime = MONDAY_MORNING) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the time, aware, UTC."""
        return self._at

    def move(self, **later: float) -> datetime:
        """Move on by `hours=`, `seconds=` and the like; return the new time."""
        self._at += timedelta(**later)
        return self._at
