"""How does the gateway sign in its own name?"""

import base64
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.keys.key_files import SIGNING, read_key
from gateway.errors import PermanentError

_ED25519 = b"\x01"
"""The signature type of a signed note. Source: C2SP signed-note, "Signature types"."""


class FileSigner:
    """The gateway's own signature, with an Ed25519 key that lies in a file."""

    def __init__(self, seed: bytes, *, name: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._name = name

    def sign(self, text: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of *text*."""
        return self._key.sign(text)

    @property
    def name(self) -> str:
        """Return the name the key signs under."""
        return self._name

    @property
    def vkey(self) -> str:
        """Return the public key as a C2SP signed-note verifier key: name, key hash and key, joined by `+`.

        Source: C2SP signed-note, "Verifier keys": the hash is the first four bytes of SHA-256 over name, newline,
        signature type and public key.
        """
        public = _ED25519 + self._key.public_key().public_bytes_raw()
        key_hash = sha256(self._name.encode() + b"\n" + public).hexdigest()[:8]
        return f"{self._name}+{key_hash}+{base64.b64encode(public).decode()}"


def open_signer(folder: Path, name: str) -> FileSigner:
    """Return the signer called *name*, over the key in *folder*.

    Raises:
        NotFoundError: the keys were not made yet.
        PermanentError: the key file can be reached by others (code `key-file`), or *name* is empty or holds a blank
            or a plus sign, which a signed note forbids (code `key-name`).
    """
    if not name or "+" in name or any(character.isspace() for character in name):
        raise PermanentError("the name of a key is not empty and holds neither blanks nor plus signs", code="key-name")
    return FileSigner(read_key(folder / SIGNING), name=name)
