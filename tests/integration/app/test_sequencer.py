"""A store that is put back to an earlier state is noticed before anything is signed over it."""

import shutil
from pathlib import Path

import pytest

from gateway.adapters.keys.key_files import create_keys
from gateway.app.bootstrap import Application, assemble
from gateway.app.engines import STORE_FILE
from gateway.app.settings import Settings
from gateway.audit.event import EventKind
from gateway.errors import IntegrityError
from gateway.flows.trail import About


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    create_keys(tmp_path / "keys")
    return Settings(
        authority="E09000003",
        sender="barnet-gateway",
        origin="gateway.barnet.example/audit/2026",
        listen_host="127.0.0.1",
        listen_port=0,
        data_folder=tmp_path / "data",
        keys_folder=tmp_path / "keys",
    )


def record(application: Application) -> None:
    """Record one event about nobody."""
    desk = application.desk
    words = {"policy_version": "sharing-2026.1", "policy_sha256": "0" * 64}
    desk.store.write(
        lambda uow: desk.trail.tell(uow, EventKind.POLICY_LOADED, words, at=desk.clock.now(), about=About())
    )


def log_one_event(settings: Settings) -> str:
    """Open the installation, log one event, close it again, and return the newest signed head."""
    application = assemble(settings)
    record(application)
    application.sequencer.give_places()
    head = application.store.log_store.head()
    application.stop()
    assert head is not None
    return head.note


def test_the_newest_head_is_kept_outside_the_store(settings: Settings) -> None:
    note = log_one_event(settings)

    assert (settings.keys_folder / "last-head.note").read_text() == note


def test_the_kept_head_is_for_its_owner_only_like_all_in_the_keys_folder(settings: Settings) -> None:
    log_one_event(settings)

    assert (settings.keys_folder / "last-head.note").stat().st_mode & 0o077 == 0


def test_a_restored_backup_signs_nothing_until_a_person_has_looked(settings: Settings, tmp_path: Path) -> None:
    signed = log_one_event(settings)
    shutil.copy(settings.data_folder / STORE_FILE, tmp_path / "backup")
    log_one_event(settings)
    shutil.copy(tmp_path / "backup", settings.data_folder / STORE_FILE)
    restored = assemble(settings)
    record(restored)

    with pytest.raises(IntegrityError):
        restored.sequencer.give_places()

    head, halted = restored.store.log_store.head(), restored.sequencer.halted
    restored.stop()
    assert head is not None
    assert head.note == signed
    assert halted is not None


@pytest.mark.parametrize("rubbish", [b"", b"no head\n", b"\xff\xfe\x00"], ids=["empty", "words", "no text"])
def test_a_kept_head_that_nobody_can_read_halts_the_log_and_is_told(settings: Settings, rubbish: bytes) -> None:
    """Or nothing would get its leaf any more, with the process still called ready."""
    log_one_event(settings)
    (settings.keys_folder / "last-head.note").write_bytes(rubbish)
    damaged = assemble(settings)
    record(damaged)

    with pytest.raises(IntegrityError):
        damaged.sequencer.give_places()

    halted = damaged.sequencer.halted
    damaged.stop()
    assert halted is not None


def test_a_log_that_only_grew_goes_on(settings: Settings) -> None:
    log_one_event(settings)

    assert log_one_event(settings) != log_one_event(settings)
