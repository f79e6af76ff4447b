"""What becomes of a file once it is ours alone? Handed in, reported on, removed; or put back where it came from."""

import errno
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from types import TracebackType

import structlog

from gateway.adapters.files.reports import Reports
from gateway.adapters.files.shelf import OpenShelf
from gateway.adapters.files.walk import Found, Place
from gateway.errors import (
    ByMailError,
    GatewayError,
    MalformedMessageError,
    PermanentError,
    SchemaViolationError,
    TooLargeError,
    TransientError,
    UnsupportedFormatError,
)
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Clock, Ids
from gateway.flows.receiving.envelope import Accepted
from gateway.formats.body import Body

log = structlog.get_logger()
_SEPARATOR = "~"
_MAY_PASS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
_BUG_PAUSE = timedelta(seconds=60)
_KEPT_SEALED = (MalformedMessageError, SchemaViolationError, TooLargeError, UnsupportedFormatError)
"""What the gate refuses is in quarantine, sealed, before the refusal is told: the clear file may go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """One whole file: its bytes, or where they can be read while it is being taken. `name` may be personal."""

    organisation: str
    partner: str
    message: str
    name: str
    body: bytes | Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one file: accepted, put back because of an error that will come again, never moved, or nothing."""

    is_accepted: bool = False
    put_back: PermanentError | None = None
    never_moved: PermanentError | None = None


class Claims:
    """Takes files, one at a time.

    Promise: a claimed file is removed only after `take` has returned, or has refused it as the gate does, which keeps
    what it refuses; an e-mail, of which nothing is kept, goes back where it came from. Whatever else happens it stays,
    in .taking or where it came from, and is found again.
    """

    def __init__(
        self, take: Callable[[DroppedFile], Accepted], *, clock: Clock, ids: Ids, size_bytes: int, whole_bytes: int
    ) -> None:
        self._take = take
        self._clock = clock
        self._ids = ids
        self._size_bytes = size_bytes
        self._whole_bytes = whole_bytes
        self._pause_until: dict[str, datetime] = {}

    def claim(self, shelf: OpenShelf, found: Found) -> Outcome:
        """Rename a file to where only we reach it, and finish it there."""
        name = f"{self._ids.fresh('take')}{_SEPARATOR}{found.name}"
        try:
            with shelf.claim(found, name) as claimed:
                return Outcome() if claimed is None else self.finish(shelf, claimed)
        except PermanentError as error:
            return Outcome(never_moved=error)

    def finish(self, shelf: OpenShelf, claimed: Found) -> Outcome:
        """Hand a claimed file in, report, and remove it."""
        if self._is_paused(claimed):
            return Outcome()
        try:
            return self._finish(shelf, claimed)
        except FileNotFoundError as error:
            if not _is_gone(shelf, claimed):
                self._delay(claimed, error)
            return Outcome()
        except Exception as error:  # noqa: BLE001  # a bug of ours or a sick disk: the file stays, and is tried again
            self._delay(claimed, error)
            return Outcome()

    def _delay(self, claimed: Found, error: Exception) -> None:
        self._pause_until[claimed.name] = self._clock.now() + _BUG_PAUSE
        log.error(LogEvent.FILE_DELAYED, organisation=claimed.place[0], error=error)

    def _is_paused(self, claimed: Found) -> bool:
        """Tell whether a file is left alone for now; a clock that was set back makes no pause longer."""
        until = self._pause_until.get(claimed.name)
        return until is not None and timedelta() < until - self._clock.now() <= _BUG_PAUSE

    def _finish(self, shelf: OpenShelf, claimed: Found) -> Outcome:
        try:
            accepted = self._hand_in(shelf, claimed)
        except ByMailError as error:
            return self._put_back(shelf, claimed, error)
        except _KEPT_SEALED as error:
            self._remove_refused(shelf, claimed, error)
        except PermanentError as error:
            return self._put_back(shelf, claimed, error)
        except TransientError as error:
            log.warning(LogEvent.FILE_DELAYED, organisation=claimed.place[0], error=error)
        else:
            return self._remove_accepted(shelf, claimed, accepted)
        return Outcome()

    def _hand_in(self, shelf: OpenShelf, claimed: Found) -> Accepted | None:
        """Return the receipt, or None when the file was written to while it was read."""
        if claimed.stand.size_bytes > self._whole_bytes:
            return self._hand_in_large(shelf, claimed)
        before, body, after = shelf.read(claimed, limit=self._size_bytes)
        if before != after:
            return None
        if len(body) > self._size_bytes:
            raise PermanentError(f"the file has more than {self._size_bytes} bytes", code=TooLargeError.code)
        return self._take(_dropped(claimed, body))

    def _hand_in_large(self, shelf: OpenShelf, claimed: Found) -> Accepted:
        """Return the receipt of a file that is read as it is taken, piece by piece."""
        with shelf.body(claimed) as body:
            if body.size_bytes > self._size_bytes:
                raise PermanentError(f"the file has more than {self._size_bytes} bytes", code=TooLargeError.code)
            return self._take(_dropped(claimed, body))

    def _remove_accepted(self, shelf: OpenShelf, claimed: Found, accepted: Accepted | None) -> Outcome:
        if accepted is None:
            return Outcome()
        with _telling():
            Reports(shelf, clock=self._clock, ids=self._ids).accepted(claimed.place, _original(claimed), accepted)
        shelf.remove(claimed)
        log.info(
            LogEvent.FILE_ACCEPTED,
            organisation=claimed.place[0],
            format="/".join(claimed.place[1:]),
            message_id=accepted.message_id,
            size_bytes=claimed.stand.size_bytes,
        )
        return Outcome(is_accepted=True)

    def _remove_refused(self, shelf: OpenShelf, claimed: Found, error: GatewayError) -> None:
        with _telling():
            Reports(shelf, clock=self._clock, ids=self._ids).refused(claimed.place, _original(claimed), error)
        shelf.remove(claimed)
        log_refusal(claimed.place, _original(claimed), error)

    def _put_back(self, shelf: OpenShelf, claimed: Found, error: PermanentError) -> Outcome:
        with _telling():
            name = shelf.put_back(claimed, original=_original(claimed))
            Reports(shelf, clock=self._clock, ids=self._ids).refused(claimed.place, name, error)
        log_refusal(claimed.place, _original(claimed), error)
        return Outcome(put_back=error)


def _is_gone(shelf: OpenShelf, claimed: Found) -> bool:
    """Tell whether another process that watches the same place has finished a file meanwhile: it has told of it."""
    with suppress(OSError, TransientError):
        return all((one.place, one.name) != (claimed.place, claimed.name) for one in shelf.claimed())
    return False


def log_refusal(place: Place, name: str, error: GatewayError) -> None:
    """Tell the operators; a file's name may be personal, so only its digest is written."""
    digest = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    log.warning(LogEvent.FILE_REFUSED, organisation=place[0] if place else None, digest=digest, code=error.code)


def _dropped(claimed: Found, body: bytes | Body) -> DroppedFile:
    organisation, partner, message = claimed.place
    return DroppedFile(organisation=organisation, partner=partner, message=message, name=_original(claimed), body=body)


def _original(claimed: Found) -> str:
    return claimed.name.partition(_SEPARATOR)[2]


class _telling(suppress):  # noqa: N801  # reads as the word it is in a `with` statement
    """Goes on when the sender has taken the folder away in which a report was due, or locked us out of it.

    When the disk has no room for the report, or is sick, that passes: then the file stays, and all is done again.
    """

    def __init__(self) -> None:
        super().__init__(OSError)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Tell whether to go on."""
        if isinstance(error, OSError) and error.errno in _MAY_PASS:
            return False
        return super().__exit__(kind, error, trace)
