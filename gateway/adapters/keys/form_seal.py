"""How is a submission opened that MoJ Forms has encrypted for whom it posts it to?

As JWE in compact form under a key both sides share: `alg` is `dir`, `enc` is `A128GCM`, and the key has sixteen bytes.
Nothing else is taken, whatever the message says of itself. Whoever can make it has the key, so that it proves its
sender as well as hiding what it holds; it does not stop anybody from sending it again.

Source: the public source of MoJ Forms' submitter; RFC 7516 and 7518.
"""

import binascii
import json
import re

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.util import urlsafe_b64decode

KEY_BYTES = 16
_HEADER = {"alg": "dir", "enc": "A128GCM"}
_SEALED = re.compile(rb"(?P<header>[\w-]{1,200})\.\.[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_GROWTH = 2


def is_sealed_form(body: bytes) -> bool:
    """Tell whether *body* looks like an encrypted submission, which is no JSON and no form post."""
    return _SEALED.fullmatch(body.strip().strip(b'"')) is not None


def open_form(body: bytes, key: bytes) -> bytes | None:
    """Return the submission that *body* holds, or None where it was not encrypted under *key* in the agreed way."""
    sealed = body.strip().strip(b'"')
    found = _SEALED.fullmatch(sealed)
    if found is None or len(key) != KEY_BYTES or not _is_as_agreed(found["header"]):
        return None
    registry = jwe.JWERegistry(algorithms=list(_HEADER.values()))
    registry.max_ciphertext_length = len(sealed) * _GROWTH
    try:
        opened = jwe.decrypt_compact(sealed, OctKey.import_key(key), registry=registry)
    except (JoseError, ValueError, TypeError, AssertionError, KeyError):
        return None
    return opened.plaintext


def seal_form(body: bytes, key: bytes) -> bytes:
    """Return *body* encrypted as MoJ Forms encrypts it: what a simulated form posts."""
    registry = jwe.JWERegistry(algorithms=list(_HEADER.values()))
    return jwe.encrypt_compact(dict(_HEADER), body, OctKey.import_key(key), registry=registry).encode()


def _is_as_agreed(header: bytes) -> bool:
    try:
        return bool(json.loads(urlsafe_b64decode(header)) == _HEADER)
    except (ValueError, RecursionError, binascii.Error):
        return False
