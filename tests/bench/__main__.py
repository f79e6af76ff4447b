"""Run the bench: a table, a plot and var/bench/report.json, each figure beside its floor or bar of the same run."""

import argparse
import logging
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from tests.bench.flow import a_sink
from tests.bench.machine import disk_of, load_average, machine
from tests.bench.parts import PARTS, Bench
from tests.bench.report import Report, write

OUT = Path("var/bench")
_DISK = Path("/var/tmp")  # noqa: S108 - a folder of our own is made in it
"""It outlives a restart, so it is on a disk, and PostgreSQL's own user gets there."""


def main() -> None:
    """Measure what was asked for and tell it."""
    chosen = _chosen()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    disk = Path(tempfile.mkdtemp(prefix="gateway-bench-", dir=chosen.disk))
    disk.chmod(0o755)
    report: Report = {"machine": {**machine(), **disk_of(disk), "load_average_before": load_average()}}
    try:
        with a_sink() as sink:
            _measure(chosen.only, Bench(disk=disk, sink=sink), report)
    finally:
        shutil.rmtree(disk, ignore_errors=True)
    report["machine"]["load_average_after"] = load_average()
    write(report, OUT)


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", type=_parts, default=tuple(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--disk", type=Path, default=_DISK, help="a folder on the disk to be measured")
    return parser.parse_args()


def _parts(text: str) -> Sequence[str]:
    named = [name for name in text.split(",") if name]
    if not named or set(named) - set(PARTS):
        raise argparse.ArgumentTypeError(f"some of {','.join(PARTS)}, with commas between")
    return [name for name in PARTS if name in named]


def _measure(names: Sequence[str], bench: Bench, report: Report) -> None:
    for name in names:
        began = time.monotonic()
        print(f"{name}: load average {load_average()} ...", flush=True)
        for section, rows in PARTS[name](bench).items():
            report.setdefault(section, {}).update(rows)
        report["machine"][f"seconds_{name}"] = time.monotonic() - began


if __name__ == "__main__":
    main()
