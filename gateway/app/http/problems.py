"""Which answer does an error get? One table, for every route. Source: RFC 9457, problem details for HTTP APIs."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import (
    BusyError,
    ByMailError,
    ConflictError,
    GatewayError,
    IntegrityError,
    MalformedMessageError,
    NotAllowedError,
    NotFoundError,
    PermanentError,
    SchemaViolationError,
    TooLargeError,
    TransientError,
    TranslationError,
    UnauthenticatedError,
    UnsupportedFormatError,
)

MEDIA_TYPE = b"application/problem+json"
_TYPES = "/docs#problem-"

# The first class that fits decides, so what is special stands before what is general.
_TABLE: tuple[tuple[type[GatewayError], int, str], ...] = (
    (MalformedMessageError, 400, "The body is not the format it claims to be"),
    (TooLargeError, 413, "The body is too large"),
    (ByMailError, 415, "Forms are not taken by e-mail; nothing of this one was kept"),
    (UnsupportedFormatError, 415, "The body's media type or encoding is not one this format comes in"),
    (SchemaViolationError, 422, "The body is well-formed but not the agreed shape"),
    (TranslationError, 422, "The body holds a value that cannot be carried"),
    (ConflictError, 409, "This conflicts with what was accepted before"),
    (NotFoundError, 404, "There is no such thing, or not for you"),
    (UnauthenticatedError, 401, "You have not shown who you are"),
    (NotAllowedError, 403, "You may not do this"),
    (PermanentError, 400, "This cannot be done"),
    (BusyError, 503, "Too much at once; come back in a moment"),
    (TransientError, 503, "This cannot be done now; come back in a moment"),
    (IntegrityError, 503, "The gateway has stopped itself; its operators have been told"),
)
_BY_CODE: Mapping[str, tuple[int, str]] = {
    "too-many-attempts": (429, "Too many attempts; wait"),
    "your-share": (429, "You send more at once than your share; come back in a moment"),
    "too-slow": (408, "The request did not arrive in time"),
    "head-too-large": (431, "The request's head is too large"),
    "method-not-allowed": (405, "This address does not take that method"),
}
_SILENT = (IntegrityError,)
_OUR_FAULTS = frozenset({"store-misuse", "bus-pattern", "bus-wake", "public-key", "key-file", "key-name"})
"""Errors of ours that no request can cause: a mistake of ours, or of whoever installed us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem document, and the headers that go with it.

    Shape: `kind` is the code of the error's class and names the problem's type; `code` says more, where more is known.
    """

    status: int
    kind: str
    title: str
    code: str | None = None
    detail: str | None = None
    place: Mapping[str, str | int] = field(default_factory=dict)
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def body(self) -> bytes:
        """Return the document: type, title, status, code, and detail and place where there are any."""
        shown: dict[str, str | int] = {
            "type": _TYPES + self.kind,
            "title": self.title,
            "status": self.status,
            "code": self.code or self.kind,
        }
        if self.detail is not None:
            shown["detail"] = self.detail
        return json.dumps({**shown, **self.place}).encode()


INTERNAL = Problem(status=500, kind="internal", title="The gateway made a mistake; nothing was accepted")


def problem_of(error: Exception, *, busy_seconds: float) -> Problem:
    """Return what *error* is told as. Of anything but our own errors nothing is told at all."""
    if not isinstance(error, GatewayError) or error.code in _OUR_FAULTS:
        return INTERNAL
    status, title = _status(error)
    return Problem(
        status=status,
        kind=type(error).code,
        title=title,
        code=error.code,
        detail=None if isinstance(error, _SILENT) else error.message,
        place=error.place.as_json(),
        headers=_headers(error, status, busy_seconds),
    )


def kinds() -> tuple[Problem, ...]:
    """Return every kind of problem there is, as the documentation shows them."""
    special = (Problem(status=status, kind=code, title=title) for code, (status, title) in _BY_CODE.items())
    general = (Problem(status=status, kind=kind.code, title=title) for kind, status, title in _TABLE)
    return (*general, *special, INTERNAL)


def retry_after(seconds: float) -> tuple[bytes, bytes]:
    """Return the header that says when to come back."""
    return b"retry-after", str(max(1, math.ceil(seconds))).encode()


def _status(error: GatewayError) -> tuple[int, str]:
    special = _BY_CODE.get(error.code)
    if special is not None:
        return special
    return next(((status, title) for kind, status, title in _TABLE if isinstance(error, kind)), (500, INTERNAL.title))


def _headers(error: GatewayError, status: int, busy_seconds: float) -> tuple[tuple[bytes, bytes], ...]:
    match status:
        case 401:
            return ((b"www-authenticate", b'Bearer realm="ecaf-gateway"'),)
        case 429 | 503:
            asked = error.retry_after_seconds if isinstance(error, TransientError) else None
            return (retry_after(asked or busy_seconds),)
        case 408 | 413 | 431:
            return ((b"connection", b"close"),)  # more of the same request may still be on its way
        case _:
            return ()
