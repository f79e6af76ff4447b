"""Does the work go on: nothing old, nothing stuck, nobody late?"""

from datetime import datetime, timedelta

from gateway.app.bootstrap import Application
from gateway.app.operations.findings import Finding, failed, ok, warning
from gateway.app.operations.words import count
from gateway.conversations.breaker import BreakerState
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.overview import Overview
from gateway.flows.store.rows import Delivery, Message, State

_BACKLOG_AGE = timedelta(minutes=5)
_DEADLINE_AGE = timedelta(minutes=1)
_LEASE_AGE = timedelta(minutes=5)
_HOLIDAYS_AHEAD = timedelta(days=180)
_MANY = 1000


def _overview(application: Application) -> tuple[Overview, datetime]:
    now = application.desk.clock.now()
    return application.desk.store.read(lambda uow: uow.overview.read(at=now)), now


def backlog_is_young(application: Application) -> Finding:
    """Tell whether anything has waited for long."""
    found, now = _overview(application)
    old = [
        f"{count(waiting.number, 'document')} of the {lane.name.lower()} lane, the oldest {_age(waiting.since, now)}"
        for lane, waiting in found.messages.items()
        if waiting.since is not None and waiting.since < now - _BACKLOG_AGE
    ] + [
        f"{count(waiting.number, 'delivery', 'deliveries')} to {partner}, the oldest {_age(waiting.since, now)}"
        for (partner, state), waiting in found.partners.items()
        if state is not State.DEAD_LETTER and waiting.since is not None and waiting.since < now - _BACKLOG_AGE
    ]
    if old:
        return warning(
            "backlog", "; ".join(old), "see which receiver does not answer: gateway messages list --state ordered"
        )
    return ok("backlog", "nothing has waited for more than five minutes")


def _age(since: datetime | None, now: datetime) -> str:
    return f"{int((now - since).total_seconds() // 60)} min old" if since else "new"


def leases_are_sound(application: Application) -> Finding:
    """Tell whether work is held for longer than anybody may hold it, or given up and not taken again."""
    settings, now = application.settings, application.desk.clock.now()
    longest = now + 2 * timedelta(seconds=max(settings.lease_seconds, settings.retry_most_seconds)) + _LEASE_AGE

    def _read(uow: UnitOfWork) -> list[Message | Delivery]:
        messages = uow.messages.find(state=State.ACCEPTED, limit=_MANY)
        return [*messages, *uow.delivery_lists.find(state=State.HANDED_OVER, limit=_MANY)]

    held = [one.ready_at for one in application.desk.store.read(_read) if one.ready_at is not None]
    beyond, given_up = len([at for at in held if at > longest]), len([at for at in held if at < now - _LEASE_AGE])
    if beyond:
        found = f"{count(beyond, 'piece')} of work leased for longer than a lease lasts"
        return failed("leases", found, "was the clock ahead? a restart makes it due again")
    if given_up:
        found = f"{count(given_up, 'piece')} of work due for five minutes that nobody takes"
        return warning("leases", found, "do the workers run? pump.lease_failed in the log says why not")
    return ok("leases", "nothing is held for too long")


def clocks_are_acted_on(application: Application) -> Finding:
    """Tell whether deadlines that have come were acted on."""
    found, now = _overview(application)
    late = {
        kind: waiting.number
        for kind, waiting in found.timers.items()
        if waiting.since is not None and waiting.since < now - _DEADLINE_AGE
    }
    if late:
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(late.items()))
        return failed("deadlines", f"not acted on for a minute: {told}", "start the gateway; timer.failed in the log")
    return ok("deadlines", "every deadline that has come was acted on")


def nothing_is_stuck(application: Application) -> Finding:
    """Tell whether anything will not go by itself."""
    found, _ = _overview(application)
    deliveries = sum(one.number for (_, state), one in found.partners.items() if state is State.DEAD_LETTER)
    stuck = found.dead_messages + deliveries
    if stuck:
        return warning("dead letters", f"{stuck} stuck", "gateway dead-letters list")
    return ok("dead letters", "nothing is stuck")


def nobody_is_late(application: Application) -> Finding:
    """Tell whether questions are answered in time."""
    found, _ = _overview(application)
    waiting = sum(one.number for one in found.questions.values())
    late = sum(one.overdue for one in found.questions.values())
    if late:
        roles = ", ".join(sorted(role for role, one in found.questions.items() if one.overdue))
        return warning("reviews", f"{late} of {waiting} are past their time: {roles}", "gateway reviews list")
    return ok("reviews", f"{waiting} waiting, none late")


def no_answer_waits_for_long(application: Application) -> Finding:
    """Tell how many documents wait until somebody says what an answer means, and for how long."""
    found, now = _overview(application)
    held = found.held
    if held.since is None:
        return ok("held answers", "no document waits for an answer to be mapped")
    told = f"{count(held.number, 'document')} held by {count(found.labels, 'unmapped answer')}"
    told = f"{told}, the oldest for {count(int((now - held.since).total_seconds() // 3600), 'hour')}"
    if application.desk.calendar.add_days(held.since, 1) < now:
        return warning("held answers", told, "say what they mean: gateway labels list, then gateway labels map")
    return ok("held answers", told)


def duties_are_kept(application: Application) -> Finding:
    """Tell whether what decisions ask of people is done in time."""
    found, _ = _overview(application)
    waiting = sum(one.number for one in found.duties.values())
    late = sum(one.overdue for one in found.duties.values())
    if late:
        roles = ", ".join(sorted(role for role, one in found.duties.items() if one.overdue))
        return warning("duties", f"{late} of {waiting} are past their time: {roles}", "gateway duties list")
    return ok("duties", f"{waiting} waiting, none late")


def persons_can_be_told(application: Application) -> Finding:
    """Tell whether somebody is named to be told of what waits too long, and can be."""
    found, _ = _overview(application)
    if found.untold:
        fix = "person.not_told in the log says why; docs/runbook.md"
        return failed("named persons", f"{found.untold} could not be told of something yet", fix)
    if application.settings.named_persons_file is None:
        return ok("named persons", "nobody is to be told by name")
    return ok("named persons", "everybody was told")


def holidays_are_known(application: Application) -> Finding:
    """Tell whether the bank holidays of this year and the next months are known."""
    calendar, now = application.desk.calendar, application.desk.clock.now()
    last = max(calendar.bank_holidays)
    found, fix = f"known up to {last:%d %B %Y}", "add the next years to mappings/bank-holidays-england.csv"
    if not calendar.knows(now):
        return failed("bank holidays", found, fix)
    if not calendar.knows(now + _HOLIDAYS_AHEAD):
        return warning("bank holidays", found, fix)
    return ok("bank holidays", found)


def partners_answer(application: Application) -> Finding:
    """Tell whether anybody we send to is left alone because they do not answer."""

    def _read(uow: UnitOfWork) -> list[str]:
        return [str(one.organisation) for one in uow.breakers.all() if one.state is not BreakerState.CLOSED]

    down = application.desk.store.read(_read)
    if down:
        return warning("breakers", f"not answering: {', '.join(down)}", "gateway partners show ORGANISATION")
    return ok("breakers", "nobody we send to is left alone")
