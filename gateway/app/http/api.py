"""Which addresses does the gateway answer at? Every route, on one page."""

from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.app.http.admission import Admission, House
from gateway.app.http.answers import problem_response, tell_operators
from gateway.app.http.audit_log import audit_routes
from gateway.app.http.authentication import Doorkeeper
from gateway.app.http.description import describe, description_routes
from gateway.app.http.health import health_routes
from gateway.app.http.intake import Intake
from gateway.app.http.last_resort import LastResort
from gateway.app.http.messages import message_routes
from gateway.app.http.metrics import metrics_routes
from gateway.app.http.people import people_routes
from gateway.app.http.problems import Problem, problem_of
from gateway.app.http.readiness import Readiness
from gateway.app.http.served import People, S, Served
from gateway.app.settings import Settings
from gateway.errors import GatewayError

_KINDS = {
    404: ("not-found", "There is no such thing, or not for you"),
    405: ("method-not-allowed", "This address does not take that method"),
}
_REFUSED = ("permanent", "This cannot be done")


def build_app(
    served: Served, *, readiness: Readiness, people: People[S] | None = None, console: ASGIApp | None = None
) -> FastAPI:
    """Return the HTTP application.

    Args:
        served: the assembled gateway.
        readiness: says whether documents are taken in.
        people: sign-in and orders; without it those routes are not there.
        console: the operators' pages, mounted at /console.
    """
    app = FastAPI(title="eCAF gateway", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    doorkeeper = Doorkeeper(served.store)
    app.router.routes.append(_intake_route(served, doorkeeper, readiness))
    app.include_router(health_routes(served, readiness))
    app.include_router(metrics_routes(served))
    app.include_router(message_routes(served, doorkeeper, people))
    app.include_router(audit_routes(served, doorkeeper, people))
    if people is not None:
        app.include_router(people_routes(people))
    app.include_router(description_routes(app))
    if console is not None:
        app.router.routes.append(Route("/console", _to_console))
        app.mount("/console", console)
    _answer_errors(app, served.settings)
    app.add_middleware(LastResort)
    describe(app)
    return app


def build_watch(served: Served, *, readiness: Readiness) -> FastAPI:
    """Return the HTTP application of a process that takes nothing in: it only says how it is."""
    app = FastAPI(title="eCAF gateway", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.include_router(health_routes(served, readiness))
    app.include_router(metrics_routes(served))
    _answer_errors(app, served.settings)
    app.add_middleware(LastResort)
    return app


def _to_console(_request: Request) -> Response:
    """Send whoever typed the console's address without its last stroke to where it is."""
    return RedirectResponse("/console/", status_code=308)


def _intake_route(served: Served, doorkeeper: Doorkeeper, readiness: Readiness) -> Route:
    settings = served.settings
    intake = Intake(
        served,
        doorkeeper,
        admission=Admission(
            House(
                places=settings.intake_waiting_limit,
                reserved=settings.intake_reserved,
                share=settings.intake_share_limit,
                memory_bytes=settings.intake_memory_bytes,
            ),
            served.pressure,
        ),
        readiness=readiness,
        threads=ThreadPoolExecutor(max_workers=settings.intake_threads, thread_name_prefix="intake"),
    )
    return Route("/v1/intake/{partner}/{message_version}", intake, methods=["POST"])


def _answer_errors(app: FastAPI, settings: Settings) -> None:
    """Make every error a problem document."""

    @app.exception_handler(GatewayError)
    async def ours(request: Request, error: GatewayError) -> Response:
        return _told(request, error, problem_of(error, busy_seconds=settings.busy_retry_seconds))

    @app.exception_handler(HTTPException)
    async def theirs(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        headers = tuple((name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items())
        kind, title = _KINDS.get(status, _REFUSED)
        return _told(request, error, Problem(status=status, kind=kind, title=title, headers=headers))

    @app.exception_handler(RequestValidationError)
    async def unfitting(request: Request, error: RequestValidationError) -> Response:
        return _told(
            request, error, Problem(status=422, kind="schema", title="The request is not of the expected shape")
        )


def _told(request: Request, error: Exception, problem: Problem) -> Response:
    """Return the answer, and tell the operators."""
    route = request.scope.get("route")
    tell_operators(error, problem, method=request.method, route=getattr(route, "path", None))
    return problem_response(problem)
