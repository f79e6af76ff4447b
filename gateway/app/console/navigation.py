"""Where can a visitor go? Only where one of their roles lets them."""

from dataclasses import dataclass

from gateway.app.operations.caller import Caller
from gateway.app.operations.roles import Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu."""

    path: str
    title: str
    permission: Permission


_ENTRIES = (
    Entry("/", "Now", Permission.READ_MESSAGES),
    Entry("/reviews", "Questions", Permission.READ_REVIEWS),
    Entry("/duties", "Duties", Permission.READ_DUTIES),
    Entry("/messages", "Documents", Permission.READ_MESSAGES),
    Entry("/stuck", "Stuck", Permission.READ_DEAD_LETTERS),
    Entry("/labels", "Labels", Permission.READ_LABELS),
    Entry("/partners", "Partners", Permission.READ_PARTNERS),
    Entry("/log", "Log", Permission.READ_LOG),
    Entry("/health", "Health", Permission.READ_HEALTH),
    Entry("/people", "People", Permission.READ_USERS),
)


def entries_for(caller: Caller) -> tuple[Entry, ...]:
    """Return the menu of *caller*."""
    return tuple(entry for entry in _ENTRIES if caller.may(entry.permission))
