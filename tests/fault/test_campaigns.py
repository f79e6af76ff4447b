"""Is every promise kept in every campaign?"""

from pathlib import Path

import pytest

from tests.engines.network import ADDRESSES, is_allowed
from tests.fault.campaigns import CAMPAIGNS, SEED
from tests.fault.fault_table import KEPT, Result

_AS_ROOT = pytest.mark.skipif(not is_allowed(), reason="network namespaces are root's")
_NAMES = [pytest.param(name, marks=_AS_ROOT if name == "partition" else ()) for name in CAMPAIGNS]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.allow_hosts(["127.0.0.1", "::1", *ADDRESSES])
@pytest.mark.parametrize("name", _NAMES)
def test_nothing_is_lost_doubled_late_or_out_of_order(tmp_path: Path, name: str) -> None:
    """Promise 3: what was answered 202 has its effects once, and children's documents in order, whatever fails."""
    campaign = CAMPAIGNS[name]

    row = campaign.run(tmp_path, SEED)

    assert row.is_clean
    assert row.accepted > 0
    assert row.runs > 0
    Result(name=name, fault=campaign.fault, parts=campaign.parts, row=row).keep(KEPT)
