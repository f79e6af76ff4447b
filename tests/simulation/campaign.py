"""How are many histories played, a fault told in few words, and its plan made small?"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from time import process_time
from typing import Any

import pytest

from tests.simulation.bugs import Bug
from tests.simulation.checker import faults_of
from tests.simulation.history import History, Play
from tests.simulation.house import House
from tests.simulation.plan import Plan, plan_of, smaller

_TRIES = 12
"""Other seeds a smaller plan is tried under: fewer actors take their turns in another order."""
_BUDGET = 600
"""Histories that making a plan small may cost."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of many histories.

    Units: `seconds` of the processor. `prints` are those of the different interleavings.
    """

    histories: int = 0
    turns: int = 0
    seconds: float = 0.0
    prints: set[bytes] = field(default_factory=set)
    scenes: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[Plan, list[str]]] = field(default_factory=list)

    def __str__(self) -> str:
        rate = self.histories / self.seconds * 60 if self.seconds else 0.0
        return (
            f"{self.histories} histories, {len(self.prints)} different, {self.turns / max(self.histories, 1):.0f} turns"
            f" each, {rate:.0f} a minute, {len(self.broken)} broken; {dict(self.scenes)}"
        )


def play(house: House, seeds: Iterable[int], *, stop_at: int = 5, sweeps: bool = True) -> Outcome:
    """Return what came of the histories of *seeds*; so many broken ones are enough."""
    outcome, began = Outcome(), process_time()
    for seed in seeds:
        plan = plan_of(seed)
        history = Play(house, plan, sweeps=sweeps).run()
        outcome.histories += 1
        outcome.turns += len(history.trace)
        outcome.prints.add(history.fingerprint)
        outcome.scenes[plan.scene] += 1
        faults = faults_of(history)
        if faults:
            outcome.broken.append((plan, faults))
        if len(outcome.broken) >= stop_at:
            break
    outcome.seconds = process_time() - began
    return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A planted bug that was found: in which history, after how many, and what the checker said."""

    bug: Bug
    histories: int
    seconds: float
    plan: Plan
    fault: str


def hunt(house: House, bug: Bug) -> Found | None:
    """Return how *bug* was found, or None when it was not within its histories."""
    began = process_time()
    with pytest.MonkeyPatch.context() as patch:
        bug.plant(patch)
        for number in range(bug.within):
            plan = plan_of(number)
            faults = faults_of(Play(house, plan, sweeps=bug.sweeps).run())
            fault = next((one for one in faults if bug.shows in one), None)
            if fault is not None:
                seconds = process_time() - began
                return Found(bug=bug, histories=number + 1, seconds=seconds, plan=plan, fault=fault)
    return None


def shrunk(house: House, plan: Plan, is_it: Callable[[list[str]], bool]) -> Plan:
    """Return the smallest plan found that still breaks in the same way."""
    left = _BUDGET

    def still_breaks(candidate: Plan) -> Plan | None:
        nonlocal left
        for seed in (candidate.seed, *range(_TRIES)):
            left -= 1
            tried = replace(candidate, seed=seed)
            if is_it(faults_of(Play(house, tried).run())):
                return tried
            if left <= 0:
                return None
        return None

    while left > 0:
        better = next((found for one in smaller(plan) if left > 0 and (found := still_breaks(one))), None)
        if better is None:
            break
        plan = better
    return plan


def told(history: History, faults: list[str]) -> str:
    """Return a history so that somebody can follow it: the plan, each row and sending, and what is wrong."""
    rows = (_line(number, entry) for number, entry in enumerate(history.journal))
    turns = " ".join(_turns(history.trace))
    return "\n".join(["", repr(history.plan), *rows, f"turns: {turns}", *faults])


def _line(number: int, entry: tuple[Any, ...]) -> str:
    kind, actor, deed, *values = entry
    shown = " ".join(str(value)[:40] for value in values if not isinstance(value, bytes))
    return f"{number:4} {actor:12} {deed:5} {kind:12} {shown}"


def _turns(trace: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield who did what, with one's own turns in a row together."""
    last = ""
    for actor, point in trace:
        yield point if actor == last else f"| {actor}: {point}"
        last = actor
