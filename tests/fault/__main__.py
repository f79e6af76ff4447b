"""How is the table of faults made? `python -m tests.fault`: every campaign, or those that are named.

Results are kept in `build/faults/`, one file for each campaign; the table on docs/faults.md is made of all of them, and
of the lines it had for campaigns without one, so that one campaign can be run again without the others. A campaign that
finds a broken promise says so, keeps its history, and leaves the page as it was. `make test-slow` runs the same and
keeps their results too; `--kept` makes the table of what is kept, and runs none.
"""

import argparse
import shutil
import sys
import time

from tests.fault.campaigns import CAMPAIGNS, SEED
from tests.fault.fault_table import KEPT, Result, kept_in, publish, results_on, table_of


def main(names: list[str], seed: int) -> int:
    """Run the campaigns called *names*, publish the table, and return the exit status."""
    broken = [name for name in names if not _run(name, seed)]
    known = {(one.fault, one.parts): name for name, one in CAMPAIGNS.items()}
    found = {**results_on(known), **kept_in(KEPT)}
    results = [result for name, result in sorted(found.items(), key=_place) if name in CAMPAIGNS]
    print(table_of(results))
    if broken:
        print(f"promises were broken by: {', '.join(broken)}; docs/faults.md stays as it was", file=sys.stderr)
        return 1
    publish(results)
    return 0


def _place(item: tuple[str, Result]) -> int:
    return [*CAMPAIGNS, item[0]].index(item[0])


def _run(name: str, seed: int) -> bool:
    """Run one campaign, keep its result, and tell whether every promise was kept."""
    folder, found = KEPT / name, CAMPAIGNS[name]
    shutil.rmtree(folder, ignore_errors=True)
    (KEPT / f"{name}.json").unlink(missing_ok=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    print(f"{name}: {found.fault}; seed {seed}", flush=True)
    try:
        row = found.run(folder, seed)
    except AssertionError as error:
        print(f"{name}: {error}\nsee {folder}", file=sys.stderr)
        return False
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    Result(name=name, fault=found.fault, parts=found.parts, row=row).keep(KEPT)
    shutil.rmtree(folder, ignore_errors=True)
    return row.is_clean


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fault", description="The table of faults.")
    parser.add_argument("campaign", nargs="*", help=f"some of: {', '.join(CAMPAIGNS)}")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--kept", action="store_true", help="run none: make the table of the results that are kept")
    told = parser.parse_args()
    if unknown := set(told.campaign) - set(CAMPAIGNS):
        parser.error(f"there is no campaign called {', '.join(sorted(unknown))}")
    sys.exit(main([] if told.kept else told.campaign or list(CAMPAIGNS), told.seed))
