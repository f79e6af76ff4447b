"""What does a gateway run on whose disk is sick, and whose power fails? `gateway up` over a disk of our own.

A program of its own: `python -m tests.fault.lossy_gateway SEED ALIVE_SECONDS CALLS [sick] [lax]`. It lives for
ALIVE_SECONDS from when it is ready (for none if 0), and at the CALLS-th call that SQLite makes from then on the power
fails: what is left of each file is laid down beside it for whoever starts next, and the process is gone. Until then a
sick disk fails single calls, and is full for moments.
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
from gateway.app.settings import Settings, read_settings
from tests.fault.apsw_driver import driver_over
from tests.fault.disk import Disk
from tests.fault.gateway_process import is_ready
from tests.fault.mishaps import GROWING, a_full_disk, an_io_error
from tests.fault.power import lay_down

_NAME = "lossy"
_FAILS = 0.004
_FULL_EVERY_SECONDS, _FULL_SECONDS = 1.5, 0.2
_AT_THE_LATEST_SECONDS = 2.0


class Fate:
    """A mishap: a sick disk from when the gateway is ready, if so wanted, and the end of everything when it is due."""

    def __init__(self, seed: int, calls: int, *, is_sick: bool) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - it only has to be the same again
        self._calls = calls
        self._wants_sick = is_sick
        self._is_sick = self._is_due = False
        self.disk = Disk(_NAME, self)

    def __call__(self, call: str, _path: Path) -> None:
        """Count down once the end is due; reading is not counted, because it changes nothing."""
        if self._is_due and call != "read":
            self._calls -= 1
            if self._calls <= 0:
                self._now()
        if self._is_sick:
            self._fail(call)

    def _fail(self, call: str) -> None:
        if call in GROWING and time.monotonic() % _FULL_EVERY_SECONDS < _FULL_SECONDS:
            raise a_full_disk()
        if self._chance.random() < _FAILS:
            raise an_io_error(call)

    def take_its_course(self, port: int, alive_seconds: float) -> None:
        """Live *alive_seconds* from when the gateway is ready, then die at one of the next calls, or soon after."""
        while alive_seconds and not is_ready(port):
            time.sleep(0.02)
        self._is_sick = self._wants_sick and alive_seconds > 0
        time.sleep(alive_seconds)
        self._is_due = True
        time.sleep(_AT_THE_LATEST_SECONDS)
        self._now()

    def _now(self) -> None:
        self.disk.hold()
        left = self.disk.after_loss(self._chance)
        if left:
            lay_down(next(iter(left)).parent, left)
        os.kill(os.getpid(), signal.SIGKILL)


def main(seed: int, alive_seconds: float, calls: int, *, is_sick: bool, is_lax: bool) -> None:
    """Run until the power fails."""
    fate = Fate(seed, calls, is_sick=is_sick)
    port = read_settings().listen_port
    threading.Thread(target=fate.take_its_course, args=(port, alive_seconds), daemon=True).start()

    def world_of(settings: Settings) -> World:
        return replace(real_world(settings), driver=driver_over(fate.disk.name, is_lax=is_lax))

    run(world_of)


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        float(sys.argv[2]),
        int(sys.argv[3]),
        is_sick="sick" in sys.argv,
        is_lax="lax" in sys.argv,
    )
