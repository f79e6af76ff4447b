"""Run the bench: a table, a plot and var/bench/report.json, each figure beside its floor or bar of the same run."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import matplotlib as mpl

from gateway.demo.clock import MONDAY
from tests.bench.documents import bodies
from tests.bench.load import Plan
from tests.bench.stages import measure, memory_mb
from tests.bench.translation import tell
from tests.fault.gateway_process import is_ready, running
from tests.fault.installation import ECAF, MASH, PORTAL, SCHOOL, Installation, free_port, install

mpl.use("Agg")
from matplotlib import pyplot as plt  # after the choice of a drawing without a screen

OUT = Path("var/bench")
_PATH = "/v1/intake/mash/govuk-forms-1"
_ACCEPT_SECONDS, _STEADY_SECONDS, _STEADY_RATE = 8.0, 20.0, 50.0
_DRAIN_SECONDS = 240.0
_BARS = {
    "accept_per_second": (600, 1000),
    "whole_path_per_second": (150, 640),
    "accept_p99_ms_at_50": (30, 15),
    "acknowledged_p99_ms_at_50": (250, 60),
    "translate_times_raw": (5, 2.5),
    "translate_form_times_raw": (5, 2.5),
    "decide_p99_ms": (0.5, 0.1),
    "proof_ms": (5, 1),
    "verify_ms": (1, 0.1),
    "idle_mb": (200, 120),
}
"""What must be reached, and what is hoped for."""


def main() -> None:
    """Measure everything and tell it."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    report: dict[str, Any] = {"of": MONDAY.date().isoformat(), "cores": _cores()}
    with _sink() as sink:
        installation = install(OUT / "gateway", dict.fromkeys((MASH, ECAF, SCHOOL, PORTAL), sink), deliver_threads=8)
        with running(installation) as process:
            report["idle_mb"] = memory_mb(process.process.pid)
            report |= _steady(installation, sink)
            report |= _flat_out(installation, sink)
            report["loaded_mb"] = memory_mb(process.process.pid)
        report |= measure(installation)
    report |= _floor()
    report["accept_of_floor"] = report["accept_per_second"] / report["floor_per_second"]
    (OUT / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    _tell(report)
    _draw(report)


def _cores() -> int:
    return len(Path("/proc/cpuinfo").read_text(encoding="ascii").split("processor\t")) - 1


@contextmanager
def _sink() -> Iterator[str]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.sink", str(port)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _load(plan: Plan) -> list[list[Any]]:
    """Return `[sent, answered, status, message id]` of each request a plan came to."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"], input=plan.as_line(), capture_output=True, text=True, check=True
    )
    rows: list[list[Any]] = json.loads(done.stdout)
    wrong = {row[2] for row in rows} - {202}
    assert not wrong, f"the bench met answers {wrong}: its figures would be of refusals"
    return rows


def _steady(installation: Installation, sink: str) -> dict[str, Any]:
    """At fifty a second: how long until a sender has a receipt, and until the partner has acknowledged?"""
    plan = Plan(
        port=installation.port,
        path=_PATH,
        token=installation.tokens[PORTAL],
        bodies=bodies(200, seed=2),
        seconds=_STEADY_SECONDS,
        rate=_STEADY_RATE,
        prefix="B",
    )
    rows = _load(plan)
    times = _arrivals(sink, len(rows))
    accepted = sorted((row[1] - row[0]) * 1e3 for row in rows)
    acknowledged = sorted((times[row[3]] - row[1]) * 1e3 for row in rows)
    return {
        "accept_p50_ms_at_50": _at(accepted, 0.5),
        "accept_p99_ms_at_50": _at(accepted, 0.99),
        "acknowledged_p50_ms_at_50": _at(acknowledged, 0.5),
        "acknowledged_p99_ms_at_50": _at(acknowledged, 0.99),
    }


def _flat_out(installation: Installation, sink: str) -> dict[str, Any]:
    """As fast as sixteen connections can send: receipts a second, and documents a second until all have arrived."""
    httpx.get(f"{sink}/forget")
    plan = Plan(
        port=installation.port,
        path=_PATH,
        token=installation.tokens[PORTAL],
        bodies=bodies(400, seed=3),
        seconds=_ACCEPT_SECONDS,
        prefix="C",
    )
    rows = _load(plan)
    began, ended = min(row[0] for row in rows), max(row[1] for row in rows)
    times = _arrivals(sink, len(rows))
    return {
        "accepted": len(rows),
        "bytes_each": len(plan.bodies[0]),
        "accept_per_second": len(rows) / (ended - began),
        "whole_path_per_second": len(rows) / (max(times.values()) - began),
    }


def _arrivals(sink: str, count: int) -> dict[str, float]:
    """Return when each referral was acknowledged, once all have been."""
    limit = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < limit:
        told = httpx.get(f"{sink}/times", timeout=30).json()
        times = {
            name: kinds["mash.referral.submitted"] for name, kinds in told.items() if "mash.referral.submitted" in kinds
        }
        if len(times) >= count:
            return times
        time.sleep(0.2)
    raise AssertionError(f"{count - len(times)} of {count} referrals never arrived")


def _floor() -> dict[str, Any]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.floor", str(port), str(OUT / "floor.sqlite3")]
    with subprocess.Popen(command) as process:
        try:
            while not is_ready(port):
                time.sleep(0.05)
            rows = _load(Plan(port=port, path=_PATH, token="x", bodies=bodies(400, seed=3), seconds=_ACCEPT_SECONDS))
        finally:
            process.kill()
    return {"floor_per_second": len(rows) / (max(row[1] for row in rows) - min(row[0] for row in rows))}


def _at(ordered: list[float], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def _tell(report: dict[str, Any]) -> None:
    print(f"{'what':<30}{'found':>12}{'must':>10}{'goal':>10}   ratio to must")
    for name, (must, goal) in _BARS.items():
        found = report[name]
        ratio = found / must if name.endswith("_per_second") else must / found
        print(f"{name:<30}{found:>12.3f}{must:>10}{goal:>10}   {ratio:.2f} {'' if ratio >= 1 else 'MISSED'}")
    print()
    print(f"floor, bare FastAPI + json + SQLite group commit: {report['floor_per_second']:.0f}/s")
    print(f"accept is {report['accept_of_floor']:.2f} of that floor, with {report['bytes_each']} bytes each")
    stages = ("gate_ms", "translate_ms", "accept_ms", "decide_p50_ms", "write_json_ms")
    told = ", ".join(f"{name[:-3]} {report[name]:.3f}" for name in stages)
    print(f"CPU milliseconds of one thread by stage: {told} (accept holds gate, seals, event and receipt)")
    print()
    tell(report["translation"])
    print(f"{OUT / 'report.json'}, {OUT / 'report.png'}")


def _draw(report: dict[str, Any]) -> None:
    names = list(_BARS)
    ratios = [
        report[name] / _BARS[name][0] if name.endswith("_per_second") else _BARS[name][0] / report[name]
        for name in names
    ]
    figure, axes = plt.subplots(figsize=(9, 4.5))
    axes.barh(names, ratios, color=["#1d4d4f" if ratio >= 1 else "#b3261e" for ratio in ratios])
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("times better than must be (1 = just reached)")
    axes.invert_yaxis()
    figure.tight_layout()
    figure.savefig(OUT / "report.png", dpi=120)


if __name__ == "__main__":
    main()
