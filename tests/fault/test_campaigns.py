"""Is every promise kept in every campaign?"""

from pathlib import Path

import pytest

from tests.fault.campaigns import CAMPAIGNS, SEED


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_nothing_is_lost_doubled_late_or_out_of_order(tmp_path: Path, name: str) -> None:
    """Promise 3: what was answered 202 has its effects once, and children's documents in order, whatever fails."""
    row = CAMPAIGNS[name].run(tmp_path, SEED)

    assert row.is_clean
    assert row.accepted > 0
    assert row.runs > 0
