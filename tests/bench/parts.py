"""Which parts has the bench? Each gives rows of the report, and may be run alone: `make bench ONLY=flow,floors`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.by_stage import measure_by_stage
from tests.bench.decisions import measure_decisions
from tests.bench.depth import measure_depth
from tests.bench.floors import measure_floors
from tests.bench.flow import Sink, measure_flow, measure_rates
from tests.bench.large_files import measure_large_files
from tests.bench.peers import measure_peers
from tests.bench.report import Report
from tests.bench.reviews import measure_reviews
from tests.bench.slow_disk import proved_slow, slow_disk
from tests.bench.stacks import ONE_PROCESS, STACKS
from tests.bench.stages import measure
from tests.bench.troubles import SETTINGS, measure_troubles
from tests.fault.installation import install


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where the bench works: `disk` is its folder on the disk to be measured, `sink` are the partners."""

    disk: Path
    sink: Sink

    def folder(self, name: str) -> Path:
        """Return a fresh folder on the disk, which is not there yet."""
        return self.disk / name.replace(" ", "-")


def _flow(bench: Bench) -> Report:
    report = {}
    for name, stack in STACKS.items():
        with stack(bench.folder(f"flow {name}"), bench.sink.url) as running:
            report[name] = measure_flow(running, bench.sink)
    return report


def _slow_disk(bench: Bench) -> Report:
    environment = slow_disk(bench.folder("slow disk"))
    report = {}
    for name, stack in STACKS.items():
        folder = bench.folder(f"slow disk {name}")
        with stack(folder, bench.sink.url, environment=environment) as running:
            proof = proved_slow(running, folder, environment)
            report[name] = proof | measure_rates(running, bench.sink, "_slow_disk")
    return report


def _troubles(bench: Bench) -> Report:
    report = {}
    for name, stack in STACKS.items():
        with stack(bench.folder(f"troubles {name}"), bench.sink.url, **SETTINGS) as running:
            report[name] = measure_troubles(running, bench.sink)
    return report


def _depth(bench: Bench) -> Report:
    return {ONE_PROCESS: measure_depth(bench.folder("depth"), bench.sink)}


def _large_files(bench: Bench) -> Report:
    return {ONE_PROCESS: measure_large_files(bench.folder("large files"), bench.sink)}


def _stages(bench: Bench) -> Report:
    rows = measure(install(bench.folder("stages"), {})) | measure_by_stage(bench.folder("by stage"), bench.sink)
    raw = {"xml_raw_ms": "report", "json_raw_ms": "form"}
    floors = {name: rows["translation"][sample]["raw_ms"] for name, sample in raw.items()}
    return {ONE_PROCESS: rows, "floors": floors}


def _decisions(bench: Bench) -> Report:
    return {ONE_PROCESS: measure_decisions(bench.folder("decisions"))}


def _reviews(bench: Bench) -> Report:
    return {ONE_PROCESS: measure_reviews(bench.folder("reviews"))}


def _floors(bench: Bench) -> Report:
    return {"floors": measure_floors(bench.folder("floors"))}


def _peers(bench: Bench) -> Report:
    return {"peers": measure_peers(bench.folder("peers"))}


PARTS: Mapping[str, Callable[[Bench], Report]] = {
    "floors": _floors,
    "flow": _flow,
    "slow-disk": _slow_disk,
    "stages": _stages,
    "decisions": _decisions,
    "peers": _peers,
    "troubles": _troubles,
    "depth": _depth,
    "reviews": _reviews,
    "large-files": _large_files,
}
"""By name, in the order in which they are run."""
