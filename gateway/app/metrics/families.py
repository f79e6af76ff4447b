"""Which metrics are there, and what does each tell? docs/runbook.md shows this table and is compared with it.

A label is a word of ours or of our configuration: a lane, a state, a format, an organisation, a role, a code. None is
anything a document says, and none grows with the number of documents.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from gateway.flows.tally import Counted, Timed

PREFIX = "gateway_"


class Kind(StrEnum):
    """How a metric moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric. `name` is as Prometheus stores it."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    tells: str


def counter_of(one: Counted) -> Family:
    """Return the metric of something counted."""
    return Family(name=f"{PREFIX}{one.label}_total", kind=Kind.COUNTER, labels=one.labels, tells=one.tells)


def histogram_of(one: Timed) -> Family:
    """Return the metric of something timed."""
    return Family(name=f"{PREFIX}{one.label}", kind=Kind.HISTOGRAM, labels=one.labels, tells=one.tells)


class Shown(Enum):
    """Everything that is read at the moment it is asked for: its name, kind, labels and what it tells."""

    INFO = "info", Kind.GAUGE, ("version",), "always 1; which version runs"
    INTAKE = "intake", Kind.GAUGE, ("state",), "1 for who is let in just now: open, urgent-only or shut; else 0"
    MESSAGES = "messages_waiting", Kind.GAUGE, ("lane",), "accepted documents that are not worked through"
    MESSAGES_AGE = "messages_oldest_seconds", Kind.GAUGE, ("lane",), "how long the oldest of them has waited"
    MESSAGES_DEAD = "messages_dead", Kind.GAUGE, (), "documents among the dead letters"
    LABELS = "labels_open", Kind.GAUGE, (), "unknown labels that wait for a person"
    HELD = "deliveries_held_by_labels", Kind.GAUGE, (), "deliveries that wait until somebody says what an answer means"
    HELD_AGE = "deliveries_held_by_labels_oldest_seconds", Kind.GAUGE, (), "how long ago the oldest was ordered"
    DUE = "deliveries_due", Kind.GAUGE, ("lane",), "deliveries that might go now; counted up to 5,000"
    DUE_AGE = "deliveries_due_oldest_seconds", Kind.GAUGE, ("lane",), "for how long the first of them might have gone"
    BEHIND = "deliveries_behind", Kind.GAUGE, (), "deliveries that wait for an earlier one about the same child"
    PARTNER = (
        "partner_deliveries",
        Kind.GAUGE,
        ("partner", "state"),
        "deliveries to a partner that are ordered, handed over without an answer, or dead letters; up to 5,000 a state",
    )
    PARTNER_AGE = "partner_oldest_seconds", Kind.GAUGE, ("partner", "state"), "how long ago the oldest was ordered"
    QUESTIONS = "questions_open", Kind.GAUGE, ("role",), "questions that wait for a person"
    OVERDUE = "questions_overdue", Kind.GAUGE, ("role",), "those of them whose time is over"
    DUTIES = "duties_open", Kind.GAUGE, ("role",), "duties of people that are not kept yet"
    LATE_DUTIES = "duties_overdue", Kind.GAUGE, ("role",), "those of them whose time is, or was, over"
    UNTOLD = "persons_untold", Kind.GAUGE, (), "named persons who could not be told of something yet"
    TIMERS = "timers_due", Kind.GAUGE, ("kind",), "deadlines that have come and were not acted on"
    TIMERS_AGE = "timers_due_oldest_seconds", Kind.GAUGE, ("kind",), "for how long the first of them has been due"
    UNSCANNED = "attachments_waiting", Kind.GAUGE, (), "attached documents that wait to be scanned for malware"
    UNSCANNED_AGE = "attachments_oldest_seconds", Kind.GAUGE, (), "how long the oldest of them has waited"
    INFECTED = (
        "attachments_infected",
        Kind.GAUGE,
        (),
        "attached documents in which malware was found; they are kept sealed",
    )
    EVENTS = "log_events_waiting", Kind.GAUGE, (), "audit events without a leaf"
    EVENTS_AGE = "log_oldest_event_seconds", Kind.GAUGE, (), "how long the oldest of them has waited"
    TREE = "log_tree_size", Kind.GAUGE, (), "leaves under the newest checkpoint"
    CHECKPOINT_AGE = "log_checkpoint_age_seconds", Kind.GAUGE, (), "time since that checkpoint was signed"
    HALTED = "log_halted", Kind.GAUGE, (), "1 when the log is not the one signed last and nothing more is signed"
    READABLE = "store_readable", Kind.GAUGE, (), "0 when what waits could not be read; those metrics are missing then"
    BROKER = (
        "broker_readable",
        Kind.GAUGE,
        (),
        "0 when the broker could not be asked what its queues hold; unused: missing",
    )
    BROKER_MESSAGES = "broker_messages", Kind.GAUGE, ("queue",), "messages in a queue that nobody has taken yet"
    BROKER_CONSUMERS = "broker_consumers", Kind.GAUGE, ("queue",), "those who wait for more of them"
    COMMITS = "store_commits_total", Kind.COUNTER, (), "transactions committed"
    COMMIT_SECONDS = "store_commit_seconds_total", Kind.COUNTER, (), "time all of them took to get on disk"
    WORKS = "store_works_total", Kind.COUNTER, (), "pieces of work in them"
    FAILURES = "store_failures_total", Kind.COUNTER, (), "pieces of work that failed and left nothing"
    QUEUE = "store_waiting", Kind.GAUGE, (), "pieces of work that wait for the disk"
    RECENT = "store_recent_seconds", Kind.GAUGE, (), "how long the newest commit took, or the one under way has taken"
    FILE = "store_file_bytes", Kind.GAUGE, (), "size of the store"
    LOG = "store_log_bytes", Kind.GAUGE, (), "size of its write-ahead log"
    FREE = "disk_free_bytes", Kind.GAUGE, (), "room on the store's disk"
    TOTAL = "disk_total_bytes", Kind.GAUGE, (), "size of that disk"
    NEEDED = "disk_needed_bytes", Kind.GAUGE, ("document",), "room below which any, or an urgent, document is refused"

    def __init__(self, label: str, kind: Kind, labels: tuple[str, ...], tells: str) -> None:
        self.family = Family(name=PREFIX + label, kind=kind, labels=labels, tells=tells)


def families() -> tuple[Family, ...]:
    """Return every metric of ours, as documentation and alert rules may name them."""
    return (*map(counter_of, Counted), *map(histogram_of, Timed), *(one.family for one in Shown))
