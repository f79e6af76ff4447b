"""Who is tried, how fast, and how many at once? Per partner, from its profile; the state is in the store for all.

A document that may not go costs one write: it is put back to its slot, or onto the partner's shelf together with what
else is due there, so that a partner that is down holds up nobody else. What is urgent is never shelved.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

import structlog

from gateway.audit.event import EventKind
from gateway.conversations.breaker import (
    Admission,
    Breaker,
    BreakerRules,
    BreakerState,
    Turn,
    admit,
    failed,
    succeeded,
    untried,
)
from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.flows.context import Desk
from gateway.flows.deciding.sharing import may_protect
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import UnitOfWork
from gateway.flows.settings import FlowSettings
from gateway.flows.store.rows import Delivery, Lane, Organisation, State, Timer
from gateway.flows.trail import About
from gateway.flows.trying.suspects import given_back
from gateway.model.identifiers import ConversationId, OrganisationId

log = structlog.get_logger()
OPEN, PACED, FULL = "breaker-open", "paced", "window-full"
"""Why a delivery waits although its time has come."""
LATE = "delivery.late"
"""The timer that shows a delivery which protects a child and has not arrived to a person."""
_LATE_AFTER = timedelta(minutes=30)
_FULL_AGAIN = timedelta(seconds=0.2)
_SHELF_BATCH = 500
_DOWN = frozenset({"timeout", "unreachable", "broken-off", "nonsense", "partner-unavailable", "credential-refused"})
"""Failures that say something of the partner, not of one document or of ourselves."""


def rules_of(organisation: Organisation, settings: FlowSettings) -> BreakerRules:
    """Return what the profile says under `[breaker]` and `[pace]`, and the installation where it says nothing."""
    breaker, pace = organisation.profile.get("breaker", {}), organisation.profile.get("pace", {})
    return BreakerRules(
        failures=breaker.get("failures", settings.breaker_failures),
        pause_seconds=breaker.get("pause_seconds", settings.breaker_pause_seconds),
        most_seconds=breaker.get("most_seconds", settings.retry_most_seconds),
        probe_seconds=settings.lease_seconds,
        per_second=pace.get("per_second"),
        burst=pace.get("burst", 1),
    )


@dataclass(frozen=True, slots=True)
class Breakers:
    """Lets deliveries go to partners, or puts them back. One for a whole process: it counts what is in flight."""

    desk: Desk
    _in_flight: Counter[OrganisationId] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def place(self, delivery: Delivery, breaker: Breaker, organisation: Organisation) -> Iterator[bool]:
        """Tell whether *delivery* may go now; if not, it has been put back."""
        most = organisation.profile.get("pace", {}).get("in_flight")
        if not self._take(delivery, most):
            again = self.desk.clock.now() + _FULL_AGAIN
            self.desk.store.write(lambda uow: put_back(uow, delivery, again, FULL))
            yield False
            return
        try:
            may_go = self._may_go(delivery, breaker, organisation)
            yield may_go
            if may_go and breaker.state is not BreakerState.CLOSED:
                self.desk.store.write(partial(self._next_probe, name=delivery.recipient))
        finally:
            self._give(delivery)

    def arrived(self, uow: UnitOfWork, organisation: OrganisationId) -> None:
        """The partner has answered as it should: let what is shelved go."""
        at, was = self.desk.clock.now(), uow.breakers.get(organisation)
        if was.is_well:
            return
        now = uow.breakers.save(succeeded(was))
        if was.state is BreakerState.CLOSED:
            return
        self._tell(uow, now, EventKind.BREAKER_CLOSED, at, since=was.since)
        self._empty_shelf(uow, now, at, limit=_SHELF_BATCH)

    def failed(self, uow: UnitOfWork, organisation: Organisation, error: Exception) -> None:
        """The partner has failed, or has refused one document, which shows that it is there."""
        if isinstance(error, PartnerRefusedError):
            self.arrived(uow, organisation.organisation)
        if not isinstance(error, PartnerUnavailableError) or error.code not in _DOWN:
            self._came_back(uow, organisation.organisation)
            return
        at, was = self.desk.clock.now(), uow.breakers.get(organisation.organisation)
        rules = rules_of(organisation, self.desk.settings)
        now = failed(was, rules, at, retry_after_seconds=error.retry_after_seconds)
        if now == was:
            return
        now = uow.breakers.save(now)
        if was.state is BreakerState.CLOSED and now.state is BreakerState.OPEN:
            self._tell(uow, now, EventKind.BREAKER_OPENED, at)
            uow.breakers.shelve(now, limit=_SHELF_BATCH)

    def _next_probe(self, uow: UnitOfWork, name: OrganisationId) -> None:
        """Let the next one try if the probe has not been sent: many of what waits may be like it."""
        if self._came_back(uow, name):
            self._empty_shelf(uow, uow.breakers.get(name), self.desk.clock.now(), limit=1)

    def _came_back(self, uow: UnitOfWork, name: OrganisationId) -> bool:
        """Tell whether a probe has ended without an answer of the partner; if so, another may try at once.

        It was not sent after all, because the family took its word back, say; or it failed by itself.
        """
        at, was = self.desk.clock.now(), uow.breakers.get(name)
        now = untried(was, at)
        if now != was:
            uow.breakers.save(now)
        return now != was

    def watch(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> None:
        """Let a person be shown *delivery* if it may protect a child and has not arrived half an hour from now."""
        if may_protect(delivery):
            name = ConversationId(delivery.delivery_id)
            uow.timers.put(Timer(timer_id=f"{LATE}/{name}", conversation_id=name, kind=LATE, due_at=at + _LATE_AFTER))

    def tick(self) -> int:
        """Let a probe go where its time has come, and more of what is shelved where all is well; return how many."""
        released = 0
        for name in self.desk.store.read(self._with_a_shelf):
            taken = _SHELF_BATCH
            while taken == _SHELF_BATCH:
                taken = self.desk.store.write(partial(self._look, name=name))
                released += taken
        return released

    def _with_a_shelf(self, uow: UnitOfWork) -> list[OrganisationId]:
        return [one.organisation for one in uow.breakers.all() if uow.breakers.shelved(one)]

    def _look(self, uow: UnitOfWork, name: OrganisationId) -> int:
        at, breaker = self.desk.clock.now(), uow.breakers.get(name)
        if breaker.state is BreakerState.CLOSED:
            return self._empty_shelf(uow, breaker, at, limit=_SHELF_BATCH)
        is_time = breaker.probe_at is None or breaker.probe_at <= at
        return self._empty_shelf(uow, breaker, at, limit=1) if is_time else 0

    def _empty_shelf(self, uow: UnitOfWork, breaker: Breaker, at: datetime, *, limit: int) -> int:
        taken = uow.breakers.unshelve(breaker, at=at, limit=limit)
        if taken:
            uow.wake(f"delivery.{Lane.NORMAL.name.lower()}", f"brk_{breaker.number}")
        return taken

    def _may_go(self, delivery: Delivery, breaker: Breaker, organisation: Organisation) -> bool:
        rules = rules_of(organisation, self.desk.settings)
        if breaker.is_well and rules.per_second is None:
            return True
        return self.desk.store.write(partial(self._enter, delivery=delivery, rules=rules))

    def _enter(self, uow: UnitOfWork, delivery: Delivery, rules: BreakerRules) -> bool:
        at, was = self.desk.clock.now(), uow.breakers.get(delivery.recipient)
        admission = admit(was, rules, at, _turn(delivery))
        now = admission.breaker if admission.breaker == was else uow.breakers.save(admission.breaker)
        if admission.wait_until is None:
            return True
        self._wait(uow, delivery, replace(admission, breaker=now), at)
        return False

    def _wait(self, uow: UnitOfWork, delivery: Delivery, admission: Admission, at: datetime) -> None:
        """Put *delivery* back: onto the shelf with all that is due there, or to its slot."""
        is_shelved = admission.is_shut and delivery.lane is not Lane.URGENT and delivery.state is State.ORDERED
        if admission.is_shut and delivery.reason != OPEN:
            self.watch(uow, delivery, at)
        until = at if is_shelved or admission.wait_until is None else admission.wait_until
        put_back(uow, delivery, until, OPEN if admission.is_shut else PACED)
        if is_shelved:
            uow.breakers.shelve(admission.breaker, limit=_SHELF_BATCH)

    def _take(self, delivery: Delivery, most: int | None) -> bool:
        with self._lock:
            is_free = most is None or self._in_flight[delivery.recipient] < most
            self._in_flight[delivery.recipient] += is_free
        return is_free

    def _give(self, delivery: Delivery) -> None:
        with self._lock:
            self._in_flight[delivery.recipient] -= 1

    def _tell(
        self, uow: UnitOfWork, breaker: Breaker, kind: EventKind, at: datetime, *, since: datetime | None = None
    ) -> None:
        down = int((at - since).total_seconds()) if since else 0
        self.desk.trail.tell(uow, kind, {"partner": breaker.organisation, "seconds": down}, at=at, about=About())
        if kind is EventKind.BREAKER_OPENED:
            log.warning(LogEvent.BREAKER_OPENED, organisation=breaker.organisation)
        else:
            log.info(LogEvent.BREAKER_CLOSED, organisation=breaker.organisation)


def put_back(uow: UnitOfWork, delivery: Delivery, until: datetime, reason: str) -> None:
    """Give up the lease on *delivery* until its time comes, unless somebody has closed it meanwhile."""
    now = uow.deliveries.get(delivery.delivery_id)
    if now.state is delivery.state and now.lease == delivery.lease:
        uow.deliveries.save(replace(now, ready_at=until, reason=reason, lost=given_back(now.lost)))


def _turn(delivery: Delivery) -> Turn:
    if delivery.lane is Lane.URGENT:
        return Turn.URGENT
    return Turn.QUEUED if delivery.reason == PACED else Turn.NEW
