"""Does the signature speak in the gateway's name, in the words others verify?"""

import base64
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.adapters.keys.file_signer import FileSigner, open_signer
from gateway.adapters.keys.key_files import create_keys
from gateway.errors import PermanentError

# RFC 8032, section 7.1, tests 1 and 2.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE_OF_NOTHING = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465"
    "5141438e7a100b"
)


def test_it_is_the_signature_the_standard_says() -> None:
    assert FileSigner(SEED, name="gateway.example").sign(b"") == SIGNATURE_OF_NOTHING


def test_the_public_key_is_written_as_a_verifier_key() -> None:
    name, key_hash, encoded = FileSigner(SEED, name="gateway.example/audit").vkey.split("+", 2)

    assert name == "gateway.example/audit"
    assert base64.b64decode(encoded) == b"\x01" + PUBLIC
    assert key_hash == sha256(b"gateway.example/audit\n\x01" + PUBLIC).hexdigest()[:8]


def test_who_holds_the_verifier_key_can_check_a_signature(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    signer = open_signer(tmp_path / "keys", "gateway.example")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signer.vkey.split("+", 2)[2])[1:])

    public.verify(signer.sign(b"received"), b"received")

    with pytest.raises(InvalidSignature):
        public.verify(signer.sign(b"received"), b"refused")


def test_the_key_is_the_same_after_opening_again(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")

    first, second = (open_signer(tmp_path / "keys", "gateway.example") for _ in range(2))

    assert (first.vkey, first.name) == (second.vkey, "gateway.example")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"], ids=repr)
def test_a_name_no_signed_note_can_carry_is_refused(tmp_path: Path, name: str) -> None:
    create_keys(tmp_path / "keys")

    with pytest.raises(PermanentError) as refusal:
        open_signer(tmp_path / "keys", name)

    assert refusal.value.code == "key-name"
