"""Would a broken promise of a gateway of several processes be found? One is planted, past the store."""

import time
from pathlib import Path

import pytest

from tests.fault.campaign import Plan, run_campaign
from tests.fault.campaigns import SEED
from tests.fault.checker import Broken, faults_of
from tests.fault.split_gateway import SplitTrouble, Team
from tests.fault.trouble import Stage, Told

_LOSE = (
    "UPDATE delivery SET state = 'acknowledged' WHERE delivery_id ="
    " (SELECT delivery_id FROM delivery WHERE state = 'ordered' AND attempt = 0 AND kind = 'mash.referral.submitted'"
    " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING delivery_id"
)


class Forgets(SplitTrouble):
    """The database forgets one document that was on its way."""

    lost = ""

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        del stage, team
        while not self.lost:
            time.sleep(0.05)
            self.lost = "".join(str(row[0]) for row in self.database.execute(_LOSE))
        told.troubles = 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_document_the_database_forgot_is_told_as_lost(tmp_path: Path) -> None:
    trouble = Forgets()

    outcome = run_campaign(tmp_path, Plan(seed=SEED, referrers=1, pause_seconds=0.2), trouble)

    faults = faults_of(outcome.history)
    assert Broken.LOST in {fault.broken for fault in faults}  # and what waits behind it, if anything does
    assert any(trouble.lost in fault.text for fault in faults)
