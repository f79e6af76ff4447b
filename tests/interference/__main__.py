"""How many pairs of worlds look the same, and is each planted leak found?"""

import argparse
import sys

from tests.interference.campaign import play
from tests.interference.house import House
from tests.interference.leaks import LEAKS, hunt
from tests.simulation.house import quiet


def main() -> int:
    """Play pairs, or hunt the planted leaks; 1 if a secret can be told, or a leak was not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.interference")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--pairs", type=int, default=1_000, help="how many")
    parser.add_argument("--leaks", action="store_true", help="hunt every planted leak")
    asked = parser.parse_args()
    with quiet():
        house = House()
        return _hunt(house) if asked.leaks else _play(house, asked.first, asked.pairs)


def _play(house: House, first: int, pairs: int) -> int:
    outcome = play(house, range(first, first + pairs))
    print(outcome)
    print("\n".join(outcome.differences))
    return 1 if outcome.differences else 0


def _hunt(house: House) -> int:
    missed = 0
    for leak in LEAKS:
        found = hunt(house, leak)
        missed += found is None
        what = f"{found.pairs} pairs: {found.told.difference}" if found else "NOT FOUND"
        print(f"{leak.name}: {what[:300]}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
