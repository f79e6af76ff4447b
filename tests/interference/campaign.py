"""How do many pairs of worlds look to whoever may not know?"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.interference.house import House
from tests.interference.traffic import compare, pair_of


@dataclass(slots=True)
class Outcome:
    """What pairs came to.

    Shape: `differences` has a line for each pair that somebody could tell apart; `told` counts, by kind of secret, the
    pairs in which whoever may know did see the secret; `seen` what those who may not were shown.
    """

    pairs: int = 0
    seen: int = 0
    seconds: float = 0.0
    told: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        rate = 1000 * self.seconds / max(1, self.pairs)
        return (
            f"{self.pairs} pairs, {self.seen} things seen in each world, {rate:.0f} ms CPU a pair; "
            f"told {dict(sorted(self.told.items()))}; {len(self.differences)} can be told apart"
        )


def play(house: House, seeds: Iterable[int]) -> Outcome:
    """Return what the pairs of *seeds* came to."""
    outcome, began = Outcome(), time.process_time()
    for seed in seeds:
        pair = pair_of(seed)
        told = compare(house, pair)
        outcome.pairs += 1
        outcome.seen += told.seen
        outcome.told[pair.kind.name] += told.is_told
        if told.difference is not None:
            outcome.differences.append(f"seed {seed}, {pair.kind.name}: {told.difference}")
    outcome.seconds = time.process_time() - began
    return outcome
