"""Who may read the metrics, and where? `GET /metrics`, for whoever shows the token of the file the settings name.

A token of its own and not the caller's address, because behind a TLS proxy everybody comes from this machine; and not a
partner's credential or a person's session, because whoever watches is neither.
"""

import hmac
from pathlib import Path

from fastapi import APIRouter, Request, Response

from gateway.app.http.served import Served
from gateway.app.metrics.reading import Metrics
from gateway.app.metrics.token import read_token
from gateway.errors import NotFoundError, UnauthenticatedError

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_routes(served: Served) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["health"])
    metrics = Metrics(served)

    @router.get("/metrics", summary="What is measured, in Prometheus' text format")
    def read(request: Request) -> Response:
        _check(served.settings.metrics_token_file, request.headers.get("authorization", ""))
        return Response(metrics.text(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    return router


def _check(file: Path | None, authorization: str) -> None:
    """Return if the caller may read; the file is read anew each time, so that a new token needs no restart.

    Raises:
        NotFoundError: the installation is not watched, or its token file is not in order; doctor says which.
        UnauthenticatedError: another token, or none.
    """
    token = read_token(file) if file is not None else None
    if token is None:
        raise NotFoundError("metrics are not shown here: set GATEWAY_METRICS_TOKEN_FILE")
    if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        raise UnauthenticatedError("show the token of the metrics as: Authorization: Bearer <token>")
