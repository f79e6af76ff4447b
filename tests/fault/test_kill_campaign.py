"""Is everything done once, in order and proved, however often the process is killed?"""

import os
from pathlib import Path

import pytest

from tests.fault.campaign import Plan, keep, run_campaign
from tests.fault.checker import faults_of

SEED = int(os.environ.get("CAMPAIGN_SEED", "20261123"))


def check(folder: Path, plan: Plan) -> None:
    """Run a campaign, print what came of it, and fail with seed and history when a promise was broken."""
    outcome = run_campaign(folder, plan)
    print(outcome)

    faults = faults_of(outcome.history)

    assert faults == [], keep(outcome, faults, folder)
    assert all(outcome.verified.values()), keep(outcome, [], folder)
    assert len(outcome.history.accepted) > 5 * plan.kills, "there was hardly any load"


@pytest.mark.timeout(120)
def test_four_kills_under_load_lose_nothing_repeat_nothing_and_keep_the_order(tmp_path: Path) -> None:
    """Promise 3: after 202 a document survives kill -9, has its effects once, and children's documents in order."""
    check(tmp_path, Plan(seed=SEED, kills=4, referrers=3, alive_seconds=(0.2, 2.0), pause_seconds=0.1))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sixty_kills_under_load_lose_nothing_repeat_nothing_and_keep_the_order(tmp_path: Path) -> None:
    """The same, sixty times, with more senders: the campaign of `make test-slow`."""
    check(tmp_path, Plan(seed=SEED, kills=60, alive_seconds=(0.1, 4.0), pause_seconds=0.15))
