"""How are named persons told, outside the gateway, that something waits? Apart from all other work, again and again.

What they are told holds no content: our reference, why it waits in a few words, by when, and where the console is. A
mail server that is down holds up nothing but this.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import structlog

from gateway.audit.event import EventKind
from gateway.errors import Fate, code_of, fate_of
from gateway.flows.context import Desk
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.call_repository import Call
from gateway.flows.tally import Counted
from gateway.flows.trail import About
from gateway.flows.trying.retry import next_try

if TYPE_CHECKING:
    from gateway.model.tree import Tree

log = structlog.get_logger()
_BATCH = 20
_ATTEMPTS = 30
TOLD, UNTOLD, DUE = "told", "failed", "due"


class Messenger(Protocol):
    """Tells a named person."""

    def tell(self, call: Call) -> None:
        """Tell the person of *call*.

        Raises:
            TransientError: they could not be reached now.
            PermanentError: they cannot be reached at all.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTeller:
    """Tells named persons what waits for them."""

    desk: Desk
    messenger: Messenger

    def sweep(self) -> int:
        """Tell everybody whose time has come, and return how many there were."""
        at = self.desk.clock.now()
        seconds = self.desk.settings.lease_seconds
        due = self.desk.store.write(lambda uow: uow.calls.due(at=at, limit=_BATCH, lease_seconds=seconds))
        for call in due:
            self._tell(call)
        return len(due)

    def _tell(self, call: Call) -> None:
        try:
            self.messenger.tell(call)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next person must be told all the same
            self._failed(call, error)
        else:
            self.desk.tally.count(Counted.PERSON_TOLD, TOLD)
            told = replace(call, state=TOLD, ready_at=None, attempt=call.attempt + 1, reason=None)
            self.desk.store.write(lambda uow: self._save(uow, told, TOLD))

    def _failed(self, call: Call, error: Exception) -> None:
        at, code, attempt = self.desk.clock.now(), code_of(error), call.attempt + 1
        log.warning(LogEvent.PERSON_NOT_TOLD, person=call.person, code=code, attempt=attempt)
        self.desk.tally.count(Counted.PERSON_TOLD, code)
        tried = replace(call, attempt=attempt, reason=code)
        if fate_of(error, attempt=attempt, limit=_ATTEMPTS) is Fate.RETRY:
            again = replace(tried, ready_at=next_try(at, attempt, self.desk.settings))
            self.desk.store.write(lambda uow: uow.calls.save(again))
        else:
            lost = replace(tried, state=UNTOLD, ready_at=None)
            self.desk.store.write(lambda uow: self._save(uow, lost, code))

    def _save(self, uow: UnitOfWork, call: Call, status: str) -> None:
        uow.calls.save(call)
        at = self.desk.clock.now()
        named = {"dty": "duty_id", "rev": "review_id"}.get(call.about.partition("_")[0], "review_id")
        words: dict[str, Tree] = {
            "told_person": call.person,
            named: call.about,
            "partner_status": status,
            "attempt": call.attempt,
            "reason": call.heading,
        }
        self.desk.trail.tell(uow, EventKind.PERSON_CALLED, words, at=at, about=About(organisation=self.desk.sender))
