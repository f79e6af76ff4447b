"""When does a connection let PostgreSQL plan its statements anew?

The server plans a prepared statement once, for the tables as they are then. Planned on an empty table, a lookup by its
key may read every row of the authority ever after, until statistics are gathered, which takes a minute or more: the
first burst of an installation took half as much processor again. New plans see how large the tables have become.
"""

import time
from collections.abc import Callable

DISCARD = "DISCARD PLANS"
"""Takes plans away and leaves statements prepared. Source: PostgreSQL, "DISCARD"."""
YOUNG_SECONDS, OLD_SECONDS = 0.25, 60.0


class PlanAge:
    """How old the plans of one connection are.

    They last a quarter of a second at first, then twice as long each time, and a minute at most: as slowly as a table
    can still double.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lasts = YOUNG_SECONDS
        self._end = clock() + YOUNG_SECONDS

    def is_over(self) -> bool:
        """Tell, once each time, that the plans are too old; whoever asks sees to new ones."""
        now = self._clock()
        if now < self._end:
            return False
        self._lasts = min(2 * self._lasts, OLD_SECONDS)
        self._end = now + self._lasts
        return True
