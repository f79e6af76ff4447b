"""Is a document opened only if it was sealed for us, by whom we expect, in the one way we agreed on?"""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

from gateway.adapters.keys.jose import CONTENT, SEALED, SIGNATURE, SIGNED, JoseSeal, check_public_key
from gateway.errors import GatewayError, PermanentError, TooLargeError
from gateway.flows.delivering.partner_seal import PublicKey, Slip
from gateway.model.identifiers import OrganisationId

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
US, THEM = OrganisationId("barnet-gateway"), OrganisationId("neighbour-mash")
DOCUMENT = b'{"child": "Testina Exampleton"}'
LIMIT = 10_000

OURS = JoseSeal(bytes(range(32)), bytes(range(1, 33)), name=US, limit_bytes=LIMIT)
THEIRS = JoseSeal(bytes(range(2, 34)), bytes(range(3, 35)), name=THEM, limit_bytes=LIMIT)
FOR_US, BY_THEM = OURS.public_keys["seal_for"], THEIRS.public_keys["signed_by"]
THEIR_SIGNING_KEY = THEIRS._signing


def a_slip(**changed: Any) -> Slip:
    told: dict[str, Any] = {
        "sender": THEM,
        "recipient": US,
        "message_id": "their-1",
        "format": "mash/flat-1",
        "content_type": "application/json",
        "made_at": NOON,
        "valid_until": NOON + timedelta(days=7),
    }
    return Slip(**(told | changed))


def opened(sealed: bytes, *, at: datetime = NOON, signed_by: PublicKey = BY_THEM) -> bytes:
    return OURS.open(sealed, sender=THEM, signed_by=signed_by, at=at).document


def sealed_by_them(**changed: Any) -> bytes:
    return THEIRS.seal(DOCUMENT, a_slip(**changed), seal_for=FOR_US)


def signed_with(header: dict[str, Any], key: Any = THEIR_SIGNING_KEY) -> str:
    """Return the document signed in a way of the test's own, by the library."""
    names = {name: HeaderParameter("any", lambda _: None) for name in header}
    registry = jws.JWSRegistry(header_registry=names, algorithms=[header["alg"]])
    registry.max_header_length = 5000
    return jws.serialize_compact(header, DOCUMENT, key, registry=registry)


def sealed_with(signed: str, **changed: Any) -> bytes:
    """Return *signed* sealed for us in a way of the test's own, by the library."""
    header = {"alg": FOR_US["alg"], "enc": CONTENT, "kid": FOR_US["kid"], "typ": SEALED, "cty": SIGNED} | changed
    names = {name: HeaderParameter("any", lambda _: None) for name in header}
    registry = jwe.JWERegistry(header_registry=names, algorithms=[header["alg"], header["enc"], "DEF"])
    return jwe.encrypt_compact(header, signed, OURS._exchange, registry=registry).encode()


def their_header(**changed: Any) -> dict[str, Any]:
    told = {
        "alg": SIGNATURE,
        "kid": BY_THEM["kid"],
        "typ": SIGNED,
        "iss": THEM,
        "aud": US,
        "jti": "their-1",
        "fmt": "mash/flat-1",
        "cty": "application/json",
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 600,
    }
    return {name: value for name, value in (told | changed).items() if value is not None}


def public(key: Any, algorithm: str) -> PublicKey:
    return {**key.as_dict(private=False), "alg": algorithm, "kid": key.thumbprint()}


def test_what_was_sealed_for_us_opens_and_says_who_sent_it() -> None:
    sealed = sealed_by_them(kind="mash.referral.submitted", correlation_id="REF-1")

    unsealed = OURS.open(sealed, sender=THEM, signed_by=BY_THEM, at=NOON)

    assert unsealed.document == DOCUMENT
    assert unsealed.slip == a_slip(kind="mash.referral.submitted", correlation_id="REF-1")


def test_the_longest_line_of_what_a_document_goes_without_is_carried() -> None:
    line = "; ".join(["R-ADDR: CAT-ADDR CAT-CONTACT"] * 200)[:4000]

    unsealed = OURS.open(sealed_by_them(withheld=line), sender=THEM, signed_by=BY_THEM, at=NOON)

    assert unsealed.slip == a_slip(withheld=line)


@pytest.mark.parametrize("line", ["", "x" * 4001, "Siân"])
def test_a_line_of_what_is_withheld_that_is_not_as_agreed_is_refused(line: str) -> None:
    with pytest.raises(PermanentError):
        OURS.open(sealed_by_them(withheld=line), sender=THEM, signed_by=BY_THEM, at=NOON)


def test_a_way_of_the_tests_own_opens_too_unless_something_is_wrong_with_it() -> None:
    assert opened(sealed_with(signed_with(their_header()))) == DOCUMENT


def test_nothing_of_document_or_slip_can_be_read_in_what_is_sealed() -> None:
    parts = sealed_by_them().split(b".")

    readable = b"".join(base64.urlsafe_b64decode(part + b"==") for part in parts)

    assert b"Testina" not in readable
    assert b"their-1" not in readable


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param(ECKey.generate_key("P-256"), "ECDH-ES+A256KW", id="P-256"),
        pytest.param(OKPKey.generate_key("X25519"), "ECDH-ES+A256KW", id="X25519"),
        pytest.param(RSAKey.generate_key(2048), "RSA-OAEP-256", id="RSA"),
    ],
)
def test_a_partner_opens_what_we_sealed_for_its_key(key: Any, algorithm: str) -> None:
    slip = a_slip(sender=US, recipient=THEM)

    sealed = OURS.seal(DOCUMENT, slip, seal_for=public(key, algorithm))

    signed = jwe.decrypt_compact(sealed, key, algorithms=[algorithm, CONTENT]).plaintext or b""
    names = {name: HeaderParameter("slip", lambda _: None) for name in their_header()}
    registry = jws.JWSRegistry(header_registry=names, algorithms=[SIGNATURE])
    assert jws.deserialize_compact(signed, OURS._signing, registry=registry).payload == DOCUMENT


@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize("padding", [b"=", b"=="])
def test_padded_base64_is_refused(part: int, padding: bytes) -> None:
    parts = sealed_by_them().split(b".")
    parts[part] += padding

    with pytest.raises(PermanentError) as refusal:
        opened(b".".join(parts))

    assert refusal.value.code == "not-sealed"


@pytest.mark.parametrize("part", range(5))
def test_a_changed_part_is_refused(part: int) -> None:
    parts = sealed_by_them().split(b".")
    parts[part] = (b"B" if parts[part][:1] == b"A" else b"A") + parts[part][1:]

    with pytest.raises(PermanentError):
        opened(b".".join(parts))


@pytest.mark.parametrize("changed", [b"", b"a.b.c.d.e", b"{}", b"....", DOCUMENT, b"a.b.c"], ids=repr)
def test_what_is_not_sealed_at_all_is_refused(changed: bytes) -> None:
    with pytest.raises(PermanentError) as refusal:
        opened(changed)

    assert refusal.value.code == "not-sealed"


@pytest.mark.parametrize("around", [b"%b\n", b" %b", b"%b.", b"%b.AAAA"])
def test_nothing_may_stand_around_it(around: bytes) -> None:
    with pytest.raises(PermanentError):
        opened(around % sealed_by_them())


def test_what_was_only_signed_is_refused() -> None:
    with pytest.raises(PermanentError) as refusal:
        opened(signed_with(their_header()).encode())

    assert refusal.value.code == "not-sealed"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"alg": "ECDH-ES"}, id="another way to agree on a key"),
        pytest.param({"alg": "ECDH-ES+A128KW"}, id="a shorter wrapping key"),
        pytest.param({"enc": "A128GCM"}, id="a shorter content key"),
        pytest.param({"enc": "A256CBC-HS512"}, id="another cipher"),
        pytest.param({"zip": "DEF"}, id="compressed"),
        pytest.param({"kid": "another"}, id="another key's name"),
        pytest.param({"typ": "JWT"}, id="another type"),
        pytest.param({"cty": "application/json"}, id="not signed"),
        pytest.param({"jku": "https://keys.example/set"}, id="an address of keys"),
        pytest.param({"jwk": FOR_US}, id="a key of its own"),
        pytest.param({"x5u": "https://keys.example/x"}, id="an address of a certificate"),
        pytest.param({"crit": ["alg"]}, id="something critical"),
        pytest.param({"apu": "QQ", "apv": "QQ"}, id="names of parties"),
    ],
)
def test_a_seal_that_is_not_exactly_ours_is_refused_though_the_library_would_open_it(changed: dict[str, Any]) -> None:
    sealed = sealed_with(signed_with(their_header()), **changed)

    with pytest.raises(PermanentError) as refusal:
        opened(sealed)

    assert refusal.value.code == "not-sealed"


def test_a_header_that_says_something_twice_is_refused() -> None:
    head, _, rest = sealed_by_them().partition(b".")
    text = base64.urlsafe_b64decode(head + b"==").decode()
    twice = text[:-1] + ',"enc":"A256GCM"}'

    with pytest.raises(PermanentError) as refusal:
        opened(base64.urlsafe_b64encode(twice.encode()).rstrip(b"=") + b"." + rest)

    assert refusal.value.code == "not-sealed"


@pytest.mark.filterwarnings("ignore:.*EdDSA:joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param({}, OKPKey.generate_key("Ed25519"), id="another's key under their name"),
        pytest.param({"kid": "another"}, THEIR_SIGNING_KEY, id="another key's name"),
        pytest.param({"alg": "EdDSA"}, THEIR_SIGNING_KEY, id="the algorithm's older name"),
        pytest.param({"alg": "HS256"}, OctKey.import_key(BY_THEM["x"] * 2), id="their public key as a secret"),
        pytest.param({"alg": "ES256"}, ECKey.generate_key("P-256"), id="another algorithm"),
        pytest.param({"typ": "JWT"}, THEIR_SIGNING_KEY, id="another type"),
        pytest.param({"iss": "somebody-else"}, THEIR_SIGNING_KEY, id="another sender"),
        pytest.param({"aud": "another-gateway"}, THEIR_SIGNING_KEY, id="for somebody else"),
        pytest.param({"jwk": BY_THEM}, THEIR_SIGNING_KEY, id="a key of its own"),
        pytest.param({"exp": None}, THEIR_SIGNING_KEY, id="no end"),
    ],
)
def test_a_signature_that_is_not_exactly_theirs_is_refused(header: dict[str, Any], key: Any) -> None:
    signed = signed_with(their_header(**header), key)

    with pytest.raises(PermanentError) as refusal:
        opened(sealed_with(signed))

    assert refusal.value.code == "not-signed"


def test_a_signature_over_what_is_not_encoded_is_refused() -> None:
    with pytest.raises(PermanentError):
        opened(sealed_with(signed_with(their_header(b64=False, crit=["b64"]))))


def test_a_document_without_a_signature_is_refused() -> None:
    header = base64.urlsafe_b64encode(json.dumps(their_header(alg="none")).encode()).rstrip(b"=")
    body = base64.urlsafe_b64encode(DOCUMENT).rstrip(b"=")

    with pytest.raises(PermanentError):
        opened(sealed_with((header + b"." + body + b".").decode()))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"jti": ""}, id="no message id"),
        pytest.param({"jti": "Testina Exampleton"}, id="a message id with a blank"),
        pytest.param({"jti": "1" * 201}, id="a long message id"),
        pytest.param({"iat": "now"}, id="a time in words"),
        pytest.param({"iat": True}, id="a time that is none"),
        pytest.param({"exp": 2**40}, id="a time far off"),
    ],
)
def test_a_slip_that_is_not_as_agreed_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        opened(sealed_with(signed_with(their_header(**header))))


@pytest.mark.parametrize(
    "at",
    [NOON - timedelta(minutes=6), NOON + timedelta(days=7, minutes=6)],
    ids=["before", "after"],
)
def test_a_document_out_of_its_time_is_refused(at: datetime) -> None:
    with pytest.raises(PermanentError) as refusal:
        opened(sealed_by_them(), at=at)

    assert refusal.value.code == "out-of-time"


@pytest.mark.parametrize(
    "at", [NOON - timedelta(minutes=4), NOON + timedelta(days=7, minutes=4)], ids=["early", "late"]
)
def test_clocks_may_differ_by_five_minutes(at: datetime) -> None:
    assert opened(sealed_by_them(), at=at) == DOCUMENT


def test_a_document_good_for_ever_is_refused() -> None:
    with pytest.raises(PermanentError) as refusal:
        opened(sealed_by_them(valid_until=NOON + timedelta(days=32)))

    assert refusal.value.code == "out-of-time"


def test_size_is_looked_at_before_anything_else() -> None:
    with pytest.raises(TooLargeError):
        opened(b"x" * (2 * LIMIT + 1))


def test_a_document_over_the_limit_is_refused_though_its_seal_is_not() -> None:
    sealed = THEIRS.seal(b"x" * (LIMIT + 1), a_slip(), seal_for=FOR_US)

    with pytest.raises(TooLargeError):
        opened(sealed)


def test_a_document_of_the_very_limit_opens() -> None:
    assert opened(THEIRS.seal(b"x" * LIMIT, a_slip(), seal_for=FOR_US)) == b"x" * LIMIT


def test_no_refusal_holds_what_was_sent() -> None:
    with pytest.raises(GatewayError) as refusal:
        opened(sealed_with(signed_with(their_header(iss="Testina Exampleton"))))

    assert "Testina" not in str(refusal.value.as_json())


P256 = ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param({}, id="nothing"),
        pytest.param(public(P256, "RSA-OAEP-256"), id="an algorithm of another kind of key"),
        pytest.param(public(P256, "ECDH-ES"), id="another algorithm"),
        pytest.param(public(OKPKey.generate_key("Ed25519"), "ECDH-ES+A256KW"), id="a key to sign with"),
        pytest.param(public(ECKey.generate_key("P-384"), "ECDH-ES+A256KW"), id="another curve"),
        pytest.param({**P256.as_dict(private=True), "alg": "ECDH-ES+A256KW", "kid": "1"}, id="a private key"),
        pytest.param({**public(P256, "ECDH-ES+A256KW"), "y": P256.as_dict(private=False)["x"]}, id="not on the curve"),
        pytest.param({**public(P256, "ECDH-ES+A256KW"), "use": "sig"}, id="something else beside it"),
        pytest.param({**public(P256, "ECDH-ES+A256KW"), "kid": ""}, id="without a name"),
        pytest.param({**public(P256, "ECDH-ES+A256KW"), "kid": 7}, id="with a number for a name"),
    ],
)
def test_a_key_that_is_not_sound_is_refused(key: PublicKey) -> None:
    with pytest.raises(PermanentError) as refusal:
        check_public_key(key, algorithms=("ECDH-ES+A256KW", "RSA-OAEP-256"))

    assert refusal.value.code == "public-key"


@pytest.mark.filterwarnings("ignore:Key size:joserfc.errors.SecurityWarning")
def test_a_short_rsa_key_is_refused() -> None:
    short = public(RSAKey.generate_key(1024), "RSA-OAEP-256")

    with pytest.raises(PermanentError) as refusal:
        check_public_key(short, algorithms=("RSA-OAEP-256",))

    assert refusal.value.code == "public-key"


def test_our_own_public_keys_are_sound() -> None:
    check_public_key(FOR_US, algorithms=("ECDH-ES+A256KW",))
    check_public_key(BY_THEM, algorithms=("Ed25519",))
