"""Has the machine's clock been set while the gateway ran?"""

import time

from gateway.flows.ports import Clock


class Steadiness:
    """Remembers what two clocks said at the start: the one that can be set, and the one that cannot."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = (clock.now(), time.monotonic())

    def step_seconds(self) -> float:
        """Return by how much the clock was set forward since, or back if negative.

        Slow corrections by a time source stay within a few parts in ten thousand and do not matter here.
        """
        at, ticks = self._began
        return (self._clock.now() - at).total_seconds() - (time.monotonic() - ticks)
