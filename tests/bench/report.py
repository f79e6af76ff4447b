"""What did the bench find, beside what must be and what is hoped for? One table, a plot, and a file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl

from tests.bench.figures import is_a_rate
from tests.bench.floors import of_floor
from tests.bench.stacks import ONE_PROCESS, SPLIT
from tests.bench.translation import tell

mpl.use("Agg")
from matplotlib import pyplot as plt  # after the choice of a drawing without a screen

Report = dict[str, dict[str, Any]]
"""Rows and their figures by stack, and of peers, floors and machine; `..._worst` is the worst of several runs."""

STACKS = (ONE_PROCESS, SPLIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What must be reached, and what is hoped for; `only` names the stack it is asked of, if not of both."""

    must: float
    goal: float
    only: str | None = None


BARS: Mapping[str, Bar] = {
    "accept_per_second": Bar(must=600, goal=1000),
    "whole_path_per_second": Bar(must=150, goal=640),
    "accept_per_second_slow_disk": Bar(must=150, goal=300),
    "whole_path_per_second_slow_disk": Bar(must=150, goal=300),
    "accept_p99_ms_at_50": Bar(must=30, goal=15),
    "accept_p99_ms_broker_down": Bar(must=100, goal=50),
    "acknowledged_p99_ms_at_50": Bar(must=250, goal=60),
    "urgent_p99_ms_behind_10000": Bar(must=1000, goal=250),
    "drain_starts_s": Bar(must=5, goal=2),
    "ready_after_kill_s": Bar(must=5, goal=3),
    "translate_times_raw": Bar(must=5, goal=2.5),
    "translate_form_times_raw": Bar(must=5, goal=2.5),
    "decide_p99_ms": Bar(must=0.5, goal=0.1),
    "proof_ms": Bar(must=5, goal=1),
    "verify_ms": Bar(must=1, goal=0.1),
    "signed_sealed_receipts_per_second": Bar(must=500, goal=1000),
    "idle_mb": Bar(must=200, goal=120, only=ONE_PROCESS),
    "cost_at_a_million_percent": Bar(must=25, goal=0),
    "withdrawal_s": Bar(must=60, goal=1),
    "reviews_per_100": Bar(must=6, goal=3, only=ONE_PROCESS),
}
"""Every row that has a bar, in the order of the table. More is better of a rate, less of anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was found of one row on one stack. `ratio` is how many times better than it must be; None: no bar."""

    row: str
    stack: str
    found: float
    worst: float | None
    ratio: float | None

    @property
    def is_missed(self) -> bool:
        """Tell whether it is not as it must be."""
        return self.ratio is not None and self.ratio < 1

    def __str__(self) -> str:
        worst = "" if self.worst is None else f" ({_short(self.worst)})"
        ratio = "" if self.ratio is None else f" {self.ratio:.2f}x"
        return f"{_short(self.found)}{worst}{ratio}{' MISSED' if self.is_missed else ''}"


def cells(report: Report) -> Iterator[Cell]:
    """Return what was found of the rows that have a bar."""
    for row, bar in BARS.items():
        for stack in STACKS:
            found = report.get(stack, {}).get(row)
            if found is not None:
                asked = bar.only in {None, stack}
                ratio = _ratio(row, found, bar.must) if asked else None
                worst = report[stack].get(f"{row}_worst")
                yield Cell(row=row, stack=stack, found=found, worst=worst, ratio=ratio)


def missed(report: Report) -> list[Cell]:
    """Return what is not as it must be."""
    return [cell for cell in cells(report) if cell.is_missed]


def table(report: Report) -> list[str]:
    """Return the lines of the table: what was found on each stack, by what ratio better than it must be."""
    found = {(cell.row, cell.stack): str(cell) for cell in cells(report)}
    lines = [_line("median (worst) ratio to must", *STACKS, "must", "goal")]
    for row, bar in BARS.items():
        if any((row, stack) in found for stack in STACKS):
            told = (found.get((row, stack), "") for stack in STACKS)
            lines.append(_line(row, *told, _short(bar.must), _short(bar.goal)))
    return lines


def others(report: Report) -> list[str]:
    """Return the lines of everything that has no bar: costs by process, floors, peers, and the machine."""
    lines = []
    for stack in STACKS:
        rows = report.get(stack, {})
        told = _without_bars({**rows, **of_floor(rows, report.get("floors", {}), stack)})
        lines += ["", f"{stack}:", *told] if told else []
    for name in ("floors", "machine"):
        told = _without_bars(report.get(name, {}))
        lines += ["", f"{name}:", *told] if told else []
    for name, rows in report.get("peers", {}).items():
        lines += ["", f"{name} (peer):", *_without_bars(rows, but_all=True)]
    return lines


def draw(report: Report, file: Path) -> None:
    """Draw the ratios to the musts."""
    told = [cell for cell in cells(report) if cell.ratio]
    figure, axes = plt.subplots(figsize=(9, 1 + 0.3 * len(told)))
    axes.barh(
        [f"{cell.row}, {cell.stack}" for cell in told],
        [cell.ratio for cell in told],
        color=["#b3261e" if cell.is_missed else "#1d4d4f" for cell in told],
    )
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("times better than must be (1 = just reached)")
    axes.invert_yaxis()
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def write(report: Report, folder: Path) -> None:
    """Write the report and the plot into *folder*, and tell both."""
    (folder / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print("\n".join([*table(report), *others(report)]))
    translation = report.get(ONE_PROCESS, {}).get("translation")
    if translation:
        print()
        tell(translation)
    if any(cell.ratio for cell in cells(report)):
        draw(report, folder / "report.png")
    print(f"\n{folder / 'report.json'}, {folder / 'report.png'}")


def _ratio(row: str, found: float, must: float) -> float:
    if is_a_rate(row):
        return found / must
    return must / found if found > 0 else float(must)


def _line(what: str, *columns: str) -> str:
    widths = (30, 30, 8, 8)
    return f"{what:<34}" + "".join(f"{text:>{width}}" for text, width in zip(columns, widths, strict=True))


def _without_bars(rows: Mapping[str, Any], *, but_all: bool = False) -> list[str]:
    """Return a line for each row without a bar, its worst beside it."""
    told = []
    for name, figure in rows.items():
        if isinstance(figure, dict) or name.endswith("_worst") or (name in BARS and not but_all):
            continue
        worst = rows.get(f"{name}_worst")
        beside = "" if worst is None else f" ({_short(worst)})"
        told.append(f"  {name:<44}{figure if isinstance(figure, str) else _short(figure):>12}{beside}")
    return told


def _short(figure: float) -> str:
    """Return a figure with as many places as it is worth."""
    return f"{figure:.0f}" if abs(figure) >= 100 or figure == int(figure) else f"{figure:.3g}"
