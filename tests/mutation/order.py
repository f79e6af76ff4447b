"""Which tests are asked about a change, and which first?

A test that never enters a function cannot notice a change in it, so it is not asked; unless it looks at a policy that
the changed code has read otherwise. The less time a test takes, and the more changes of the same function, or else of
the same module, it has noticed before, the sooner it is asked.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.mutation.mutants import Mutant

IN_FUNCTION: Final = 10
IN_MODULE: Final = 1
"""How much it counts for a test to have noticed a change of the same function, and of the same module."""


@dataclass(slots=True, kw_only=True)
class Told:
    """What the tests did on the code as it is.

    Shape: `seconds` and `enters` are by a test's name; `reading` are the functions that reading the policy enters.
    """

    seconds: Mapping[str, float]
    enters: Mapping[str, frozenset[str]]
    reading: frozenset[str] = frozenset()


@dataclass(slots=True)
class Order:
    """Remembers which test noticed what."""

    told: Told
    _noticed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def of(self, mutant: Mutant, *, every: bool) -> list[str]:
        """Return the names of the tests to ask about *mutant*, in this order: those that enter it, or *every* one."""
        enter = {test for test, functions in self.told.enters.items() if mutant.key in functions}
        asked = self.told.seconds if every else enter
        return sorted(asked, key=lambda test: (test not in enter, self._wait(test, mutant)))

    def noticed(self, mutant: Mutant, test: str) -> None:
        """Remember that *test* noticed *mutant*."""
        self._noticed[test, mutant.key] += 1
        self._noticed[test, mutant.module] += 1

    def _wait(self, test: str, mutant: Mutant) -> float:
        promise = IN_FUNCTION * self._noticed[test, mutant.key] + IN_MODULE * self._noticed[test, mutant.module]
        return self.told.seconds[test] / (1 + promise)
