"""How is a body read without trusting its sender: not its length, not its patience?"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Receive

from gateway.errors import MalformedMessageError, TooLargeError


class TooSlowError(MalformedMessageError):
    """The body did not arrive in time."""

    code = "too-slow"


class BrokenOffError(MalformedMessageError):
    """The sender went away before the body had ended; there is nobody to answer."""

    code = "broken-off"


class Body:
    """The body of one request, piece by piece. It knows when it has ended: after that its server says nothing more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._has_ended = False

    async def read(
        self, *, limit: int, seconds: float, declared: int | None, hold: Callable[[int], None] = lambda _: None
    ) -> bytes:
        """Return the whole body.

        Args:
            limit: its longest length in bytes.
            seconds: how long it may take to arrive.
            declared: what Content-Length says, if it says anything.
            hold: told of every further piece's length; may raise to refuse it.

        Raises:
            TooLargeError: longer than *limit*, said or seen.
            TooSlowError: not all there in time.
            BrokenOffError: the sender went away.
        """
        if declared is not None and declared > limit:
            raise _too_large(limit)
        try:
            async with asyncio.timeout(seconds):
                return await self._collect(limit, hold)
        except TimeoutError:
            raise TooSlowError(f"the body was not all there after {seconds:g} seconds") from None

    async def drain(self, *, limit: int, seconds: float) -> None:
        """Throw away what is still coming, so that the sender reads our answer instead of a broken connection."""
        with suppress(TimeoutError, BrokenOffError):
            async with asyncio.timeout(seconds):
                while limit > 0 and not self._has_ended:
                    limit -= len(await self._next())

    async def _collect(self, limit: int, hold: Callable[[int], None]) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while not self._has_ended:
            piece = await self._next()
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            hold(len(piece))
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise BrokenOffError("the sender went away before the body had ended")
        self._has_ended = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body has more than {limit} bytes")
