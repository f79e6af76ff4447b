"""What has one person proposed that a second must confirm?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.model.identifiers import ReviewId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The first person's word on a question that takes two. `note_sealed` is their reason, sealed under `note_key`."""

    review_id: ReviewId
    choice: str
    proposed_by: str
    role: str
    proposed_at: datetime
    note_sealed: bytes
    note_key: bytes


class Proposals(Protocol):
    """First persons' words."""

    def put(self, proposal: Proposal) -> None:
        """Store it; a question has one at most."""
        ...

    def get(self, review_id: ReviewId) -> Proposal | None:
        """Return the one of this question, if there is one."""
        ...
