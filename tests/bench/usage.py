"""What does a process, with all that descend from it, take of the machine? From /proc, past the process itself."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _OF_THE_DEAD = 1, 11, 15
"""Where these stand in /proc/PID/stat after the name."""


def tree(root: int) -> list[int]:
    """Return *root* and every process that descends from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for pid, fields in _all():
        children[int(fields[_PARENT])].append(pid)
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children[found[-1]]
    return found


def cpu_ms(root: int) -> float:
    """Return the CPU milliseconds of a process and its descendants so far, those that have ended among them."""
    told = dict(_all())
    return sum(int(ticks) for pid in tree(root) if pid in told for ticks in told[pid][_USER:_OF_THE_DEAD]) * _TICK_MS


def shared_out_mb(root: int) -> float:
    """Return the megabytes of a process and its descendants, each page shared out among those who have it."""
    return sum(_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in tree(root)) / 1024


def resident_mb(pid: int) -> float:
    """Return the resident memory of one process in megabytes."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") / 1024


def peak_mb(pid: int) -> float:
    """Return the most that was ever resident of one process, in megabytes."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def has_loaded(pid: int, library: Path) -> bool:
    """Tell whether a process has *library* in its memory."""
    return str(library) in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


def _all() -> Iterable[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        yield int(folder.name), told.rpartition(") ")[2].split()


def _kilobytes(file: Path, name: str) -> int:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
