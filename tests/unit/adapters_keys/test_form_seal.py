"""A form's encryption is opened in the agreed way only, whatever the message says of itself."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.keys.form_seal import is_sealed_form, open_form, seal_form

KEY = b"INVENTEDKEY12345"
BODY = b'{"submissionId": "1"}'


def part(text: bytes) -> bytes:
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def by_hand(header: object, body: bytes = BODY, key: bytes = KEY) -> bytes:
    """Return what RFC 7516 says such a message is, made without the library that opens it."""
    head, nonce = part(json.dumps(header).encode()), bytes(range(12))
    sealed = AESGCM(key).encrypt(nonce, body, head)
    return b".".join([head, b"", part(nonce), part(sealed[:-16]), part(sealed[-16:])])


def test_what_the_standard_says_is_opened() -> None:
    assert open_form(by_hand({"alg": "dir", "enc": "A128GCM"}), KEY) == BODY


def test_it_may_come_as_a_json_text() -> None:
    """So did an older version of MoJ Forms send it."""
    assert open_form(b'"' + by_hand({"alg": "dir", "enc": "A128GCM"}) + b'"\n', KEY) == BODY


@given(body=st.binary(min_size=1, max_size=500))
def test_what_a_simulated_form_seals_is_opened(body: bytes) -> None:
    sealed = seal_form(body, KEY)

    assert is_sealed_form(sealed)
    assert body not in sealed or len(body) < 8
    assert open_form(sealed, KEY) == body


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "enc": "A128GCM"},
        {"alg": "dir", "enc": "A256GCM"},
        {"alg": "dir", "enc": "A128GCM", "zip": "DEF"},
        {"alg": "dir", "enc": "A128GCM", "jwk": {}},
        {"enc": "A128GCM"},
        [],
        "dir",
    ],
    ids=["no algorithm", "another cipher", "packed", "a key of its own", "nothing said", "a list", "a text"],
)
def test_another_header_is_refused(header: object) -> None:
    assert open_form(by_hand(header), KEY) is None


def test_another_key_opens_nothing() -> None:
    assert open_form(seal_form(BODY, KEY), b"ANOTHERKEY123456") is None


@pytest.mark.parametrize("key", [b"", b"short", b"a key of far more than sixteen bytes"])
def test_a_key_of_another_length_opens_nothing(key: bytes) -> None:
    assert open_form(seal_form(BODY, KEY), key) is None


@pytest.mark.parametrize("place", [0, 2, 3, 4])
def test_a_changed_part_opens_nothing(place: int) -> None:
    parts = seal_form(BODY, KEY).split(b".")
    parts[place] = (b"B" if parts[place][:1] == b"A" else b"A") + parts[place][1:]

    assert open_form(b".".join(parts), KEY) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"a=b", b"a.b.c", b"a.b.c.d.e", b"....", b'{"a":"b..c.d.e"}'])
def test_what_is_not_sealed_is_seen_not_to_be(body: bytes) -> None:
    assert not is_sealed_form(body)
    assert open_form(body, KEY) is None
