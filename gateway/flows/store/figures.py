"""How is the store, and how are the broker's queues, in numbers that cost next to nothing to ask for?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFigures:
    """What the store knows of itself without looking into its tables.

    Shape: `waiting` pieces of work have been handed in and not begun. `commits`, `commit_seconds`, `works` and
    `failures` have been counted since it was opened. `recent_seconds` is how long the newest commit took, or how long
    what is under way has been taking: a disk that hangs is seen while it hangs. `free_bytes` and `total_bytes` are
    those of the disk it lies on; these and the sizes of its files are None where it lies on another machine.
    """

    waiting: int
    commits: int
    commit_seconds: float
    works: int
    failures: int
    recent_seconds: float
    file_bytes: int | None
    log_bytes: int | None
    free_bytes: int | None
    total_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """What one queue of the broker holds. Units: messages that nobody has taken yet; consumers that wait for more."""

    messages: int
    consumers: int
