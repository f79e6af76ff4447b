"""Whom do we tell by name, outside the gateway, that something waits? In the transaction of what makes it wait.

Telling is another's work, afterwards: a mail server that is down holds nothing up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.conversations.review import DUTY_MANAGER
from gateway.flows.ports import Ids, UnitOfWork
from gateway.flows.store.call_repository import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Notes whom to tell. Shape: `persons` are the keys of the named persons of each role."""

    ids: Ids
    persons: Mapping[str, Sequence[str]]

    def call(
        self, uow: UnitOfWork, role: str, *, about: str, heading: str, due_at: datetime, at: datetime
    ) -> tuple[str, ...]:
        """Have every person named for *role*, or else for the duty manager, told of *about*; return who they are."""
        named = tuple(self.persons.get(role) or self.persons.get(DUTY_MANAGER) or ())
        for person in named:
            uow.calls.add(
                Call(
                    call_id=self.ids.fresh("cal"),
                    person=person,
                    about=about,
                    heading=heading,
                    due_at=due_at,
                    called_at=at,
                    ready_at=at,
                )
            )
        return named
