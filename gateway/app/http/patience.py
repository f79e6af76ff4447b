"""How does the event loop find out what only the store can tell, without waiting for a store that hangs?"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Generic, TypeVar

from gateway.errors import StoreUnavailableError

PATIENCE_SECONDS = 5.0
T = TypeVar("T")


async def in_time(asked: Future[T]) -> T:
    """Return what a thread is finding out; whoever gives up leaves it to others who wait for it.

    Raises:
        StoreUnavailableError: it takes too long.
    """
    try:
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(asked)), PATIENCE_SECONDS)
    except TimeoutError:
        raise StoreUnavailableError("the store does not answer") from None


class SharedQuestion(Generic[T]):
    """A question to the store that all who have it at one time ask once: a store that hangs holds one thread."""

    def __init__(self, threads: Executor, ask: Callable[[], T]) -> None:
        self._threads = threads
        self._ask = ask
        self._asked: Future[T] | None = None

    async def answer(self) -> T:
        """Return the answer to the question under way, or to a new one.

        Raises:
            StoreUnavailableError: it takes too long.
        """
        if self._asked is None or self._asked.done():
            self._asked = self._threads.submit(self._ask)
        return await in_time(self._asked)
