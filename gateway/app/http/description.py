"""How does an integrator learn what to send? The OpenAPI description, and a page of it that needs no script."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse

from gateway import __version__
from gateway.app.http.answers import json_response
from gateway.app.http.problems import kinds
from gateway.formats.json import write_json
from gateway.formats.register import FORMATS, Format

_ABOUT = (
    "Send a document, get a signed receipt. The receipt is given only after the document is safely stored; from then "
    "on it is not lost and has one effect, however often it is sent. Every error is an RFC 9457 problem that names "
    "the place and repeats nothing of what was sent."
)
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}
_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable; /docs lists them"},
        "detail": {"type": "string"},
        "path": {"type": "string", "description": "where in the document"},
        "row": {"type": "integer", "description": "which row, from 1"},
        "line": {"type": "integer", "description": "which line, from 1"},
    },
}
_ACCEPTED: Mapping[str, Any] = {
    "type": "object",
    "required": ["message_id", "receipt"],
    "properties": {
        "message_id": {"type": "string"},
        "receipt": {"type": "string", "description": "a signed note (C2SP): our promise, checked with the log's key"},
    },
}
_REFUSALS: Mapping[int, str] = {
    400: "Not the format it claims to be: cut off, another encoding, a name twice, a DOCTYPE, a number JSON has not.",
    401: "No credential, or one that is not in force.",
    403: "The credential has no scope for this partner and message.",
    404: "No such partner, message or version is read here.",
    408: "The body was not all there in time.",
    409: "Another body was accepted under the same Idempotency-Key.",
    413: "Too large, too deep or too many parts.",
    415: "Another media type or encoding than the format comes in.",
    422: "Well-formed, but not the agreed shape.",
    429: "More at once than your share; Retry-After says when to come back.",
    503: "Not now; Retry-After says when to come back. Nothing was accepted.",
}


def describe(app: FastAPI) -> None:
    """Give *app* its OpenAPI description: its own routes, and one address for each format that is read."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


def description_routes(app: FastAPI) -> APIRouter:
    """Return `GET /openapi.json` and `GET /docs`."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape())

    @router.get("/openapi.json")
    def description() -> Response:
        return json_response(write_json(app.openapi()))

    @router.get("/docs")
    def page() -> Response:
        text = templates.get_template("docs.html").render(
            api=app.openapi(), formats=_inbound(), refusals=_REFUSALS, kinds=kinds()
        )
        return HTMLResponse(text, headers=_PAGE_HEADERS)

    return router


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=__version__, description=_ABOUT, routes=app.routes)
    components = schema.setdefault("components", {})
    components["securitySchemes"] = {
        "credential": {"type": "http", "scheme": "bearer", "description": "<credential id>.<secret>"},
        "session": {"type": "http", "scheme": "bearer", "description": "the token of POST /v1/sessions"},
    }
    components["schemas"] = {"Problem": _PROBLEM, "Accepted": _ACCEPTED}
    for path, item in schema["paths"].items():
        for operation in item.values():
            _finish(path, operation)
    schema["paths"].update({f"/v1/intake/{form.name}": {"post": _intake(form)} for form in _inbound()})
    return schema


def _finish(path: str, operation: dict[str, Any]) -> None:
    """Say who may call a route, and that its errors are problems."""
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _problem("A problem.")
    if path.startswith("/v1/") and path != "/v1/sessions":
        operation["security"] = [{"credential": []}, {"session": []}]


def _intake(form: Format) -> dict[str, Any]:
    return {
        "tags": ["documents"],
        "summary": f"Send {form.title}",
        "operationId": "intake_" + re.sub(r"\W", "_", form.name),
        "security": [{"credential": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "Your own name for this document; sent again under it, it has one effect. Without it, "
                + (f"the document's own {form.reference} is taken, else " if form.reference else "")
                + "the SHA-256 of the body.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            }
        ],
        "requestBody": {
            "required": True,
            "description": f"The document's bytes, as they are. Shape: {form.schema}.",
            "content": {media: {"schema": _body_schema(media)} for media in form.media_types},
        },
        "responses": {
            "202": {
                "description": "It is stored durably. The same document again gets the same answer.",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}},
            },
            **{str(status): _problem(text) for status, text in _REFUSALS.items()},
        },
    }


def _body_schema(media: str) -> dict[str, str]:
    return {"type": "string", "format": "binary"} if "xml" in media else {"type": "object"}


def _problem(text: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content}


def _inbound() -> list[Format]:
    return [form for form in FORMATS.values() if "in" in form.directions]
