"""Are the gateway's own keys made once, on purpose, and for nobody else to read?"""

import base64
import os
import stat
from pathlib import Path

import pytest

from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.file_vault import open_vault
from gateway.adapters.keys.jose import open_seal
from gateway.adapters.keys.key_files import (
    EXCHANGE,
    INDEX,
    KEY_BYTES,
    ROOT,
    SIGNING,
    create_keys,
    read_key,
    read_root_keys,
)
from gateway.errors import ConflictError, NotFoundError, PermanentError
from gateway.model.identifiers import Authority, OrganisationId

A_KEY = base64.b64encode(bytes(KEY_BYTES)).decode()


def open_all(folder: Path) -> None:
    """Open everything that needs a key."""
    open_vault(folder, Authority("E09000003"))
    open_signer(folder, "gateway.example")
    open_seal(folder, OrganisationId("barnet-gateway"), limit_bytes=1000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_keys(tmp_path / "keys")
    return tmp_path / "keys"


def test_every_key_is_made_for_its_owner_only(folder: Path) -> None:
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}

    assert modes == dict.fromkeys((ROOT, INDEX, SIGNING, EXCHANGE), 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_two_keys_are_alike(folder: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "more")
    keys = [read_key(path / name) for path in (folder, tmp_path / "more") for name in (INDEX, SIGNING, EXCHANGE)]
    keys += [read_root_keys(path / ROOT)[1] for path in (folder, tmp_path / "more")]

    assert len(set(keys)) == 8
    assert {len(key) for key in keys} == {KEY_BYTES}


def test_keys_are_never_made_over_others(folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    with pytest.raises(ConflictError):
        create_keys(folder)

    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_keys_may_be_made_in_a_folder_that_is_there_and_empty(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()

    create_keys(tmp_path / "keys")

    assert len(read_key(tmp_path / "keys" / INDEX)) == KEY_BYTES


def test_what_a_crash_left_half_made_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "keys.new").mkdir()
    (tmp_path / "keys.new" / ROOT).write_text("1 half")

    create_keys(tmp_path / "keys")

    assert {file.name for file in tmp_path.iterdir()} == {"keys"}


@pytest.mark.parametrize("name", [ROOT, INDEX, SIGNING, EXCHANGE])
def test_without_its_file_nothing_opens_and_none_is_made(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(NotFoundError, match=name):
        open_all(folder)

    assert not (folder / name).exists()


@pytest.mark.parametrize("name", [ROOT, INDEX, SIGNING, EXCHANGE])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610], ids=oct)
def test_a_key_others_can_reach_is_refused(folder: Path, name: str, mode: int) -> None:
    (folder / name).chmod(mode)

    with pytest.raises(PermanentError, match=f"{mode:04o}") as refusal:
        open_all(folder)

    assert refusal.value.code == "key-file"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_that_belongs_to_somebody_else_is_refused(folder: Path) -> None:
    os.chown(folder / INDEX, 65534, 65534)

    with pytest.raises(PermanentError):
        read_key(folder / INDEX)


@pytest.mark.parametrize("text", ["", "short", A_KEY[:-4], f"{A_KEY} {A_KEY}", "ö" * 44], ids=repr)
def test_a_file_that_holds_no_key_is_refused_without_repeating_it(folder: Path, text: str) -> None:
    (folder / INDEX).write_text(text)

    with pytest.raises(PermanentError) as refusal:
        read_key(folder / INDEX)

    assert refusal.value.code == "key-file"
    assert not [word for word in text.split() if word in refusal.value.message]
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    ["", f"0 {A_KEY}", f"256 {A_KEY}", f"one {A_KEY}", A_KEY, f"1 {A_KEY}\n1 {A_KEY}", "1 short", f"-1 {A_KEY}"],
    ids=["empty", "nought", "too large", "a word", "no number", "twice", "no key", "negative"],
)
def test_root_keys_without_numbers_of_their_own_are_refused(folder: Path, text: str) -> None:
    (folder / ROOT).write_text(text)

    with pytest.raises(PermanentError):
        read_root_keys(folder / ROOT)


def test_a_folder_instead_of_a_key_is_refused(folder: Path) -> None:
    (folder / INDEX).unlink()
    (folder / INDEX).mkdir()

    with pytest.raises(PermanentError):
        read_key(folder / INDEX)
