"""How does one exchange with an S3 server end in time and in memory, however it drips or talks?

The library reads every answer whole, with a limit of time for each read only; so we send for it, and hand it what
comes piece by piece.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.httpsession import URLLib3Session
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from gateway.errors import PartnerUnavailableError
from gateway.formats.body import PIECE_BYTES

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

_ANSWER_BYTES = 8 * 2**20
"""Longest answer but for a file's own bytes: a thousand names of a kilobyte each, written out at their longest."""
_ANSWERS_LONG = 4
"""How many times longer than for a first word it may take until an answer has come whole."""


class Exchange:
    """Sends one request after another, to whoever the address is, over no proxy and following nobody elsewhere."""

    def __init__(self, *, authority: Path | None, seconds: float) -> None:
        verify = True if authority is None else str(authority)
        self._session = URLLib3Session(verify=verify, timeout=(seconds, seconds), max_pool_connections=2)
        self._seconds = seconds
        self._last: HTTPResponse | None = None

    def __call__(self, request: "AWSPreparedRequest", **_told: object) -> "AWSResponse":
        """Return the answer to *request*, of which nothing but the head has been read."""
        request.stream_output = True
        ends = time.monotonic() + _ANSWERS_LONG * self._seconds
        self._hang_up()
        response = self._session.send(request)
        self._last = response.raw
        response.raw = _Bounded(response.raw, ends=ends)
        return response

    def close(self) -> None:
        """Hang up."""
        self._hang_up()
        self._session.close()

    def _hang_up(self) -> None:
        """Let go of the last answer, which an error may have left half read; the pool closes what was given back."""
        if self._last is not None:
            self._last.close()


class _Bounded:
    """An answer while it comes."""

    def __init__(self, raw: HTTPResponse, *, ends: float) -> None:
        self._raw = raw
        self._ends = ends

    def stream(self) -> Iterator[bytes]:
        """Yield an answer that is held whole."""
        left = _ANSWER_BYTES
        while piece := self._piece(PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                raise PartnerUnavailableError("the server's answer is without end", code="nonsense")
            yield piece

    def read(self, length: int) -> bytes:
        """Return *length* bytes, or fewer at the end."""
        pieces, left = [], length
        while left > 0 and (piece := self._piece(left)):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Read no more."""
        self._raw.close()

    def _piece(self, most: int) -> bytes:
        """Return what has come, at most so many bytes; nothing at the end."""
        if time.monotonic() > self._ends:
            raise PartnerUnavailableError("the server's answer took too long", code="slow")
        try:
            return self._raw.read1(most)
        except (HTTPError, OSError):
            raise PartnerUnavailableError("the connection to the server was lost", code="cut-off") from None
