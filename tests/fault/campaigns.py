"""Which campaigns are there? One entry each: `make test-slow` runs them all, `make faults` makes their table.

To add one: a function that takes a folder and a seed and returns a `Row` (or raises what it found), and its entry in
`CAMPAIGNS`. A trouble of a running gateway is a subclass of `tests.fault.trouble.Trouble`, and `campaign` makes the
function of it.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fault.bad_network import BadNetwork
from tests.fault.campaign import Outcome, Plan, keep, run_campaign
from tests.fault.checker import Broken, Fault, faults_of
from tests.fault.clock_jumps import ClockJumps
from tests.fault.disk_campaigns import calls_along_the_way, every_call_of_the_store
from tests.fault.fault_table import Row
from tests.fault.partitions import Partitions
from tests.fault.power_cuts import PowerCuts
from tests.fault.split_campaigns import BrokerTroubles, ClusterKills, DatabaseKills, ProcessKills
from tests.fault.trouble import Kills, Trouble

SEED = int(os.environ.get("CAMPAIGN_SEED", "20261123"))
Run = Callable[[Path, int], Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign: what goes wrong, in words for the table, on which parts, and how it is run."""

    fault: str
    parts: str
    run: Run


def judged(folder: Path, plan: Plan, trouble: Trouble) -> Row:
    """Run a campaign, print what came of it, and fail with seed and history when a promise was broken."""
    outcome = run_campaign(folder, plan, trouble)
    print(outcome)

    faults = [*faults_of(outcome.history), *outcome.more_faults]

    assert faults == [], keep(outcome, faults, folder)
    assert all(outcome.verified.values()), keep(outcome, [], folder)
    assert len(outcome.history.accepted) > trouble.documents_a_fault * outcome.troubles, "there was hardly any load"
    return row_of(outcome, faults)


def row_of(outcome: Outcome, faults: list[Fault]) -> Row:
    """Return the line of the table that *outcome* makes."""
    had: Mapping[Broken, int] = {broken: sum(fault.broken is broken for fault in faults) for broken in Broken}
    return Row(
        runs=outcome.troubles,
        accepted=len(outcome.history.accepted),
        lost=had[Broken.LOST],
        doubled=had[Broken.DOUBLED],
        out_of_order=had[Broken.ORDER],
        s47_late=had[Broken.LATE],
        seed=outcome.history.seed,
    )


def campaign(trouble: Callable[[], Trouble], **how: float) -> Run:
    """Return how a campaign under load is run with a fresh *trouble*; *how* goes into its plan."""

    def run(folder: Path, seed: int) -> Row:
        return judged(folder, Plan(seed=seed, **how), trouble())  # type: ignore[arg-type]  # numbers of the plan

    return run


ONE_PROCESS = "one process, SQLite"
SEVERAL = "several processes, PostgreSQL and RabbitMQ"

CAMPAIGNS: Mapping[str, Campaign] = {
    "kill": Campaign(
        fault="`kill -9` of the gateway, working or starting",
        parts=ONE_PROCESS,
        run=campaign(lambda: Kills(60, alive_seconds=(0.1, 4.0)), pause_seconds=0.15),
    ),
    "power": Campaign(
        fault="power loss: writes since the last sync dropped, reordered, torn",
        parts=ONE_PROCESS,
        run=campaign(lambda: PowerCuts(30), pause_seconds=0.15),
    ),
    "sick-disk": Campaign(
        fault="EIO and ENOSPC at random calls under load, then power loss",
        parts=ONE_PROCESS,
        run=campaign(lambda: PowerCuts(15, (1.0, 5.0), is_sick=True), pause_seconds=0.15),
    ),
    "store-calls": Campaign(
        fault="EIO, ENOSPC, power loss at every single call of the disk, one after the other",
        parts="the store, SQLite",
        run=every_call_of_the_store,
    ),
    "way-calls": Campaign(
        fault="EIO, ENOSPC at a call of the disk between a document's coming and its going",
        parts=ONE_PROCESS,
        run=calls_along_the_way,
    ),
    "network": Campaign(
        fault="connections slow, reset, cut, half-closed, garbled, hanging, answered twice or with a lie",
        parts=ONE_PROCESS,
        run=campaign(lambda: BadNetwork(90), pause_seconds=0.1),
    ),
    "clock": Campaign(
        fault="the wall clock set forward and back by a minute, an hour, a day",
        parts=ONE_PROCESS,
        run=campaign(lambda: ClockJumps(24), pause_seconds=0.1),
    ),
    "split-kill": Campaign(
        fault="`kill -9` of any process, ready or starting, two of each kind",
        parts=SEVERAL,
        run=campaign(lambda: ProcessKills(20), referrers=3, pause_seconds=0.5),
    ),
    "broker": Campaign(
        fault="the broker killed, standing still, out of memory, out of disk",
        parts=SEVERAL,
        run=campaign(lambda: BrokerTroubles(2), referrers=3, pause_seconds=0.5),
    ),
    "broker-cluster": Campaign(
        fault="of three broker nodes a queue's leader, a follower, or all killed",
        parts=SEVERAL,
        run=campaign(lambda: ClusterKills(2), referrers=3, pause_seconds=0.5),
    ),
    "partition": Campaign(
        fault="three broker nodes cut off: a queue's leader, its cable, two from one another, all",
        parts=SEVERAL,
        run=campaign(lambda: Partitions(4), referrers=3, pause_seconds=0.5),
    ),
    "database": Campaign(
        fault="PostgreSQL killed, all of it or one of its processes, or told to end at once",
        parts=SEVERAL,
        run=campaign(lambda: DatabaseKills(12), referrers=3, pause_seconds=0.5),
    ),
}
