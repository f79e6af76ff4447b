"""A whole gateway with simulated partners, for scenarios in the users' words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A gateway and its partners, running on loopback, with nothing in it yet."""
    with Stage(tmp_path / "gateway") as running:
        yield running
