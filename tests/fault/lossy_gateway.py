"""What does a gateway run on whose power fails? `gateway up` over a disk that loses what was not synced.

A program of its own: `python -m tests.fault.lossy_gateway SEED ALIVE_SECONDS CALLS [lax]`. When ALIVE_SECONDS after its
start have gone by, the power fails at the CALLS-th call that SQLite makes from then on; what is left of each file is
laid down beside it for whoever starts next, and the process is gone.
"""

import os
import random
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from gateway.app.bootstrap import World, real_world
from gateway.app.processes.up import run
from gateway.app.settings import Settings
from tests.fault.apsw_driver import driver_over
from tests.fault.disk import Disk
from tests.fault.power import lay_down

_NAME = "lossy"


class PowerLoss:
    """A mishap that ends everything at one call, once it is due."""

    def __init__(self, seed: int, alive_seconds: float, calls: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - it only has to be the same again
        self._due = time.monotonic() + alive_seconds
        self._calls = calls
        self.disk = Disk(_NAME, self)
        threading.Thread(target=self._at_the_latest, args=(alive_seconds + 2.0,), daemon=True).start()

    def __call__(self, call: str, _path: Path) -> None:
        """Count down once it is due; reading is not counted, because it changes nothing."""
        if call == "read" or time.monotonic() < self._due:
            return
        self._calls -= 1
        if self._calls <= 0:
            self._now()

    def _at_the_latest(self, seconds: float) -> None:
        """Fail also when there is nothing to do."""
        time.sleep(seconds)
        self._now()

    def _now(self) -> None:
        self.disk.hold()
        left = self.disk.after_loss(self._chance)
        lay_down(next(iter(left)).parent, left)
        os.kill(os.getpid(), signal.SIGKILL)


def main(seed: int, alive_seconds: float, calls: int, *, is_lax: bool) -> None:
    """Run until the power fails."""
    loss = PowerLoss(seed, alive_seconds, calls)

    def world_of(settings: Settings) -> World:
        return replace(real_world(settings), driver=driver_over(loss.disk.name, is_lax=is_lax))

    run(world_of)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), is_lax="lax" in sys.argv)
