"""What does a school file of 200 MB cost? Peak memory of the whole gateway, and how fast it goes.

`python -m tests.bench.large_files --megabytes 20` tells this alone, of smaller files; `--kind large_table` is a CSV
report, which `make bench` leaves out: 200 MB of it are over two hundred thousand pupils.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from gateway.adapters.sql.sqlite import open_view
from gateway.flows.store.rows import Message, State
from gateway.model.identifiers import Authority
from tests.bench.flow import Sink, a_sink
from tests.bench.stacks import one_process
from tests.bench.usage import peak_mb
from tests.fakes.school_files import report, table, transfer_file
from tests.fault.installation import SCHOOL, Installation

MEGABYTES = 200
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 3600.0
_PUPILS_A_PIECE = 500
_KINDS: dict[str, tuple[str, Callable[..., Iterator[str]]]] = {
    "large_report": ("superstar-1", report),
    "large_transfer": ("ctf-25", transfer_file),
    "large_table": ("csv-1", table),
}
_MEASURED = ("large_report", "large_transfer")


def measure_large_files(
    folder: Path, sink: Sink, *, megabytes: int = MEGABYTES, kinds: Sequence[str] = _MEASURED
) -> dict[str, Any]:
    """Return what files of *kinds* with so many megabytes cost, each in a gateway of its own.

    Units: `..._peak_mb` is the most that was ever resident; `..._taken_in_mb_per_second` is from the drop to the
    receipt, `..._mb_per_second` and `..._pupils_per_second` from the drop until every pupil is translated, matched,
    decided and stored.
    """
    found: dict[str, Any] = {}
    for name in kinds:
        form, make = _KINDS[name]
        with one_process(folder / name, sink.url) as stack:
            found |= {f"{name}_{row}": figure for row, figure in _measured(stack, form, make, megabytes).items()}
        shutil.rmtree(folder / name, ignore_errors=True)
    return found


def _measured(stack: Any, form: str, make: Callable[..., Iterator[str]], megabytes: int) -> dict[str, float]:
    made = stack.installation
    (_, pid), *_ = stack.processes
    idle = peak_mb(pid)
    file = made.folder / "pupils.xml"
    pupils = _fill(file, make, megabytes)
    size = file.stat().st_size / 1e6
    place = made.folder / "drop" / SCHOOL / "sims" / form
    place.mkdir(parents=True, exist_ok=True)
    file.rename(place / file.name)
    began = time.monotonic()
    _wait(made, lambda one: one.state is not State.RECEIVING)
    taken = time.monotonic() - began
    done = _wait(made, lambda one: one.state is State.ORDERED)
    took = time.monotonic() - began
    assert done.cursor == pupils
    return {
        "mb": size,
        "pupils": pupils,
        "idle_mb": idle,
        "peak_mb": peak_mb(pid),
        "taken_in_mb_per_second": size / taken,
        "mb_per_second": size / took,
        "pupils_per_second": pupils / took,
    }


def _fill(file: Path, make: Callable[..., Iterator[str]], megabytes: int) -> int:
    """Write a file of about so many megabytes and return how many pupils are in it."""
    sample = sum(len(piece.encode()) for piece in make(_PUPILS_A_PIECE))
    pupils = max(1, round(megabytes * 1e6 / sample * _PUPILS_A_PIECE))
    with file.open("w", encoding="utf-8") as opened:
        opened.writelines(make(pupils))
    return pupils


def _wait(made: Installation, is_so: Callable[[Message], bool]) -> Message:
    """Return the school's file once it is so of it."""
    view = open_view(made.database, authority=Authority("E09000003"))
    until = time.monotonic() + _PATIENCE_SECONDS
    for _ in count():
        messages = view.read(lambda uow: uow.messages.find(limit=10))
        found = next((one for one in messages if one.channel == "folder" and is_so(one)), None)
        if found is not None:
            return found
        if time.monotonic() > until:
            break
        time.sleep(_POLL_SECONDS)
    raise AssertionError("the file did not go through in an hour")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large_files", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    parser.add_argument("--kind", choices=tuple(_KINDS), action="append")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gateway-large-", dir="/var/tmp"))
    try:
        with a_sink() as sink:
            kinds = chosen.kind or _MEASURED
            print(json.dumps(measure_large_files(folder, sink, megabytes=chosen.megabytes, kinds=kinds), indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
