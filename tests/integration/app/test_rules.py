"""New rules bind what was permitted under the old ones."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application, assemble, real_world
from gateway.app.settings import Settings
from gateway.flows.deciding.gather import POLICY_EPOCH
from gateway.flows.deciding.rules import RuleWatch, bring_into_force
from tests.fakes.clock import SteppedClock

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
    epoch = epoch_of(application)
    application.stop()
    return epoch


def epoch_of(application: Application) -> int:
    """Return the counter as it stands in a running gateway."""
    return application.store.read(lambda uow: uow.epochs.current([POLICY_EPOCH])[POLICY_EPOCH])


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


def test_a_policy_whose_day_comes_while_the_gateway_runs_comes_into_force_by_itself(settings: Settings) -> None:
    text = SHIPPED.read_text().replace('version = "sharing-2026.1"', 'version = "sharing-2026.2"')
    (settings.policy_folder / "sharing-2026.2.toml").write_text(f'{text}\n[in_force_from]\neverywhere = "2026-12-01"\n')
    clock = SteppedClock(datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))
    application = assemble(settings, replace(real_world(settings), clock=clock))
    watch = RuleWatch(application.desk)
    watch.tick()
    seen = [(application.desk.policy.version, epoch_of(application))]

    clock.move(seconds=1)
    watch.tick()
    watch.tick()
    seen.append((application.desk.policy.version, epoch_of(application)))

    application.stop()
    assert seen == [("sharing-2026.1", 1), ("sharing-2026.2", 2)]


def test_a_law_that_comes_into_force_makes_every_earlier_permit_stale(settings: Settings) -> None:
    before = policy_epoch(settings)
    law = (SHIPPED.parent / "law.toml").read_text()

    (settings.policy_folder / "law.toml").write_text(f'{law}\n[s16LA.in_force_from]\nE09000003 = "2026-01-01"\n')

    assert policy_epoch(settings) == before + 1


def test_bringing_the_same_policy_into_force_again_says_so(settings: Settings) -> None:
    application = assemble(settings)

    changed = bring_into_force(application.desk)

    application.stop()
    assert changed is False
