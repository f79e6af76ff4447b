"""Where does a message's CPU time go? A gateway whose stages are timed, in a process of its own.

`python -m tests.bench.instrumented OUT` runs `gateway up` with a stopwatch around each stage and, when told to end,
writes what it saw to OUT: CPU seconds by stage, by thread, and of the process. Times are exclusive: what a stage calls
of another stage is counted there. The stopwatch itself costs about a microsecond a lap.
"""

import functools
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.adapters.http.outlet import HttpOutlet
from gateway.adapters.keys.file_vault import FileVault
from gateway.adapters.sql.transaction import Transaction
from gateway.adapters.sql.writer import Writer
from gateway.app.http.intake import Intake
from gateway.app.processes import up
from gateway.app.sequencer import Sequencer
from gateway.flows import deliver, normalizer, receive
from gateway.flows.converse import Converser
from gateway.flows.deliver import Deliver
from gateway.flows.identify import Matcher
from gateway.flows.process import Process
from gateway.flows.sharing import Sharer
from gateway.flows.trail import Trail

_STAGES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("gate", receive, ("gate",)),
    ("seal", FileVault, ("seal", "open", "new_key", "tag", "blind")),
    ("accept", receive.Receive, ("prepare", "_store")),
    ("store", Transaction, ("run", "rows")),
    ("commit", Writer, ("_commit",)),
    ("process", Process, ("work_all",)),
    ("translate in", normalizer, ("translate_in", "project")),
    ("match", Matcher, ("place",)),
    ("converse", Converser, ("_step",)),
    ("decide", Sharer, ("decide",)),
    ("audit", Trail, ("record_of", "prepare")),
    ("keep", Process, ("_store",)),
    ("deliver", Deliver, ("attempt", "_mark", "_acknowledge")),
    ("translate out", deliver, ("translate_out",)),
    ("clear", deliver, ("clear",)),
    ("send", HttpOutlet, ("send",)),
    ("sequence", Sequencer, ("give_places",)),
)
_LAP = "(stopwatch)"


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
        total: dict[str, float] = defaultdict(float)
        for book in list(self._books):
            for stage, seconds in list(book.items()):
                total[stage] += seconds
        return dict(total)

    def _own(self) -> tuple[dict[str, float], list[list[Any]]]:
        if not hasattr(self._here, "book"):
            self._here.book, self._here.stack = defaultdict(float), []
            self._books.append(self._here.book)
        return self._here.book, self._here.stack


def thread_seconds() -> dict[str, float]:
    """Return the CPU seconds of each live thread by what it is for; threads of one pool are added up."""
    found: dict[str, float] = defaultdict(float)
    for thread in threading.enumerate():
        if thread.ident is not None:
            clock = time.pthread_getcpuclockid(thread.ident)
            found[thread.name.rstrip("0123456789_")] += time.clock_gettime(clock)
    return dict(found)


def main(out: Path) -> None:
    """Run the gateway with its stages timed; on the word `report` on standard input, write what was seen so far."""
    watch = Stopwatch()
    for stage, owner, names in _STAGES:
        for name in names:
            setattr(owner, name, watch.timed(stage, getattr(owner, name)))

    def listen() -> None:
        for _line in sys.stdin:
            told = {"stages": watch.seconds(), "threads": thread_seconds(), "process": time.process_time()}
            out.with_suffix(".part").write_text(json.dumps(told))
            out.with_suffix(".part").rename(out)

    threading.Thread(target=listen, name="listener", daemon=True).start()
    Intake.__call__  # noqa: B018 - the route itself is timed as its thread
    up.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
