"""Which parts has the bench? Each gives rows of the report, and may be run alone: `make bench ONLY=flow,floors`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.flow import Sink, measure_flow
from tests.bench.report import Report
from tests.bench.stacks import ONE_PROCESS, STACKS
from tests.bench.stages import measure
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


def _stages(bench: Bench) -> Report:
    return {ONE_PROCESS: measure(install(bench.folder("stages"), {}))}


PARTS: Mapping[str, Callable[[Bench], Report]] = {"flow": _flow, "stages": _stages}
"""By name, in the order in which they are run."""
