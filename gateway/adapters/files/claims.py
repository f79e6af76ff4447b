"""What becomes of a file once it is ours alone? Handed in, reported on, removed; or put back where it came from."""

import errno
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from types import TracebackType

import structlog

from gateway.adapters.files.handles import made_folder, move_back, opened_place, read_whole, remove_durably
from gateway.adapters.files.reports import Reports
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
from gateway.flows.envelope import Accepted
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Clock, Ids

log = structlog.get_logger()
_SEPARATOR = "~"
_MAY_PASS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
_BUG_PAUSE = timedelta(seconds=60)
_KEPT_SEALED = (MalformedMessageError, SchemaViolationError, TooLargeError, UnsupportedFormatError)
"""What the gate refuses is in quarantine, sealed, before the refusal is told: the clear file may go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """One whole file. `name` may be personal."""

    organisation: str
    partner: str
    message: str
    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one claimed file: accepted, put back because of an error that will come again, or neither."""

    is_accepted: bool = False
    put_back: PermanentError | None = None


class Claims:
    """Takes files, one at a time.

    Promise: a claimed file is removed only after `take` has returned, or has refused it as the gate does, which keeps
    what it refuses; an e-mail, of which nothing is kept, goes back where it came from. Whatever else happens it stays,
    in .taking or where it came from, and is found again.
    """

    def __init__(self, take: Callable[[DroppedFile], Accepted], *, clock: Clock, ids: Ids, size_bytes: int) -> None:
        self._take = take
        self._clock = clock
        self._ids = ids
        self._size_bytes = size_bytes
        self._pause_until: dict[str, datetime] = {}

    def claim(self, root: int, taking: int, found: Found) -> Outcome:
        """Rename a file to where only we reach it, and finish it there."""
        name = f"{self._ids.fresh('take')}{_SEPARATOR}{found.name}"
        with ExitStack() as opened:
            folder = taking
            for step in found.place:
                folder = opened.enter_context(made_folder(step, within=folder))
            try:
                os.rename(found.name, name, src_dir_fd=found.folder, dst_dir_fd=folder)
            except FileNotFoundError:
                return Outcome()  # its sender took it back
            except OSError:
                return Outcome(put_back=_immovable())
            os.fsync(folder)
            return self.finish(root, Found(folder=folder, place=found.place, name=name, stand=found.stand))

    def finish(self, root: int, claimed: Found) -> Outcome:
        """Hand a claimed file in, report, and remove it."""
        if self._is_paused(claimed):
            return Outcome()
        try:
            return self._finish(root, claimed)
        except Exception as error:  # noqa: BLE001  # a bug of ours or a sick disk: the file stays, and is tried again
            self._pause_until[claimed.name] = self._clock.now() + _BUG_PAUSE
            log.error(LogEvent.FILE_DELAYED, organisation=claimed.place[0], error=error)  # noqa: TRY400
            return Outcome()

    def _is_paused(self, claimed: Found) -> bool:
        """Tell whether a file is left alone for now; a clock that was set back makes no pause longer."""
        until = self._pause_until.get(claimed.name)
        return until is not None and timedelta() < until - self._clock.now() <= _BUG_PAUSE

    def _finish(self, root: int, claimed: Found) -> Outcome:
        try:
            accepted = self._hand_in(claimed)
        except ByMailError as error:
            return self._put_back(root, claimed, error)
        except _KEPT_SEALED as error:
            self._remove_refused(root, claimed, error)
        except PermanentError as error:
            return self._put_back(root, claimed, error)
        except TransientError as error:
            log.warning(LogEvent.FILE_DELAYED, organisation=claimed.place[0], error=error)
        else:
            return self._remove_accepted(root, claimed, accepted)
        return Outcome()

    def _hand_in(self, claimed: Found) -> Accepted | None:
        """Return the receipt, or None when the file was written to while it was read."""
        before, body, after = read_whole(claimed.name, within=claimed.folder, limit=self._size_bytes)
        if before != after:
            return None
        if len(body) > self._size_bytes:
            raise PermanentError(f"the file has more than {self._size_bytes} bytes", code=TooLargeError.code)
        organisation, partner, message = claimed.place
        return self._take(
            DroppedFile(organisation=organisation, partner=partner, message=message, name=_original(claimed), body=body)
        )

    def _remove_accepted(self, root: int, claimed: Found, accepted: Accepted | None) -> Outcome:
        if accepted is None:
            return Outcome()
        with _telling():
            Reports(root, clock=self._clock, ids=self._ids).accepted(claimed.place, _original(claimed), accepted)
        remove_durably(claimed.name, within=claimed.folder)
        log.info(
            LogEvent.FILE_ACCEPTED,
            organisation=claimed.place[0],
            format="/".join(claimed.place[1:]),
            message_id=accepted.message_id,
            size_bytes=claimed.stand.size_bytes,
        )
        return Outcome(is_accepted=True)

    def _remove_refused(self, root: int, claimed: Found, error: GatewayError) -> None:
        with _telling():
            Reports(root, clock=self._clock, ids=self._ids).refused(claimed.place, _original(claimed), error)
        remove_durably(claimed.name, within=claimed.folder)
        log_refusal(claimed.place, _original(claimed), error)

    def _put_back(self, root: int, claimed: Found, error: PermanentError) -> Outcome:
        with _telling(), opened_place(root, claimed.place) as home:
            name = move_back(claimed.name, within=claimed.folder, to=home, original=_original(claimed))
            Reports(root, clock=self._clock, ids=self._ids).refused(claimed.place, name, error)
        log_refusal(claimed.place, _original(claimed), error)
        return Outcome(put_back=error)


def log_refusal(place: Place, name: str, error: GatewayError) -> None:
    """Tell the operators; a file's name may be personal, so only its digest is written."""
    digest = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    log.warning(LogEvent.FILE_REFUSED, organisation=place[0] if place else None, digest=digest, code=error.code)


def _immovable() -> PermanentError:
    message = "the gateway may not move files out of this folder, or the folder is a disk of its own; put that right"
    return PermanentError(message, code="not-movable")


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
