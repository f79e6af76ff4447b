import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench.usage import cpu_ms, resident_mb, shared_out_mb, tree

_BURNT_MS = 100.0
_FAMILY = """
import subprocess, sys
burn = "import time\\nwhile time.process_time() < 0.1: pass"
subprocess.run([sys.executable, "-c", burn])
hold = "import os, sys; held = b'x' * 60_000_000; print(os.getpid(), flush=True); sys.stdin.read()"
subprocess.run([sys.executable, "-c", hold])
"""


@pytest.fixture
def family() -> Iterator[tuple[int, int]]:
    """Give the numbers of a process and of its child, which holds 60 MB; another burnt some CPU, and has ended."""
    command = [sys.executable, "-c", _FAMILY]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())


def test_a_tree_holds_the_children(family: tuple[int, int]) -> None:
    parent, child = family

    assert sorted(tree(parent)) == sorted(family)
    assert tree(child) == [child]


def test_a_childs_cpu_is_its_parents_after_its_end(family: tuple[int, int]) -> None:
    parent, child = family

    assert cpu_ms(parent) >= _BURNT_MS
    assert cpu_ms(child) < cpu_ms(parent)


def test_the_memory_of_a_process_is_also_that_of_its_children(family: tuple[int, int]) -> None:
    parent, child = family

    assert shared_out_mb(parent) > shared_out_mb(child) > 50
    assert resident_mb(child) > 50 > resident_mb(parent)
