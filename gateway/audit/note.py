"""How is a text signed so that anybody with our public key can check it?

A C2SP signed note: the text, an empty line, and one line per signature.
Source: C2SP signed-note v1.0.0; Ed25519 of RFC 8032.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.errors import IntegrityError, MalformedMessageError

ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_PUBLIC_BYTES = 32
_SIGNATURE_BYTES = 64
_MOST_SIGNATURES = 100
_DASH = "— "
_NAME = re.compile(r"[^\s+\x00-\x20\x7f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


def to_base64(data: bytes) -> str:
    """Return *data* in the standard base 64 alphabet, padded."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str, *, what: str) -> bytes:
    """Return the bytes *text* stands for; only the one canonical spelling counts.

    Raises:
        MalformedMessageError: not base 64, or a second spelling of the same bytes. Two spellings of one signature
            would be a way to change a note without breaking it.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedMessageError(f"{what} is not base 64") from error
    if to_base64(data) != text:
        raise MalformedMessageError(f"{what} is not spelled as base 64 spells it")
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """One public key that notes can be checked with."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise MalformedMessageError("a key's name must be non-empty, without spaces, controls and plus signs")
        if len(self.public) != _PUBLIC_BYTES:
            raise MalformedMessageError(f"an Ed25519 key has {_PUBLIC_BYTES} bytes, found {len(self.public)}")

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that tell keys of one name apart.

        Source: C2SP signed-note, Ed25519 signatures.
        """
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """Return the key as text, `name+id+key`, the way people pass it on."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(ED25519 + self.public)}"

    @classmethod
    def from_vkey(cls, vkey: str) -> Self:
        """Return the key that *vkey* writes down.

        Raises:
            MalformedMessageError: not `name+id+key`, not Ed25519, or an id that does not belong to name and key.
        """
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004 - the three parts named in the message
            raise MalformedMessageError("a verifier key is written name+id+key")
        data = from_base64(parts[2], what="the key part of a verifier key")
        if data[:1] != ED25519:
            raise MalformedMessageError("only Ed25519 keys (type 1) are understood")
        key = cls(name=parts[0], public=data[1:])
        if key.key_id.hex() != parts[1]:
            raise MalformedMessageError("the id in the verifier key does not belong to its name and key")
        return key

    def accepts(self, text: bytes, signature: bytes) -> bool:
        """Tell whether *signature* is this key's signature of *text*."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigner:
    """Whose signature it is, and something that makes it: the private key itself stays with its owner."""

    key: NoteKey
    sign: Callable[[bytes], bytes]

    @property
    def vkey(self) -> str:
        """Return the public key as a verifier key."""
        return self.key.vkey

    @classmethod
    def of(cls, vkey: str, sign: Callable[[bytes], bytes]) -> Self:
        """Return a signer from what a key store gives: the verifier key and its signing function."""
        return cls(key=NoteKey.from_vkey(vkey), sign=sign)


def write_note(text: str, signer: NoteSigner) -> str:
    """Return *text* as a note with one signature.

    Raises:
        MalformedMessageError: the text does not end in a newline, or holds a control character.
        IntegrityError: the signing function returned something else than an Ed25519 signature.
    """
    _refuse_unsignable(text)
    signature = signer.sign(text.encode())
    if len(signature) != _SIGNATURE_BYTES:
        raise IntegrityError(
            "the signing function gave no Ed25519 signature", expected=str(_SIGNATURE_BYTES), found=str(len(signature))
        )
    return f"{text}\n{_DASH}{signer.key.name} {to_base64(signer.key.key_id + signature)}\n"


def open_note(note: str, keys: Iterable[NoteKey]) -> str:
    """Return the text of *note*, which one of *keys* has signed.

    Signatures by other keys are ignored, as the specification asks: witnesses add theirs.

    Raises:
        MalformedMessageError: it is not a signed note.
        IntegrityError: no known key has signed it, or a known key's signature is wrong.
    """
    text, lines = _split(note)
    known = {(key.name, key.key_id): key for key in keys}
    signed = False
    for line in lines:
        name, key_id, signature = _read_signature(line)
        key = known.get((name, key_id))
        if key is None:
            continue
        if not key.accepts(text.encode(), signature):
            raise IntegrityError("a signature on this note is wrong", expected=key.vkey, found=note)
        signed = True
    if not signed:
        wanted = ", ".join(key.vkey for key in known.values())
        raise IntegrityError("no known key has signed this note", expected=wanted, found=note)
    return text


def _split(note: str) -> tuple[str, list[str]]:
    """Return text and signature lines; the last empty line parts them."""
    head, parted, tail = note.rpartition("\n\n")
    text = head + "\n"
    if not parted or not tail.endswith("\n"):
        raise MalformedMessageError("a signed note is a text, an empty line and signature lines")
    _refuse_unsignable(text)
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise MalformedMessageError(f"a note may carry {_MOST_SIGNATURES} signatures, found {len(lines)}")
    return text, lines


def _read_signature(line: str) -> tuple[str, bytes, bytes]:
    """Return key name, key id and signature of one line."""
    if not line.startswith(_DASH):
        raise MalformedMessageError("a signature line starts with a dash and a space")
    name, parted, encoded = line.removeprefix(_DASH).partition(" ")
    if not parted or not _NAME.fullmatch(name):
        raise MalformedMessageError("a signature line is a dash, a key's name and a signature")
    data = from_base64(encoded, what="a signature")
    if len(data) <= _KEY_ID_BYTES:
        raise MalformedMessageError("a signature is longer than its key's id")
    return name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def _refuse_unsignable(text: str) -> None:
    if not text.endswith("\n") or text == "\n":
        raise MalformedMessageError("a note's text ends in a newline")
    if _CONTROL.search(text):
        raise MalformedMessageError("a note holds no control characters but newlines")
