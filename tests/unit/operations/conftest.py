"""The gateway that tests of operations share, and one for each test that changes much."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.operations.house import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as found:
        yield found
