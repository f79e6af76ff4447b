"""A body is read to its end and not beyond it: after the end a server says nothing, however long one waits."""

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message

from gateway.app.http.bodies import Body, BrokenOffError, TooSlowError
from gateway.errors import TooLargeError

_LIMIT = 10


class _Sender:
    """Says each piece in turn, the last of them as the last, and then nothing for ever."""

    def __init__(self, pieces: Iterable[bytes], *, ends: bool = True) -> None:
        self._left = list(pieces)
        self._ends = ends

    async def __call__(self) -> Message:
        if not self._left:
            await asyncio.Event().wait()
        piece = self._left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self._left) or not self._ends}


async def _refused_and_drained(pieces: Iterable[bytes], *, declared: int | None = None) -> None:
    body = Body(_Sender(pieces))
    with pytest.raises(TooLargeError):
        await body.read(limit=_LIMIT, seconds=60, declared=declared)
    await body.drain(limit=1000, seconds=60)


@pytest.mark.parametrize(
    ("pieces", "declared"),
    [
        pytest.param([b"x" * 11], None, id="the piece that is too much is the last"),
        pytest.param([b"x" * 11, b"x", b"x"], None, id="more comes after it"),
        pytest.param([b"x" * 9, b"x" * 2], None, id="too much together"),
        pytest.param([b"x" * 11], 11, id="said before anything was read"),
    ],
)
def test_what_is_too_long_is_answered_as_soon_as_it_has_ended(pieces: list[bytes], declared: int | None) -> None:
    asyncio.run(asyncio.wait_for(_refused_and_drained(pieces, declared=declared), 5))


def test_a_body_is_all_its_pieces() -> None:
    read = asyncio.run(Body(_Sender([b"01234", b"56789"])).read(limit=_LIMIT, seconds=5, declared=None))

    assert read == b"0123456789"


def test_a_sender_who_says_nothing_more_is_not_waited_for() -> None:
    with pytest.raises(TooSlowError):
        asyncio.run(Body(_Sender([b"01"], ends=False)).read(limit=_LIMIT, seconds=0.01, declared=None))


def test_a_sender_who_goes_away_while_we_throw_the_rest_away_harms_nobody() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(Body(gone).drain(limit=_LIMIT, seconds=5))
    with pytest.raises(BrokenOffError):
        asyncio.run(Body(gone).read(limit=_LIMIT, seconds=5, declared=None))
