"""How do people sign in over the API and give orders? Sessions, and the Control Bus."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from gateway.app.http.answers import json_response
from gateway.app.http.bodies import Body
from gateway.app.http.served import People, S
from gateway.errors import MalformedMessageError, Place, SchemaViolationError, UnauthenticatedError
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.model.tree import Group

_BODY_BYTES = 256 * 1024
_BODY_SECONDS = 10.0
_LIMITS = Limits(size_bytes=_BODY_BYTES, depth=20, nodes=10_000)
_BEARER = "bearer "
_JSON_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


def people_routes(people: People[S]) -> APIRouter:
    """Return sign-in, sign-out and `POST /v1/control/{operation}`."""
    router = APIRouter()

    def signed_in(request: Request) -> S:
        return session_of(people, request)

    @router.post("/v1/sessions", status_code=201, tags=["people"], summary="Sign in", openapi_extra=_SIGN_IN_BODY)
    async def sign_in(request: Request) -> Response:
        given = await _group(request)
        user, password = _text(given, "user"), _text(given, "password")
        session = await run_in_threadpool(people.sign_in, user, password)
        answer: Group = {"token": session.token, "expires_at": session.expires_at.isoformat().replace("+00:00", "Z")}
        return json_response(write_json(answer), status=201)

    @router.delete("/v1/sessions/current", status_code=204, tags=["people"], summary="Sign out")
    def sign_out(session: Annotated[S, Depends(signed_in)]) -> Response:
        people.sign_out(session)
        return Response(status_code=204)

    @router.post("/v1/control/{operation}", tags=["people"], summary="Give an order", openapi_extra=_JSON_BODY)
    async def control(operation: str, request: Request) -> Response:
        session = await run_in_threadpool(session_of, people, request)
        args = await _group(request)
        answer = await run_in_threadpool(people.execute, session, operation, args)
        return json_response(write_json(answer))

    return router


def session_of(people: People[S], request: Request) -> S:
    """Return the session whose token the request shows.

    Raises:
        UnauthenticatedError: it shows none, or one that is not in force.
    """
    shown = request.headers.get("authorization", "")
    if not shown.lower().startswith(_BEARER):
        raise UnauthenticatedError("sign in at /v1/sessions and show the token as: Authorization: Bearer <token>")
    return people.open(shown[len(_BEARER) :].strip())


async def _group(request: Request) -> Group:
    """Return the JSON object of the body, read by the same strict reader as every document."""
    declared = request.headers.get("content-length", "")
    body = await Body(request.receive).read(
        limit=_BODY_BYTES,
        seconds=_BODY_SECONDS,
        declared=int(declared) if declared.isascii() and declared.isdigit() else None,
    )
    tree = read_json(body or b"{}", limits=_LIMITS)
    if not isinstance(tree, dict):
        raise MalformedMessageError("the body must be a JSON object")
    return tree


def _text(given: Group, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise SchemaViolationError(f"{name} must be a text that is not empty", place=Place(path=name))
    return value


_SIGN_IN_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["user", "password"],
                    "properties": {"user": {"type": "string"}, "password": {"type": "string", "format": "password"}},
                }
            }
        },
    }
}
