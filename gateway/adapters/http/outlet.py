"""How does a cleared document get to a partner over HTTP, and what became of it? The Channel Adapter outward."""

import ipaddress
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from gateway.adapters.http.answers import acknowledged, held, refusal
from gateway.adapters.http.deadline import TimedTransport, within
from gateway.errors import PartnerUnavailableError
from gateway.flows.ports import Clock
from gateway.flows.store.rows import Handover
from gateway.flows.trace import traceparent
from gateway.formats.register import FORMATS
from gateway.translation.partner_document import PartnerDocument

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (httpx.PoolTimeout, "all-connections-busy"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "unreachable"),
    (httpx.NetworkError, "broken-off"),
    (httpx.ProtocolError, "nonsense"),
    (httpx.DecodingError, "nonsense"),
    (httpx.UnsupportedProtocol, "bad-endpoint"),
    (httpx.InvalidURL, "bad-endpoint"),
)
WITHHELD = "X-Gateway-Withheld"
"""Names what a document goes without, by kind and reason, beside a format that has no place for it."""
TEST = "X-Gateway-Test"
"""The header of a test: it holds no document, and a partner keeps nothing of it but its message id."""
_OF_A_BODY = frozenset({"Content-Type", "Idempotency-Key", "X-Gateway-Message"})
_FOREIGN = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLimits:
    """How patient we are with partners. Units: seconds, bytes."""

    connect_seconds: float = 5.0
    total_seconds: float = 30.0
    answer_bytes: int = 64 * 1024
    connections: int = 32


class HttpOutlet:
    """Sends documents to the endpoints of partners' profiles. Safe to use from many threads.

    Promise: nothing goes to another organisation than the one the document was cleared for, none made under a test
    permit goes anywhere, and none goes over plain HTTP but to this machine. Redirects are not followed: a document goes
    where the profile says or nowhere. Nothing a partner wrote gets into an error, so none into a log.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        limits: PartnerLimits | None = None,
        tokens: Path | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._limits = limits or PartnerLimits()
        self._tokens = tokens
        self._client = httpx.Client(
            transport=TimedTransport(
                context=context or ssl.create_default_context(), connections=self._limits.connections
            ),
            timeout=httpx.Timeout(self._limits.total_seconds, connect=self._limits.connect_seconds),
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Hand *body* over and return the partner's own reference for it.

        Raises:
            PartnerRefusedError: the partner will not take it, now or later.
            PartnerUnavailableError: it may take it later; or nobody knows whether it did.
            IntegrityError: the document was cleared for somebody else, or under a test permit.
        """
        document.require_cleared_for(handover.organisation.organisation)
        endpoint = _endpoint(handover)
        headers = {**self._headers(endpoint, handover), "Content-Type": FORMATS[document.format].media_types[0]}
        if document.withheld:
            headers[WITHHELD] = document.withheld_line
        return self._deliver(str(endpoint["url"]), body, headers, handover)

    def ask(self, handover: Handover) -> str | None:
        """Return the partner's own reference for what it was sent under this message id, None if it has it not.

        Raises:
            PartnerUnavailableError: it does not say.
        """
        endpoint = _endpoint(handover)
        url = f"{str(endpoint.get('query_url', endpoint['url'])).rstrip('/')}/{quote(handover.message_id, safe='')}"
        headers = {name: value for name, value in self._headers(endpoint, handover).items() if name not in _OF_A_BODY}
        status, answer, _ = self._exchange("GET", url, None, headers)
        return held(status, answer, message_id=handover.message_id)

    def send_test(self, handover: Handover) -> str:
        """Hand over a test that holds no document, and return the partner's own reference for it.

        Nothing that was ever stored is in it, so that it needs no clearance: its bytes are made here, of the format's
        name alone.

        Raises:
            PartnerRefusedError: the partner will not take it.
            PartnerUnavailableError: it may take it later; or nobody knows whether it did.
        """
        endpoint = _endpoint(handover)
        body = json.dumps({"format": str(endpoint.get("format")), "test": True}).encode()
        headers = {**self._headers(endpoint, handover), TEST: "1"}
        return self._deliver(str(endpoint["url"]), body, headers, handover)

    def _deliver(self, url: str, body: bytes, headers: dict[str, str], handover: Handover) -> str:
        status, answer, retry_after = self._exchange("POST", url, body, headers)
        reference = acknowledged(status, answer, message_id=handover.message_id)
        if reference is None:
            raise refusal(status, retry_after=retry_after, at=self._clock.now())
        return reference

    def _headers(self, endpoint: Mapping[str, Any], handover: Handover) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": handover.message_id,
            "X-Correlation-Id": handover.correlation_id,
            "X-Gateway-Message": handover.kind,
            "User-Agent": "ecaf-gateway",
        }
        if handover.trace_id:
            headers["traceparent"] = traceparent(handover.trace_id, handover.message_id)
        if "token_file" in endpoint:
            headers["Authorization"] = f"Bearer {self._token(endpoint['token_file'])}"
        return headers

    def _token(self, name: str) -> str:
        """Return the token in the file *name*, read anew each time so that renewing it needs no restart."""
        if self._tokens is None:
            raise PartnerUnavailableError(
                "the partner's profile names a token_file; set GATEWAY_PARTNER_TOKENS_FOLDER", code="no-token"
            )
        try:
            token = (self._tokens / Path(name).name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            raise PartnerUnavailableError("the partner's token file cannot be read", code="no-token") from error
        if not token.isprintable() or not token:
            raise PartnerUnavailableError("the partner's token file holds no token", code="no-token")
        return token

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str | None]:
        """Return status, as much of the answer as we read, and what Retry-After says."""
        try:
            with (
                within(self._limits.total_seconds),
                self._client.stream(method, url, content=body, headers=headers) as response,
            ):
                return response.status_code, self._read(response), response.headers.get("Retry-After")
        except _FOREIGN as error:
            raise _ours(error) from error

    def _read(self, response: httpx.Response) -> bytes:
        """Return the answer, or nothing when it is longer than an acknowledgement or in a coding we did not want."""
        kept = bytearray()
        if response.headers.get("Content-Encoding", "identity") != "identity":
            return b""
        for piece in response.iter_raw():
            kept += piece
            if len(kept) > self._limits.answer_bytes:
                return b""
        return bytes(kept)


def _endpoint(handover: Handover) -> Mapping[str, Any]:
    """Return where the partner takes this kind of message."""
    endpoints = handover.organisation.profile.get("endpoints", ())
    found = next((endpoint for endpoint in endpoints if endpoint.get("kind") == handover.kind), None)
    if found is None:
        raise PartnerUnavailableError(f"the partner's profile has no endpoint for {handover.kind}", code="no-endpoint")
    if not all(_is_safe(str(found[name])) for name in ("url", "query_url") if name in found) or "url" not in found:
        raise PartnerUnavailableError("the partner's endpoint is not a sound https address", code="bad-endpoint")
    return found  # type: ignore[no-any-return]  # a profile is JSON


def _is_safe(url: str) -> bool:
    """Tell whether documents may be sent to *url*: over TLS, or to this very machine."""
    try:
        parts = urlsplit(url)
        host = httpx.URL(url).host
    except (ValueError, httpx.InvalidURL):
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ours(error: Exception) -> PartnerUnavailableError:
    """Return our error for one of the HTTP client's: nobody knows whether the partner has the document."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "unreachable")
    return PartnerUnavailableError(f"the exchange with the partner failed: {type(error).__name__}", code=code)
