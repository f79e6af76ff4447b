"""How does a request to the console become a page?"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.app.bootstrap import Application
from gateway.app.console import cookies, wording
from gateway.app.console.headers import SecureHeaders
from gateway.app.console.pages import ROUTES, Page
from gateway.app.console.visit import NOTICES, Visit
from gateway.app.http.problems import retry_after
from gateway.app.operations.caller import Door
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.sessions import Sessions
from gateway.app.operations.words import ROLES, STATES
from gateway.errors import (
    BusyError,
    ConflictError,
    GatewayError,
    NotAllowedError,
    NotFoundError,
    SchemaViolationError,
    TooLargeError,
    TransientError,
    UnauthenticatedError,
)
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()
_FORM_BYTES = 64 * 1024
_FORM_FIELDS = 100
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOLDER = Path(__file__).resolve().parent
_STATUS: tuple[tuple[type[GatewayError], int], ...] = (
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (SchemaViolationError, 422),
    (TooLargeError, 413),
    (BusyError, 429),
    (TransientError, 503),
)


def build_console(application: Application, sessions: Sessions) -> Starlette:
    """Return the console, to be mounted at /console."""
    console = _Console(application, sessions)
    routes = [
        *(Route(f"/static/{file.name}", _given_out(file)) for file in sorted((_FOLDER / "static").iterdir())),
        Route("/sign-in", console.show_sign_in, methods=["GET"]),
        Route("/sign-in", console.sign_in, methods=["POST"]),
        Route("/sign-out", console.sign_out, methods=["POST"]),
        *(Route(path, console.shown(page), methods=[method]) for method, path, page in ROUTES),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecureHeaders)],
        exception_handlers={
            HTTPException: console.tell_status,
            GatewayError: console.tell_refusal,
            Exception: console.tell_mistake,
        },
    )


class _Console:
    """Signs people in and out, and turns pages into routes."""

    def __init__(self, application: Application, sessions: Sessions) -> None:
        self._application = application
        self._sessions = sessions
        self._door = FrontDoor(application=application, sessions=sessions, door=Door.CONSOLE)
        self._templates = _templates()

    def shown(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Return *page* as a route for people who are signed in."""

        async def _answer(request: Request) -> Response:
            form = await _form(request) if request.method == "POST" else {}
            return await run_in_threadpool(self._visit, page, request, form)

        return _answer

    async def show_sign_in(self, request: Request) -> Response:
        """Return the sign-in page."""
        return await run_in_threadpool(self._sign_in_page, request, None, 200)

    async def sign_in(self, request: Request) -> Response:
        """Sign somebody in and send them where they wanted to go."""
        return await run_in_threadpool(self._sign_in, request, await _form(request))

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        return await run_in_threadpool(self._sign_out, request, await _form(request))

    async def tell_status(self, request: Request, error: Exception) -> Response:
        """Return the page for an address that is not there, or not so."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._trouble(request, "There is no such page", "Check the address, or start from Now.", status)

    async def tell_refusal(self, request: Request, error: Exception) -> Response:
        """Return the page for what cannot be done before it is known who asks: the store is away, above all."""
        status = _status_of(error)
        if status is None or not isinstance(error, GatewayError):
            return await self.tell_mistake(request, error)
        log.info(LogEvent.REQUEST_REFUSED, method=request.method, status=status, code=error.code)
        text = f"{wording.sentence(error.message)} Wait a moment, then load the page again."
        return self._told(self._trouble(request, "This cannot be done now", text, status), error)

    async def tell_mistake(self, request: Request, error: Exception) -> Response:
        """Return the page for a mistake of ours; what it was goes to the log, not to the browser."""
        log.error(LogEvent.REQUEST_FAILED, error=error, method=request.method)
        return self._trouble(request, "Something went wrong on our side", "Nothing was changed. Try again.", 500)

    def _visit(self, page: Page, request: Request, form: Mapping[str, str]) -> Response:
        try:
            session = self._door.open(request.cookies.get(cookies.SESSION, ""))
        except UnauthenticatedError:
            return _to_sign_in(request)
        visit = Visit(
            templates=self._templates,
            door=self._door,
            session=session,
            base=_base(request),
            now=self._application.desk.clock.now(),
            path={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            form=form,
        )
        try:
            if request.method == "POST":
                cookies.check_form(request, session, form.get("word", ""))
            return page(visit)
        except GatewayError as error:
            return self._refused(visit, error)

    def _refused(self, visit: Visit, error: GatewayError) -> Response:
        status = _status_of(error)
        if status is None:
            raise error
        page = visit.page("refused.html", {"title": "This cannot be done", "error": error}, status=status)
        return self._told(page, error)

    def _told(self, page: Response, error: GatewayError) -> Response:
        """Return *page* with a word on when to come back, where coming back may help."""
        if isinstance(error, TransientError):
            asked = error.retry_after_seconds or self._application.settings.busy_retry_seconds
            page.raw_headers.append(retry_after(asked))
        return page

    def _sign_in_page(self, request: Request, error: str | None, status: int) -> Response:
        nonce = cookies.form_nonce(request)
        context = {
            "base": _base(request),
            "title": "Sign in",
            "error": error,
            "word": self._sessions.form_word(nonce),
            "next": _inside(request.query_params.get("next", "/")),
            "notice": NOTICES.get(request.query_params.get("said", "")),
        }
        page = HTMLResponse(self._templates.get_template("sign_in.html").render(context), status_code=status)
        cookies.keep_nonce(page, request, nonce)
        return page

    def _sign_in(self, request: Request, form: Mapping[str, str]) -> Response:
        try:
            cookies.check_sign_in_form(request, self._sessions, form.get("word", ""))
            session = self._door.sign_in(form.get("user", ""), form.get("password", ""))
        except UnauthenticatedError:
            return self._sign_in_page(request, "The account name or the password is not right.", 401)
        except BusyError as error:
            page = self._sign_in_page(request, "Too many wrong passwords. Wait a little and try again.", 429)
            return self._told(page, error)
        except NotAllowedError:
            return self._sign_in_page(request, "This form had expired. Try again.", 403)
        answer = RedirectResponse(f"{_base(request)}{_inside(form.get('next', '/'))}", status_code=303)
        seconds = int((session.expires_at - session.issued_at).total_seconds())
        cookies.keep_session(answer, request, session, seconds=seconds)
        return answer

    def _sign_out(self, request: Request, form: Mapping[str, str]) -> Response:
        answer = RedirectResponse(f"{_base(request)}/sign-in?said=signed-out", status_code=303)
        try:
            session = self._door.open(request.cookies.get(cookies.SESSION, ""))
            cookies.check_form(request, session, form.get("word", ""))
        except UnauthenticatedError:
            return answer
        except NotAllowedError:
            return RedirectResponse(f"{_base(request)}/", status_code=303)
        self._door.sign_out(session)
        cookies.drop_session(answer, request)
        return answer

    def _trouble(self, request: Request, title: str, text: str, status: int) -> Response:
        context = {"base": _base(request), "title": title, "text": text}
        return HTMLResponse(self._templates.get_template("trouble.html").render(context), status_code=status)


def _status_of(error: Exception) -> int | None:
    """Return the status of a refusal, or None for what is a mistake of ours."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), None)


def _given_out(file: Path) -> Callable[[Request], Awaitable[Response]]:
    """Return a file as a route: read once, at start, so that no address can reach any other file."""
    body, kind = file.read_bytes(), _KINDS[file.suffix]

    async def _answer(_request: Request) -> Response:
        return Response(body, media_type=kind)

    return _answer


def _templates() -> Environment:
    """Return the templates: everything they print is escaped, and a name that is not there is a mistake."""
    templates = Environment(
        loader=PackageLoader("gateway.app.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        when=wording.when,
        left=wording.left,
        urgency=wording.urgency,
        clock=wording.clock,
        day=wording.day,
        sentence=wording.sentence,
        identity=wording.identity,
        consent=wording.consent,
        order=wording.order,
        weighing=wording.weighing,
        role_words=lambda role: ROLES.get(role, role),
        state_words=lambda state: STATES.get(state, state),
    )
    return templates


async def _form(request: Request) -> dict[str, str]:
    """Return the answers of a form; of one that comes twice, the first."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _FORM_BYTES:
            raise HTTPException(413)
    answers: dict[str, str] = {}
    try:
        told = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError:
        raise HTTPException(413) from None
    for name, value in told:
        answers.setdefault(name, value)
    return answers


def _to_sign_in(request: Request) -> Response:
    """Send a visitor to sign in, and back afterwards, unless they were sending something."""
    wanted = request.url.path.removeprefix(_base(request)) if request.method == "GET" else "/"
    return RedirectResponse(f"{_base(request)}/sign-in?next={quote(wanted)}", status_code=303)


def _inside(path: str) -> str:
    """Return *path* if it lies within the console, else its first page: a link must not send people elsewhere."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if is_ours else "/"


def _base(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
