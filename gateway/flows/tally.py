"""What is counted while the gateway works, and by what?

Counts are of this process since it started, for whoever watches; what must be proved is in the audit log. A label is a
word of ours or of our configuration (a format, an organisation, a code), never anything a document says.
"""

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from threading import Lock
from types import MappingProxyType

_MOST_SERIES = 2000
OTHER = "other"
"""Stands for what came after there were too many different labels: a mistake of ours, and never a reason to fail."""


class Counted(Enum):
    """Something counted: its name, the names of its labels, and what it tells."""

    ACCEPTED = "accepted", ("format", "channel"), "documents that became durable"
    REPEATED = "repeated", ("format", "channel"), "repeats of a document that had been accepted before"
    QUARANTINED = "quarantined", ("format", "reason"), "documents the gate refused and kept sealed"
    REFUSED = (
        "refused",
        ("format", "reason"),
        "HTTP requests with a document that were answered with a problem",
    )
    DECIDED = (
        "decided",
        ("result", "reason"),
        "sharing decisions, by result and by the rule's reason",
    )
    RECORDS = "records", ("format",), "records of documents that were worked through in batches"
    MESSAGE_FAILED = "message_failures", ("format", "fate"), "failed work on messages, by what became of it"
    DELIVERY_FAILED = "delivery_failures", ("partner", "fate"), "failed attempts at deliveries, by what became of them"
    HANDED_OVER = "handovers", ("partner", "outcome"), "exchanges with partners: acknowledged, or the error's code"
    SCANNED = (
        "scanned",
        ("result",),
        "attached documents shown to the scanner: clean, malware, or why it could not be said",
    )
    PERSON_TOLD = (
        "persons_told",
        ("result",),
        "named persons told that something waits for them: told, or the code of why they could not be",
    )
    TIMER_FIRED = "timers_fired", ("kind",), "deadlines acted on"

    def __init__(self, label: str, labels: tuple[str, ...], tells: str) -> None:
        self.label = label
        self.labels = labels
        self.tells = tells


class Timed(Enum):
    """Something whose duration is kept: its name, the names of its labels, its bounds in seconds, what it tells."""

    HANDOVER = (
        "handover_seconds",
        ("partner",),
        (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
        "how long an exchange with a partner took",
    )
    ARRIVAL = (
        "arrival_seconds",
        ("lane",),
        (0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0),
        "time from a document's receipt to the acknowledgement of what was delivered because of it",
    )

    def __init__(self, label: str, labels: tuple[str, ...], bounds: tuple[float, ...], tells: str) -> None:
        self.label = label
        self.labels = labels
        self.bounds = bounds
        self.tells = tells


Labels = tuple[str, ...]


class Durations:
    """How many durations of one kind lay under each bound, how many there were, and their sum. Units: seconds."""

    __slots__ = ("bounds", "number", "total_seconds", "under")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.under = [0] * len(bounds)
        self.number = 0
        self.total_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Keep one more."""
        self.number += 1
        self.total_seconds += seconds
        for position, bound in enumerate(self.bounds):
            self.under[position] += seconds <= bound


class Tally:
    """Counts, from any thread. It never fails whoever counts, and what it keeps is bounded."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[Counted, Counter[Labels]] = {one: Counter() for one in Counted}
        self._times: dict[Timed, dict[Labels, Durations]] = {one: {} for one in Timed}

    def count(self, what: Counted, *labels: str) -> None:
        """Count one more."""
        self.add(what, *labels, number=1)

    def add(self, what: Counted, *labels: str, number: int) -> None:
        """Count so many more."""
        with self._lock:
            kept = self._counts[what]
            kept[_bounded(labels, kept)] += number

    def time(self, what: Timed, *labels: str, seconds: float) -> None:
        """Keep one duration."""
        with self._lock:
            kept = self._times[what]
            kept.setdefault(_bounded(labels, kept), Durations(what.bounds)).add(max(seconds, 0.0))

    def counts(self, what: Counted) -> Mapping[Labels, int]:
        """Return what was counted, by its labels."""
        with self._lock:
            return MappingProxyType(dict(self._counts[what]))

    def times(self, what: Timed) -> Mapping[Labels, tuple[tuple[int, ...], float]]:
        """Return durations by their labels: how many lay under each bound and in all, and their sum in seconds."""
        with self._lock:
            kept = self._times[what].items()
            return MappingProxyType(
                {labels: ((*found.under, found.number), found.total_seconds) for labels, found in kept}
            )


def _bounded(labels: Labels, kept: Mapping[Labels, object]) -> Labels:
    return labels if labels in kept or len(kept) < _MOST_SERIES else (OTHER,) * len(labels)
