"""How is an answer written, with the headers every answer has?"""

from collections.abc import Iterable

import structlog
from starlette.responses import Response
from starlette.types import Send

from gateway.app.http.problems import INTERNAL, MEDIA_TYPE, Problem
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_JSON = b"application/json"


def tell_operators(error: Exception, problem: Problem, *, method: str, route: str | None) -> None:
    """Log a refusal, or a mistake of ours, without anything of what was sent."""
    if problem is INTERNAL:
        log.error(LogEvent.REQUEST_FAILED, method=method, route=route, status=problem.status, error=error)
    else:
        code = problem.code or problem.kind
        log.info(LogEvent.REQUEST_REFUSED, method=method, route=route, status=problem.status, code=code)


async def send_json(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Answer with JSON bytes."""
    await _send(send, status, body, media_type=_JSON, headers=headers)


async def send_problem(send: Send, problem: Problem) -> None:
    """Answer with a problem document."""
    await _send(send, problem.status, problem.body, media_type=MEDIA_TYPE, headers=problem.headers)


async def _send(
    send: Send, status: int, body: bytes, *, media_type: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    head = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *_ALWAYS, *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def problem_response(problem: Problem) -> Response:
    """Return the same as a Starlette response, for routes that return one."""
    return _response(problem.status, problem.body, MEDIA_TYPE, problem.headers)


def json_response(body: bytes, *, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> Response:
    """Return JSON bytes as a Starlette response."""
    return _response(status, body, _JSON, headers)


def _response(status: int, body: bytes, media_type: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Response:
    response = Response(body, status_code=status)
    response.raw_headers.extend([(b"content-type", media_type), *_ALWAYS, *headers])
    return response
