"""One assembled gateway for all histories of a process: it is put back to where it was after each."""

from collections.abc import Iterator

import pytest

from tests.simulation.house import House, quiet


@pytest.fixture(scope="session")
def gateway() -> Iterator[House]:
    """A gateway on simulated ports, its scenes played, its log silent."""
    with quiet():
        house = House()
        yield house
        house.close()
