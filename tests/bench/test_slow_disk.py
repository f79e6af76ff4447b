"""Is a slow disk slow? All limits are lower ones: a busy machine may be slower still and breaks none of them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.slow_disk import proved_slow, refuse_quick, slow_disk, sqlite_commit_ms
from tests.bench.usage import has_loaded
from tests.fault.installation import Installation

_SYNC_MS = 20.0
_RUN = """
import ctypes, mmap, os, sys, time
opened = open(sys.argv[1], "w+b")
opened.write(bytes(8192))
opened.flush()
mapped = mmap.mmap(opened.fileno(), 8192)
began = time.perf_counter()
{call}
print(1e3 * (time.perf_counter() - began))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyStack:
    """A stack whose only process is the test's own."""

    installation: Installation
    name: str = "any"
    processes: tuple[tuple[str, int], ...] = (("up", os.getpid()),)

    def cpu_ms(self) -> Mapping[str, float]:
        return {}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return slow_disk(tmp_path_factory.mktemp("slow"), sync_ms=_SYNC_MS)


def run(call: str, file: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _RUN.format(call=call), str(file)]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "call",
    [
        "os.fsync(opened.fileno())",
        "os.fdatasync(opened.fileno())",
        "mapped.flush()",
        "ctypes.CDLL(None).syncfs(opened.fileno())",
        "ctypes.CDLL(None).sync_file_range(opened.fileno(), ctypes.c_int64(0), ctypes.c_int64(0), 4)",
    ],
    ids=["fsync", "fdatasync", "msync", "syncfs", "sync_file_range"],
)
def test_a_call_that_waits_for_the_disk_takes_longer(call: str, environment: Mapping[str, str], tmp_path: Path) -> None:
    done = run(call, tmp_path / "file", environment)

    assert float(done.stdout) >= _SYNC_MS


def test_a_sync_that_fails_still_does(environment: Mapping[str, str], tmp_path: Path) -> None:
    done = run("os.fsync(os.pipe()[1])", tmp_path / "file", environment)

    assert "Invalid argument" in done.stderr


def test_each_commit_of_sqlite_waits_for_the_slow_disk(environment: Mapping[str, str], tmp_path: Path) -> None:
    assert sqlite_commit_ms(tmp_path, environment) >= _SYNC_MS


def test_a_stack_with_a_process_on_the_quick_disk_fails_the_bench(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    stack = AnyStack(installation=Installation(folder=tmp_path, port=1, environment={}, tokens={}, vkey=""))

    with pytest.raises(AssertionError, match=r"not on the slow disk at all: \['up'\]"):
        proved_slow(stack, tmp_path, environment)


def test_a_process_on_the_slow_disk_is_known_for_one(environment: Mapping[str, str]) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"there\n")
        process.stdin.flush()
        process.stdout.readline()

        assert has_loaded(process.pid, Path(environment["LD_PRELOAD"]))


def test_a_commit_too_quick_for_the_slow_disk_fails_the_bench() -> None:
    with pytest.raises(AssertionError, match="confirm_ms_slow_disk"):
        refuse_quick({"postgres_commit_ms_slow_disk": 2.0, "confirm_ms_slow_disk": 1.9})
