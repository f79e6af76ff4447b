"""New rules bind what was permitted under the old ones."""

from pathlib import Path

import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import assemble
from gateway.app.settings import Settings
from gateway.flows.gather import POLICY_EPOCH
from gateway.flows.rules import bring_into_force

SHIPPED = Path(__file__).parents[3] / "mappings" / "policy" / "sharing-2026.1.toml"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    create_keys(tmp_path / "keys")
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / SHIPPED.name).write_bytes(SHIPPED.read_bytes())
    return Settings(
        authority="E09000003",
        sender="barnet-gateway",
        origin="gateway.barnet.example/audit/2026",
        listen_host="127.0.0.1",
        listen_port=0,
        data_folder=tmp_path / "data",
        keys_folder=tmp_path / "keys",
        policy_folder=tmp_path / "policy",
    )


def policy_epoch(settings: Settings) -> int:
    """Open the installation and return the counter that permits of this policy rest on."""
    application = assemble(settings)
    epoch = application.store.read(lambda uow: uow.epochs.current([POLICY_EPOCH])[POLICY_EPOCH])
    application.stop()
    return epoch


def test_the_same_rules_leave_permits_standing(settings: Settings) -> None:
    assert policy_epoch(settings) == policy_epoch(settings)


def test_another_policy_makes_every_earlier_permit_stale(settings: Settings) -> None:
    before = policy_epoch(settings)

    text = SHIPPED.read_text().replace('version = "sharing-2026.1"', 'version = "sharing-2026.2"')
    (settings.policy_folder / "sharing-2026.2.toml").write_text(text)

    assert policy_epoch(settings) == before + 1


def test_going_back_to_older_rules_counts_as_a_change_too(settings: Settings) -> None:
    first = policy_epoch(settings)
    newer = settings.policy_folder / "sharing-2026.2.toml"
    newer.write_text(SHIPPED.read_text().replace('version = "sharing-2026.1"', 'version = "sharing-2026.2"'))
    policy_epoch(settings)
    newer.unlink()

    assert policy_epoch(settings) == first + 2


def test_bringing_the_same_policy_into_force_again_says_so(settings: Settings) -> None:
    application = assemble(settings)

    changed = bring_into_force(application.desk)

    application.stop()
    assert changed is False
