"""Is everything done once, in order and proved, however often the process is killed?"""

from pathlib import Path

import pytest

from tests.fault.campaign import Plan
from tests.fault.campaigns import SEED, judged
from tests.fault.trouble import Kills


@pytest.mark.timeout(120)
def test_four_kills_under_load_lose_nothing_repeat_nothing_and_keep_the_order(tmp_path: Path) -> None:
    """Promise 3: after 202 a document survives kill -9, has its effects once, and children's documents in order."""
    judged(tmp_path, Plan(seed=SEED, referrers=3, pause_seconds=0.1), Kills(4, alive_seconds=(0.2, 2.0)))
