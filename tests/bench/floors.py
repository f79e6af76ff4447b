"""What do the same steps cost at the least, on this machine, in this run? Each by its library alone."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway.demo.engines.both import DATABASE, Engines, running_engines
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.postgres import OWNER
from tests.bench.documents import bodies
from tests.bench.figures import repeated
from tests.bench.floor import commits_of
from tests.bench.flow import PATH, REPETITIONS, carry_out
from tests.bench.load import Plan
from tests.bench.raw_pika import a_queue, publish_singly, publish_together
from tests.bench.stacks import ONE_PROCESS, SPLIT
from tests.fault.gateway_process import is_ready

_ACCEPT_SECONDS = 4.0
_DOCUMENTS_A_COMMIT = 8
_COMMITS, _SINGLY, _TOGETHER = 200, 1000, 4000
_ACCEPT = {ONE_PROCESS: "accept_sqlite_per_second", SPLIT: "accept_postgres_per_second"}
_STEPS = {
    ONE_PROCESS: ("accept_sqlite_per_second",),
    SPLIT: ("accept_postgres_per_second", "commit_postgres_per_second", "publish_64_per_second"),
}
"""The floors of the steps a document goes through on its whole path."""


def measure_floors(out: Path) -> dict[str, float]:
    """Return documents a second of a bare accept on either database, of commits, and of publishes.

    The bare accept is FastAPI, json and a group commit; a commit is of eight documents; a publish is mandatory,
    persistent and confirmed by a quorum queue, singly or with 64 on their way.
    """
    out.mkdir(parents=True)
    with running_engines(parent=out) as engines:
        return repeated([_measured(out / f"floor-{number}.sqlite3", engines) for number in range(REPETITIONS)])


def _measured(file: Path, engines: Engines) -> dict[str, float]:
    address = engines.postgres.dsn(DATABASE, OWNER)
    return {
        "accept_sqlite_per_second": _accepts(str(file)),
        "accept_postgres_per_second": _accepts(address),
        "commit_postgres_per_second": _commits(address),
        **_publishes(engines),
    }


def of_floor(rows: Mapping[str, float], floors: Mapping[str, float], stack: str) -> dict[str, float]:
    """Return what part of the floor a stack reaches: its accept of the bare one, its whole path of the slowest step."""
    bars = {"accept": floors.get(_ACCEPT[stack]), "whole_path": min(floors.get(step, 0) for step in _STEPS[stack])}
    return {
        f"{name}_of_floor": rows[f"{name}_per_second"] / floor
        for name, floor in bars.items()
        if floor and f"{name}_per_second" in rows
    }


def _accepts(where: str) -> float:
    with _bare(where) as port:
        plan = Plan(port=port, path=PATH, token="x", bodies=bodies(400, seed=3), seconds=_ACCEPT_SECONDS)
        sent, _ = carry_out(plan)
    return len(sent) / (max(one.answered for one in sent) - min(one.due for one in sent))


@contextmanager
def _bare(where: str) -> Iterator[int]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.floor", str(port), where]) as process:
        try:
            while not is_ready(port):
                assert process.poll() is None, "the bare accept ended by itself"
                time.sleep(0.05)
            yield port
        finally:
            process.kill()


def _commits(address: str) -> float:
    commit = commits_of(address)
    group = _documents(_DOCUMENTS_A_COMMIT)
    began = time.perf_counter()
    for _ in range(_COMMITS):
        commit(group)
    return _COMMITS * len(group) / (time.perf_counter() - began)


def _publishes(engines: Engines) -> dict[str, float]:
    with a_queue(engines.brokers.nodes[0]) as queue:
        singly = sum(publish_singly(queue, _documents(_SINGLY)))
        together = publish_together(queue, _documents(_TOGETHER))
    return {"publish_per_second": _SINGLY / singly, "publish_64_per_second": _TOGETHER / together}


def _documents(count: int) -> list[bytes]:
    some = [body.encode() for body in bodies(min(count, 400), seed=4)]
    return [some[number % len(some)] for number in range(count)]
