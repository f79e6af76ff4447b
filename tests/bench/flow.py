"""How many documents go through a stack, how long does each take, and what does it cost in CPU?"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.request import urlopen

from gateway.demo.engines.ports import free_port
from tests.bench.documents import bodies
from tests.bench.figures import at, repeated
from tests.bench.load import Plan
from tests.bench.stacks import Stack, memory_mb
from tests.bench.usage import cpu_ms
from tests.fault.installation import PORTAL

PATH = "/v1/intake/mash/govuk-forms-1"
REPETITIONS = 3
_KIND = "mash.referral.submitted"
_STEADY_SECONDS, _STEADY_RATE = 10.0, 50.0
_FLAT_OUT_COUNT = 2000
_WARM_UP_COUNT = 100
_DRAIN_SECONDS = 240.0
_POLL_SECONDS = 0.2
_ENGINES = {"broker", "postgres"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """The partners of the bench: all at one address, in one process."""

    url: str
    pid: int

    def forget(self) -> None:
        """Forget what came so far."""
        self.order("forget")

    def order(self, what: str) -> None:
        """Let the partners do as they are told: `down/PARTNER`, `up/PARTNER`, `forget`."""
        self._asked(what)

    def told(self, what: str) -> dict[str, dict[str, float]]:
        """Return the times of what came, by correlation and kind: `times` of what was acknowledged, `tries` of all."""
        return self._asked(what)

    def handed_over(self) -> int:
        """Return how many referrals were acknowledged so far."""
        return int(self._asked("count").get(_KIND, 0))

    def acknowledged(self) -> dict[str, float]:
        """Return when each referral was acknowledged that was, in the machine's seconds."""
        return {name: kinds[_KIND] for name, kinds in self.told("times").items() if _KIND in kinds}

    def arrivals(self, count: int) -> dict[str, float]:
        """Return when each of *count* referrals was acknowledged, once all have been, in the machine's seconds."""
        limit = time.monotonic() + _DRAIN_SECONDS
        while self.handed_over() < count:
            assert time.monotonic() < limit, f"{count} referrals did not all arrive in {_DRAIN_SECONDS:.0f} s"
            time.sleep(_POLL_SECONDS)
        return self.acknowledged()

    def _asked(self, what: str) -> dict[str, Any]:
        """Return an answer; by the standard library, which takes next to nothing of the processor that is measured."""
        with urlopen(f"{self.url}/{what}", timeout=30) as answer:  # noqa: S310 - our own address
            found: dict[str, Any] = json.load(answer)
            return found


@contextmanager
def a_sink() -> Iterator[Sink]:
    """Run the partners in a process of their own."""
    port = free_port()
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "tests.bench.sink", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield Sink(url=f"http://127.0.0.1:{port}", pid=process.pid)
        finally:
            process.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request that was answered 202. Units: seconds of the machine's monotonic clock."""

    due: float
    answered: float
    message_id: str


def carry_out(plan: Plan) -> tuple[list[Sent], float]:
    """Return what a plan came to, and the CPU milliseconds of sending it; an answer other than 202 fails it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"], input=plan.as_line(), capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows: list[list[Any]] = json.loads(done.stdout)
    wrong = {row[2] for row in rows} - {202}
    assert rows, "the bench sent nothing"
    assert not wrong, f"the bench met answers {wrong}: its figures would be of refusals"
    spent = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1e3
    return [Sent(due=row[0], answered=row[1], message_id=row[3]) for row in rows], spent


def referrals(stack: Stack, *, prefix: str, seed: int, **chosen: Any) -> Plan:
    """Return a plan of referrals to a stack, about other children for each *seed*."""
    made = stack.installation
    return Plan(
        port=made.port, path=PATH, token=made.tokens[PORTAL], bodies=bodies(400, seed=seed), prefix=prefix, **chosen
    )


def measure_flow(stack: Stack, sink: Sink) -> dict[str, float]:
    """Return every row of a stack: memory, rates, latencies, and CPU by kind of process."""
    idle = memory_mb(stack)
    rows = {f"idle_mb_{kind}": amount for kind, amount in idle.items()}
    rows["idle_mb"] = sum(amount for kind, amount in idle.items() if kind not in _ENGINES)
    _warm_up(stack, sink)
    rows |= repeated([_steady(stack, sink, number) for number in range(REPETITIONS)])
    rows |= measure_rates(stack, sink)
    rows["loaded_mb"] = sum(amount for kind, amount in memory_mb(stack).items() if kind not in _ENGINES)
    return rows


def measure_rates(stack: Stack, sink: Sink, suffix: str = "") -> dict[str, float]:
    """Return how many documents a second a stack takes, and how many go all the way, and the CPU of each."""
    runs = [_flat_out(stack, sink, number) for number in range(REPETITIONS)]
    return repeated([{f"{name}{suffix}": figure for name, figure in run.items()} for run in runs])


def _warm_up(stack: Stack, sink: Sink) -> None:
    sink.forget()
    sent, _ = carry_out(referrals(stack, prefix="W", seed=1, count=_WARM_UP_COUNT, rate=_STEADY_RATE, seconds=60.0))
    sink.arrivals(len(sent))


def _steady(stack: Stack, sink: Sink, number: int) -> dict[str, float]:
    """At fifty a second: how long until a sender has a receipt, and until the partner has acknowledged?"""
    sink.forget()
    plan = partial(referrals, stack, seed=10 + number, rate=_STEADY_RATE, seconds=_STEADY_SECONDS)
    sent, _ = carry_out(plan(prefix=f"S{number}"))
    times = sink.arrivals(len(sent))
    accepted = sorted((one.answered - one.due) * 1e3 for one in sent)
    acknowledged = sorted((times[one.message_id] - one.answered) * 1e3 for one in sent)
    return {
        "accept_p50_ms_at_50": at(accepted, 0.5),
        "accept_p99_ms_at_50": at(accepted, 0.99),
        "acknowledged_p50_ms_at_50": at(acknowledged, 0.5),
        "acknowledged_p99_ms_at_50": at(acknowledged, 0.99),
    }


def _flat_out(stack: Stack, sink: Sink, number: int) -> dict[str, float]:
    """As fast as sixteen connections can send: receipts a second, and documents a second until all have arrived."""
    sink.forget()
    plan = referrals(stack, prefix=f"F{number}", seed=20 + number, count=_FLAT_OUT_COUNT, seconds=120.0)
    before = _spent(stack, sink)
    sent, sending = carry_out(plan)
    times = sink.arrivals(len(sent))
    after = _spent(stack, sink)
    began, ended = min(one.due for one in sent), max(one.answered for one in sent)
    costs = {kind: (after[kind] - before[kind]) / len(sent) for kind in after} | {"load": sending / len(sent)}
    return {
        "accept_per_second": len(sent) / (ended - began),
        "whole_path_per_second": len(sent) / (max(times.values()) - began),
        **{f"cpu_ms_{kind}": cost for kind, cost in costs.items()},
        "cpu_ms_all": sum(costs.values()),
    }


def _spent(stack: Stack, sink: Sink) -> dict[str, float]:
    return {**stack.cpu_ms(), "sink": cpu_ms(sink.pid)}
