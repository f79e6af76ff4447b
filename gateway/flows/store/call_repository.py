"""Who has still to be told that something waits for them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One named person who is to be told, outside the gateway, that a question or a duty waits.

    Shape: `person` is their key in the file of named persons, and `about` our reference of the question or duty.
    `heading` is the code of why it waits. Nothing in it is about anybody but who is told. `ready_at` is when they are
    told, or told again; None once they were, or once there were tries enough.
    """

    call_id: str
    person: str
    about: str
    heading: str
    due_at: datetime
    called_at: datetime
    attempt: int = 0
    ready_at: datetime | None = None
    state: str = "due"
    reason: str | None = None


class Calls(Protocol):
    """Persons who are to be told."""

    def add(self, call: Call) -> None:
        """Store it."""
        ...

    def due(self, *, at: datetime, limit: int, lease_seconds: float) -> Sequence[Call]:
        """Lease and return those whose time has come, oldest first."""
        ...

    def save(self, call: Call) -> None:
        """Replace attempt, ready_at, state and reason, or raise NotFoundError."""
        ...

    def find(self, *, state: str | None = None, limit: int = 100) -> Sequence[Call]:
        """Return the newest first."""
        ...
