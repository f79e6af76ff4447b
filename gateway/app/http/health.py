"""Is the process alive, and may work be sent to it?"""

from fastapi import APIRouter, Response

from gateway.app.http.answers import json_response
from gateway.app.http.readiness import Readiness
from gateway.app.http.served import Served
from gateway.app.pressure import Intake
from gateway.errors import GatewayError
from gateway.formats.json import write_json


def health_routes(served: Served, readiness: Readiness) -> APIRouter:
    """Return `GET /health/live` and `GET /health/ready`; they need no credential.

    Ready stays yes while only urgent documents are taken in: whoever sends work elsewhere on a no would send those
    elsewhere too. It says so, and why.
    """
    router = APIRouter(tags=["health"])

    @router.get("/health/live", summary="Does the process answer?")
    def live() -> Response:
        return json_response(b'{"status":"live"}')

    @router.get("/health/ready", summary="May documents be sent here?", responses={503: {"description": "Not now."}})
    def ready() -> Response:
        wrong = _what_is_wrong(served, readiness)
        if wrong is not None:
            return json_response(write_json({"status": "not-ready", "reason": wrong}), status=503)
        narrowed = served.pressure.refusal(is_urgent=False)
        if narrowed is not None:
            narrow = Intake.URGENT_ONLY.value
            return json_response(write_json({"status": "ready", "intake": narrow, "reason": narrowed.code}))
        return json_response(b'{"status":"ready"}')

    return router


def _what_is_wrong(served: Served, readiness: Readiness) -> str | None:
    """Return the code of what stands in the way, or None."""
    if not readiness.is_open:
        return "starting-or-stopping"
    try:
        served.store.read(lambda uow: uow.epochs.current(()))
    except GatewayError as error:
        return error.code
    shut = served.pressure.refusal(is_urgent=True)
    if shut is not None:
        return shut.code
    return "log-halted" if served.sequencer.halted is not None else None
