"""What time is it in the demo?"""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

MONDAY = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)
"""A Monday morning, five minutes before the MASH opens."""


class DemoClock:
    """A clock that starts on a Monday at 8:55, runs as fast as the machine's, and can be moved on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._moved = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the demo's time, aware, UTC."""
        with self._lock:
            return MONDAY + timedelta(seconds=time.monotonic() - self._began) + self._moved

    def move_on(self, by: timedelta) -> None:
        """Let *by* pass at once."""
        with self._lock:
            self._moved += by
