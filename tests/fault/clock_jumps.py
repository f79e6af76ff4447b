"""What happens to a gateway whose machine's clock is set, forward and back? Nothing may wait, or change places."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from tests.fault.gateway_process import GatewayProcess
from tests.fault.trouble import Stage, Told, Trouble

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
_HOUR, _DAY = 3600, 24 * 3600
_JUMPS = (_HOUR, -_HOUR, _DAY, -_DAY, -2 * _DAY, 60, -60)


class ClockJumps(Trouble):
    """The wall clock of the gateway jumps by an hour or a day, forward and back, also to before the log was begun.

    Clocks that only measure how long something takes run on, as they do on a real machine. At every fourth jump the
    process is killed and another one started.

    Args:
        times: how often it jumps.
        pause_seconds: the range between two jumps.
        jumps: by how much, in seconds.
    """

    settings: ClassVar[Mapping[str, object]] = {"lease_seconds": 12, "partner_total_seconds": 6}

    def __init__(
        self, times: int, pause_seconds: tuple[float, float] = (1.0, 5.0), jumps: tuple[int, ...] = _JUMPS
    ) -> None:
        self._times = times
        self._pause_seconds = pause_seconds
        self._jumps = jumps

    @contextmanager
    def _happening(self, stage: Stage) -> Iterator[Told]:
        told, chance, offset = Told(troubles=self._times), stage.chance("clock"), 0
        hands = stage.installation.folder / "clock"
        hands.write_text("+0")
        process = self._started(stage, hands, told)
        try:
            for number in range(self._times):
                time.sleep(chance.uniform(*self._pause_seconds))
                offset += chance.choice([jump for jump in self._jumps if abs(offset + jump) <= _DAY])
                hands.write_text(f"{offset:+d}")
                if number % 4 == 3:
                    process.kill()
                    process = self._started(stage, hands, told)
            told.notes = f", the clock {offset / _HOUR:+.1f} h off in the end"
            yield told
            process.terminate()
        finally:
            process.kill()

    def _started(self, stage: Stage, hands: Path, told: Told) -> GatewayProcess:
        process = GatewayProcess(
            stage.installation,
            more={
                "LD_PRELOAD": str(LIBRARY),
                "FAKETIME_TIMESTAMP_FILE": str(hands),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",
            },
        )
        told.ready_seconds.append(process.wait_until_ready())
        return process
