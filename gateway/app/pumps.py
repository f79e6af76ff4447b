"""How is work leased and worked, lane by lane? The threads of a process that works."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.app.engines import AnyBus
from gateway.app.sequencer import Sequencer
from gateway.app.settings import Settings
from gateway.app.workers import Pace, Pump, Ticker
from gateway.flows.by_hand.meanings import Meanings
from gateway.flows.clocks import Clocks
from gateway.flows.context import Desk
from gateway.flows.deciding.rules import RuleWatch
from gateway.flows.delivering.deliver import Deliver
from gateway.flows.delivering.scans import Scans
from gateway.flows.delivering.tell_persons import PersonTeller
from gateway.flows.receiving.process import Process
from gateway.flows.receiving.receive import Receive
from gateway.flows.receiving.staging import Staging
from gateway.flows.store.rows import Delivery, Lane, Message
from gateway.flows.trying.breakers import Breakers

MessagePump = Pump[Sequence[Message]]
_SWEEP_STAGING_SECONDS = 60.0
AnyPump = MessagePump | Pump[Delivery]


class WakeUps:
    """Lets the bus wake pumps, from when it is started: a process that does not work must not take others' wake-ups."""

    def __init__(self, bus: AnyBus, pumps: Sequence[AnyPump]) -> None:
        self._bus = bus
        self._pumps = pumps

    def start(self) -> None:
        """Subscribe every pump to what concerns it."""
        for lane, pump in zip(Lane, self._pumps, strict=False):
            self._bus.subscribe(f"message.{lane.name.lower()}", pump.wake)
        urgent, others = self._pumps[len(Lane) :]
        self._bus.subscribe("delivery.urgent", urgent.wake)
        self._bus.subscribe("delivery.#", others.wake)

    def stop(self) -> None:
        """Do nothing: a pump that has stopped may be woken in vain until the bus is closed."""


Worker = WakeUps | MessagePump | Pump[Delivery] | Ticker


def pumps_of(
    settings: Settings, desk: Desk, receive: Receive, process: Process, deliver: Deliver
) -> tuple[AnyPump, ...]:
    """Return a pump of messages for each lane and two of deliveries.

    No lane waits for another: neither an urgent referral for a report of a thousand pupils, nor an urgent delivery for
    a slot a slow partner holds. Within a lane messages are worked one after the other, which keeps their order. What is
    not urgent steps back while senders wait for their receipts.
    """
    sweep = settings.sweep_seconds
    messages = [
        Pump(
            f"process-{lane.name.lower()}",
            _messages(desk, lane),
            process.work_all,
            Pace(slots=1, sweep_seconds=sweep, steps_back=_steps_back(receive, lane)),
        )
        for lane in Lane
    ]
    urgent = Pump(
        "urgent",
        _deliveries(desk, urgent_only=True),
        deliver.attempt,
        Pace(slots=max(settings.deliver_threads // 2, 1), sweep_seconds=sweep),
    )
    others = Pump(
        "deliver",
        _deliveries(desk, urgent_only=False),
        deliver.attempt,
        Pace(
            slots=settings.deliver_threads,
            sweep_seconds=sweep,
            ahead=settings.deliver_threads,
            steps_back=_steps_back(receive, Lane.NORMAL),
        ),
    )
    return (*messages, urgent, others)


def _steps_back(receive: Receive, lane: Lane) -> Callable[[], bool]:
    return lambda: lane is not Lane.URGENT and receive.is_pressed


def _messages(desk: Desk, lane: Lane) -> Callable[[int], Sequence[Sequence[Message]]]:
    """Return what leases one piece of work: a few messages of *lane* together, of the bulk lane one file."""
    seconds = desk.settings.lease_seconds
    most = 1 if lane is Lane.BULK else desk.settings.batch_limit

    def lease(_slots: int) -> Sequence[Sequence[Message]]:
        at = desk.clock.now()
        together = desk.store.write(
            lambda uow: uow.messages.ready(at=at, limit=most, lease_seconds=seconds, lanes=(lane,))
        )
        return [together] if together else []

    return lease


def _deliveries(desk: Desk, *, urgent_only: bool) -> Callable[[int], Sequence[Delivery]]:
    seconds = desk.settings.lease_seconds

    def lease(limit: int) -> Sequence[Delivery]:
        at = desk.clock.now()
        return desk.store.write(
            lambda uow: uow.deliveries.ready(at=at, limit=limit, lease_seconds=seconds, urgent_only=urgent_only)
        )

    return lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeps:
    """What waits for a scanner, a label's meaning or a mail server, what was half taken in, and new rules."""

    scans: Scans
    meanings: Meanings
    staging: Staging
    rules: RuleWatch
    teller: PersonTeller


def tickers_of(
    settings: Settings, sequencer: Sequencer, clocks: Clocks, breakers: Breakers, sweeps: Sweeps
) -> tuple[Ticker, ...]:
    """Return what is done again and again: partners tried, deadlines acted on, what waits swept, leaves given."""
    return (
        Ticker("breakers", breakers.tick, every_seconds=1.0),
        Ticker("clocks", clocks.tick, every_seconds=1.0),
        Ticker("scans", sweeps.scans.sweep, every_seconds=settings.sweep_seconds),
        Ticker("labels", sweeps.meanings.tick, every_seconds=settings.sweep_seconds),
        Ticker("rules", sweeps.rules.tick, every_seconds=settings.sweep_seconds),
        Ticker("staging", sweeps.staging.sweep, every_seconds=_SWEEP_STAGING_SECONDS),
        Ticker("persons", sweeps.teller.sweep, every_seconds=settings.sweep_seconds),
        Ticker("sequencer", sequencer.give_places, every_seconds=settings.audit_interval_seconds),
    )
