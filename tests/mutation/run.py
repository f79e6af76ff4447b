"""How is each change tried: in a child process, until one test notices it?"""

import gc
import json
import os
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mutation.anew import Silent
from tests.mutation.calls import entered
from tests.mutation.mutants import Mutant
from tests.mutation.order import Order, Told
from tests.mutation.plant import forget, plant, read_policy_anew

PATIENCE: Final = 20.0
"""How many times the processor time it takes on the code as it is, and seconds besides, a test may take on a change."""
MEMORY: Final = 4 * 2**30
"""Bytes that a change may make the tests take."""
READS_THE_SAME, READS_ANOTHER, CANNOT_READ = "the same policy", "another policy", "no policy"
HANGS: Final = "without an end"


class Mutation(Silent):
    """A plugin that runs the collected tests on each mutant, *jobs* at once, until *seconds* are over.

    Shape: `killed` are the mutants noticed, with what noticed them; `survivors` those that nothing did. `made_early`
    are the functions that importing the tests enters: what those have made is old.
    """

    def __init__(self, mutants: Iterable[Mutant], *, seconds: float, jobs: int) -> None:
        self.killed: list[tuple[Mutant, str]] = []
        self.survivors: list[Mutant] = []
        self.made_early: set[str] = set()
        self._mutants, self._seconds, self._jobs = mutants, seconds, jobs
        self._items: dict[str, pytest.Item] = {}
        self._failed = False
        self._spent: dict[str, float] = {}
        self._children: dict[int, Mutant] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """Note what importing the tests enters."""
        with entered() as self.made_early:
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure, and how long a test took."""
        self._failed |= report.failed
        self._spent[report.nodeid] = self._spent.get(report.nodeid, 0.0) + report.duration

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests on the code as it is, then until one fails on each mutant."""
        self._items = {item.nodeid: item for item in session.items}
        with tempfile.TemporaryDirectory() as folder:
            order = Order(self._as_it_is(Path(folder) / "told"))
            ends = time.monotonic() + self._seconds
            for mutant in self._mutants:
                if time.monotonic() > ends:
                    break
                if len(self._children) == self._jobs:
                    self._wait(Path(folder), order)
                child = os.fork()
                if child == 0:
                    self._try(mutant, order, Path(folder))
                self._children[child] = mutant
            while self._children:
                self._wait(Path(folder), order)
        return True

    def _as_it_is(self, told: Path) -> Told:
        """Return what each test enters, as a child tells that has run them all."""
        child = os.fork()
        if child == 0:
            with _ending():
                told.write_text(json.dumps(self._record()), encoding="utf-8")
        os.waitpid(child, 0)
        if not told.exists():
            raise SystemExit("the tests fail on the code as it is")
        seconds, enters, reading = json.loads(told.read_text(encoding="utf-8"))
        return Told(
            seconds=seconds,
            enters={test: frozenset(found) for test, found in enters.items()},
            reading=frozenset(reading),
        )

    def _record(self) -> tuple[dict[str, float], dict[str, list[str]], list[str]]:
        with entered() as reading:
            read_policy_anew()
        enters: dict[str, list[str]] = {}
        for name in self._items:
            forget()
            with entered() as functions:
                self._run(name, None)
            enters[name] = sorted(functions)
            if self._failed:
                raise RuntimeError(f"{name} fails on the code as it is")
        return self._spent, enters, sorted(reading)

    def _try(self, mutant: Mutant, order: Order, folder: Path) -> None:
        """Run tests in the child until one fails, tell which, and end it."""
        with _ending():
            result = folder / str(os.getpid())
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            forget()
            plant(mutant)
            gc.freeze()
            result.write_text("", encoding="utf-8")
            signal.setitimer(signal.ITIMER_PROF, PATIENCE)
            reads = _reading() if mutant.key in order.told.reading else READS_THE_SAME
            if reads == CANNOT_READ:
                result.write_text(reads, encoding="utf-8")
                return
            tests = order.of(mutant, every=reads == READS_ANOTHER)
            for test, following in zip(tests, [*tests[1:], None], strict=False):
                signal.setitimer(signal.ITIMER_PROF, PATIENCE * (1 + order.told.seconds[test]))
                self._run(test, following)
                if self._failed:
                    result.write_text(test, encoding="utf-8")
                    return

    def _run(self, name: str, following: str | None) -> None:
        item = self._items[name]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self._items[following] if following else None)

    def _wait(self, folder: Path, order: Order) -> None:
        """Wait for a child, and note what it told."""
        child, status = os.wait()
        mutant, result = self._children.pop(child), folder / str(child)
        ended = os.waitstatus_to_exitcode(status)
        if ended not in {0, -signal.SIGPROF} or not result.exists():
            raise RuntimeError(f"it could not be tried: {mutant}")
        noticed_by = HANGS if ended else result.read_text(encoding="utf-8")
        if not noticed_by:
            self.survivors.append(mutant)
            print(f"survived: {mutant}", flush=True)
            return
        self.killed.append((mutant, noticed_by))
        if noticed_by in order.told.seconds:
            order.noticed(mutant, noticed_by)


def _reading() -> str:
    """Return what the changed code makes of the policy."""
    try:
        return READS_THE_SAME if read_policy_anew() else READS_ANOTHER
    except Exception:  # noqa: BLE001  # whatever it is, no test could begin with it
        return CANNOT_READ


@contextmanager
def _ending() -> Iterator[Any]:
    """End the child after the work, with 0 only if the work got to its end."""
    code = 1
    try:
        yield
        code = 0
    except BaseException:  # noqa: BLE001  # whatever it is, the parent hears that it could not be tried
        traceback.print_exc()
    finally:
        os._exit(code)
