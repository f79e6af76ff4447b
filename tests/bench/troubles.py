"""What becomes of the speed when something is wrong? The broker away, the gateway killed, a backlog, a withdrawal.

`python -m tests.bench.troubles` tells this alone; `--backlog` makes the backlog smaller.
"""

import argparse
import json
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg

from gateway.demo.engines.postgres import OWNER
from gateway.demo.engines.rabbitmq import HOST, Node
from tests.bench.documents import bodies, urgent
from tests.bench.flow import PATH, Sent, Sink, a_sink, at, carry_out, referrals
from tests.bench.stacks import STACKS, OneProcess, SplitStack
from tests.bench.withdrawal import measure_withdrawal
from tests.engines.postgres import connect
from tests.fault.gateway_process import GatewayProcess
from tests.fault.installation import MASH, PORTAL, Installation

SETTINGS: Mapping[str, object] = {"breaker_pause_seconds": 1, "retry_most_seconds": 4}
"""With what a stack is made for this part: a partner that is well again is tried soon."""
BACKLOG = 10_000
_RATE = 50.0
_AWAY_SECONDS, _BACK_SECONDS = 10.0, 20.0
"""How long the broker is away before it is started, and how long documents go on to come from then on."""
_URGENT_RATE, _URGENT_SECONDS = 10.0, 20.0
_KILLS = 3
_KINDS_KILLED = {"up", "serve", "work"}
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.005
_ACCEPTED = 202

AnyStack = OneProcess | SplitStack


def measure_troubles(stack: AnyStack, sink: Sink, *, backlog: int = BACKLOG) -> dict[str, float]:
    """Return every row of a stack in trouble. It is left with a backlog, and its gateway has ended."""
    rows: dict[str, float] = {}
    if isinstance(stack, SplitStack):
        rows |= _broker_away(stack, sink)
    rows |= measure_withdrawal(stack.installation, sink)
    rows |= _urgent_behind(stack, sink, backlog)
    return rows | _killed(stack)


def _broker_away(stack: SplitStack, sink: Sink) -> dict[str, float]:
    """At fifty a second: receipts while the broker is away, and when what waited for it begins to move again.

    It is back when its port answers. What waited has begun to move when the first wake-up that waited is with the
    broker, and a document that was taken in without one is with its partner.
    """
    sink.forget()
    stack.broker.kill()
    plan = referrals(stack, prefix="B", seed=40, rate=_RATE, seconds=_AWAY_SECONDS + _BACK_SECONDS)
    with (
        ThreadPoolExecutor(1) as others,
        connect(stack.shared.database.server, stack.shared.database.name, OWNER) as db,
    ):
        sending = others.submit(carry_out, plan)
        time.sleep(_AWAY_SECONDS)
        # Not in a thread of its own: the kernel ends the broker with the thread that started it.
        stack.broker.launch()
        back = _answers(stack.broker)
        waited = _wakes(db)
        assert waited, "nothing waits for the broker"
        moved = _when(lambda: len(_wakes(db) & waited) < len(waited))
        stack.broker.wait()
        sent, _ = sending.result()
    times = sink.arrivals(len(sent))
    away = [one for one in sent if one.answered < back]
    accepted = sorted((one.answered - one.due) * 1e3 for one in away)
    handed_over = min(times[one.message_id] for one in away if times[one.message_id] > back)
    return {
        "accept_p99_ms_broker_down": at(accepted, 0.99),
        "accepted_broker_down": len(away),
        "handed_over_broker_down": sum(times[one.message_id] < back for one in away),
        "wake_ups_waiting": len(waited),
        "drain_starts_s": max(moved, handed_over) - back,
    }


def _answers(node: Node) -> float:
    """Return when the broker takes connections again."""

    def is_there() -> bool:
        try:
            with socket.create_connection((HOST, node.amqp), timeout=1):
                return True
        except OSError:
            return False

    return _when(is_there)


def _wakes(db: psycopg.Connection[tuple[object, ...]]) -> set[object]:
    """Return the wake-ups the broker has not confirmed."""
    return {position for (position,) in db.execute("SELECT position FROM wake").fetchall()}


def _urgent_behind(stack: AnyStack, sink: Sink, backlog: int) -> dict[str, float]:
    """From receipt to the partner's acknowledgement of an urgent referral, while a backlog of ordinary ones drains.

    The backlog comes while the partner is down; urgent ones come from when the first of the backlog has gone.
    """
    sink.forget()
    sink.order(f"down/{MASH}")
    carry_out(referrals(stack, prefix="L", seed=50, count=backlog, seconds=600.0))
    sink.order(f"up/{MASH}")
    _when(lambda: sink.handed_over() > 0)
    before = sink.handed_over()
    plan = referrals(stack, prefix="U", seed=51, rate=_URGENT_RATE, seconds=_URGENT_SECONDS)
    sent, _ = carry_out(replace(plan, bodies=[urgent(body) for body in plan.bodies]))
    after = sink.handed_over()
    times = _times_of(sink, sent)
    took = sorted((times[one.message_id] - one.answered) * 1e3 for one in sent)
    return {
        "urgent_p50_ms_behind_10000": at(took, 0.5),
        "urgent_p99_ms_behind_10000": at(took, 0.99),
        "backlog_before": backlog - before,
        "backlog_after": backlog - (after - len(sent)),
    }


def _times_of(sink: Sink, sent: Sequence[Sent]) -> Mapping[str, float]:
    """Return when each of *sent* was acknowledged, once all were."""
    names = {one.message_id for one in sent}
    found: dict[str, float] = {}

    def are_all_there() -> bool:
        found.update({name: when for name, when in sink.acknowledged().items() if name in names})
        return len(found) == len(names)

    _when(are_all_there, every_seconds=0.2)
    return found


def _killed(stack: AnyStack) -> dict[str, float]:
    """From kill -9 until every process killed is ready and a document is taken in, with work in hand each time.

    Another process is started in the place of each as soon as it is dead, as a supervisor would.
    """
    with _crew(stack) as crew:
        took = [_kill(stack.installation, crew, number) for number in range(_KILLS)]
    return {"ready_after_kill_s": statistics.median(took), "ready_after_kill_s_worst": max(took)}


def _kill(made: Installation, crew: list[GatewayProcess], number: int) -> float:
    began = time.monotonic()
    for place, process in enumerate(crew):
        if process.kind in _KINDS_KILLED:
            process.kill()
            crew[place] = GatewayProcess(made, process.kind, port=process.port)
    for process in crew:
        if process.began > began:
            process.wait_until_ready(_PATIENCE_SECONDS)
    body = bodies(1, seed=60 + number)[0].replace("@REFEREN", f"KILL{number:04}").encode()
    head = {"Authorization": f"Bearer {made.tokens[PORTAL]}", "Content-Type": "application/json"}
    _when(lambda: httpx.post(f"{made.url}{PATH}", content=body, headers=head).status_code == _ACCEPTED)
    return time.monotonic() - began


@contextmanager
def _crew(stack: AnyStack) -> Iterator[list[GatewayProcess]]:
    """Give the processes of a stack, in a list where others may take their place; whoever is in it then is ended."""
    crew = list(stack.shared.processes) if isinstance(stack, SplitStack) else [stack.process]
    try:
        yield crew
    finally:
        for process in crew:
            process.kill()


def _when(is_so: Callable[[], bool], *, every_seconds: float = _LOOK_SECONDS) -> float:
    """Return when *is_so* is found to be true; waiting in vain fails."""
    limit = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < limit, "the bench waited in vain"
        time.sleep(every_seconds)
    return time.monotonic()


def main() -> None:
    """Measure this part alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=BACKLOG)
    parser.add_argument("--stack", choices=sorted(STACKS), action="append")
    parser.add_argument("--disk", type=Path, default=Path("/var/tmp"))  # noqa: S108 - a folder of our own is made in it
    chosen = parser.parse_args()
    out = Path(tempfile.mkdtemp(prefix="gateway-bench-", dir=chosen.disk))
    out.chmod(0o755)
    try:
        with a_sink() as sink:
            for name in chosen.stack or STACKS:
                with STACKS[name](out / name.replace(" ", "-"), sink.url, **SETTINGS) as stack:
                    found = measure_troubles(stack, sink, backlog=chosen.backlog)
                print(json.dumps({name: found}, indent=2), flush=True)
    finally:
        shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    main()
