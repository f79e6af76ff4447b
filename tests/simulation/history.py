"""How is one history played? A plan's actors take their turns until all is done that ever will be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any

from gateway.adapters.sql.leases import RELEASES
from tests.simulation.house import House, Scene
from tests.simulation.people import Coordinator, send_in
from tests.simulation.plan import Plan
from tests.simulation.scheduler import Actor, Scheduler, StuckError

_SWEEP = timedelta(seconds=5)
_AHEAD = 2
"""Pieces of work a worker leases at a time."""
_ROUNDS_LIMIT = 60
"""How often time may pass while everybody waits; whatever is not done by then never will be."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATTERNS = {
    "deliver": "delivery.#",
    "swift": "delivery.urgent",
    "process": "message.normal",
    "first": "message.urgent",
    "file": "message.bulk",
}
"""What wakes each kind of worker."""
_DUE = """
SELECT min(ready_at) FROM (
  SELECT ready_at FROM message WHERE ready_at IS NOT NULL AND state = 'accepted'
  UNION ALL SELECT ready_at FROM delivery
  WHERE ready_at IS NOT NULL AND waits_for IS NULL AND state IN ('ordered', 'handed_over')
  UNION ALL SELECT coalesce(probe_at, 0) FROM breaker WHERE -position IN (SELECT waits_for FROM delivery))
"""
_AT_THE_END = {
    "messages": "SELECT message_id, format, state FROM message",
    "repeated": "SELECT min(message_id) FROM message WHERE state <> 'quarantined'"
    " GROUP BY organisation, format, body_sha256 HAVING count(*) > 1",
    "records": "SELECT record_id, message_id, kind FROM record",
    "deliveries": "SELECT delivery_id, state, recipient, lane, subjects FROM delivery ORDER BY position",
    "effects": "SELECT record_id, kind, recipient FROM delivery",
    "reviews": "SELECT subject_id, kind, status FROM review",
    "leafless": "SELECT e.event_id FROM audit_event e LEFT JOIN audit_leaf l USING (authority, event_id)"
    " WHERE l.event_id IS NULL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What happened: the journal of durable rows and of what left, the turns taken, the rows at the end."""

    plan: Plan
    scene: Scene
    journal: tuple[tuple[Any, ...], ...]
    trace: tuple[tuple[str, str], ...]
    receipts: tuple[str, ...]
    rows: dict[str, list[tuple[Any, ...]]]
    stuck: str | None

    @property
    def fingerprint(self) -> bytes:
        """Return what only the same interleaving has."""
        return blake2b(repr((self.plan.scene, self.trace)).encode(), digest_size=8).digest()


class Play:
    """One history in the making."""

    def __init__(self, house: House, plan: Plan, *, sweeps: bool = True) -> None:
        self._house = house
        self._plan = plan
        self._scene = house.scenes[plan.scene]
        self._scheduler = Scheduler(seed=plan.seed, style=plan.style)
        self._rounds = 0
        self._receipts: list[str] = []
        self._sweeps = sweeps

    def run(self) -> History:
        """Play it to its end and forget it again."""
        house, plan, stage = self._house, self._plan, self._house.stage
        house.enter(self._scene)
        stage.faults = {(actor, number): what for actor, number, what in plan.faults}
        stage.answers.extend(plan.answers)
        stage.lost = set(plan.lost)
        self._scheduler.idle, self._scheduler.on_crash = self._time_passes, self._leases_end
        self._cast()
        try:
            stuck = self._played()
            return History(
                plan=plan,
                scene=self._scene,
                journal=tuple(stage.journal),
                trace=tuple(self._scheduler.trace),
                receipts=tuple(self._receipts),
                rows={name: house.rows(sql) for name, sql in _AT_THE_END.items()},
                stuck=stuck,
            )
        finally:
            self._scene.database.forget()

    def _played(self) -> str | None:
        """Let everybody act, then give every event its place; return why there was no end, if there was none."""
        stuck = None
        self._house.stage.scheduler = self._scheduler
        try:
            self._scheduler.run()
        except StuckError as error:
            stuck = str(error)
        finally:
            self._scheduler.end()
            self._house.stage.scheduler = None
        self._house.app.sequencer.give_places()
        return stuck

    def _cast(self) -> None:
        """Put everybody on the stage, and let the bus know whom to wake."""
        house, plan = self._house, self._plan
        flags = {name: _Flag() for name in plan.workers if _kind(name) in _PATTERNS}
        house.bus.only(tuple((_PATTERNS[_kind(name)], flag.wake) for name, flag in flags.items()))
        for name in plan.workers:
            kills = frozenset(turn for who, turn in plan.kills if who == name)
            work = partial(self._serve, name, flags[name]) if name in flags else _ROUNDS[name](self)
            self._scheduler.add(Actor(name=name, work=work, serves=True, kills=kills))
        self._scheduler.add(Actor(name="bus", work=self._hand_on, serves=True))
        self._scheduler.add(Actor(name="prober", work=self.probes(), serves=True))
        others: dict[str, tuple[tuple[Any, ...], Callable[[], object]]] = {
            "sender": (plan.documents, lambda: send_in(house, plan.documents, self._receipts)),
            "coordinator": (plan.acts, lambda: Coordinator(house).act(plan.acts)),
            "clock": (plan.jumps, self._jump),
            "killer": (plan.crashes, self._crash),
        }
        for name, (things, work) in others.items():
            if things:
                self._scheduler.add(Actor(name=name, work=work))

    def _serve(self, name: str, flag: "_Flag") -> None:
        """Do what a pump does, in one thread: lease, work, and wait to be woken or for the next sweep."""
        stage = self._house.stage
        pump = self._house.pumps[_PATTERNS[_kind(name)]]
        while True:
            flag.is_up = False
            stage.deeds[name] = "lease"
            items = _or_nothing(partial(pump._lease, _AHEAD))
            stage.deeds[name] = "work"
            for item in items:
                _or_nothing(partial(pump._work, item))
            if not items:
                self._scheduler.wait("idle", self._woken(flag, stage.at + _SWEEP))

    def _woken(self, flag: "_Flag", sweep_at: datetime) -> Callable[[], bool]:
        return lambda: flag.is_up or (self._sweeps and self._house.stage.at >= sweep_at)

    def again_and_again(self, work: Callable[[], object], seconds: float) -> None:
        """Do what a ticker does."""
        while True:
            _or_nothing(work)
            self._scheduler.wait("idle", self._later(timedelta(seconds=seconds)))

    def _later(self, wait: timedelta) -> Callable[[], bool]:
        stage, at = self._house.stage, self._house.stage.at + wait
        return lambda: stage.at >= at

    def sequences(self) -> Callable[[], object]:
        """Return what the sequencer does all day."""
        return partial(self.again_and_again, self._house.app.sequencer.give_places, 0.2)

    def ticks(self) -> Callable[[], object]:
        """Return what looks after deadlines all day."""
        return partial(self.again_and_again, self._house.app.clocks.tick, 1.0)

    def probes(self) -> Callable[[], object]:
        """Return what lets shelved documents go all day."""
        return partial(self.again_and_again, self._house.app.breakers.tick, 1.0)

    def _hand_on(self) -> None:
        bus = self._house.bus
        while True:
            self._scheduler.wait("wakes", lambda: bool(bus.waiting))
            bus.hand_on()

    def _jump(self) -> None:
        for seconds in self._plan.jumps:
            self._scheduler.pause("jump")
            self._house.stage.at += timedelta(seconds=seconds)

    def _crash(self) -> None:
        for turns in self._plan.crashes:
            self._scheduler.wait("lurks", self._turns_on(turns))
            self._scheduler.crash()

    def _turns_on(self, turns: int) -> Callable[[], bool]:
        trace = self._scheduler.trace
        until = len(trace) + turns
        return lambda: len(trace) >= until

    def _leases_end(self) -> None:
        """Do what opening the store does, once the process that held it is gone."""
        self._house.bus.waiting.clear()
        for statement in RELEASES:
            self._house.rows(statement)

    def _time_passes(self) -> bool:
        """Let it be the time something is due at; tell whether anything still can happen."""
        stage = self._house.stage
        self._rounds += 1
        ((due,),) = self._house.rows(_DUE)
        times = [at for at in stage.alarms if at > stage.at]
        times += [_EPOCH + timedelta(microseconds=due)] if due is not None else []
        if self._rounds > _ROUNDS_LIMIT or not times:
            return False
        stage.at = max(stage.at + _SWEEP, min(times))
        return True


class _Flag:
    """Whether somebody was woken."""

    is_up = False

    def wake(self, _routing_key: str, _reference: str) -> None:
        """Wake it."""
        self.is_up = True


_ROUNDS: dict[str, Callable[[Play], Callable[[], object]]] = {"sequencer": Play.sequences, "ticker": Play.ticks}


def _kind(name: str) -> str:
    return name.partition("-")[0]


def _or_nothing(work: Callable[[], Any]) -> Any:
    """Do *work*; a failure is told to nobody here, as a pump only logs it."""
    try:
        return work() or ()
    except Exception:  # noqa: BLE001 - what it left undone is seen by the checker
        return ()
