"""A whole gateway with simulated partners, for scenarios in the users' words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.demo.engines.both import Engines, running_engines
from gateway.demo.stage import Stage
from tests.acceptance.families import Team, team_of

_BARNET, _HERTFORDSHIRE = "E09000003", "E10000015"
_POLICY = Path(__file__).parents[2] / "mappings" / "policy"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A gateway and its partners, running on loopback, with nothing in it yet."""
    with Stage(tmp_path / "gateway") as running:
        yield running


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """A database and a broker, for as many gateways as need one."""
    with running_engines() as running:
        yield running


@pytest.fixture(scope="session")
def team(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Everybody in Barnet who works with families."""
    with team_of(engines, tmp_path_factory.mktemp("barnet"), authority=_BARNET) as here:
        yield here


@pytest.fixture(scope="session")
def hertfordshire(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Everybody in Hertfordshire, where the duty to share is in force, and other rules will be in March."""
    text = (_POLICY / "sharing-2026.1.toml").read_text()
    kept = 'COORDINATE = ["CAT-ADOPT"'
    assert kept in text
    newer = text.replace('version = "sharing-2026.1"', 'version = "sharing-2027.1"')
    newer = newer.replace(kept, 'COORDINATE = ["CAT-EMO", "CAT-ADOPT"')
    policies = {
        "sharing-2027.1.toml": f'{newer}\n[in_force_from]\neverywhere = "2027-03-01"\n'.encode(),
        "law.toml": (_POLICY / "law.toml").read_bytes()
        + f'\n[s16LA.in_force_from]\n{_HERTFORDSHIRE} = "2026-09-01"\n'.encode(),
    }
    folder = tmp_path_factory.mktemp("hertfordshire")
    with team_of(engines, folder, authority=_HERTFORDSHIRE, policies=policies) as there:
        yield there
