"""How are several runs told as one figure, and which way is better?"""

import statistics
from collections.abc import Mapping, Sequence


def is_a_rate(row: str) -> bool:
    """Tell whether more of a row is better."""
    return "_per_second" in row


def repeated(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return for each row the median of *runs* under its own name, and the worst under `..._worst`."""
    rows: dict[str, float] = {}
    for name in runs[0]:
        figures = [run[name] for run in runs]
        rows[name] = statistics.median(figures)
        rows[f"{name}_worst"] = min(figures) if is_a_rate(name) else max(figures)
    return rows


def at(ordered: Sequence[float], part: float) -> float:
    """Return the figure below which *part* of *ordered* lies."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
