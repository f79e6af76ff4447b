"""Which duties has a decision, or a mis-send, left to people, and what became of each?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.model.identifiers import ChildRef, MessageId

OPEN, ESCALATED, KEPT, SETTLED, STANDING = "open", "escalated", "kept", "settled", "standing"
"""What a duty can be: waiting, waiting after its time, kept by a person, done by what happened, or never done."""
WAITING = (OPEN, ESCALATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One thing that somebody with `role` must do by `due_at`, because of what was shared or refused.

    Shape: `code` is an obligation of the policy (`O-`) or a duty after a hand-over (`N-`); with `subject_id`, which is
    a delivery, a child, an organisation, or a child and an organisation, it is unique. `reason` is the code of the
    decision it comes from, `message_id` the document's. `not_by` is the pseudonym of who must not keep it: it is about
    what they did themselves. `outcome` is what came of it; `note_sealed` what a person wrote, under `note_key`.
    """

    duty_id: str
    code: str
    subject_id: str
    role: str
    reason: str
    children: tuple[ChildRef, ...]
    opened_at: datetime
    due_at: datetime
    message_id: MessageId | None = None
    recipient: str | None = None
    not_by: str | None = None
    status: str = OPEN
    outcome: str | None = None
    kept_by: str | None = None
    kept_at: datetime | None = None
    note_sealed: bytes | None = None
    note_key: bytes | None = None


class Duties(Protocol):
    """Duties of people."""

    def add(self, duty: Duty) -> bool:
        """Store it unless there is one of its code and subject; tell whether there was none."""
        ...

    def get(self, duty_id: str) -> Duty:
        """Return it, or raise NotFoundError."""
        ...

    def save(self, duty: Duty) -> None:
        """Replace all but its identity, code and subject, or raise NotFoundError."""
        ...

    def of(self, subject_id: str) -> Sequence[Duty]:
        """Return those of one subject, whatever became of them, oldest first."""
        ...

    def find(self, *, statuses: Sequence[str] = WAITING, code: str | None = None, limit: int = 100) -> Sequence[Duty]:
        """Return those due first, first."""
        ...
