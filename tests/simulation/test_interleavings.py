"""Does any order of turns let something leave that may not, be lost, or be told wrongly?"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.consent import clearance
from tests.simulation.bugs import BUGS, Bug
from tests.simulation.campaign import Outcome, hunt, play, shrunk, told
from tests.simulation.checker import faults_of
from tests.simulation.history import Play
from tests.simulation.house import House
from tests.simulation.plan import plan_of

SEED = int(os.environ.get("SIMULATION_SEED", "0"))
SHARDS, SHARD = 10, 10_000
"""One hundred thousand histories, in parts that two workers share."""
_BY_NAME = {bug.name: bug for bug in BUGS}
_ORDINARY = ("counters are read too late", "nobody is in doubt", "what is shelved stays there")
_ROOT = Path(__file__).parents[2]


def broken(house: House, outcome: Outcome) -> str:
    """Return the first broken history, made small: its plan, every row and sending, every turn, what is wrong."""
    plan, faults = outcome.broken[0]
    wrong = _words(faults[0])
    small = shrunk(house, plan, lambda found: any(_words(one) == wrong for one in found))
    history = Play(house, small).run()
    return told(history, [f"seed {plan.seed}, made small", *faults_of(history)])


def _words(fault: str) -> list[str]:
    """Return what a fault says, without whose it is."""
    return [word for word in fault.split() if word.isalpha()]


def test_three_hundred_interleavings_keep_every_promise(gateway: House) -> None:
    """No hand-over is marked after a withdrawal, nothing is lost, doubled or out of turn, whoever has the turn when."""
    outcome = play(gateway, range(SEED, SEED + 300))
    print(outcome)

    assert outcome.broken == [], broken(gateway, outcome)
    assert len(outcome.prints) > 290


@pytest.mark.parametrize("name", _ORDINARY)
def test_a_planted_bug_is_found(gateway: House, name: str) -> None:
    found = hunt(gateway, replace(_BY_NAME[name], within=300))

    assert found is not None, f"{name} was not found in 300 histories"


def test_the_same_seed_gives_the_same_history(gateway: House) -> None:
    plans = [plan_of(seed) for seed in range(20)]

    first, second = ([Play(gateway, plan).run() for plan in plans] for _ in range(2))

    assert [(one.trace, one.rows) for one in first] == [(one.trace, one.rows) for one in second]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_hundred_thousand_interleavings_keep_every_promise(gateway: House, shard: int) -> None:
    first = SEED + shard * SHARD
    outcome = play(gateway, range(first, first + SHARD))
    print(outcome)

    assert outcome.broken == [], broken(gateway, outcome)
    assert outcome.histories == SHARD
    assert len(outcome.prints) > 0.95 * SHARD


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_planted_bug_is_found(gateway: House, bug: Bug) -> None:
    found = hunt(gateway, bug)

    assert found is not None, f"{bug.name} was not found in {bug.within} histories"
    print(f"{bug.name}: after {found.histories} histories, {found.seconds:.1f} s: {found.fault}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_mark_holds_where_the_clearance_forgets_to_ask(gateway: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two guards: a clearance that asks for no counter lets nothing go, because the mark asks again."""
    monkeypatch.setattr(clearance, "_stale", lambda *_: None)

    outcome = play(gateway, range(SEED, SEED + 1_500))

    assert [fault for _, faults in outcome.broken for fault in faults if "had said no" in fault] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_broken_history_is_made_small(gateway: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a plan is what the bug needs: a withdrawal, and two workers at the most."""
    bug = _BY_NAME["a withdrawal lifts no counter"]
    found = hunt(gateway, bug)
    assert found is not None
    bug.plant(monkeypatch)

    small = shrunk(gateway, found.plan, lambda faults: any(bug.shows in fault for fault in faults))

    assert (small.acts, small.faults, small.kills, small.crashes, small.lost) == (("withdraw",), (), (), (), ())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_seed_gives_the_same_history_in_another_process() -> None:
    """Neither the hashing of strings nor the keys of one installation decide anything."""
    command = [sys.executable, "-m", "tests.simulation", "--histories", "200", "--digest"]
    runs = [
        subprocess.run(command, cwd=_ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]

    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout) > 32
