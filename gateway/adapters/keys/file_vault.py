"""How is something sealed at rest, so that it opens only in its own place?

    root key -> authority key (HKDF) -> data key (random, wrapped with AES-KW) -> key of a place (HKDF) -> AES-256-GCM

A *place* names the row and the column, and the row's version where an older value must not come back. It goes into the
key and into what the seal authenticates, so bytes moved to another row, column, version or authority do not open.
"""

import hmac
import secrets
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from gateway.adapters.keys.key_files import INDEX, KEY_BYTES, ROOT, read_key, read_root_keys
from gateway.errors import IntegrityError
from gateway.model.identifiers import Authority

SCHEMA = 1
"""The first byte of everything sealed: how it was sealed. One that is not known here does not open."""

_NONCE_BYTES = 12
_HEAD_BYTES = 1 + _NONCE_BYTES
_NO_SALT = bytes(32)
_ECAF = b"\x00\x00\x00\x04ecaf"
_REMEMBERED = 64
"""Data keys kept open at a time. One child's key is asked for some twenty times in one piece of work; a key that was
deleted from the store is forgotten here as soon as so many others have been used."""


class FileVault:
    """Sealing at rest, under keys that lie in files.

    Shape: a wrapped key is the number of its root key (1 byte) and 40 bytes of AES-KW (RFC 3394). Sealed bytes are the
    schema version (1 byte), a random nonce (12), and the ciphertext with its tag (16 more than the plain bytes).
    """

    def __init__(self, root_keys: Mapping[int, bytes], index_key: bytes, *, authority: Authority) -> None:
        self._authority = authority
        self._wrapping = {number: _derived(key, "wrap", authority) for number, key in root_keys.items()}
        self._in_use = list(root_keys)[-1]
        self._index = _extracted(index_key)
        self._opened = lru_cache(maxsize=_REMEMBERED)(self._extracted_from)
        self._index_of = lru_cache(maxsize=_REMEMBERED)(partial(_expanded, self._index, "blind", authority))

    def new_key(self) -> bytes:
        """Return a fresh 256-bit data key, wrapped."""
        wrapped = aes_key_wrap(self._wrapping[self._in_use], secrets.token_bytes(KEY_BYTES))
        return bytes([self._in_use]) + wrapped

    def rewrap(self, wrapped_key: bytes) -> bytes:
        """Return the same data key wrapped under the root key in use; what it sealed stays as it is.

        Raises:
            IntegrityError: the key was not wrapped here, for this authority.
        """
        return bytes([self._in_use]) + aes_key_wrap(self._wrapping[self._in_use], self._unwrapped(wrapped_key))

    def seal(self, wrapped_key: bytes, place: str, plain: bytes) -> bytes:
        """Return *plain* sealed under the key, bound to *place* (such as `message/msg_1/chunk/0`)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher(wrapped_key, place).encrypt(nonce, plain, self._bound_to(place))
        return bytes([SCHEMA]) + nonce + sealed

    def open(self, wrapped_key: bytes, place: str, sealed: bytes) -> bytes:
        """Return what `seal` was given.

        Raises:
            IntegrityError: key, place and bytes are not those of one `seal`.
        """
        if sealed[:1] != bytes([SCHEMA]):
            raise IntegrityError(f"what is sealed at {place} is of an unknown kind", expected=str(SCHEMA))
        try:
            return self._cipher(wrapped_key, place).decrypt(
                sealed[1:_HEAD_BYTES], sealed[_HEAD_BYTES:], self._bound_to(place)
            )
        except (InvalidTag, ValueError) as cause:
            raise IntegrityError(f"what is sealed at {place} does not open there: it was moved or changed") from cause

    def blind(self, name: str, value: str) -> bytes:
        """Return a 32-byte keyed digest of *value* under the index called *name*."""
        return hmac.digest(self._index_of(name), value.encode(), "sha256")

    def tag(self, wrapped_key: bytes, label: str) -> bytes:
        """Return a 32-byte digest of *label* that nobody can make again once the data key is gone."""
        return hmac.digest(_expanded(self._opened(wrapped_key), "tag"), label.encode(), "sha256")

    def noise(self, size: int) -> bytes:
        """Return *size* fresh random bytes."""
        return secrets.token_bytes(size)

    def _cipher(self, wrapped_key: bytes, place: str) -> AESGCM:
        """Return the cipher of one place. A key of its own keeps each far from the limit of random nonces."""
        return AESGCM(_expanded(self._opened(wrapped_key), "place", place, str(SCHEMA)))

    def _bound_to(self, place: str) -> bytes:
        return _told("sealed", self._authority, place, str(SCHEMA))

    def _extracted_from(self, wrapped_key: bytes) -> bytes:
        return _extracted(self._unwrapped(wrapped_key))

    def _unwrapped(self, wrapped_key: bytes) -> bytes:
        """Return the data key itself."""
        wrapping = self._wrapping.get(wrapped_key[0]) if wrapped_key else None
        if wrapping is None:
            raise IntegrityError("a data key is wrapped under a root key that is not here")
        try:
            return aes_key_unwrap(wrapping, wrapped_key[1:])
        except (InvalidUnwrap, ValueError) as cause:
            raise IntegrityError("a data key was not wrapped here, or was changed") from cause


def open_vault(folder: Path, authority: Authority) -> FileVault:
    """Return the vault of one authority, over the keys in *folder*.

    Raises:
        NotFoundError: the keys were not made yet.
        PermanentError: a key file can be reached by others, or holds no key (code `key-file`).
    """
    return FileVault(read_root_keys(folder / ROOT), read_key(folder / INDEX), authority=authority)


def _derived(key: bytes, *use: str) -> bytes:
    """Return the 256-bit key for one *use* of *key*. Source: RFC 5869, HKDF with SHA-256."""
    return _expanded(_extracted(key), *use)


def _extracted(key: bytes) -> bytes:
    """Return the first half of HKDF, which is the same for every use of *key*. Source: RFC 5869, section 2.2."""
    return hmac.digest(_NO_SALT, key, "sha256")


def _expanded(extracted: bytes, *use: str) -> bytes:
    """Return the key for one use. Source: RFC 5869, section 2.3; one block is all a 256-bit key needs."""
    return hmac.digest(extracted, _told(*use) + b"\x01", "sha256")


def _told(*parts: str) -> bytes:
    """Return *parts* so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return _ECAF + b"".join([len(part).to_bytes(4) + part for part in encoded])
