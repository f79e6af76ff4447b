"""A gateway for each test that changes what others would see, and one for all those that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.operations.house import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("house")) as found:
        yield found
