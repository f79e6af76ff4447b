"""A gateway that does nothing by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.flows.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An assembled gateway with the shipped example partners, and nothing in it yet."""
    built = House.build(tmp_path)
    yield built
    built.app.bus.close()
    built.app.store.close()
