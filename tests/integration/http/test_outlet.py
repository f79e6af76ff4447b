import inspect
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.adapters.http import outlet as outlet_module
from gateway.adapters.http.deadline import TimedTransport
from gateway.adapters.http.outlet import HttpOutlet, PartnerLimits
from gateway.errors import GatewayError, IntegrityError, PartnerRefusedError, PartnerUnavailableError
from gateway.flows.store.rows import Handover, Organisation
from gateway.flows.trace import traceparent
from gateway.model.identifiers import OrganisationId
from gateway.translation import partner_document
from gateway.translation.partner_document import PartnerDocument
from tests.integration.http.scripted_partner import (
    Answer,
    ScriptedPartner,
    drips,
    resets,
    says,
    says_nothing,
    says_raw,
)

BODY = b'{"child":"Testina Exampleton"}'
MESSAGE_ID = "dlv_01jd0000000000000000000000"
TAKEN = json.dumps({"acknowledgement": "MASH-77", "message_id": MESSAGE_ID}).encode()
CANARY = "Exampleton"


class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def partner() -> Iterator[Callable[..., ScriptedPartner]]:
    opened: list[ScriptedPartner] = []

    def start(*answers: Answer) -> ScriptedPartner:
        opened.append(ScriptedPartner(list(answers)))
        return opened[-1]

    yield start
    _ = [one.close() for one in opened]


@pytest.fixture
def outlet() -> Iterator[HttpOutlet]:
    with HttpOutlet(_Noon(), limits=PartnerLimits(connect_seconds=0.5, total_seconds=0.6)) as outlet:
        yield outlet


def a_document(
    *, recipient: str = "example-mash", form: str = "mash/referral-1", is_test: bool = False
) -> PartnerDocument:
    """Make a proof without its maker, which only a test may do."""
    document: PartnerDocument = object.__new__(PartnerDocument)
    partner_document._MADE[document] = partner_document._Content(
        format=form,
        recipient=recipient,
        tree={},
        losses=(),
        withheld=(),
        permit_reason="P-S47",
        is_test=is_test,
    )
    return document


def a_handover(
    url: str, *, kind: str = "mash.referral.submitted", message_id: str = MESSAGE_ID, **endpoint: str
) -> Handover:
    profile = {"endpoints": [{"kind": "mash.referral.submitted", "format": "mash/referral-1", "url": url, **endpoint}]}
    organisation = Organisation(
        organisation=OrganisationId("example-mash"), system="mash", type="mash", profile=profile
    )
    return Handover(organisation=organisation, kind=kind, message_id=message_id, correlation_id="msg_1")


def send(outlet: HttpOutlet, url: str) -> str:
    return outlet.send(a_document(), BODY, a_handover(url))


def test_an_acknowledged_document_returns_the_partners_reference(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet
) -> None:
    mash = partner(says(202, TAKEN))

    reference = send(outlet, mash.url)

    assert reference == "MASH-77"


def test_the_request_says_what_the_delivery_protocol_asks_for(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet
) -> None:
    mash = partner(says(202, TAKEN))

    send(outlet, mash.url)

    head, _, body = mash.requests[0].partition(b"\r\n\r\n")
    lines = {line.lower() for line in head.split(b"\r\n")}
    assert body == BODY
    assert head.startswith(b"POST /take HTTP/1.1")
    assert {
        b"content-type: application/json",
        b"idempotency-key: " + MESSAGE_ID.encode(),
        b"x-correlation-id: msg_1",
        b"x-gateway-message: mash.referral.submitted",
    } <= lines


def test_a_document_in_xml_is_said_to_be_xml(partner: Callable[..., ScriptedPartner], outlet: HttpOutlet) -> None:
    ecaf = partner(says(202, TAKEN))

    outlet.send(a_document(form="ecaf/xml-1"), b"<ecaf/>", a_handover(ecaf.url))

    head, _, body = ecaf.requests[0].partition(b"\r\n\r\n")
    assert body == b"<ecaf/>"
    assert [line.lower() for line in head.split(b"\r\n") if line.lower().startswith(b"content-type")] == [
        b"content-type: application/xml"
    ]


def test_the_trace_of_a_document_goes_with_it(partner: Callable[..., ScriptedPartner], outlet: HttpOutlet) -> None:
    mash = partner(says(202, TAKEN))
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    outlet.send(a_document(), BODY, replace(a_handover(mash.url), trace_id=trace))

    (line,) = [line for line in mash.requests[0].split(b"\r\n") if line.lower().startswith(b"traceparent:")]
    assert line.partition(b": ")[2].decode() == traceparent(trace, MESSAGE_ID)


def test_a_partner_that_already_had_it_counts_as_acknowledging(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet
) -> None:
    mash = partner(says(409, TAKEN))

    assert send(outlet, mash.url) == "MASH-77"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "partner-malformed"),
        (402, "partner-refused"),
        (403, "partner-forbidden"),
        (404, "partner-not-found"),
        (405, "partner-refused"),
        (409, "partner-conflict"),
        (410, "partner-gone"),
        (413, "partner-too-large"),
        (415, "partner-unsupported"),
        (422, "partner-unprocessable"),
        (499, "partner-refused"),
    ],
)
def test_a_refusal_is_permanent_and_keeps_the_partners_words_to_itself(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet, status: int, code: str
) -> None:
    mash = partner(says(status, b'{"detail":"Testina Exampleton is unknown here"}'))

    with pytest.raises(PartnerRefusedError) as refused:
        send(outlet, mash.url)

    assert refused.value.code == code
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "credential-refused"),
        (407, "credential-refused"),
        (408, "partner-unavailable"),
        (421, "partner-unavailable"),
        (425, "partner-unavailable"),
        (429, "partner-unavailable"),
        (500, "partner-unavailable"),
        (502, "partner-unavailable"),
        (503, "partner-unavailable"),
        (599, "partner-unavailable"),
        (301, "redirect"),
        (307, "redirect"),
    ],
)
def test_what_may_pass_is_tried_again(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet, status: int, code: str
) -> None:
    mash = partner(says(status, TAKEN, "Location: http://127.0.0.1:9/elsewhere"))

    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, mash.url)

    assert later.value.code == code
    assert len(mash.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"OK", id="not JSON"),
        pytest.param(b"\xff\xfe{", id="not UTF-8"),
        pytest.param(b"[" * 60_000, id="depth bomb"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'{"acknowledgement":"MASH-77"}', id="no echo"),
        pytest.param(b'{"acknowledgement":"MASH-77","message_id":"dlv_other"}', id="echo of another"),
        pytest.param(b'{"acknowledgement":7,"message_id":"%s"}' % MESSAGE_ID.encode(), id="a number as reference"),
        pytest.param(b'{"acknowledgement":"","message_id":"%s"}' % MESSAGE_ID.encode(), id="an empty reference"),
        pytest.param(
            b'{"acknowledgement":"%s","message_id":"%s"}' % (b"x" * 201, MESSAGE_ID.encode()), id="a long reference"
        ),
        pytest.param(
            b'{"acknowledgement":"a\\u000a{}","message_id":"%s"}' % MESSAGE_ID.encode(), id="a reference of two lines"
        ),
        pytest.param(TAKEN[:-1] + b" " * 70_000 + b"}", id="over the limit"),
    ],
)
def test_a_2xx_that_acknowledges_nothing_is_tried_again(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet, body: bytes
) -> None:
    mash = partner(says(200, body))

    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, mash.url)

    assert later.value.code == "nonsense"


def test_a_compressed_answer_is_not_unpacked(partner: Callable[..., ScriptedPartner], outlet: HttpOutlet) -> None:
    mash = partner(says(200, TAKEN, "Content-Encoding: gzip"))

    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, mash.url)

    assert later.value.code == "nonsense"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(says_nothing(1.5), "timeout", id="silence"),
        pytest.param(
            drips(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100, every_seconds=0.05), "timeout", id="slow head"
        ),
        pytest.param(
            drips(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"{" * 500, every_seconds=0.02),
            "timeout",
            id="slow body",
        ),
        pytest.param(says_raw(b"\x00\x01\x02 nonsense\r\n\r\n"), "nonsense", id="not HTTP"),
        pytest.param(says_raw(b""), "nonsense", id="closes without a word"),
        pytest.param(
            says_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "nonsense", id="closes in the middle"
        ),
        pytest.param(resets, "broken-off", id="resets"),
        pytest.param(says_raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000), "nonsense", id="endless header"),
    ],
)
def test_a_partner_that_misbehaves_is_unavailable_within_the_time_allowed(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet, answer: Answer, code: str
) -> None:
    mash = partner(answer)
    begun = time.monotonic()

    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, mash.url)

    assert later.value.code == code
    assert time.monotonic() - begun < 1.2


def test_nobody_listening_is_unavailable(outlet: HttpOutlet) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()

    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, f"http://127.0.0.1:{port}/")

    assert later.value.code == "unreachable"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("999999999999", 86400.0),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 12:01:00", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_a_partner_may_say_when_to_come_back(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet, header: str, seconds: float | None
) -> None:
    mash = partner(says(503, b"", f"Retry-After: {header}"))

    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, mash.url)

    assert later.value.retry_after_seconds == seconds


def test_a_document_cleared_for_somebody_else_is_not_sent(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet
) -> None:
    mash = partner(says(202, TAKEN))

    with pytest.raises(IntegrityError):
        outlet.send(a_document(recipient="other-borough"), BODY, a_handover(mash.url))

    assert mash.requests == []


def test_an_invented_document_is_not_sent(partner: Callable[..., ScriptedPartner], outlet: HttpOutlet) -> None:
    mash = partner(says(202, TAKEN))

    with pytest.raises(IntegrityError):
        outlet.send(object.__new__(PartnerDocument), BODY, a_handover(mash.url))

    assert mash.requests == []


def test_a_document_made_under_a_test_permit_is_not_sent(
    partner: Callable[..., ScriptedPartner], outlet: HttpOutlet
) -> None:
    mash = partner(says(202, TAKEN))

    with pytest.raises(IntegrityError):
        outlet.send(a_document(is_test=True), BODY, a_handover(mash.url))

    assert mash.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://mash.example/",
        "http://127.0.0.1.mash.example/",
        "http://127.0.0.1@mash.example/",
        "ftp://mash.example/",
        "",
        "http://[::1",
        "https:///referrals",
    ],
)
def test_a_bad_endpoint_gets_nothing(outlet: HttpOutlet, url: str) -> None:
    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, url)

    assert later.value.code == "bad-endpoint"


def test_a_partners_cookies_are_not_kept(partner: Callable[..., ScriptedPartner], outlet: HttpOutlet) -> None:
    mash = partner(says(202, TAKEN, "Set-Cookie: spoor=1; Path=/"))

    send(outlet, mash.url)
    send(outlet, mash.url)

    assert b"spoor" not in mash.requests[1]


def test_a_kind_the_partner_has_no_endpoint_for_is_said(outlet: HttpOutlet) -> None:
    with pytest.raises(PartnerUnavailableError) as later:
        outlet.send(a_document(), BODY, a_handover("https://mash.example/", kind="mash.feedback.sent"))

    assert later.value.code == "no-endpoint"


def test_the_token_is_read_anew_for_each_document(partner: Callable[..., ScriptedPartner], tmp_path: Path) -> None:
    mash = partner(says(202, TAKEN))
    token = tmp_path / "mash.token"
    handover = a_handover(mash.url, token_file="mash.token")

    with HttpOutlet(_Noon(), tokens=tmp_path) as outlet:
        token.write_text("first\n")
        outlet.send(a_document(), BODY, handover)
        token.write_text("second\n")
        outlet.send(a_document(), BODY, handover)

    assert b"Authorization: Bearer first\r\n" in mash.requests[0]
    assert b"Authorization: Bearer second\r\n" in mash.requests[1]


@pytest.mark.parametrize("content", [None, b"", b"two\nlines", b"caf\xc3\xa9"])
def test_without_a_usable_token_nothing_is_sent(
    partner: Callable[..., ScriptedPartner], tmp_path: Path, content: bytes | None
) -> None:
    mash = partner(says(202, TAKEN))
    (tmp_path / "mash.token").write_bytes(content or b"")

    tokens = tmp_path if content is not None else None

    with HttpOutlet(_Noon(), tokens=tokens) as outlet, pytest.raises(PartnerUnavailableError) as later:
        outlet.send(a_document(), BODY, a_handover(mash.url, token_file="mash.token"))

    assert later.value.code == "no-token"
    assert mash.requests == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that nobody has vouched for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "partner.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_partner(certificate: Path) -> Iterator[ScriptedPartner]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    partner = ScriptedPartner([says(202, TAKEN)], tls=context)
    yield partner
    partner.close()


def test_a_partner_nobody_vouches_for_gets_nothing(tls_partner: ScriptedPartner, outlet: HttpOutlet) -> None:
    with pytest.raises(PartnerUnavailableError) as later:
        send(outlet, tls_partner.url)

    assert later.value.code == "unreachable"
    assert tls_partner.requests == []


def test_a_partner_whose_certificate_is_trusted_gets_the_document(
    tls_partner: ScriptedPartner, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))

    with HttpOutlet(_Noon(), context=trusting) as outlet:
        reference = send(outlet, tls_partner.url)

    assert reference == "MASH-77"


def _foreign_exceptions() -> list[type[BaseException]]:
    everything = (value for value in vars(httpx).values() if inspect.isclass(value))
    return sorted((each for each in everything if issubclass(each, BaseException)), key=lambda each: each.__name__)


def _one_of(kind: type[BaseException]) -> BaseException:
    request = httpx.Request("POST", "https://mash.example/")
    known: dict[str, Callable[[], BaseException]] = {
        "HTTPStatusError": lambda: httpx.HTTPStatusError(CANARY, request=request, response=httpx.Response(500)),
        "ResponseNotRead": httpx.ResponseNotRead,
        "RequestNotRead": httpx.RequestNotRead,
        "StreamClosed": httpx.StreamClosed,
        "StreamConsumed": httpx.StreamConsumed,
    }
    return known.get(kind.__name__, lambda: kind(CANARY))()


@pytest.mark.parametrize("kind", _foreign_exceptions(), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_http_client_becomes_ours(
    kind: type[BaseException], outlet: HttpOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise _one_of(kind)

    monkeypatch.setattr(outlet._client, "stream", breaks)

    with pytest.raises(GatewayError) as ours:
        send(outlet, "https://mash.example/")

    assert CANARY not in str(ours.value)


def test_the_ways_an_exchange_fails_are_told_apart() -> None:
    codes = {kind.__name__: code for kind, code in outlet_module._CODES}

    assert codes["PoolTimeout"] != codes["TimeoutException"]
    assert codes["ConnectError"] != codes["NetworkError"]


def test_a_connection_that_is_made_while_everything_is_closed_does_not_stay_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        transport = TimedTransport(context=ssl.create_default_context(), connections=1)
        port = server.getsockname()[1]
        early = transport._backend.connect_tcp("127.0.0.1", port)
        transport.close()

        with pytest.raises(httpcore.ConnectError):
            transport._backend.connect_tcp("127.0.0.1", port)
        with pytest.raises(httpcore.ReadError):
            early.read(1)
        with server.accept()[0] as first, server.accept()[0] as second:
            assert (first.recv(1), second.recv(1)) == (b"", b"")
