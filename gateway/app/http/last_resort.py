"""What is answered when a bug of ours surfaces? 500, without a word about it; the log knows its class and place."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.app.http.answers import send_problem, tell_operators
from gateway.app.http.problems import INTERNAL


class LastResort:
    """Stands around every route, so that no exception reaches the server, which would print it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for it if nobody else does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  # the last place before the server
            tell_operators(error, INTERNAL, method=scope["method"], route=None)
            if not begun:
                await send_problem(send, INTERNAL)
