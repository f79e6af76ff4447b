"""How are the sweeps over a disk's calls run as campaigns?"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.fault.checker import faults_of
from tests.fault.fault_table import Row
from tests.fault.gateway_sweep import Sweep
from tests.fault.mishaps import Full, Once
from tests.fault.store_sweep import KINDS, sweep

_EVERY: tuple[tuple[str, Callable[[int], Once | Full], int], ...] = (
    ("sync", partial(Once, "sync"), 1),
    ("read", partial(Once, "read"), 2),
    ("write", partial(Once, "write"), 5),
    ("full", Full, 5),
)
_STEPS = {"new": 3}
"""Making a store is five hundred calls, and most of them are one statement of the migration after the other."""


def every_call_of_the_store(folder: Path, seed: int) -> Row:
    """Return what came of failing each call of a store's short life, and of a power loss after each of them.

    Of those that make a new store, every third.
    """
    swept = {kind: sweep(folder, kind, seed, step=_STEPS.get(kind, 1)) for kind in KINDS}
    wrong = [what for one in swept.values() for what in one.wrong]
    print({kind: one.lives for kind, one in swept.items()})

    assert wrong == [], "\n".join(wrong[:20])
    return Row(
        runs=sum(one.lives for one in swept.values()),
        accepted=sum(one.acknowledged for one in swept.values()),
        seed=seed,
    )


def calls_along_the_way(folder: Path, seed: int) -> Row:
    """Return what came of failing calls of the disk between documents' coming and their going."""
    runs = accepted = 0
    for name, fault, step in _EVERY:
        swept = Sweep(folder / name, seed).run(fault, step=step)
        print(f"{name}: {swept.rounds} faults, {swept.refusals} refusals, {len(swept.history.accepted)} accepted")
        faults = faults_of(swept.history)

        assert faults == [], "\n".join(str(fault) for fault in faults[:20])
        assert swept.unexpected == [], "\n".join(swept.unexpected[:20])
        runs, accepted = runs + swept.rounds, accepted + len(swept.history.accepted)
    return Row(runs=runs, accepted=accepted, seed=seed)
