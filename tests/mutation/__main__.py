"""Run the tests of the sharing decision against each small change to it: `make mutation`.

    python -m tests.mutation [--share 0.1] [--seed 1] [--only decide,case] [--seconds 1200] [--tests PATH...]

The tests are collected once; each change is made in a child process, which stops at the first test that fails. The
quickest tests are asked first. Prints one line for each change that no test noticed, and how many there were.
"""

import argparse
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import pytest

from tests.mutation.mutants import Mutant, mutants_of

ROOT: Final = Path(__file__).parents[2]
CODE: Final = ROOT / "gateway" / "consent"
TESTS: Final = ("tests/unit/consent", "tests/oracle/test_every_cell.py")
LEFT_OUT: Final = "planted or wrong_order or architecture"
TIME_OUT: Final = 240
"""Seconds after which a change has made the tests hang, and so was noticed."""
KILLED, SURVIVED = 1, 0


class Mutation:
    """A plugin that runs the collected tests once for each mutant, in a child process each."""

    def __init__(self, mutants: list[Mutant], seconds: float) -> None:
        self.mutants, self.seconds = mutants, seconds
        self.survivors: list[Mutant] = []
        self.tried = 0
        self._failed = False
        self._spent: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure, and how long a test took."""
        self._failed |= report.failed
        self._spent[report.nodeid] = self._spent.get(report.nodeid, 0.0) + report.duration

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests on the code as it is, then until the first failure on each mutant."""
        items = self._quickest_first(session.items)
        ends = time.monotonic() + self.seconds
        for mutant in self.mutants:
            if time.monotonic() > ends:
                break
            self.tried += 1
            if self._in_child(items, mutant) == SURVIVED:
                self.survivors.append(mutant)
                print(f"survived: {mutant}", flush=True)
        return True

    def _quickest_first(self, items: list[pytest.Item]) -> list[pytest.Item]:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "spent.json"
            if self._in_child(items, None, told=told) != SURVIVED:
                raise SystemExit("the tests fail on the code as it is")
            spent = json.loads(told.read_text(encoding="utf-8"))
        return sorted(items, key=lambda item: spent.get(item.nodeid, 0.0))

    def _in_child(self, items: list[pytest.Item], mutant: Mutant | None, *, told: Path | None = None) -> int:
        child = os.fork()
        if child == 0:
            self._run(items, mutant, told)
        _, status = os.waitpid(child, 0)
        return SURVIVED if status == 0 else KILLED

    def _run(self, items: list[pytest.Item], mutant: Mutant | None, told: Path | None) -> None:
        """Run *items* in the child, and end it."""
        code = KILLED
        try:
            if mutant is not None:
                signal.alarm(TIME_OUT)
                _apply(mutant)
            for number, item in enumerate(items):
                following = items[number + 1] if number + 1 < len(items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self._failed:
                    break
            code = KILLED if self._failed else SURVIVED
            if told is not None:
                told.write_text(json.dumps(self._spent), encoding="utf-8")
        finally:
            os._exit(code)


def _apply(mutant: Mutant) -> None:
    """Put the changed code where the old is, and read the policy anew with it."""
    module = importlib.import_module(mutant.module)
    owner: Any = module
    *holders, name = mutant.function.split(".")
    for holder in holders:
        owner = vars(owner)[holder]
    _function(vars(owner)[name]).__code__ = mutant.code
    questions = importlib.import_module("tests.unit.consent.questions")
    anew = importlib.import_module("gateway.consent.policy").load_policy(questions.POLICY_TEXT)
    for slot in type(anew).__slots__:
        object.__setattr__(questions.POLICY, slot, getattr(anew, slot))


def _function(held: Any) -> FunctionType:
    """Return the function behind a property, a class's or a remembered function."""
    inner = getattr(held, "fget", None) or getattr(held, "__func__", None) or getattr(held, "__wrapped__", held)
    if not isinstance(inner, FunctionType):
        raise TypeError("not a function")
    return inner


def _mutants(only: str, share: float, seed: int) -> list[Mutant]:
    rng = random.Random(seed)  # noqa: S311  # a seed that repeats, not a secret
    asked = [0]

    def chosen() -> bool:
        asked[0] += 1
        return rng.random() < share

    found = [
        mutant
        for path in sorted(CODE.glob("*.py"))
        if not only or path.stem in only.split(",")
        for mutant in mutants_of(path, f"gateway.consent.{path.stem}", chosen)
    ]
    rng.shuffle(found)
    print(f"{asked[0]} mutants, {len(found)} chosen", flush=True)
    return found


def main() -> None:
    """Try the mutants and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--tests", nargs="+", default=TESTS)
    told = parser.parse_args()
    mutation = Mutation(_mutants(told.only, told.share, told.seed), told.seconds)
    options = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not slow", "--timeout", "0"]
    pytest.main(
        [*options, "-k", f"not ({LEFT_OUT})", "--no-header", "--show-capture=no", "--tb=no", *told.tests],
        plugins=[mutation],
    )
    killed = mutation.tried - len(mutation.survivors)
    print(f"{killed} of {mutation.tried} killed, {100 * killed / max(mutation.tried, 1):.1f} %")
    sys.exit(0 if killed >= 0.95 * mutation.tried else 1)


if __name__ == "__main__":
    main()
