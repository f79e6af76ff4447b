"""How does a document come in over HTTP? `POST /v1/intake/{partner}/{message}-{version}`, the hot path.

Plain ASGI: the body is read as bytes under our own limits, and only our own readers ever interpret it.
"""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from functools import partial

import structlog
from starlette.types import Receive, Scope, Send

from gateway.app.http.admission import Admission, Place
from gateway.app.http.answers import send_json, send_problem, tell_operators
from gateway.app.http.authentication import Doorkeeper
from gateway.app.http.bodies import Body, BrokenOffError
from gateway.app.http.problems import problem_of
from gateway.app.http.readiness import Readiness
from gateway.app.http.sealed_forms import opened_form
from gateway.app.http.served import Served
from gateway.app.inbound import inbound_format
from gateway.errors import (
    GatewayError,
    MalformedMessageError,
    TooLargeError,
    UnsupportedFormatError,
)
from gateway.flows.receiving.envelope import Accepted, Admit, Incoming
from gateway.flows.store.rows import Lane
from gateway.flows.tally import Counted
from gateway.flows.trace import read_trace_id
from gateway.formats.json import write_json
from gateway.formats.register import FORMATS, Format

_ROUTE = "/v1/intake/{partner}/{message}"
_KEY = re.compile(rb"[\x21-\x7e]{1,200}")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_WANTED = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"expect",
        b"idempotency-key",
        b"traceparent",
    }
)
_DRAIN_SECONDS = 5.0
_UNKNOWN = "unknown"


class Intake:
    """The route. One instance serves all requests of the process."""

    def __init__(
        self, served: Served, doorkeeper: Doorkeeper, *, admission: Admission, readiness: Readiness, threads: Executor
    ) -> None:
        self._served = served
        self._doorkeeper = doorkeeper
        self._settings = served.settings
        self._admission = admission
        self._readiness = readiness
        self._threads = threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 202 once the document is durable, else a problem."""
        headers = _headers(scope)
        trace_id = read_trace_id(_text(headers.get(b"traceparent")))
        if trace_id is not None:
            structlog.contextvars.bind_contextvars(trace_id=trace_id)
        try:
            accepted = await self._accept(scope["path_params"], headers, receive)
        except BrokenOffError:
            return
        except GatewayError as error:
            await self._refuse(error, scope, send)
        else:
            body = write_json({"message_id": accepted.message_id, "receipt": accepted.receipt})
            await send_json(send, 202, body, [(b"location", f"/v1/messages/{accepted.message_id}".encode())])

    async def _accept(self, path: Mapping[str, str], headers: Mapping[bytes, bytes], receive: Receive) -> Accepted:
        self._readiness.check()
        caller = await self._doorkeeper.recognised(headers.get(b"authorization"))
        spoken = inbound_format(path["partner"], path["message_version"])
        caller.check_may_send(spoken.name)
        key = _idempotency_key(headers)
        _check_not_packed(headers)
        may_be_urgent = self._served.desk.routes.may_be_urgent(spoken.name)
        with self._admission.enter(caller.organisation, may_be_urgent=may_be_urgent) as place:
            received = await self._read(headers, receive, place)
            declared = _text(headers.get(b"content-type"))
            body, content_type = await self._opened(spoken, received, declared, caller.form_key_file)
            incoming = Incoming(
                organisation=caller.organisation,
                format=spoken,
                body=body,
                content_type=content_type,
                idempotency_key=key,
                channel="http",
                trace_id=read_trace_id(_text(headers.get(b"traceparent"))),
            )
            is_believed = may_be_urgent and caller.is_listed_safeguarding
            return await self._submit(incoming, lambda lane: place.admit(is_urgent=is_believed or lane is Lane.URGENT))

    async def _read(self, headers: Mapping[bytes, bytes], receive: Receive, place: Place) -> bytes:
        """Return the body; of one that is too long throw the rest away, or its sender never reads our answer."""
        limit = self._settings.body_limit_bytes
        declared = _declared_length(headers)
        body = Body(receive)
        try:
            return await body.read(limit=limit, seconds=self._settings.body_seconds, declared=declared, hold=place.hold)
        except TooLargeError:
            if b"expect" not in headers:
                await body.drain(limit=limit, seconds=_DRAIN_SECONDS)
            raise

    async def _opened(
        self, form: Format, body: bytes, content_type: str | None, key_file: str | None
    ) -> tuple[bytes, str | None]:
        """Return body and content type, decrypted where a form has encrypted them: a long one in a thread."""
        folder = self._settings.partner_tokens_folder
        work = partial(opened_form, form, body, content_type, key_file=key_file, folder=folder)
        if key_file is None or len(body) <= self._settings.body_inline_bytes:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _submit(self, incoming: Incoming, admit: Admit) -> Accepted:
        """Check and seal a short body here and now, a long one in a thread; then wait for the disk.

        The wait is shielded: a request that is given up must not cancel a transaction it shares with others.
        """
        submit = self._served.receive.submit
        if incoming.size_bytes <= self._settings.body_inline_bytes:
            durable = submit(incoming, admit)
        else:
            durable = await asyncio.get_running_loop().run_in_executor(self._threads, submit, incoming, admit)
        return await asyncio.shield(asyncio.wrap_future(durable))

    async def _refuse(self, error: GatewayError, scope: Scope, send: Send) -> None:
        problem = problem_of(error, busy_seconds=self._settings.busy_retry_seconds)
        self._count(problem.code or problem.kind, scope["path_params"])
        tell_operators(error, problem, method=scope["method"], route=_ROUTE)
        await send_problem(send, problem)

    def _count(self, code: str, path: Mapping[str, str]) -> None:
        """Count a refusal; a format is named only where it is one of ours."""
        name = f"{path['partner']}/{path['message_version']}"
        self._served.desk.tally.count(Counted.REFUSED, name if name in FORMATS else _UNKNOWN, code)


def _headers(scope: Scope) -> Mapping[bytes, bytes]:
    """Return the headers this route reads; one that comes twice is joined by a comma, as HTTP has it."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _WANTED:
            found[name] = found[name] + b", " + value if name in found else value
    return found


def _idempotency_key(headers: Mapping[bytes, bytes]) -> str | None:
    key = headers.get(b"idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise MalformedMessageError(
            "Idempotency-Key must be one to 200 visible ASCII characters, once", code="idempotency-key"
        )
    return key.decode("ascii")


def _declared_length(headers: Mapping[bytes, bytes]) -> int | None:
    declared = headers.get(b"content-length")
    if declared is None:
        return None
    if not _LENGTH.fullmatch(declared):
        raise MalformedMessageError("Content-Length must be one whole number", code="content-length")
    return int(declared)


def _check_not_packed(headers: Mapping[bytes, bytes]) -> None:
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedFormatError("send the body as it is, without Content-Encoding", code="content-encoding")


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value is not None else None
