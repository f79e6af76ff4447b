"""How many interleavings hold, how fast, and how soon is each planted bug found?"""

import argparse
import hashlib
import sys

from tests.simulation.bugs import BUGS
from tests.simulation.campaign import hunt, play, told
from tests.simulation.checker import faults_of
from tests.simulation.history import Play
from tests.simulation.house import House, quiet
from tests.simulation.plan import plan_of


def main() -> int:
    """Play histories, or one and tell it, or hunt the planted bugs; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--histories", type=int, default=3_000, help="how many")
    parser.add_argument("--digest", action="store_true", help="print a digest of them all, and nothing else")
    parser.add_argument("--tell", type=int, help="tell the history of this seed")
    parser.add_argument("--bugs", action="store_true", help="hunt every planted bug")
    asked = parser.parse_args()
    with quiet():
        house = House()
        if asked.bugs:
            return _bugs(house)
        if asked.tell is not None:
            return _tell(house, asked.tell)
        return _play(house, range(asked.first, asked.first + asked.histories), is_digest=asked.digest)


def _play(house: House, seeds: range, *, is_digest: bool) -> int:
    outcome = play(house, seeds)
    if is_digest:
        print(hashlib.sha256(b"".join(sorted(outcome.prints))).hexdigest())
        return 0
    print(outcome)
    for plan, faults in outcome.broken:
        print(f"seed {plan.seed}: {faults[0]}")
    return 1 if outcome.broken else 0


def _tell(house: House, seed: int) -> int:
    history = Play(house, plan_of(seed)).run()
    faults = faults_of(history)
    print(told(history, faults))
    return 1 if faults else 0


def _bugs(house: House) -> int:
    missed = 0
    for bug in BUGS:
        found = hunt(house, bug)
        missed += found is None
        what = f"{found.histories} histories, {found.seconds:.1f} s: {found.fault}" if found else "NOT FOUND"
        print(f"{bug.name}: {what}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
