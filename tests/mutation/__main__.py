"""Run the tests of the sharing decision against each small change to it: `make mutation`.

    python -m tests.mutation [--share 0.1] [--seed 1] [--only decide,case] [--jobs 2] [--seconds 1200] [--tests PATH...]

The tests are collected once; each change is made in a child process, which stops at the first test that fails. Prints
one line for each change that no test noticed, and how many there were.
"""

import argparse
import random
import sys
from collections import Counter
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutation.anew import is_noticed_from_the_start
from tests.mutation.calls import CODE
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.run import HANGS, Mutation

TESTS: Final = ("tests/unit/consent", "tests/oracle/test_every_cell.py")
LEFT_OUT: Final = "planted or wrong_order or architecture"
ENOUGH: Final = 0.95
FROM_THE_START: Final = "imported anew"
OPTIONS: Final = (
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-s", "-q", "--no-header", "--show-capture=no", "--tb=no"),
    *("-m", "not slow", "--timeout", "0", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


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


def _say(mutation: Mutation) -> None:
    tried = Counter(mutant.module for mutant in (*mutation.survivors, *(mutant for mutant, _ in mutation.killed)))
    killed = Counter(mutant.module for mutant, _ in mutation.killed)
    for module in sorted(tried):
        print(f"{module}: {killed[module]} of {tried[module]} killed")
    for mutant in (mutant for mutant, noticed_by in mutation.killed if noticed_by == HANGS):
        print(f"ran without an end: {mutant}")
    print(f"{killed.total()} of {tried.total()} killed, {100 * killed.total() / max(tried.total(), 1):.1f} %")


def main() -> None:
    """Try the mutants and print those that survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--tests", nargs="+", default=TESTS)
    told = parser.parse_args()
    mutation = Mutation(_mutants(told.only, told.share, told.seed), seconds=told.seconds, jobs=told.jobs)
    _examples_that_repeat()
    arguments = [*OPTIONS, "-k", f"not ({LEFT_OUT})", *told.tests]
    pytest.main(arguments, plugins=[mutation])
    for mutant in [mutant for mutant in mutation.survivors if mutant.key in mutation.made_early]:
        if is_noticed_from_the_start(mutant, arguments):
            mutation.survivors.remove(mutant)
            mutation.killed.append((mutant, FROM_THE_START))
            print(f"killed after all, by what is imported: {mutant}", flush=True)
    _say(mutation)
    tried = len(mutation.killed) + len(mutation.survivors)
    sys.exit(0 if tried and len(mutation.killed) >= ENOUGH * tried else 1)


def _examples_that_repeat() -> None:
    """Let Hypothesis try the same examples each time and stop at the first that fails, however slow the machine."""
    settings.register_profile(
        "mutation",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")


if __name__ == "__main__":
    main()
