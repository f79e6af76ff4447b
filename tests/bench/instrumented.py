"""Where does a message's CPU time go? A gateway whose stages are timed, in a process of its own.

`python -m tests.bench.instrumented OUT` runs `gateway up` with a stopwatch around each stage and writes to OUT what it
saw, whenever it is asked to: CPU seconds by stage, and of the process. Times are exclusive: what a stage calls of
another stage is counted there. The stopwatch itself costs about a microsecond a lap.
"""

import functools
import json
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.adapters.http.outlet import HttpOutlet
from gateway.adapters.keys.file_vault import FileVault
from gateway.adapters.sql.sqlite_transaction import SqliteTransaction
from gateway.adapters.sql.writer import Writer
from gateway.app.processes import up
from gateway.app.sequencer import Sequencer
from gateway.flows.conversing.converse import Converser
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.delivering import deliver
from gateway.flows.delivering.deliver import Deliver
from gateway.flows.receiving import receive
from gateway.flows.receiving.keep import Keeper
from gateway.flows.receiving.process import Process
from gateway.flows.trail import Trail
from gateway.flows.understanding import normalizer
from gateway.flows.understanding.identify import Matcher

_STAGES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("gate", receive, ("gate",)),
    ("seal", FileVault, ("seal", "open", "new_key", "tag", "blind")),
    ("accept", receive.Receive, ("prepare", "_store")),
    ("statements", SqliteTransaction, ("run", "rows", "send_many")),
    ("write", Writer, ("_run_one",)),
    ("commit", Writer, ("_commit",)),
    ("process", Process, ("work_all",)),
    ("translate in", normalizer, ("translate_in", "project")),
    ("match", Matcher, ("place",)),
    ("converse", Converser, ("_step",)),
    ("decide", Sharer, ("decide",)),
    ("audit", Trail, ("record_of", "prepare")),
    ("keep", Keeper, ("keep",)),
    ("deliver", Deliver, ("attempt", "_mark", "_acknowledge")),
    ("translate out", deliver, ("translate_out",)),
    ("clear", deliver, ("clear",)),
    ("send", HttpOutlet, ("send",)),
    ("sequence", Sequencer, ("give_places",)),
)


class Stopwatch:
    """CPU seconds by stage, over all threads."""

    def __init__(self) -> None:
        self._here = threading.local()
        self._books: list[dict[str, float]] = []

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return *function*, timed as *stage*."""

        @functools.wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            book, stack = self._own()
            now = time.thread_time()
            if stack:
                book[stack[-1][0]] += now - stack[-1][1]
            stack.append([stage, now])
            try:
                return function(*args, **named)
            finally:
                now = time.thread_time()
                name, began = stack.pop()
                book[name] += now - began
                if stack:
                    stack[-1][1] = now

        return run

    def seconds(self) -> dict[str, float]:
        """Return the CPU seconds of each stage so far."""
        total = dict.fromkeys((stage for stage, _owner, _names in _STAGES), 0.0)
        for book in list(self._books):
            for stage, seconds in list(book.items()):
                total[stage] += seconds
        return total

    def _own(self) -> tuple[dict[str, float], list[list[Any]]]:
        if not hasattr(self._here, "book"):
            self._here.book, self._here.stack = defaultdict(float), []
            self._books.append(self._here.book)
        return self._here.book, self._here.stack


def main(out: Path) -> None:
    """Run the gateway with its stages timed; at every `SIGUSR1` write what was seen so far."""
    watch = Stopwatch()
    for stage, owner, names in _STAGES:
        for name in names:
            setattr(owner, name, watch.timed(stage, getattr(owner, name)))

    def report(_number: int, _frame: object) -> None:
        told = {"stages": watch.seconds(), "process": time.process_time()}
        out.with_suffix(".part").write_text(json.dumps(told))
        out.with_suffix(".part").rename(out)

    signal.signal(signal.SIGUSR1, report)
    up.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
