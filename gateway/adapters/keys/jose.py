"""How is a document sealed for a partner, and a partner's opened? A signature inside, encryption outside.

JWS (Ed25519) in JWE (ECDH-ES+A256KW or RSA-OAEP-256, always A256GCM), both in compact form. Each key is bound to one
algorithm, and what a message says of itself must be exactly what we expect of it: the library would take any algorithm
it knows for a key that fits, headers that name keys, and compression. Nothing is decrypted before size and shape hold.
Source: RFC 7515, 7516, 7518, 8037 and 9864; "Algorithm verification" in RFC 8725.
"""

import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter
from joserfc.util import urlsafe_b64decode

from gateway.adapters.keys.key_files import EXCHANGE, SIGNING, read_key
from gateway.errors import MalformedMessageError, PermanentError, TooLargeError, UnauthenticatedError
from gateway.flows.delivering.partner_seal import PublicKey, Slip, Unsealed
from gateway.model.identifiers import OrganisationId

SIGNED = "ecaf-document+jws"
SEALED = "ecaf-document+jwe"
KEY_AGREEMENT = "ECDH-ES+A256KW"
KEY_ENCRYPTION = "RSA-OAEP-256"
SIGNATURE = "Ed25519"
CONTENT = "A256GCM"

_SKEW = timedelta(minutes=5)
_LONGEST_LIFE = timedelta(days=31)
_LONGEST_HEADER = 8192
_LEAST_RSA_BITS = 2048
_GROWTH = 2
"""A document grows by 4/3 for its signature and again for its seal, and by two headers."""

_FIVE_PARTS = re.compile(rb"[\w-]+(?:\.[\w-]+){4}", re.ASCII)
_THREE_PARTS = re.compile(rb"[\w-]+(?:\.[\w-]+){2}", re.ASCII)
_VISIBLE = re.compile(r"[\x21-\x7e]{1,200}")
_PART = re.compile(r"[\x21-\x7e]{1,1500}")
_WORDS = re.compile(r"[\x20-\x7e]{1,200}")
_LINE = re.compile(r"[\x20-\x7e]{1,4000}")
_SEALED_NAMES = frozenset({"alg", "enc", "kid", "typ", "cty"})
_SLIP_NAMES = ("iss", "aud", "jti", "fmt", "cty")
_OPTIONAL = ("knd", "cor", "whd")
_SHAPES = {"cty": _WORDS, "whd": _LINE}
_TIMES = ("iat", "exp")
_SIGNED_NAMES = frozenset({"alg", "kid", "typ", *_SLIP_NAMES, *_TIMES})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_NAMES: Mapping[tuple[str, str], frozenset[str]] = {
    (KEY_AGREEMENT, "EC"): frozenset({"kty", "alg", "kid", "crv", "x", "y"}),
    (KEY_AGREEMENT, "OKP"): frozenset({"kty", "alg", "kid", "crv", "x"}),
    (KEY_ENCRYPTION, "RSA"): frozenset({"kty", "alg", "kid", "n", "e"}),
    (SIGNATURE, "OKP"): frozenset({"kty", "alg", "kid", "crv", "x"}),
}
_CURVES = {(KEY_AGREEMENT, "EC"): "P-256", (KEY_AGREEMENT, "OKP"): "X25519", (SIGNATURE, "OKP"): "Ed25519"}

_NOT_SEALED = "this is not a document sealed for this gateway in the agreed way"
_NOT_SIGNED = "this sender did not sign the document, or not for this gateway"

AnyKey = ECKey | OKPKey | RSAKey


def check_public_key(key: PublicKey, *, algorithms: tuple[str, ...]) -> None:
    """Return if *key* is a sound public key, bound to one of *algorithms*.

    Raises:
        PermanentError: it is not (code `public-key`); the message says what to write.
    """
    _read(key, algorithms)


class JoseSeal:
    """Seals and opens with our own keys: the one we sign with, and the one others seal for."""

    def __init__(self, signing: bytes, exchange: bytes, *, name: OrganisationId, limit_bytes: int) -> None:
        self._signing = OKPKey.import_key(_pem(Ed25519PrivateKey.from_private_bytes(signing)))
        self._exchange = OKPKey.import_key(_pem(X25519PrivateKey.from_private_bytes(exchange)))
        self._name = name
        self._limit = limit_bytes

    @property
    def public_keys(self) -> Mapping[str, PublicKey]:
        """Return what partners need of us: `seal_for` and `signed_by`, as their profiles would hold it."""
        return {
            "seal_for": _public(self._exchange, KEY_AGREEMENT),
            "signed_by": _public(self._signing, SIGNATURE),
        }

    def seal(self, document: bytes, slip: Slip, *, seal_for: PublicKey) -> bytes:
        """Return *document* and *slip*, signed by us and sealed so that only the holder of *seal_for* can read them.

        Raises:
            PermanentError: the key is not sound (code `public-key`).
        """
        key = _read(seal_for, (KEY_AGREEMENT, KEY_ENCRYPTION))
        header = {"alg": SIGNATURE, "kid": self._signing.thumbprint(), "typ": SIGNED, **_header_of(slip)}
        signed = jws.serialize_compact(header, document, self._signing, registry=_signed_registry(len(document)))
        outer = {"alg": seal_for["alg"], "enc": CONTENT, "kid": seal_for["kid"], "typ": SEALED, "cty": SIGNED}
        registry = _sealed_registry(len(signed), seal_for["alg"])
        return jwe.encrypt_compact(outer, signed, key, registry=registry).encode()

    def open(self, sealed: bytes, *, sender: OrganisationId, signed_by: PublicKey, at: datetime) -> Unsealed:
        """Return what *sender* sealed for us.

        Raises:
            TooLargeError: it is over the limit; nothing was decrypted.
            MalformedMessageError: it is not a document sealed for us in the agreed way (code `not-sealed`).
            UnauthenticatedError: *sender* did not sign it, or not for us (code `not-signed`), or its time has passed or
                is yet to come (code `out-of-time`).
            PermanentError: the key of the profile is not sound (code `public-key`).
        """
        if len(sealed) > self._limit * _GROWTH:
            raise TooLargeError("the sealed document is over the limit")
        signed = self._unsealed(sealed)
        header, document = _verified(signed, signed_by)
        if len(document) > self._limit:
            raise TooLargeError("the document is over the limit")
        slip = _slip_of(header)
        if (slip.sender, slip.recipient) != (sender, self._name):
            raise UnauthenticatedError(_NOT_SIGNED, code="not-signed")
        _check_time(slip, at)
        return Unsealed(slip=slip, document=document)

    def _unsealed(self, sealed: bytes) -> bytes:
        header = _header(sealed, _FIVE_PARTS)
        expected = {
            "alg": KEY_AGREEMENT,
            "enc": CONTENT,
            "kid": self._exchange.thumbprint(),
            "typ": SEALED,
            "cty": SIGNED,
        }
        if set(header) != _SEALED_NAMES | {"epk"} or any(header[name] != value for name, value in expected.items()):
            raise MalformedMessageError(_NOT_SEALED, code="not-sealed")
        try:
            registry = _sealed_registry(len(sealed), KEY_AGREEMENT)
            opened = jwe.decrypt_compact(sealed, self._exchange, registry=registry)
        except (JoseError, ValueError, TypeError, AssertionError, KeyError) as error:
            raise MalformedMessageError(_NOT_SEALED, code="not-sealed") from error
        return opened.plaintext or b""


def open_seal(folder: Path, name: OrganisationId, *, limit_bytes: int) -> JoseSeal:
    """Return the seal over the keys in *folder*.

    Raises:
        NotFoundError: the keys were not made yet.
        PermanentError: a key file can be reached by others (code `key-file`).
    """
    return JoseSeal(read_key(folder / SIGNING), read_key(folder / EXCHANGE), name=name, limit_bytes=limit_bytes)


def _pem(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public(key: OKPKey, algorithm: str) -> PublicKey:
    return {**key.as_dict(private=False), "alg": algorithm, "kid": key.thumbprint()}


def _read(key: PublicKey, algorithms: tuple[str, ...]) -> AnyKey:
    """Return *key* as the library holds it, once it is exactly what we take."""
    shape = (str(key.get("alg")), str(key.get("kty")))
    if shape[0] not in algorithms or shape not in _NAMES:
        raise PermanentError(f"a key here has alg {' or '.join(algorithms)} and the kty of it", code="public-key")
    if set(key) & _PRIVATE:
        raise PermanentError(
            "this is a private key: it must be changed, and its public half written", code="public-key"
        )
    if set(key) != _NAMES[shape] or key.get("crv") != _CURVES.get(shape):
        curve = f", with crv {_CURVES[shape]}" if shape in _CURVES else ""
        raise PermanentError(f"such a key has exactly {', '.join(sorted(_NAMES[shape]))}{curve}", code="public-key")
    if not all(isinstance(value, str) and _PART.fullmatch(value) for value in key.values()):
        raise PermanentError("every part of a key is a text without blanks", code="public-key")
    return _imported(key, shape[1])


def _imported(key: PublicKey, kind: str) -> AnyKey:
    makers: Mapping[str, type[AnyKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
    try:
        made = makers[kind].import_key({name: str(value) for name, value in key.items()})
        bits = made.raw_value.key_size if isinstance(made, RSAKey) else _LEAST_RSA_BITS
    except (JoseError, ValueError, TypeError) as error:
        raise PermanentError("the parts of the key do not make one", code="public-key") from error
    if bits < _LEAST_RSA_BITS:
        raise PermanentError(f"an RSA key has at least {_LEAST_RSA_BITS} bits", code="public-key")
    return made


def _header(compact: bytes, shape: re.Pattern[bytes]) -> Mapping[str, Any]:
    """Return the header of what has exactly the parts of *shape*, unpadded: one object, no name in it twice."""
    text = compact.partition(b".")[0]
    if not shape.fullmatch(compact) or len(text) > _LONGEST_HEADER:
        raise MalformedMessageError(_NOT_SEALED, code="not-sealed")
    try:
        header = json.loads(urlsafe_b64decode(text), object_pairs_hook=_once)
    except (ValueError, RecursionError, binascii.Error) as error:
        raise MalformedMessageError(_NOT_SEALED, code="not-sealed") from error
    if not isinstance(header, dict):
        raise MalformedMessageError(_NOT_SEALED, code="not-sealed")
    return header


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _verified(signed: bytes, signed_by: PublicKey) -> tuple[Mapping[str, Any], bytes]:
    """Return header and document of what the holder of *signed_by* has signed."""
    key = _read(signed_by, (SIGNATURE,))
    header = _header(signed, _THREE_PARTS)
    expected = {"alg": SIGNATURE, "kid": signed_by["kid"], "typ": SIGNED}
    has_names = _SIGNED_NAMES <= set(header) <= _SIGNED_NAMES | set(_OPTIONAL)
    if not has_names or any(header[name] != value for name, value in expected.items()):
        raise UnauthenticatedError(_NOT_SIGNED, code="not-signed")
    try:
        proved = jws.deserialize_compact(signed, key, registry=_signed_registry(len(signed)))
    except (JoseError, ValueError, TypeError) as error:
        raise UnauthenticatedError(_NOT_SIGNED, code="not-signed") from error
    return header, proved.payload


def _header_of(slip: Slip) -> dict[str, str | int]:
    told: dict[str, str | int | None] = {
        "iss": slip.sender,
        "aud": slip.recipient,
        "jti": slip.message_id,
        "fmt": slip.format,
        "cty": slip.content_type,
        "iat": int(slip.made_at.timestamp()),
        "exp": int(slip.valid_until.timestamp()),
        "knd": slip.kind,
        "cor": slip.correlation_id,
        "whd": slip.withheld,
    }
    return {name: value for name, value in told.items() if value is not None}


def _slip_of(header: Mapping[str, Any]) -> Slip:
    texts = {name: header.get(name) for name in (*_SLIP_NAMES, *_OPTIONAL)}
    times = [header[name] for name in _TIMES]
    wrong = [text for name, text in texts.items() if not _is_text(name, text)]
    if wrong or not all(type(time) is int and 0 <= time < 2**33 for time in times):
        raise MalformedMessageError("the document's slip is not as agreed", code="slip")
    return Slip(
        sender=str(texts["iss"]),
        recipient=str(texts["aud"]),
        message_id=str(texts["jti"]),
        format=str(texts["fmt"]),
        content_type=str(texts["cty"]),
        made_at=datetime.fromtimestamp(times[0], UTC),
        valid_until=datetime.fromtimestamp(times[1], UTC),
        kind=texts["knd"],
        correlation_id=texts["cor"],
        withheld=texts["whd"],
    )


def _is_text(name: str, text: object) -> bool:
    if text is None:
        return name in _OPTIONAL
    return isinstance(text, str) and _SHAPES.get(name, _VISIBLE).fullmatch(text) is not None


def _check_time(slip: Slip, at: datetime) -> None:
    is_now = slip.made_at - _SKEW <= at <= slip.valid_until + _SKEW
    if not is_now or slip.valid_until - slip.made_at > _LONGEST_LIFE:
        raise UnauthenticatedError(
            "the time the document was signed for has passed, is yet to come, or is over 31 days", code="out-of-time"
        )


def _signed_registry(size: int) -> jws.JWSRegistry:
    """Return what one signed document of *size* bytes may be: one algorithm, and the names of our slip."""
    texts = {name: HeaderParameter("slip", "str") for name in (*_SLIP_NAMES, *_OPTIONAL)}
    times = {name: HeaderParameter("slip", "int") for name in _TIMES}
    registry = jws.JWSRegistry(header_registry={**texts, **times}, algorithms=[SIGNATURE])
    registry.max_header_length = _LONGEST_HEADER
    registry.max_payload_length = size * _GROWTH
    return registry


def _sealed_registry(size: int, algorithm: str) -> jwe.JWERegistry:
    """Return what one sealed document of *size* bytes may be: one algorithm each for key and content."""
    registry = jwe.JWERegistry(algorithms=[algorithm, CONTENT])
    registry.max_protected_header_length = _LONGEST_HEADER
    registry.max_ciphertext_length = size * _GROWTH
    return registry
