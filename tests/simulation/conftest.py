"""One assembled gateway for all histories of a process: it is put back to where it was after each."""

from collections.abc import Iterator

import pytest

from tests.simulation.house import House, quiet


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A gateway on simulated ports, its scenes played."""
    with quiet():
        built = House()
    yield built
    built.close()


@pytest.fixture
def gateway(house: House) -> Iterator[House]:
    """The same, its log silent for one test and for no other."""
    with quiet():
        yield house
