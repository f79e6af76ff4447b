"""Where does the CPU time of one document go, all the way from its sender to the partner's acknowledgement?"""

import json
import signal
import time
from pathlib import Path
from typing import Any

from tests.bench.flow import Sink, carry_out, referrals
from tests.bench.stacks import OneProcess, one_process

_COUNT = 600
_WARM_UP = 100
_PATIENCE_SECONDS = 20.0


def measure_by_stage(folder: Path, sink: Sink) -> dict[str, float]:
    """Return the CPU milliseconds of each stage for one document, `stage_ms_...`; the rest is what no stage claims.

    The rest is threads that wait for one another, the HTTP server, and whatever looks for work.
    """
    out = folder.parent / f"{folder.name}.json"
    program = ("-m", "tests.bench.instrumented", str(out))
    with one_process(folder, sink.url, program=program) as stack:
        _send(stack, sink, "W", _WARM_UP)
        before = _report(stack, out)
        _send(stack, sink, "D", _COUNT)
        after = _report(stack, out)
    spent = {stage: after["stages"][stage] - before["stages"].get(stage, 0.0) for stage in after["stages"]}
    whole = after["process"] - before["process"]
    idle = [stage for stage, seconds in spent.items() if seconds <= 0]
    assert not idle, f"no document went through {idle}: what is timed there is no longer what does the work"
    each = {stage: seconds * 1e3 / _COUNT for stage, seconds in {**spent, "rest": whole - sum(spent.values())}.items()}
    return {f"stage_ms_{stage.replace(' ', '_')}": each[stage] for stage in sorted(each, key=each.__getitem__)[::-1]}


def _send(stack: OneProcess, sink: Sink, prefix: str, count: int) -> None:
    sink.forget()
    sent, _ = carry_out(referrals(stack, prefix=prefix, seed=ord(prefix), count=count, seconds=120.0))
    sink.arrivals(len(sent))


def _report(stack: OneProcess, out: Path) -> dict[str, Any]:
    out.unlink(missing_ok=True)
    stack.process.process.send_signal(signal.SIGUSR1)
    until = time.monotonic() + _PATIENCE_SECONDS
    while not out.exists():
        assert time.monotonic() < until, "the gateway did not tell what its stages cost"
        time.sleep(0.05)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found
