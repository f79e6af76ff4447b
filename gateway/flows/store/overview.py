"""How much waits in the store, and since when? One reading, for metrics, health and whoever decides who is let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.flows.store.rows import Lane, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many wait, and since when the first of them does."""

    number: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestions:
    """How many questions wait for a role, and how many of them are past their time."""

    number: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything that waits.

    Shape: `messages` by lane: accepted and not worked through; `deliveries` by lane: due now, and not behind another
    one; `behind` is how many are behind another one. `partners` by recipient and state, of what is ordered, handed over
    without an answer, or a dead letter. `held` wait until somebody says what an answer means. `timers` by kind: due and
    not acted on. `tree_size` and `signed_at` are those of the newest checkpoint. `attachments` wait to be scanned, and
    `infected` ones hold malware. What is not counted by an index alone stops at `OVERVIEW_LIMIT` rows of a state.
    """

    messages: Mapping[Lane, Waiting]
    dead_messages: int
    labels: int
    deliveries: Mapping[Lane, Waiting]
    behind: int
    partners: Mapping[tuple[str, State], Waiting]
    questions: Mapping[str, OpenQuestions]
    timers: Mapping[str, Waiting]
    events: Waiting
    tree_size: int
    signed_at: datetime | None
    attachments: Waiting = Waiting()
    infected: int = 0
    held: Waiting = Waiting()
    duties: Mapping[str, OpenQuestions] = field(default_factory=dict)
    """What people must do, by role; late ones are those past their time, and those a manager has too."""
    untold: int = 0
    """Named persons who have still to be told of something, after at least one try that failed."""


OVERVIEW_LIMIT = 5000
"""The most rows of one state that are looked at: what a reading costs does not grow with what the store holds."""


class Overviews(Protocol):
    """What waits, read in one go."""

    def read(self, *, at: datetime) -> Overview:
        """Return what waits at *at*."""
        ...

    def oldest_due_message(self, lane: Lane, *, at: datetime) -> datetime | None:
        """Return when the oldest message of *lane* was received whose work might begin at *at*, or None."""
        ...
