"""Is the process alive, and may work be sent to it?"""

from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Response

from gateway.app.http.answers import json_response
from gateway.app.http.patience import SharedQuestion
from gateway.app.http.problems import retry_after
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
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
    trouble = SharedQuestion(thread, lambda: _trouble_of_store(served))

    @router.get("/health/live", summary="Does the process answer?")
    async def live() -> Response:
        return json_response(b'{"status":"live"}')

    @router.get("/health/ready", summary="May documents be sent here?", responses={503: {"description": "Not now."}})
    async def ready() -> Response:
        wrong = await _what_is_wrong(served, readiness, trouble)
        if wrong is not None:
            seconds = retry_after(served.settings.busy_retry_seconds)
            return json_response(write_json({"status": "not-ready", "reason": wrong}), status=503, headers=(seconds,))
        narrowed = served.pressure.refusal(is_urgent=False)
        if narrowed is not None:
            narrow = Intake.URGENT_ONLY.value
            return json_response(write_json({"status": "ready", "intake": narrow, "reason": narrowed.code}))
        return json_response(b'{"status":"ready"}')

    return router


async def _what_is_wrong(served: Served, readiness: Readiness, trouble: SharedQuestion[str | None]) -> str | None:
    """Return the code of what stands in the way, or None."""
    if not readiness.is_open:
        return "starting-or-stopping"
    try:
        found = await trouble.answer()
    except GatewayError as error:
        found = error.code
    if found is not None:
        return found
    shut = served.pressure.refusal(is_urgent=True)
    if shut is not None:
        return shut.code
    return "log-halted" if served.sequencer.halted is not None else None


def _trouble_of_store(served: Served) -> str | None:
    """Return the code of why the store cannot be read, or None when it can."""
    try:
        served.store.read(lambda uow: uow.epochs.current(()))
    except GatewayError as error:
        return error.code
    return None
