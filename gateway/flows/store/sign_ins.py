"""What do all processes of an installation remember of people signing in and out?"""

from datetime import datetime
from typing import Protocol


class SignIns(Protocol):
    """Sessions that were ended early, and tries to guess a password. Names are blinded or drawn: nothing personal."""

    def end(self, nonce: str, until: datetime) -> None:
        """Remember that the session of *nonce*, which would have lasted *until* then, has ended."""
        ...

    def has_ended(self, nonce: str) -> bool:
        """Tell whether it has."""
        ...

    def tries(self, name: str) -> tuple[int, datetime] | None:
        """Return how often *name* was tried in vain, and when the next try is allowed; nobody else counts meanwhile."""
        ...

    def note(self, name: str, count: int, until: datetime) -> None:
        """Remember both."""
        ...

    def forget(self, name: str) -> None:
        """Forget them."""
        ...

    def purge(self, before: datetime) -> None:
        """Forget everything that was over *before* then."""
        ...
