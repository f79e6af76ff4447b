"""What does clamd say of a document?

Source: clamd(8), the commands PING, VERSION and INSTREAM with the prefix `z`: a command ends with a null byte, and so
does the answer. A stream is chunks, each with its length before it in four bytes, the highest first; a chunk of length
nought ends it. clamd answers once the stream has ended, or as soon as it is longer than its `StreamMaxLength`.
"""

import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from socket import socket

from gateway.adapters.clamd.address import ClamdAddress
from gateway.errors import TransientError
from gateway.flows.delivering.scanner import Clean, Malware, ScannerVersion, Unsaid, Verdict

AWAY = "scanner-away"
"""Nobody listens, or who listens is not clamd."""
SILENT = "scanner-silent"
"""It took the document and did not answer in time."""
BROKEN_OFF = "scanner-broken-off"
"""It ended the exchange without an answer."""
TOO_LARGE = "too-large-to-scan"
"""The document is longer than the scanner takes."""
FAILED = "scanner-failed"
"""It answered that it could not look."""
_CHUNK_BYTES = 64 * 2**10
_ANSWER_BYTES = 4096
_ASK_SECONDS = 3.0
_FOUND = re.compile(r"stream: (?P<name>.+) FOUND")
_SIZE = "size limit exceeded"
_VERSION = re.compile(r"(?P<name>ClamAV [^/]+)(?:/\d+/(?P<at>.+))?")
_WRITTEN = "%a %b %d %H:%M:%S %Y"


class Clamd:
    """Asks clamd; each question is a connection of its own, so that nothing has to be mended after a restart."""

    def __init__(self, address: ClamdAddress, *, seconds: float, limit_bytes: int) -> None:
        self._address = address
        self._seconds = seconds
        self._limit_bytes = limit_bytes

    def scan(self, content: bytes) -> Verdict:
        """Return what is to be said of *content*; whatever goes wrong is an answer too, and nothing is raised."""
        if len(content) > self._limit_bytes:
            return Unsaid(code=TOO_LARGE)
        until = time.monotonic() + self._seconds
        try:
            opened = self._address.connect(min(_ASK_SECONDS, self._seconds))
        except OSError:
            return Unsaid(code=AWAY, is_away=True)
        with opened:
            try:
                return _verdict(_streamed(opened, content, until))
            except TimeoutError:
                return Unsaid(code=SILENT)
            except OSError:
                return Unsaid(code=BROKEN_OFF)

    def trouble(self) -> str | None:
        """Return None while it answers, else a code that says why not."""
        try:
            return None if self._ask(b"PING") == "PONG" else AWAY
        except TransientError as error:
            return error.code

    def version(self) -> ScannerVersion:
        """Return which one it is, and of when its signatures are.

        Raises:
            TransientError: it does not answer.
        """
        answer = self._ask(b"VERSION")
        found = _VERSION.fullmatch(answer)
        if found is None:
            raise TransientError("who listens there is not clamd", code=AWAY)
        return ScannerVersion(name=found["name"], signatures_at=_time_of(found["at"]))

    def _ask(self, command: bytes) -> str:
        until = time.monotonic() + min(_ASK_SECONDS, self._seconds)
        try:
            with self._address.connect(_left(until)) as opened:
                _send(opened, b"z" + command + b"\0", until)
                return _answer(opened, until)
        except OSError:
            raise TransientError("clamd does not answer", code=AWAY) from None


def _streamed(opened: socket, content: bytes, until: float) -> str:
    """Return the answer to *content*. Whoever has heard enough answers and hangs up before the end of the stream."""
    with suppress(ConnectionError):
        _send(opened, b"zINSTREAM\0", until)
        for start in range(0, len(content), _CHUNK_BYTES):
            chunk = content[start : start + _CHUNK_BYTES]
            _send(opened, len(chunk).to_bytes(4, "big") + chunk, until)
        _send(opened, bytes(4), until)
    return _answer(opened, until)


def _send(opened: socket, told: bytes, until: float) -> None:
    opened.settimeout(_left(until))
    opened.sendall(told)


def _answer(opened: socket, until: float) -> str:
    """Return one answer: up to the null byte, or to the end of the connection.

    Raises:
        TimeoutError: it did not come in time.
        ConnectionError: it did not come at all.
    """
    heard = b""
    while b"\0" not in heard and len(heard) < _ANSWER_BYTES:
        opened.settimeout(_left(until))
        more = opened.recv(_ANSWER_BYTES)
        if not more:
            break
        heard += more
    if not heard:
        raise ConnectionError("the exchange ended without an answer")
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _verdict(answer: str) -> Verdict:
    """Return what *answer* means; only what clamd says of a clean stream, word for word, makes one clean."""
    if answer == "stream: OK":
        return Clean()
    if found := _FOUND.fullmatch(answer):
        return Malware.called(found["name"])
    return Unsaid(code=TOO_LARGE if _SIZE in answer else FAILED)


def _time_of(written: str | None) -> datetime | None:
    """Return when signatures were made: clamd writes it without a zone, in its machine's own time."""
    if written is None:
        return None
    try:
        return datetime.strptime(written, _WRITTEN).replace(tzinfo=UTC)
    except ValueError:
        return None
