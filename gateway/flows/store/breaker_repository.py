"""Where is it kept how partners have answered lately?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.conversations.breaker import Breaker
from gateway.model.identifiers import OrganisationId


class Breakers(Protocol):
    """How partners have answered lately, and whose deliveries are shelved meanwhile.

    Shelved means: due, but not leased, until it is taken off the shelf. Urgent ones are never shelved.
    """

    def get(self, organisation: OrganisationId) -> Breaker:
        """Return it; of one that nothing is known of, a closed one."""
        ...

    def save(self, breaker: Breaker) -> Breaker:
        """Store it and return it with its number."""
        ...

    def all(self) -> Sequence[Breaker]:
        """Return every one that was ever stored, by organisation."""
        ...

    def shelve(self, breaker: Breaker, *, limit: int) -> int:
        """Shelve the oldest deliveries to its organisation that nothing else holds back; return how many."""
        ...

    def unshelve(self, breaker: Breaker, *, at: datetime, limit: int) -> int:
        """Let those on its shelf be due at *at*, in the order of lanes and age; return how many were taken off."""
        ...

    def shelved(self, breaker: Breaker) -> int:
        """Return how many are on its shelf."""
        ...
