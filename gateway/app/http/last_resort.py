"""What is answered when a bug of ours surfaces? 500, without a word about it; the log knows its class and place."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.app.http.answers import send_problem
from gateway.app.http.problems import INTERNAL
from gateway.flows.log_events import LogEvent

log = structlog.get_logger()


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
            log.error(LogEvent.REQUEST_FAILED, method=scope["method"], status=INTERNAL.status, error=error)  # noqa: TRY400
            if not begun:
                await send_problem(send, INTERNAL)
