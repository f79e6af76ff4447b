"""How hard is the house pressed, and what is still taken in? One answer for every way in, for health and for metrics.

What is inside is never held up: only new documents are refused, and urgent ones last of all. A partner that is down
does not press the house: its documents wait in the store, which is what a store is for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import structlog

from gateway.app.settings import Settings
from gateway.errors import BusyError, GatewayError, StoreFullError, TransientError
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Clock, Store, UnitOfWork
from gateway.flows.store.figures import StoreFigures
from gateway.flows.store.rows import Lane

log = structlog.get_logger()
_ROOM_TO_OPEN = 10
"""A door that closed for want of room opens with one part in so many more than closed it, so that it does not flap."""


class Intake(StrEnum):
    """Who is let in."""

    OPEN = "open"
    URGENT_ONLY = "urgent-only"
    SHUT = "shut"


class MeasuredStore(Store, Protocol):
    """The truth, with its numbers."""

    def figures(self) -> StoreFigures:
        """Return numbers that cost no transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where the house is full. Units: bytes, a share from 0 to 1, seconds, pieces of work."""

    free_bytes: int
    free_share: float
    urgent_bytes: int
    commit_seconds: float
    backlog_seconds: float
    waiting: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits an installation chose."""
        return cls(
            free_bytes=settings.storage_free_bytes,
            free_share=settings.storage_free_share,
            urgent_bytes=settings.storage_urgent_bytes,
            commit_seconds=settings.intake_commit_seconds,
            backlog_seconds=settings.intake_backlog_seconds,
            waiting=settings.intake_store_limit,
        )

    def room_needed(self, total_bytes: int | None) -> int:
        """Return how much room must be free for any document: the larger of the two limits, never below the last."""
        return max(self.free_bytes, int(self.free_share * (total_bytes or 0)), self.urgent_bytes)


_FULL = "storage-nearly-full"
_SLOW = "store-slow"
_BEHIND = "backlog"
_WAITING = "store-busy"


class Pressure:
    """Says who is let in. `look` is called every second or so; `refusal` costs nothing and is asked by every request.

    Promise: `refusal` never waits, for neither disk nor database.
    """

    def __init__(self, store: MeasuredStore, limits: Limits, clock: Clock) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._room: tuple[bool, bool] = (True, True)
        self._is_slow = self._is_full_of_work = self._is_behind = False
        self._told = Intake.OPEN

    @property
    def limits(self) -> Limits:
        """Return where the house is full."""
        return self._limits

    @property
    def intake(self) -> Intake:
        """Return who is let in just now."""
        if self.refusal(is_urgent=True) is not None:
            return Intake.SHUT
        return Intake.OPEN if self.refusal(is_urgent=False) is None else Intake.URGENT_ONLY

    def look(self) -> None:
        """See how things stand, and tell the operators when that changes who is let in."""
        figures = self._store.figures()
        self._room = self._room_in(figures)
        self._is_slow = figures.recent_seconds > self._limits.commit_seconds
        self._is_full_of_work = figures.waiting >= self._limits.waiting
        self._tell()
        self._is_behind = self._oldest_seconds() > self._limits.backlog_seconds
        self._tell()

    def refusal(self, *, is_urgent: bool) -> TransientError | None:
        """Return why no document of that kind is taken in just now, or None when it is."""
        for_any, for_urgent = self._room
        if not (for_urgent if is_urgent else for_any):
            return StoreFullError("there is hardly any room left on the disk", code=_FULL, retry_after_seconds=60)
        if is_urgent:
            return None
        if self._is_slow:
            return BusyError("the disk is too slow just now", code=_SLOW, retry_after_seconds=5)
        if self._is_full_of_work:
            return BusyError("too much waits for the disk", code=_WAITING, retry_after_seconds=5)
        if self._is_behind:
            return BusyError("what was accepted before waits too long already", code=_BEHIND, retry_after_seconds=30)
        return None

    def _room_in(self, figures: StoreFigures) -> tuple[bool, bool]:
        """Tell whether there is room for any document, and for an urgent one."""
        if figures.free_bytes is None:
            return True, True
        needed = (self._limits.room_needed(figures.total_bytes), self._limits.urgent_bytes)
        was = self._room
        any_, urgent = (
            figures.free_bytes >= (limit if was_there else limit + limit // _ROOM_TO_OPEN)
            for limit, was_there in zip(needed, was, strict=True)
        )
        return any_, urgent

    def _oldest_seconds(self) -> float:
        """Return how long the oldest document that is due has waited for us; 0 when that cannot be told."""
        now = self._clock.now()
        try:
            since = self._store.read(lambda uow: _oldest(uow, now))
        except GatewayError:
            return 0.0
        return (now - since).total_seconds() if since else 0.0

    def _tell(self) -> None:
        """Log a change, once."""
        intake = self.intake
        if intake is self._told:
            return
        why = self.refusal(is_urgent=intake is Intake.SHUT)
        if why is None:
            log.info(LogEvent.INTAKE_OPENED)
        else:
            log.error(LogEvent.INTAKE_NARROWED, code=why.code, intake=intake.value)
        self._told = intake


def _oldest(uow: UnitOfWork, at: datetime) -> datetime | None:
    """Return since when the document that has waited longest has been waiting, in the lanes that must keep moving."""
    found = [uow.overview.oldest_due_message(lane, at=at) for lane in (Lane.URGENT, Lane.NORMAL)]
    return min((since for since in found if since is not None), default=None)
