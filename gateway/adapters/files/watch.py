"""Which files on a shelf are ready, and what is told of those that never will be?

A file is claimed by renaming it to where only we reach it, handed in, reported on, and removed, in this order. So after
a crash it is handed in again, under the same idempotency key because its bytes are the same, and has one effect.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from gateway.adapters.files.claims import Claims, DroppedFile, log_refusal
from gateway.adapters.files.completeness import EDGE_BYTES, looks_complete
from gateway.adapters.files.handles import Stand
from gateway.adapters.files.names import ACCEPTED, RECORDS, is_leftover, is_odd, is_report, is_unfinished
from gateway.adapters.files.reports import Reports, is_ours, message_of, remove_report
from gateway.adapters.files.shelf import OpenShelf, Shelf
from gateway.adapters.files.walk import LEVELS, Found, Place
from gateway.errors import (
    IntegrityError,
    MalformedMessageError,
    NotFoundError,
    PermanentError,
    TooLargeError,
    TransientError,
)
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Clock, Ids
from gateway.flows.receiving.envelope import Accepted

log = structlog.get_logger()
_ASK_AGAIN = timedelta(seconds=60)
Acknowledge: TypeAlias = Callable[[Place, str], bytes | None]
"""Returns what is to be told of each record of a message that was dropped at a place: an object of JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPatience:
    """How long files are waited for, and how long they may be. Units: bytes, seconds.

    Shape: files over `whole_bytes` are handed in to be read piece by piece.
    """

    size_bytes: int
    stable_seconds: float
    unfinished_seconds: float
    report_seconds: float
    whole_bytes: int = 4 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """An entry that was looked at before: since when it stands like this, and what we told about it, if anything."""

    stand: Stand
    since: datetime
    told: str | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """A report of ours that was read before. `message_id` is None once there is no more to tell beside it."""

    stand: Stand
    is_read: bool = False
    message_id: str | None = None
    is_troubled: bool = False


class Watch:
    """One shelf; `look` is called again and again by one thread.

    Promise: a file is removed only when it is durable with us, sealed: accepted, or in quarantine. One that we refuse
    without having kept it (a link, an odd name, too large, an organisation we do not know, another document under a key
    already used, an e-mail) stays where its sender put it, with a report beside it, and is looked at again each minute.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        admit: Callable[[Place], None],
        take: Callable[[DroppedFile], Accepted],
        clock: Clock,
        ids: Ids,
        patience: FolderPatience,
    ) -> None:
        """Watch *shelf*.

        Args:
            shelf: where senders put files.
            admit: raises a PermanentError unless the organisation of a place may drop the format of that place.
            take: hands one file in and returns once it is durable.
            clock: tells how long a file has stood still.
            ids: names for files being taken.
            patience: how long to wait and how much to take.
        """
        self._admit = admit
        self._claims = Claims(
            take, clock=clock, ids=ids, size_bytes=patience.size_bytes, whole_bytes=patience.whole_bytes
        )
        self._clock = clock
        self._ids = ids
        self._patience = patience
        self._acknowledge: Acknowledge | None = None
        self._seen: dict[tuple[Place, str], _Seen] = {}
        self._reports: dict[tuple[Place, str], _Report] = {}
        self._shelf = shelf

    def tell_records(self, acknowledge: Acknowledge) -> None:
        """Tell from now on what became of each record of a file, as soon as *acknowledge* has anything to tell."""
        self._acknowledge = acknowledge

    def look(self) -> int:
        """Look once at everything, deal with what is ready, and return how many files were accepted."""
        accepted = 0
        present: set[tuple[Place, str]] = set()
        with self._shelf.opened() as shelf:
            for claimed in shelf.claimed():
                accepted += self._claims.finish(shelf, claimed).is_accepted
            try:
                for found in shelf.dropped():
                    present.add(found.key)
                    if self._is_ready(shelf, found):
                        accepted += self._claim(shelf, found)
                    else:
                        self._tell_records(shelf, found)
            except OSError as error:
                log.warning(LogEvent.FOLDER_UNREADABLE, error=error)
        self._seen = {key: seen for key, seen in self._seen.items() if key in present}
        self._reports = {key: report for key, report in self._reports.items() if key in present}
        return accepted

    def _tell_records(self, shelf: OpenShelf, found: Found) -> None:
        """Tell what became of each record of a file, once that is known, beside the report that it was accepted."""
        if self._acknowledge is None or not found.name.endswith(ACCEPTED) or found.key not in self._reports:
            return
        message_id = self._message_of(shelf, found)
        told = self._told(self._acknowledge, found, message_id) if message_id is not None else None
        if told is not None:
            with suppress(OSError):
                Reports(shelf, clock=self._clock, ids=self._ids).records(found.place, found.name, told)
                self._reports[found.key] = _Report(stand=found.stand, is_read=True)

    def _told(self, acknowledge: Acknowledge, found: Found, message_id: str) -> bytes | None:
        """Return what is to be told beside *found*; one message that cannot be told of holds up no other file."""
        try:
            return acknowledge(found.place, message_id)
        except (PermanentError, IntegrityError) as error:
            report = self._reports[found.key]
            if not report.is_troubled:
                log.warning(LogEvent.FILE_DELAYED, organisation=found.place[0], error=error)
            self._reports[found.key] = replace(report, is_troubled=True)
            return None

    def _message_of(self, shelf: OpenShelf, found: Found) -> str | None:
        """Return which message a report is about that may still be told of; the report is read once."""
        report = self._reports[found.key]
        if not report.is_read:
            is_told = shelf.has(found.place, f"{found.name.removesuffix(ACCEPTED)}{RECORDS}")
            message_id = None if is_told else message_of(shelf, found)
            is_read = is_told or message_id is not None
            report = self._reports[found.key] = replace(report, is_read=is_read, message_id=message_id)
        return report.message_id

    def _claim(self, shelf: OpenShelf, found: Found) -> bool:
        outcome = self._claims.claim(shelf, found)
        if outcome.put_back is not None:
            self._remember_told(found, outcome.put_back)
        if outcome.never_moved is not None:
            self._tell(shelf, found, outcome.never_moved)
        return outcome.is_accepted

    def _is_ready(self, shelf: OpenShelf, found: Found) -> bool:
        """Tell whether a file has stood still, is whole, and may be taken; report on it if it never may."""
        try:
            return self._stands_ready(shelf, found)
        except FileNotFoundError:  # it was there when we listed what is; others took it since, or we a report of ours
            return False

    def _stands_ready(self, shelf: OpenShelf, found: Found) -> bool:
        if is_report(found.name) and self._is_own_report(shelf, found):
            self._drop_old_report(shelf, found)
            return False
        still = self._seconds_still(found)
        if still is None or still < self._patience.stable_seconds:
            return False
        if is_leftover(found.name) and found.stand.is_plain:
            remove_report(shelf, found)
            return False
        try:
            return self._may_be_taken(shelf, found, still)
        except PermanentError as error:
            self._tell(shelf, found, error)
        except TransientError as error:
            log.warning(LogEvent.FILE_DELAYED, error=error)
        return False

    def _seconds_still(self, found: Found) -> float | None:
        """Return how long an entry has stood as it stands; None while what we last told of it still holds."""
        now = self._clock.now()
        seen = self._seen.get(found.key)
        if seen is None or seen.stand != found.stand or now < seen.since:
            seen = self._seen[found.key] = _Seen(stand=found.stand, since=now)
        if seen.told_at is not None and now < seen.told_at + _ASK_AGAIN:
            return None
        return (now - seen.since).total_seconds()

    def _may_be_taken(self, shelf: OpenShelf, found: Found, still: float) -> bool:
        """Tell whether a file that has stood still for so many seconds is finished.

        Raises:
            PermanentError: it will never be taken as it is.
        """
        is_given_up = still >= self._patience.unfinished_seconds
        if is_unfinished(found.name) and not is_given_up:
            return False
        if is_odd(found.name) or is_unfinished(found.name) or is_report(found.name):
            raise MalformedMessageError("give the file another name: plain, finished, and not a report's", code="name")
        if not found.stand.is_plain:
            raise MalformedMessageError("not a plain file: links and devices are not followed", code="not-a-file")
        if len(found.place) != LEVELS:
            raise NotFoundError("put the file into organisation/partner/message-version", code="wrong-folder")
        if found.stand.size_bytes > self._patience.size_bytes:
            raise TooLargeError(f"the file has more than {self._patience.size_bytes} bytes")
        self._admit(found.place)
        try:
            head, tail = shelf.edges(found, length=EDGE_BYTES)
        except PermissionError:
            message = "the gateway may not read the file; give it the permission"
            raise PermanentError(message, code="not-readable") from None
        return looks_complete(head, tail) or is_given_up

    def _tell(self, shelf: OpenShelf, found: Found, error: PermanentError) -> None:
        """Report why a file stays where it is, once for each reason."""
        if self._seen[found.key].told != error.code:
            with suppress(OSError):
                Reports(shelf, clock=self._clock, ids=self._ids).refused(found.place, found.name, error)
            log_refusal(found.place, found.name, error)
        self._remember_told(found, error)

    def _remember_told(self, found: Found, error: PermanentError) -> None:
        self._seen[found.key] = replace(self._seen[found.key], told=error.code, told_at=self._clock.now())

    def _is_own_report(self, shelf: OpenShelf, found: Found) -> bool:
        """Tell whether an entry with a report's name is a report; its content is looked at once."""
        known = self._reports.get(found.key)
        if known is not None and known.stand == found.stand:
            return True
        if not is_ours(shelf, found):
            return False
        self._reports[found.key] = _Report(stand=found.stand)
        return True

    def _drop_old_report(self, shelf: OpenShelf, found: Found) -> None:
        age = self._clock.now().timestamp() - found.stand.changed_ns / 1e9
        if age > self._patience.report_seconds:
            remove_report(shelf, found)
