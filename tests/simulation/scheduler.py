"""Who runs next? One actor at a time, and only the scheduler says which.

Every actor is a greenlet. It hands the turn back at each call of a port, and nowhere else, so that a history is a
function of the plan and the seed, and of nothing else: no thread, no clock of the machine, no chance but the seed's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from greenlet import getcurrent, greenlet

STEPS_LIMIT = 6_000
"""Turns of one history; one that needs more goes round in circles."""


class KilledError(BaseException):
    """The process the actor belongs to is gone: nothing of ours may catch this."""


class StuckError(BaseException):
    """The history did not come to an end."""


@dataclass(eq=False, slots=True, kw_only=True)
class Actor:
    """Somebody who does something: a worker, a sender, a coordinator, the clock.

    Shape: `work` is done once, or again and again by an actor that `serves` until the end. `waits_for` keeps it from
    the turn while it is not true. `kills` are the turns, counted from 0, at which it is killed.
    """

    name: str
    work: Callable[[], object]
    serves: bool = False
    kills: frozenset[int] = frozenset()
    turns: int = 0
    rank: float = 0.0
    waits_for: Callable[[], bool] | None = None
    is_done: bool = False
    thread: greenlet | None = None


@dataclass(slots=True)
class Scheduler:
    """Runs actors, one at a time, in an order the seed alone decides.

    Shape: `style` is how the next one is chosen: `even` anybody; `sticky` mostly the same again; `ranked` the highest
    rank, which changes at a few turns (few changes of the turn find bugs that need a long run of one actor).
    """

    seed: int
    style: str = "even"
    actors: list[Actor] = field(default_factory=list)
    trace: list[tuple[str, str]] = field(default_factory=list)
    current: Actor | None = None
    idle: Callable[[], bool] = lambda: False
    on_crash: Callable[[], None] = lambda: None
    crashing: bool = False
    _random: Random = field(default_factory=Random)
    _falls: frozenset[int] = frozenset()
    _hub: greenlet | None = None

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - it is to come again, not to be unguessable
        self._falls = frozenset(self._random.sample(range(150), 4))

    def add(self, actor: Actor) -> None:
        """Let *actor* take part."""
        actor.rank = self._random.random()
        self.actors.append(actor)

    def run(self) -> None:
        """Give turns until everybody waits, and `idle` says that no time can change that.

        Raises:
            StuckError: it takes more turns than anything should.
        """
        self._hub = getcurrent()
        while True:
            if self.crashing:
                self._crash()
            ready = self._ready()
            if ready:
                self._give_turn(self._chosen(ready))
            elif not self.idle():
                return

    def pause(self, point: str) -> None:
        """Hand the turn back at *point*; return when it is this actor's again.

        Raises:
            KilledError: the actor was killed here.
        """
        actor = self.current
        if actor is None:
            return
        self.trace.append((actor.name, point))
        if len(self.trace) > STEPS_LIMIT:
            raise StuckError(f"no end after {STEPS_LIMIT} turns")
        actor.turns += 1
        if actor.turns in actor.kills:
            raise KilledError
        self._hub.switch()

    def wait(self, point: str, until: Callable[[], bool]) -> None:
        """Hand the turn back until *until* is true."""
        if self.current is not None:
            self.current.waits_for = until
            self.pause(point)

    def crash(self) -> None:
        """Kill every actor that serves, wherever it is, at the end of this turn."""
        self.crashing = True
        self.pause("crash")

    def end(self) -> None:
        """Take everybody off the stage."""
        self.current = None
        for actor in self.actors:
            if actor.thread is not None and not actor.thread.dead:
                actor.thread.throw()

    def _ready(self) -> list[Actor]:
        return [one for one in self.actors if not one.is_done and (one.waits_for is None or one.waits_for())]

    def _chosen(self, ready: list[Actor]) -> Actor:
        if len(ready) == 1:
            return ready[0]
        if self.style == "ranked":
            if len(self.trace) in self._falls and self.current is not None:
                self.current.rank -= 1.0
            return max(ready, key=lambda one: one.rank)
        if self.style == "sticky" and self.current in ready and self._random.random() < 0.85:
            return self.current
        return ready[int(self._random.random() * len(ready))]

    def _give_turn(self, actor: Actor) -> None:
        actor.waits_for = None
        if actor.thread is None or actor.thread.dead:
            actor.thread = greenlet(lambda: self._play(actor))
        self.current = actor
        actor.thread.switch()

    def _play(self, actor: Actor) -> None:
        try:
            actor.work()
        except KilledError:
            self.trace.append((actor.name, "killed"))
            if actor.serves:
                return
        actor.is_done = not actor.serves

    def _crash(self) -> None:
        """Kill whoever is in the process: those who serve, and whoever has a document half taken in."""
        self.crashing = False
        for actor in self.actors:
            if actor.thread and not actor.thread.dead and (actor.serves or actor.name == "sender"):
                self.current = actor
                actor.waits_for = None
                actor.thread.throw(KilledError)
        self.current = None
        self.on_crash()
