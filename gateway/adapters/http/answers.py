"""What does a partner's answer mean? The delivery protocol of docs/partners/http-delivery.md, answer by answer."""

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from gateway.errors import GatewayError, PartnerRefusedError, PartnerUnavailableError

_REFERENCE = re.compile(r"[\x21-\x7e]{1,200}")
_LONGEST_WAIT_SECONDS = 24 * 3600.0
_REDIRECTS = range(300, 400)
_CLIENT_ERRORS = range(400, 500)

_OPERATOR = {HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
_LATER = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.MISDIRECTED_REQUEST,
    HTTPStatus.LOCKED,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "partner-malformed",
    HTTPStatus.FORBIDDEN: "partner-forbidden",
    HTTPStatus.NOT_FOUND: "partner-not-found",
    HTTPStatus.CONFLICT: "partner-conflict",
    HTTPStatus.GONE: "partner-gone",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "partner-too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "partner-unsupported",
    HTTPStatus.UNPROCESSABLE_ENTITY: "partner-unprocessable",
}


def acknowledged(status: int, body: bytes, *, message_id: str) -> str | None:
    """Return the partner's own reference if the answer acknowledges *message_id*, else None.

    Shape: a 2xx, or a 409 for what the partner already had, whose JSON says `message_id` as we sent it and, under
    `acknowledgement`, one to 200 visible characters.
    """
    if not (HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status == HTTPStatus.CONFLICT):
        return None
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("message_id") != message_id:
        return None
    reference = answer.get("acknowledgement")
    return reference if isinstance(reference, str) and _REFERENCE.fullmatch(reference) else None


def held(status: int, body: bytes, *, message_id: str) -> str | None:
    """Return the partner's own reference for *message_id*, or None when it says that it does not have it.

    Shape: as an acknowledgement; or a 404 whose JSON says `message_id` as we asked it. A bare 404 may be an address
    that does not know the question, and a document is not sent twice on the strength of that.

    Raises:
        PartnerUnavailableError: it says neither.
    """
    reference = acknowledged(status, body, message_id=message_id)
    if reference is not None:
        return reference
    if status == HTTPStatus.NOT_FOUND and _names(body, message_id):
        return None
    raise PartnerUnavailableError(f"the partner answered {status} when asked what it has", code="query-failed")


def _names(body: bytes, message_id: str) -> bool:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and answer.get("message_id") == message_id


def refusal(status: int, *, retry_after: str | None, at: datetime) -> GatewayError:
    """Return the error that an answer which acknowledges nothing stands for; the partner's words are not in it."""
    wait = _wait(retry_after, at)
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return PartnerUnavailableError(
            "the partner's answer acknowledges nothing we sent", code="nonsense", retry_after_seconds=wait
        )
    if status in _REDIRECTS:
        return PartnerUnavailableError(
            f"the partner answered {status}, a redirect; correct the address in its profile", code="redirect"
        )
    if status in _OPERATOR:
        return PartnerUnavailableError(
            f"the partner answered {status}; renew the token we show to it", code="credential-refused"
        )
    if status in _CLIENT_ERRORS and status not in _LATER:
        code = next((code for refused, code in _REFUSALS.items() if refused == status), "partner-refused")
        return PartnerRefusedError(f"the partner answered {status}", code=code)
    return PartnerUnavailableError(f"the partner answered {status}", retry_after_seconds=wait)


def _wait(retry_after: str | None, at: datetime) -> float | None:
    """Return what Retry-After says in seconds, at most a day; None when it says nothing that makes sense.

    Source: RFC 9110, section 10.2.3.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            seconds = (parsedate_to_datetime(text) - at).total_seconds()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)
