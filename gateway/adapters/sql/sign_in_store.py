"""Where is remembered who has signed out, and who guesses passwords?"""

from datetime import datetime

from gateway.adapters.sql.row_shape import from_micros, put_into, select_from, to_micros
from gateway.adapters.sql.transaction import Transaction

_SESSION, _GUESSES = "session", "guesses"
_PUT = put_into("sign_in", ("kind", "name", "tries", "until"), key=("kind", "name"))
_GET = select_from("sign_in", ("tries", "until")) + " AND kind = ? AND name = ?"
_FORGET = "DELETE FROM sign_in WHERE authority = ? AND kind = ? AND name = ?"
_PURGE = "DELETE FROM sign_in WHERE authority = ? AND until < ?"


class SqlSignIns:
    """Ended sessions, and guesses."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def end(self, nonce: str, until: datetime) -> None:
        """Remember an ended session."""
        self._at.send(_PUT, (self._at.authority, _SESSION, nonce, 0, to_micros(until)))

    def has_ended(self, nonce: str) -> bool:
        """Tell whether a session was ended."""
        return self._at.row(_GET, (self._at.authority, _SESSION, nonce)) is not None

    def tries(self, name: str) -> tuple[int, datetime] | None:
        """Return the tries of a name, and when the next is allowed; nobody else counts it meanwhile."""
        self._at.hold("guesses", [name])
        row = self._at.row(_GET, (self._at.authority, _GUESSES, name))
        return (row[0], from_micros(row[1])) if row else None

    def note(self, name: str, count: int, until: datetime) -> None:
        """Remember both."""
        self._at.send(_PUT, (self._at.authority, _GUESSES, name, count, to_micros(until)))

    def forget(self, name: str) -> None:
        """Forget them."""
        self._at.send(_FORGET, (self._at.authority, _GUESSES, name))

    def purge(self, before: datetime) -> None:
        """Forget what is long over."""
        self._at.send(_PURGE, (self._at.authority, to_micros(before)))
