"""What does a disk of two milliseconds do to a process? A small library, preloaded, lets each of its syncs take longer.

Nobody believes it unproved: every process of a stack must have the library in its memory, and a commit of SQLite, one
of PostgreSQL and one confirm of RabbitMQ must each take at least as long as the disk does.
"""

import subprocess
import sys
from collections.abc import Mapping
from os import environ
from pathlib import Path

from tests.bench.commits import confirm_ms, postgres_commit_ms
from tests.bench.stacks import SplitStack, Stack
from tests.bench.usage import has_loaded

SYNC_MS = 2.0
_SOURCE = Path(__file__).with_suffix(".c")
_LIBRARY = "slow_disk.so"


def slow_disk(folder: Path, *, sync_ms: float = SYNC_MS) -> Mapping[str, str]:
    """Return what a process is told so that its syncs take *sync_ms* longer; the library is built in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder.resolve() / _LIBRARY
    delay = f"-DDELAY_MICROSECONDS={int(sync_ms * 1e3)}"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", delay, "-o", str(library), str(_SOURCE), "-ldl"],
        check=True,
    )
    return {"LD_PRELOAD": str(library)}


def sqlite_commit_ms(folder: Path, environment: Mapping[str, str]) -> float:
    """Return the shortest a durable commit of SQLite takes in *folder*, in a process told of *environment*."""
    command = [sys.executable, "-m", "tests.bench.commits", str(folder)]
    done = subprocess.run(command, env={**environ, **environment}, capture_output=True, text=True, check=True)
    return float(done.stdout)


def proved_slow(stack: Stack, folder: Path, environment: Mapping[str, str]) -> dict[str, float]:
    """Return how long each engine of a stack takes to make something durable; too short, and the bench fails."""
    library = Path(environment["LD_PRELOAD"])
    without = [kind for kind, pid in stack.processes if not has_loaded(pid, library)]
    assert not without, f"not on the slow disk at all: {without}"
    if isinstance(stack, SplitStack):
        rows = {
            "postgres_commit_ms_slow_disk": postgres_commit_ms(stack.shared.database.owner_dsn),
            "confirm_ms_slow_disk": confirm_ms(stack.broker),
        }
    else:
        rows = {"sqlite_commit_ms_slow_disk": sqlite_commit_ms(folder, environment)}
    refuse_quick(rows)
    return rows


def refuse_quick(rows: Mapping[str, float]) -> None:
    """Fail when something was made durable in less time than the slow disk takes."""
    quick = {name: took for name, took in rows.items() if took < SYNC_MS}
    assert not quick, f"the disk was to take {SYNC_MS} ms, and did not: {quick}"
