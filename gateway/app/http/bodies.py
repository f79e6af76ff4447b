"""How is a body read without trusting its sender: not its length, not its patience?"""

import asyncio
from collections.abc import Callable

from starlette.types import Receive

from gateway.errors import MalformedMessageError, TooLargeError


class TooSlowError(MalformedMessageError):
    """The body did not arrive in time."""

    code = "too-slow"


class BrokenOffError(MalformedMessageError):
    """The sender went away before the body had ended; there is nobody to answer."""

    code = "broken-off"


async def read_body(
    receive: Receive, *, limit: int, seconds: float, declared: int | None, hold: Callable[[int], None]
) -> bytes:
    """Return the whole body.

    Args:
        receive: where its pieces come from.
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
            return await _collect(receive, limit, hold)
    except TimeoutError:
        raise TooSlowError(f"the body was not all there after {seconds:g} seconds") from None


async def _collect(receive: Receive, limit: int, hold: Callable[[int], None]) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BrokenOffError("the sender went away before the body had ended")
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        hold(len(piece))
        pieces.append(piece)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def drain(receive: Receive, *, limit: int, seconds: float) -> None:
    """Throw away what is still coming, so that the sender reads our answer instead of a broken connection."""
    try:
        async with asyncio.timeout(seconds):
            while limit > 0:
                message = await receive()
                limit -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body has more than {limit} bytes")
