"""How does any partner that takes documents over HTTP look from outside?

The contract is docs/partners/http-delivery.md; this is the partner's side of it, with bad days on demand.
"""

import asyncio
import contextlib
import hashlib
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from gateway.model.tree import Group, Tree
from gateway.simulators.behaviour import Behaviour, Mood, Moods
from gateway.simulators.clock import Clock, partner_now
from gateway.simulators.journal import Journal
from gateway.simulators.notices import Notices, notice_routes

_FOREVER_SECONDS = 3600.0
_TEST = "x-gateway-test"
_RUBBISH = (
    b"<html><body>It works!</body></html>",
    b'{"acknowledgement": 7}',
    b'{"acknowledgement": "X-1", "message_id": "some-other"}',
    b'{"message_id": ',
    b"\xff\xfe",
)

Read = Callable[[bytes], Tree]
"""Returns what a body holds; ValueError, where it is not what it is said to be."""
Taken = Callable[[Tree, Behaviour], Awaitable[None]]
"""What a particular partner does once it has taken a document."""


@dataclass(slots=True, kw_only=True)
class Partner:
    """One simulated partner: what it is called, what it remembers, and its mood."""

    prefix: str
    journal: Journal
    clock: Clock = partner_now
    token: str | None = None
    """What an Authorization header must hold, if anything."""
    moods: Moods = field(default_factory=Moods)
    rubbish: Iterator[bytes] = field(default_factory=lambda: itertools.cycle(_RUBBISH))
    reads: Mapping[str, Read] = field(default_factory=lambda: {"application/json": json.loads})
    """What it makes of a body, by its media type; others it does not take."""
    tests: dict[str, str] = field(default_factory=dict)
    """What it acknowledged of tests, which hold no document and have no effect."""
    replies: Callable[[Group], Awaitable[None]] | None = None
    """Gives the gateway an answer to a notice; without it answers are only kept."""
    counted: Iterator[int] = field(default_factory=lambda: itertools.count(1))


class HalfAnswer(Response):
    """An answer that promises more than it says and then breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and half of the body; the server then drops the connection."""
        del scope, receive
        head = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b'{"acknowledgement": "', "more_body": True})


def partner_app(partner: Partner, taken: Taken | None = None, more: APIRouter | None = None) -> FastAPI:
    """Return the application of *partner*: its controls under `/_simulator`, documents at every other path.

    Shape: `taken` is what it does with a document that is new to it; `more` are routes only this partner has.
    """
    app = FastAPI(openapi_url=None)
    notices = Notices(prefix=partner.prefix, journal=partner.journal, clock=partner.clock)
    _add_controls(app, partner)
    app.include_router(notice_routes(notices))
    if more is not None:
        app.include_router(more)
    # Last, because it claims whatever is left.
    _add_intake(app, partner, _heeding(partner, notices, taken))
    return app


def _heeding(partner: Partner, notices: Notices, taken: Taken | None) -> Taken:
    """Return what a partner does with a document that is new to it: a notice is heeded, whatever else is done."""

    async def take(document: Tree, behaviour: Behaviour) -> None:
        answer = notices.heed(document)
        if answer is not None and partner.replies is not None:
            await partner.replies(answer)
        if answer is None and taken is not None:
            await taken(document, behaviour)

    return take


def _add_controls(app: FastAPI, partner: Partner) -> None:
    @app.post("/_simulator/behaviour")
    async def behave(behaviour: Behaviour) -> Behaviour:
        partner.moods.change(behaviour)
        return behaviour

    @app.get("/_simulator/received")
    async def received() -> list[dict[str, Any]]:
        return list(partner.journal.received)

    @app.get("/_simulator/effects")
    async def effects(documents: Annotated[bool, Query()] = True) -> list[dict[str, Any]]:  # noqa: FBT002  # ?documents=false
        shown = partner.journal.effects.values()
        return [{name: one[name] for name in one if documents or name != "document"} for one in shown]

    @app.get("/_simulator/health")
    async def health() -> dict[str, str]:
        return {"partner": partner.prefix}


def _add_intake(app: FastAPI, partner: Partner, taken: Taken | None) -> None:
    @app.post("/{path:path}")
    async def deliver(path: str, request: Request) -> Response:
        del path
        body = await request.body()
        behaviour = partner.moods.next()
        problem = _problem(partner, request, body)
        if problem is not None:
            _note(partner, request, behaviour, status=problem.status_code, effect="none")
            return problem
        if _TEST in request.headers:
            return await _answer_test(partner, request, behaviour)
        return await _answer(partner, request, body, behaviour, taken)

    @app.get("/{path:path}")
    async def has(path: str, request: Request) -> Response:
        behaviour = partner.moods.next()
        problem = _refused_access(partner, request)
        response = problem or _has(partner, behaviour, path.rpartition("/")[2])
        _note(partner, request, behaviour, status=response.status_code, effect="query")
        await _linger(request, behaviour)
        return response


def _has(partner: Partner, behaviour: Behaviour, message_id: str) -> Response:
    """Return the answer to whether it has *message_id*: its acknowledgement, or that it has it not."""
    is_there = _acknowledgement(partner, message_id)["acknowledgement"] is not None
    if is_there or behaviour.behaviour not in {Mood.OK, Mood.DELAY, Mood.REPEAT, Mood.FORGET, Mood.HANG}:
        return _response(partner, behaviour, message_id, taken=200)
    return JSONResponse({"message_id": message_id}, status_code=404)


async def _answer_test(partner: Partner, request: Request, behaviour: Behaviour) -> Response:
    """Answer a test as a document, without any effect."""
    message_id = request.headers["idempotency-key"]
    if behaviour.has_effect:
        if behaviour.behaviour is Mood.FORGET:
            partner.tests.pop(message_id, None)
        partner.tests.setdefault(message_id, f"{partner.prefix}-TEST-{next(partner.counted):06}")
    response = _response(partner, behaviour, message_id)
    _note(partner, request, behaviour, status=response.status_code, effect="test")
    await _linger(request, behaviour)
    return response


def _refused_access(partner: Partner, request: Request) -> Response | None:
    if partner.token is not None and request.headers.get("authorization") != f"Bearer {partner.token}":
        return JSONResponse({"reason": "not authorised"}, status_code=401)
    return None


def _problem(partner: Partner, request: Request, body: bytes) -> Response | None:
    """Return the refusal of a request that does not keep the contract."""
    refused = _refused_access(partner, request)
    if refused is not None:
        return refused
    if not request.headers.get("idempotency-key"):
        return JSONResponse({"reason": "Idempotency-Key is missing"}, status_code=400)
    read = partner.reads.get(_media(request))
    if read is None:
        return JSONResponse({"reason": f"expected {' or '.join(partner.reads)}"}, status_code=415)
    try:
        read(body)
    except ValueError:
        return JSONResponse({"reason": f"the body is no {_media(request)}"}, status_code=400)
    return None


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0]


async def _answer(
    partner: Partner, request: Request, body: bytes, behaviour: Behaviour, taken: Taken | None
) -> Response:
    message_id = request.headers["idempotency-key"]
    document = partner.reads[_media(request)](body)
    effect = "none"
    if behaviour.behaviour is Mood.FORGET:
        partner.journal.forget(message_id)
    if behaviour.has_effect:
        is_new = partner.journal.take(message_id, _effect(partner, request, body), document)
        effect = "first" if is_new else "repeat"
        if is_new and taken is not None:
            await taken(document, behaviour)
    response = _response(partner, behaviour, message_id)
    _note(partner, request, behaviour, status=response.status_code, effect=effect)
    await _linger(request, behaviour)
    return response


def _effect(partner: Partner, request: Request, body: bytes) -> Group:
    return {
        "acknowledgement": f"{partner.prefix}-{len(partner.journal.effects) + 1:06}",
        "kind": request.headers.get("x-gateway-message", ""),
        "correlation_id": request.headers.get("x-correlation-id", ""),
        "sha256": hashlib.sha256(body).hexdigest(),
        "at": partner.clock().isoformat(),
    }


def _response(partner: Partner, behaviour: Behaviour, message_id: str, *, taken: int = 202) -> Response:
    acknowledged = _acknowledgement(partner, message_id)
    match behaviour.behaviour:
        case Mood.OK | Mood.DELAY | Mood.HANG | Mood.FORGET:
            return JSONResponse(acknowledged, status_code=taken)
        case Mood.REPEAT:
            return JSONResponse(acknowledged, status_code=409)
        case Mood.REFUSE | Mood.UNAVAILABLE:
            return _refusal(behaviour)
        case Mood.NONSENSE:
            return Response(next(partner.rubbish), status_code=200, media_type="application/json")
        case Mood.HALF_CLOSE:
            return HalfAnswer(status_code=200)


async def _linger(request: Request, behaviour: Behaviour) -> None:
    """Wait as *behaviour* says; hanging ends when the caller gives up."""
    match behaviour.behaviour:
        case Mood.DELAY:
            await asyncio.sleep(behaviour.seconds or 0)
        case Mood.HANG:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(behaviour.seconds or _FOREVER_SECONDS):
                    while (await request.receive())["type"] != "http.disconnect":
                        pass
        case _:
            return


def _acknowledgement(partner: Partner, message_id: str) -> dict[str, Any]:
    known = partner.journal.effects.get(message_id, {}).get("acknowledgement", partner.tests.get(message_id))
    return {"acknowledgement": known, "message_id": message_id}


def _refusal(behaviour: Behaviour) -> Response:
    if behaviour.behaviour is Mood.REFUSE:
        return JSONResponse({"reason": behaviour.reason}, status_code=behaviour.status or 422)
    wait = {} if behaviour.seconds is None else {"Retry-After": f"{behaviour.seconds:.0f}"}
    return JSONResponse({"reason": "try again later"}, status_code=behaviour.status or 503, headers=wait)


def _note(partner: Partner, request: Request, behaviour: Behaviour, *, status: int, effect: str) -> None:
    partner.journal.get(
        {
            "at": partner.clock().isoformat(),
            "path": request.url.path,
            "message_id": request.headers.get("idempotency-key", ""),
            "kind": request.headers.get("x-gateway-message", ""),
            "correlation_id": request.headers.get("x-correlation-id", ""),
            "behaviour": behaviour.behaviour.value,
            "status": status,
            "effect": effect,
        }
    )
