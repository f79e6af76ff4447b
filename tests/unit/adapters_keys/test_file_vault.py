"""Is what the vault makes shaped as it says, so that it can be opened in ten years?"""

import base64
import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

from gateway.adapters.keys.file_vault import SCHEMA, FileVault, open_vault
from gateway.adapters.keys.key_files import create_keys
from gateway.errors import IntegrityError
from gateway.model.identifiers import Authority

BARNET = Authority("E09000003")
ROOT_KEYS = {1: bytes(range(32))}
INDEX_KEY = bytes(range(32, 64))


def told(*parts: str) -> bytes:
    """Return the context of a key or a seal, written out by hand."""
    return b"".join(len(part).to_bytes(4, "big") + part.encode() for part in ("ecaf", *parts))


def derived(key: bytes, *use: str) -> bytes:
    """Return HKDF-SHA256 of *key* for this use."""
    return HKDF(SHA256(), 32, salt=None, info=told(*use)).derive(key)


@pytest.fixture
def vault() -> FileVault:
    return FileVault(ROOT_KEYS, INDEX_KEY, authority=BARNET)


def test_what_is_sealed_can_be_opened_from_the_root_key_by_hand(vault: FileVault) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, "record/rec_1", b"plain")

    data_key = aes_key_unwrap(derived(ROOT_KEYS[1], "wrap", BARNET), key[1:])
    place_key = derived(data_key, "place", "record/rec_1", "1")
    plain = AESGCM(place_key).decrypt(sealed[1:13], sealed[13:], told("sealed", BARNET, "record/rec_1", "1"))

    assert (key[0], len(key), len(data_key)) == (1, 41, 32)
    assert (sealed[0], len(sealed)) == (SCHEMA, 1 + 12 + len(b"plain") + 16)
    assert plain == b"plain"


def test_a_blinded_value_is_an_hmac_under_the_indexs_own_key(vault: FileVault) -> None:
    expected = hmac.digest(derived(INDEX_KEY, "blind", BARNET, "upn"), b"B801200005001", "sha256")

    assert vault.blind("upn", "B801200005001") == expected


def test_something_sealed_in_a_way_nobody_knows_does_not_open(vault: FileVault) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, "record/rec_1", b"plain")

    with pytest.raises(IntegrityError, match="unknown kind"):
        vault.open(key, "record/rec_1", bytes([SCHEMA + 1]) + sealed[1:])


def test_a_new_root_key_opens_what_the_old_one_wrapped(vault: FileVault) -> None:
    old_key = vault.new_key()
    sealed = vault.seal(old_key, "record/rec_1", b"plain")
    rotated = FileVault({**ROOT_KEYS, 2: bytes(32)}, INDEX_KEY, authority=BARNET)

    new_key = rotated.rewrap(old_key)

    assert (rotated.new_key()[0], new_key[0]) == (2, 2)
    assert rotated.open(old_key, "record/rec_1", sealed) == b"plain"
    assert rotated.open(new_key, "record/rec_1", sealed) == b"plain"
    assert rotated.blind("upn", "B801200005001") == vault.blind("upn", "B801200005001")


def test_a_key_under_a_root_key_that_is_gone_does_not_open(vault: FileVault) -> None:
    key = vault.new_key()
    sealed = vault.seal(key, "record/rec_1", b"plain")
    without = FileVault({2: bytes(32)}, INDEX_KEY, authority=BARNET)

    with pytest.raises(IntegrityError, match="root key"):
        without.open(key, "record/rec_1", sealed)


def test_names_and_values_cannot_be_shifted_into_one_another() -> None:
    one = FileVault(ROOT_KEYS, INDEX_KEY, authority=Authority("E0"))
    other = FileVault(ROOT_KEYS, INDEX_KEY, authority=Authority("E"))

    assert one.blind("upn", "1") != other.blind("0upn", "1")


def test_a_vault_opened_again_opens_what_was_sealed_before(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    before = open_vault(tmp_path / "keys", BARNET)
    key = before.new_key()
    sealed = before.seal(key, "record/rec_1", b"plain")

    after = open_vault(tmp_path / "keys", BARNET)

    assert after.open(key, "record/rec_1", sealed) == b"plain"


def test_the_last_root_key_in_the_file_is_the_one_in_use(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    with (tmp_path / "keys" / "root.keys").open("a") as file:
        file.write(f"2 {base64.b64encode(bytes(32)).decode()}\n")

    assert open_vault(tmp_path / "keys", BARNET).new_key()[0] == 2
