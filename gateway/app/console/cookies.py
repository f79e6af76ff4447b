"""How does a browser stay signed in, and how do we know that a form came from our own page?"""

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.app.operations.sessions import Session, Sessions
from gateway.app.partner_profiles import is_loopback
from gateway.errors import NotAllowedError

SESSION = "gateway_session"
FORM = "gateway_form"
_NONCE_BYTES = 16


def keep_session(response: Response, request: Request, session: Session, *, seconds: int) -> None:
    """Make the browser show the session's token with every request to the console."""
    _set(response, request, SESSION, session.token, seconds=seconds)
    _drop(response, request, FORM)


def drop_session(response: Response, request: Request) -> None:
    """Make the browser forget the session."""
    _drop(response, request, SESSION)


def form_nonce(request: Request) -> str:
    """Return what the browser was given before it signed in, or something new to give it."""
    return request.cookies.get(FORM) or secrets.token_hex(_NONCE_BYTES)


def keep_nonce(response: Response, request: Request, nonce: str) -> None:
    """Give the browser its nonce."""
    _set(response, request, FORM, nonce, seconds=3600)


def check_sign_in_form(request: Request, sessions: Sessions, word: str) -> None:
    """Return if a sign-in form is one we gave to this very browser.

    Raises:
        NotAllowedError: it is not.
    """
    nonce = request.cookies.get(FORM)
    if nonce is None or not hmac.compare_digest(sessions.form_word(nonce).encode(), word.encode()):
        raise _forged()
    check_origin(request)


def check_form(request: Request, session: Session, word: str) -> None:
    """Return if a form was drawn for this session.

    Raises:
        NotAllowedError: it was not: it comes from somebody else's page, or the session has changed.
    """
    if not hmac.compare_digest(session.csrf.encode(), word.encode()):
        raise _forged()
    check_origin(request)


def check_origin(request: Request) -> None:
    """Return unless the browser says that another site sent the request.

    Raises:
        NotAllowedError: it says so.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if site not in {"same-origin", "none"} or not is_ours:
        raise _forged()


def _set(response: Response, request: Request, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=_path(request),
        secure=_needs_https(request),
        httponly=True,
        samesite="strict",
    )


def _drop(response: Response, request: Request, name: str) -> None:
    response.delete_cookie(name, path=_path(request), secure=_needs_https(request), httponly=True, samesite="strict")


def _path(request: Request) -> str:
    return str(request.scope.get("root_path") or "/")


def _needs_https(request: Request) -> bool:
    """Tell whether the cookie may travel over https only: always, but on this very machine."""
    return not is_loopback(request.url.hostname or "")


def _forged() -> NotAllowedError:
    return NotAllowedError("this form was not sent from our own page; go back, reload it and try again", code="form")
