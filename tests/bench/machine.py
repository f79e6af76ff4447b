"""On what machine was it measured, and how busy was it besides?"""

import os
import statistics
import time
from pathlib import Path
from typing import Any

_APPEND = bytes(8192)
_APPENDS = 200


def machine() -> dict[str, Any]:
    """Return what the machine has."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    return {"measured": time.strftime("%Y-%m-%d"), "cores": len(os.sched_getaffinity(0)), "memory_mb": round(total)}


def load_average() -> str:
    """Return how many wanted a core in the last one, five and fifteen minutes."""
    return " ".join(f"{figure:.2f}" for figure in os.getloadavg())


def disk_of(folder: Path) -> dict[str, Any]:
    """Return what kind of disk *folder* is on, and what it takes to put 8 KB there so that they stay."""
    file = folder / "append"
    took = []
    with file.open("wb", buffering=0) as opened:
        for _ in range(_APPENDS):
            began = time.perf_counter()
            opened.write(_APPEND)
            os.fdatasync(opened.fileno())
            took.append((time.perf_counter() - began) * 1e3)
    file.unlink()
    return {"file_system": _file_system(folder), "append_8_kb_p50_ms": statistics.median(took)}


def _file_system(folder: Path) -> str:
    """Return the kind of the nearest mount above *folder*."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    above = [(len(where), kind) for where, kind in mounts if folder.resolve().is_relative_to(where)]
    return max(above)[1]
