"""A gateway of its own for each test of the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.console.browser import Site, a_site
from tests.unit.operations.house import a_house


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_house(tmp_path) as house, a_site(house) as found:
        yield found
