"""What does a bad network do between two programs? A TCP proxy that spoils connections, each as chance has it.

It knows nothing of HTTP but where a request's headers end; it spoils bytes. One connection has one fault.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_PIECE_BYTES = 65536
_HANG_SECONDS = 30.0
_HEAD_END = b"\r\n\r\n"
_LINGER = struct.pack("ii", 1, 0)


class Spoiled(StrEnum):
    """What happens to one connection."""

    NOTHING = "nothing"
    SLOW = "latency before every piece"
    DRIBBLE = "the request comes a few bytes at a time"
    RESET = "reset before anything is passed on"
    CUT_REQUEST = "cut after some bytes of the request"
    CUT_ANSWER = "effect, and no whole answer"
    SWALLOW = "the request is passed on, its answer never comes"
    HANG = "taken, and never passed on"
    HALF_CLOSE = "our side of the answer closes first"
    GARBLE_REQUEST = "one byte of the request's body is another"
    GARBLE_ANSWER = "one byte of the answer is another"
    TWICE = "the answer comes twice"
    STALE = "an earlier answer, without effect"
    LIE = "a 200 that says nothing, without effect"
    GONE = "nobody listens"


ANYTHING: Mapping[Spoiled, int] = {
    one: 12 if one is Spoiled.NOTHING else 0 if one is Spoiled.GONE else 1 for one in Spoiled
}
"""Every fault as likely as every other; a little under half of all connections are sound."""


@dataclass(slots=True)
class _Streams:
    """One connection: from the caller, and to whoever is called."""

    caller_reads: asyncio.StreamReader
    caller_writes: asyncio.StreamWriter
    reads: asyncio.StreamReader
    writes: asyncio.StreamWriter


class FaultProxy:
    """Listens on a port of its own and passes on to another, spoiling connections as `faults` weighs them.

    Shape: a connection ends after as many answers as *answers* says, so that there are many. `counts` tells how often
    each fault was made. `faults` may be changed at any time, for connections to come.
    """

    def __init__(
        self, target: int, *, seed: str, faults: Mapping[Spoiled, int] = ANYTHING, answers: tuple[int, int] = (1, 8)
    ) -> None:
        self._target = target
        self._answers_most = answers
        self._chance = random.Random(seed)  # noqa: S311 - it only has to be the same again
        self.faults = faults
        self.counts = dict.fromkeys(Spoiled, 0)
        self._last_answer = b""
        self._open: set[asyncio.Task[None]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"proxy-{self.port}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def turn(self, faults: Mapping[Spoiled, int]) -> None:
        """Break every connection off, and from now on spoil those to come as *faults* weighs them."""
        self.faults = faults
        asyncio.run_coroutine_threadsafe(self._break_off(), self._loop).result(10)

    def calm(self) -> None:
        """Spoil nothing more."""
        self.turn({Spoiled.NOTHING: 1})

    async def _end(self, server: asyncio.Server) -> None:
        """Take nobody more, then break everybody off, also those who were just being taken."""
        self._loop.remove_reader(self._listener)
        await asyncio.sleep(0.05)
        await self._break_off()
        server.close()
        await asyncio.sleep(0.05)

    async def _break_off(self) -> None:
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def troubles(self) -> int:
        """Return how many connections were spoiled."""
        return sum(count for spoiled, count in self.counts.items() if spoiled is not Spoiled.NOTHING)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener))
        self._loop.run_forever()
        self._loop.run_until_complete(self._end(server))
        self._loop.close()

    def _serve(self, reads: asyncio.StreamReader, writes: asyncio.StreamWriter) -> None:
        """Serve one caller. Whoever is broken off before anything was done for them is closed like the others."""
        serving = self._loop.create_task(self._serve_one(reads, writes))
        self._open.add(serving)
        serving.add_done_callback(self._open.discard)
        serving.add_done_callback(lambda _: writes.close())

    async def _serve_one(self, reads: asyncio.StreamReader, writes: asyncio.StreamWriter) -> None:
        spoiled = self._chance.choices([*self.faults], [*self.faults.values()])[0]
        self.counts[spoiled] += 1
        try:
            if spoiled in _ALONE:
                await self._answer_alone(spoiled, reads, writes)
            else:
                to = await asyncio.open_connection("127.0.0.1", self._target)
                await self._pass_on(spoiled, _Streams(reads, writes, *to))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            _reset(writes)

    async def _answer_alone(self, spoiled: Spoiled, reads: asyncio.StreamReader, writes: asyncio.StreamWriter) -> None:
        """Deal with a caller without a word to whoever is called."""
        if spoiled in {Spoiled.RESET, Spoiled.GONE}:
            _reset(writes)
            return
        await reads.readuntil(_HEAD_END)
        if spoiled is Spoiled.HANG:
            with suppress(TimeoutError):
                await asyncio.wait_for(_until_gone(reads), _HANG_SECONDS)
            return
        lie = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        writes.write(self._last_answer if spoiled is Spoiled.STALE and self._last_answer else lie)
        await writes.drain()

    async def _pass_on(self, spoiled: Spoiled, streams: _Streams) -> None:
        """Pass both directions on until either is over."""
        both = [
            asyncio.ensure_future(self._requests(spoiled, streams)),
            asyncio.ensure_future(self._answers(spoiled, streams)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED, timeout=_HANG_SECONDS)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            streams.writes.close()

    async def _requests(self, spoiled: Spoiled, streams: _Streams) -> None:
        passed, cut_at = 0, self._chance.randint(1, 3000)
        while piece := await streams.caller_reads.read(_PIECE_BYTES):
            await self._wait(spoiled)
            if spoiled is Spoiled.CUT_REQUEST and passed + len(piece) >= cut_at:
                streams.writes.write(piece[: max(cut_at - passed, 0)])
                await streams.writes.drain()
                _reset(streams.caller_writes)
                return
            if spoiled is Spoiled.GARBLE_REQUEST:
                piece = self._garbled(piece, _body_in(piece))
            passed += len(piece)
            await self._dribble(spoiled, piece, streams.writes)
        streams.writes.write_eof()
        await asyncio.sleep(_HANG_SECONDS)

    async def _answers(self, spoiled: Spoiled, streams: _Streams) -> None:
        left = self._chance.randint(*self._answers_most)
        while (left := left - 1) >= 0 and (piece := await streams.reads.read(_PIECE_BYTES)):
            self._last_answer = piece if piece.startswith(b"HTTP/1.1 2") else self._last_answer
            await self._wait(spoiled)
            if spoiled is Spoiled.SWALLOW:
                continue
            if spoiled is Spoiled.CUT_ANSWER:
                streams.caller_writes.write(piece[: self._chance.randrange(len(piece))])
                await streams.caller_writes.drain()
                return
            if spoiled is Spoiled.GARBLE_ANSWER:
                piece = self._garbled(piece)
            streams.caller_writes.write(piece * (2 if spoiled is Spoiled.TWICE else 1))
            await streams.caller_writes.drain()
            if spoiled is Spoiled.HALF_CLOSE:
                streams.caller_writes.write_eof()
                await asyncio.sleep(1)
                return

    async def _wait(self, spoiled: Spoiled) -> None:
        if spoiled is Spoiled.SLOW:
            await asyncio.sleep(self._chance.uniform(0.05, 0.5))

    async def _dribble(self, spoiled: Spoiled, piece: bytes, writes: asyncio.StreamWriter) -> None:
        """Write *piece*, or its first bytes one by one with pauses, as a caller does who wants to hold a place."""
        slow = piece[:40] if spoiled is Spoiled.DRIBBLE else b""
        for start in range(0, len(slow), 4):
            writes.write(slow[start : start + 4])
            await writes.drain()
            await asyncio.sleep(0.1)
        writes.write(piece[len(slow) :])
        await writes.drain()

    def _garbled(self, piece: bytes, first: int = 0) -> bytes:
        """Return *piece* with one byte from the *first* on changed into one that no text holds."""
        if first >= len(piece):
            return piece
        place = self._chance.randrange(first, len(piece))
        return piece[:place] + b"\xff" + piece[place + 1 :]


_ALONE = {Spoiled.RESET, Spoiled.HANG, Spoiled.STALE, Spoiled.LIE, Spoiled.GONE}


def _reset(writes: asyncio.StreamWriter) -> None:
    """Close a connection as a crashed machine does."""
    with suppress(OSError):
        writes.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    writes.transport.abort()


def _body_in(piece: bytes) -> int:
    """Return where the body begins. Headers are left alone: a name that is garbled on its way is another name."""
    place = piece.find(_HEAD_END)
    return place + len(_HEAD_END) if place >= 0 else 0


async def _until_gone(reads: asyncio.StreamReader) -> None:
    while await reads.read(_PIECE_BYTES):
        pass
