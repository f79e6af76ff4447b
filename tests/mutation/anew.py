"""What if the code had been changed before anything was imported?

What a function makes while its module is imported is made by the old code before any test runs. So a change of such a
function that nothing has noticed is tried once more from the start.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Final

import pytest

from tests.mutation.mutants import Mutant

IMPORTED: Final = ("gateway", "tests.unit", "tests.oracle")


class Silent:
    """A plugin that prints nothing for a test: many thousands are run."""

    def pytest_report_teststatus(self) -> tuple[str, str, str]:
        """Return nothing to print."""
        return "", "", ""


def is_noticed_from_the_start(mutant: Mutant, arguments: Sequence[str]) -> bool:
    """Tell whether pytest with *arguments* fails where *mutant* is there from the start.

    Raises:
        RuntimeError: pytest could not be run at all.
    """
    child = os.fork()
    if child == 0:
        code = int(pytest.ExitCode.INTERNAL_ERROR)
        try:
            _import_anew(mutant)
            code = pytest.main([*arguments, "-x", "--no-summary"], plugins=[Silent()])
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}:
        raise RuntimeError(f"it could not be tried: {mutant}")
    return code != pytest.ExitCode.OK


def _import_anew(mutant: Mutant) -> None:
    for name in list(sys.modules):
        if any(name == package or name.startswith(f"{package}.") for package in IMPORTED):
            del sys.modules[name]
    as_ever = SourceFileLoader.get_code

    def changed(loader: SourceFileLoader, name: str) -> CodeType | None:
        return mutant.whole if name == mutant.module else as_ever(loader, name)

    SourceFileLoader.get_code = changed  # type: ignore[assignment, method-assign]  # modules come through it
