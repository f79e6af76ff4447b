"""What happens to a gateway whose machine's clock is set? Nothing may wait for it, or change places."""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from pathlib import Path
from typing import ClassVar

from tests.fault.checker import Broken, Fault
from tests.fault.gateway_process import GatewayProcess
from tests.fault.installation import Installation
from tests.fault.trouble import Stage, Told, Trouble

_HOUR, _DAY = 3600, 24 * 3600
_WAITS = timedelta(seconds=5)
_ALONE = 20
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

    def faults_in(self, installation: Installation) -> Sequence[Fault]:
        """Return where the log's times run backwards and stay behind: one event alone is work that took its time."""
        with closing(sqlite3.connect(installation.database)) as database:
            headers = database.execute("SELECT header FROM audit_event ORDER BY position").fetchall()
        times = [datetime.fromisoformat(json.loads(header)["at"]) for (header,) in headers]
        newest = list(accumulate(times, max))
        is_behind = [at < most - _WAITS for at, most in zip(times, newest, strict=True)]
        runs = [(behind, len(list(run))) for behind, run in groupby(is_behind)]
        return [
            Fault(broken=Broken.OTHER, text=f"{length} events on end are behind those recorded earlier")
            for behind, length in runs
            if behind and length > _ALONE
        ]

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
                "LD_PRELOAD": str(_library()),
                "FAKETIME_TIMESTAMP_FILE": str(hands),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "NO_FAKE_STAT": "1",
            },
        )
        told.ready_seconds.append(process.wait_until_ready())
        return process


def _library() -> Path:
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    assert found is not None, "libfaketime is not there; `make faketime` installs it"
    return found
