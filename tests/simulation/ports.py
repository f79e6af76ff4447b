"""What stands where the world would be? Each port hands the turn to the scheduler, and does nothing clever.

The store is the real one, with its repositories, statements and savepoints, on a database in memory: new is only when
a transaction's answer arrives, and whether it does. Everything else holds what it is given and hands it back.
"""

import hashlib
import hmac
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.adapters.embedded.bus import EmbeddedBus
from gateway.adapters.sql.duty import Duty, SoleDuty
from gateway.adapters.sql.jobs import Job
from gateway.adapters.sql.log_store import SqlLogStore
from gateway.adapters.sql.sqlite_transaction import SqliteTransaction
from gateway.adapters.sql.unit_of_work import SqlUnitOfWork
from gateway.adapters.sql.writer import Writer
from gateway.errors import IntegrityError, PartnerRefusedError, PartnerUnavailableError, StoreUnavailableError
from gateway.flows.delivering.wake_up import check_wake, is_match
from gateway.flows.routes import Route, Routes
from gateway.flows.store.rows import Handover
from gateway.translation.partner_document import PartnerDocument
from tests.fakes.clock import MONDAY_MORNING
from tests.simulation.scheduler import Scheduler

BARNET = "E09000003"
_TICK = timedelta(milliseconds=1)
_HANG = timedelta(seconds=75)
"""How long a partner hangs: past the lease of 60 s."""


@dataclass(slots=True)
class Stage:
    """What all ports share in one history.

    Shape: `journal` is everything that became durable, and everything that left, in the order it did. `faults` says
    what becomes of an actor's n-th transaction; `answers` what a partner does with the n-th document it is sent; `lost`
    which wake-ups are lost. `deeds` tells whether an actor leases or works. `taken` is what partners have;
    `is_alone` tells whether a suspect is worked, `is_shared` whether the early-help system gets referrals too.
    """

    scheduler: Scheduler | None = None
    at: datetime = MONDAY_MORNING
    names: int = 0
    inside: bool = False
    journal: list[tuple[Any, ...]] = field(default_factory=list)
    faults: dict[tuple[str, int], str] = field(default_factory=dict)
    answers: deque[str] = field(default_factory=deque)
    lost: set[int] = field(default_factory=set)
    writes: dict[str, int] = field(default_factory=dict)
    wakes: int = 0
    alarms: set[datetime] = field(default_factory=set)
    head: str | None = None
    is_alone: bool = False
    is_shared: bool = False
    taken: set[str] = field(default_factory=set)
    deeds: dict[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """Return who has the turn."""
        return self.scheduler.current.name if self.scheduler and self.scheduler.current else "nobody"

    def pause(self, point: str) -> None:
        """Hand the turn back, unless a transaction is open: those are whole."""
        if self.scheduler is not None and not self.inside:
            self.scheduler.pause(point)

    def wait_until(self, point: str, at: datetime) -> None:
        """Hand the turn back until it is *at*."""
        if self.scheduler is not None:
            self.alarms.add(at)
            self.scheduler.wait(point, lambda: self.at >= at)

    def note(self, kind: str, *values: Any) -> None:
        """Write down something that happened, and who did it, leasing or working."""
        actor = self.actor
        self.journal.append((kind, actor, self.deeds.get(actor, "work"), *values))

    def fault(self) -> str | None:
        """Return what is to become of the transaction the actor asks for now."""
        number = self.writes[self.actor] = self.writes.get(self.actor, 0) + 1
        return self.faults.get((self.actor, number))


@dataclass(frozen=True, slots=True)
class SimClock:
    """A clock that moves by a millisecond each time it is asked, and by more when the plan says so."""

    stage: Stage

    def now(self) -> datetime:
        """Return the time."""
        self.stage.pause("clock")
        self.stage.at += _TICK
        return self.stage.at


@dataclass(frozen=True, slots=True)
class SimIds:
    """Names such as `msg_000001`."""

    stage: Stage

    def fresh(self, kind: str) -> str:
        """Return the next identifier of *kind*."""
        self.stage.names += 1
        return f"{kind}_{self.stage.names:06d}"


@dataclass(frozen=True, slots=True)
class SimLock:
    """The lock under which suspects are worked one at a time: whoever waits for it hands the turn back."""

    stage: Stage

    def __enter__(self) -> None:
        while self.stage.is_alone and self.stage.scheduler is not None:
            self.stage.scheduler.wait("alone", lambda: not self.stage.is_alone)
        self.stage.is_alone = True

    def __exit__(self, *_: object) -> None:
        self.stage.is_alone = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SimRoutes(Routes):
    """The shipped routes, or those of an authority that sends its referrals to one more."""

    stage: Stage
    shared: Routes

    def of(self, message: str) -> tuple[Route, ...]:
        """Return the routes of a kind of message."""
        return self.shared.of(message) if self.stage.is_shared else Routes.of(self, message)


@dataclass(frozen=True, slots=True)
class SimVault:
    """Keeps the vault's promise that bytes open only under their key and at their place, without hiding them."""

    stage: Stage

    def new_key(self) -> bytes:
        """Return a fresh data key."""
        self.stage.names += 1
        return b"key-%d" % self.stage.names

    def seal(self, wrapped_key: bytes, place: str, plain: bytes) -> bytes:
        """Return *plain* behind its key and place."""
        return b"%s|%s|%s" % (wrapped_key, place.encode(), plain)

    def open(self, wrapped_key: bytes, place: str, sealed: bytes) -> bytes:
        """Return what `seal` was given."""
        head = b"%s|%s|" % (wrapped_key, place.encode())
        if not sealed.startswith(head):
            raise IntegrityError(f"what is sealed at {place} does not open there")
        return sealed[len(head) :]

    def blind(self, name: str, value: str) -> bytes:
        """Return a digest of *value* under the index called *name*."""
        return hashlib.sha256(f"{name}\0{value}".encode()).digest()

    def tag(self, wrapped_key: bytes, label: str) -> bytes:
        """Return a digest of *label* under the key."""
        return hmac.digest(wrapped_key, label.encode(), "sha256")

    def noise(self, size: int) -> bytes:
        """Return bytes never returned before."""
        self.stage.names += 1
        return self.stage.names.to_bytes(size, "big")


class SimBus(EmbeddedBus):
    """The bus of one process without its thread: an actor hands the wake-ups on, one a turn."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._listeners: tuple[tuple[str, Callable[[str, str], None]], ...] = ()
        self.waiting: deque[tuple[str, str]] = deque()

    def publish(self, routing_key: str, reference: str) -> None:
        """Keep a wake-up until the bus has its turn, unless it is one that is lost."""
        check_wake(routing_key, reference)
        self._stage.wakes += 1
        if self._stage.wakes not in self._stage.lost:
            self.waiting.append((routing_key, reference))

    def hand_on(self) -> None:
        """Call whoever the oldest wake-up concerns."""
        key, reference = self.waiting.popleft()
        for pattern, wake in self._listeners:
            if is_match(pattern, key):
                wake(key, reference)

    def only(self, subscribers: tuple[tuple[str, Callable[[str, str], None]], ...]) -> None:
        """Let these be everybody there is to wake."""
        self._listeners = subscribers
        self.waiting.clear()

    def close(self) -> None:
        """Nothing to end."""


class SimWriter(Writer):
    """The store's writer without its thread and its sync: savepoints, answers and failures are the real ones."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._unit = SqlUnitOfWork(SqliteTransaction(connection, authority=BARNET, may_write=True))

    def serve(self, job: Job[Any]) -> None:
        """Run one piece of work in its savepoint."""
        self._run_one(job)


class Database:
    """One database in memory. What happens in it lasts until `forget`."""

    def __init__(self, source: sqlite3.Connection, journal: Callable[..., None]) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512)
        source.backup(self.connection)
        for setting in ("foreign_keys = 1", "recursive_triggers = 1", "temp_store = 2"):
            self.connection.execute(f"PRAGMA {setting}")
        self.connection.create_function("seen", -1, journal)
        for trigger in _TRIGGERS:
            self.connection.execute(trigger)
        self.writer = SimWriter(self.connection)
        self.view = SqlUnitOfWork(SqliteTransaction(self.connection, authority=BARNET, may_write=False))
        self.connection.execute("BEGIN")

    def keep(self) -> None:
        """Make what happened so far the state to come back to."""
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    def forget(self) -> None:
        """Come back to the state that was kept."""
        self.connection.execute("ROLLBACK")
        self.connection.execute("BEGIN")


class SimStore:
    """The store of the gateway: each transaction is whole, its answer may be late, and may be lost."""

    def __init__(self, stage: Stage, bus: SimBus) -> None:
        self._stage = stage
        self._bus = bus
        self.database: Database
        self.log_store = SqlLogStore(self)

    def write(self, work: Callable[[Any], Any]) -> Any:
        """Run *work* in one transaction and return what it returned."""
        stage = self._stage
        stage.pause("write")
        fault = stage.fault()
        job: Job[Any] = Job(work=work, promise=Future())
        before = len(stage.journal)
        if fault == "failed":
            self.database.connection.execute("SAVEPOINT failing")
        self._inside(lambda: self.database.writer.serve(job))
        if fault == "failed":
            self.database.connection.execute("ROLLBACK TO failing")
            self.database.connection.execute("RELEASE failing")
        if fault == "failed" or job.failure is not None:
            del stage.journal[before:]
            stage.pause("failed")
            raise job.failure or StoreUnavailableError("the disk did not take it")
        self._bus.publish_all(job.wakes)
        stage.pause("committed")
        if fault == "unanswered":
            raise StoreUnavailableError("committed, and nobody told")
        return job.answer

    def duty(self, _name: str) -> Duty:
        """Return what tells that this process does what only one does at a time."""
        return SoleDuty()

    def submit(self, work: Callable[[Any], Any]) -> "Future[Any]":
        """Run *work* and return a promise that is kept already."""
        promise: Future[Any] = Future()
        try:
            promise.set_result(self.write(work))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asks for the result
            promise.set_exception(error)
        return promise

    def read(self, work: Callable[[Any], Any]) -> Any:
        """Run *work* over one consistent view."""
        self._stage.pause("read")
        view = self.database.view
        view.transaction.open()
        try:
            answer = self._inside(lambda: work(view))
        finally:
            view.transaction.close()
        self._stage.pause("seen")
        return answer

    def _inside(self, work: Callable[[], Any]) -> Any:
        was, self._stage.inside = self._stage.inside, True
        try:
            return work()
        finally:
            self._stage.inside = was


@dataclass(frozen=True, slots=True)
class SimHeads:
    """Holds the newest signed head."""

    stage: Stage

    def read(self) -> str | None:
        """Return it."""
        return self.stage.head

    def keep(self, note: str) -> None:
        """Keep it."""
        self.stage.head = note


@dataclass(frozen=True, slots=True)
class SimOutlet:
    """A partner that does with each document what the plan says, and whose journal is its own."""

    stage: Stage

    def send(self, _document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Let *body* leave; the process may be held up before that, and for long after."""
        self.stage.pause("send")
        answer = self.stage.answers.popleft() if self.stage.answers else "takes"
        if answer.startswith("stalls"):
            self._hang()
        if answer not in _NEVER_LEFT:
            took = answer not in _NOT_TAKEN
            digest = hashlib.sha256(body).hexdigest()
            self.stage.note("sent", handover.message_id, digest, took, body)
            self.stage.taken |= {handover.message_id} if took else set()
        if answer.startswith("hangs"):
            self._hang()
        self.stage.pause(answer)
        return self._answer(answer, handover)

    def ask(self, handover: Handover) -> str | None:
        """Say whether it has the document; it may say nothing, and may take long to say it."""
        self.stage.pause("ask")
        answer = self.stage.answers.popleft() if self.stage.answers else "takes"
        has_it = handover.message_id in self.stage.taken
        if answer.startswith(("hangs", "stalls")):
            self._hang()
        self.stage.pause("has it" if has_it else "has it not")
        if answer in _SAYS_NOTHING:
            raise PartnerUnavailableError("no answer in time", code="timeout")
        return f"REF-{handover.message_id}" if has_it else None

    def send_test(self, handover: Handover) -> str:
        """Take a test; no history sends one."""
        return f"REF-{handover.message_id}"

    def _hang(self) -> None:
        self.stage.wait_until("hanging", self.stage.at + _HANG)

    def _answer(self, answer: str, handover: Handover) -> str:
        match answer:
            case "refuses":
                raise PartnerRefusedError("the partner will not take it")
            case "away" | "stalls, away":
                raise PartnerUnavailableError("nobody there", code="unreachable")
            case "takes, silent" | "silent" | "hangs, silent":
                raise PartnerUnavailableError("no answer in time", code="timeout")
            case _:
                return f"REF-{handover.message_id}"


_NEVER_LEFT = frozenset({"away", "stalls, away"})
_NOT_TAKEN = frozenset({"refuses", "silent"})
_SAYS_NOTHING = frozenset({"away", "silent", "takes, silent", "hangs, silent", "stalls, away"})
ANSWERS = (
    "takes",
    "refuses",
    "away",
    "silent",
    "takes, silent",
    "hangs",
    "hangs, silent",
    "stalls",
    "stalls, away",
)
"""What a partner does: takes it; refuses it; is not there; does not take it, or does, and is silent; takes it and
answers, or is silent, after the lease. Or we stall, as a machine that sleeps: bytes leave after the lease, or never."""


_COLUMNS = {
    "delivery": "delivery_id state attempt ready_at permit_id document_sha256 handed_over_at position recipient lane"
    " subjects mode idempotency record_id waits_for lease purpose",
    "message": "message_id state cursor attempt ready_at",
    "fact": "fact_id child_ref sealed",
    "organisation": "organisation profile",
    "review": "review_id subject_id kind reason status",
}


def _trigger(table: str, event: str) -> str:
    """Return what tells the journal of every row of *table* as the statement leaves it."""
    side = "old" if event == "DELETE" else "new"
    row = ", ".join(f"{side}.{column}" for column in _COLUMNS[table].split())
    return (
        f"CREATE TEMP TRIGGER seen_{table}_{event} AFTER {event} ON main.{table}"
        f" BEGIN SELECT seen('{table}', '{event}', {row}); END"
    )


_TRIGGERS = [
    *(_trigger(table, event) for table in _COLUMNS for event in ("INSERT", "UPDATE")),
    _trigger("fact", "DELETE"),
]
