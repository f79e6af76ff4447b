"""A store is opened with the keys it was written with, or not at all."""

import shutil
from pathlib import Path

import pytest

from gateway.adapters.keys.key_files import EXCHANGE, INDEX, ROOT, create_keys
from gateway.app.bootstrap import assemble
from gateway.app.settings import Settings
from gateway.errors import IntegrityError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation that was started once."""
    create_keys(tmp_path / "keys")
    create_keys(tmp_path / "others")
    settings = Settings(
        authority="E09000003",
        sender="barnet-gateway",
        origin="gateway.barnet.example/audit/2026",
        listen_host="127.0.0.1",
        listen_port=0,
        data_folder=tmp_path / "data",
        keys_folder=tmp_path / "keys",
    )
    assemble(settings).close()
    return settings


def test_the_same_keys_open_it_again(settings: Settings) -> None:
    assemble(settings).close()


@pytest.mark.parametrize("name", [INDEX, ROOT])
def test_another_key_is_refused_by_name_before_anything_is_done_with_it(settings: Settings, name: str) -> None:
    shutil.copy(settings.keys_folder.with_name("others") / name, settings.keys_folder / name)

    with pytest.raises(IntegrityError, match=f"^{name} .* put .* back from its backup"):
        assemble(settings)


def test_a_new_root_key_beside_the_old_one_opens_it(settings: Settings) -> None:
    root = settings.keys_folder / ROOT
    other = (settings.keys_folder.with_name("others") / ROOT).read_text().split()[1]
    root.write_text(f"{root.read_text()}2 {other}\n")

    assemble(settings).close()


def test_an_old_root_key_that_was_taken_out_is_missed(settings: Settings) -> None:
    other = (settings.keys_folder.with_name("others") / ROOT).read_text().split()[1]
    (settings.keys_folder / ROOT).write_text(f"2 {other}\n")

    with pytest.raises(IntegrityError, match="every line"):
        assemble(settings)


def test_a_fresh_exchange_key_is_no_reason_to_stop(settings: Settings) -> None:
    shutil.copy(settings.keys_folder.with_name("others") / EXCHANGE, settings.keys_folder / EXCHANGE)

    assemble(settings).close()


def test_a_refused_start_leaves_nothing_open_so_that_the_right_keys_open_it_at_once(settings: Settings) -> None:
    right = settings.keys_folder / INDEX
    kept = right.read_bytes()
    shutil.copy(settings.keys_folder.with_name("others") / INDEX, right)
    with pytest.raises(IntegrityError):
        assemble(settings)
    right.write_bytes(kept)

    assemble(settings).close()
