"""What is a running gateway made of? Every dependency, on one page."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.adapters.amqp.bus import RabbitBus
from gateway.adapters.amqp.topology import topology_of
from gateway.adapters.embedded.bus import EmbeddedBus
from gateway.adapters.http.outlet import HttpOutlet, PartnerLimits
from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.file_vault import open_vault
from gateway.adapters.keys.head_file import HeadFile
from gateway.adapters.sql.connection import Driver, standard_driver
from gateway.adapters.sql.postgres import PostgresStore, PostgresView, open_postgres_store, open_postgres_view
from gateway.adapters.sql.postgres_connection import PostgresLimits
from gateway.adapters.sql.postgres_listener import WakeListener
from gateway.adapters.sql.sqlite import SqliteStore, StoreView, open_store, open_view
from gateway.adapters.sql.writer import OnWake
from gateway.app.broker import broker_address, broker_patience
from gateway.app.clock import SteadyClock, SystemClock, newest_time
from gateway.app.ids import SortableIds
from gateway.app.measured_outlet import MeasuredOutlet
from gateway.app.partner_queues import OutletByTransport, PartnerQueues
from gateway.app.pressure import Limits as PressureLimits
from gateway.app.pressure import Pressure
from gateway.app.relay import Relay
from gateway.app.resources import Resources, read_resources
from gateway.app.sequencer import Sequencer
from gateway.app.settings import Settings
from gateway.app.steadiness import Steadiness
from gateway.app.workers import Pace, Pump, Ticker
from gateway.audit.log import LogIdentity
from gateway.audit.note import NoteSigner
from gateway.consent.policy import load_policy
from gateway.flows.ask import Asker
from gateway.flows.breakers import Breakers
from gateway.flows.clocks import Clocks
from gateway.flows.context import Desk
from gateway.flows.converse import Converser
from gateway.flows.deliver import Deliver
from gateway.flows.effects import Effector
from gateway.flows.facts import FactKeeper
from gateway.flows.identify import Matcher
from gateway.flows.join import Joiner
from gateway.flows.keep import Keeper
from gateway.flows.order import Orderer
from gateway.flows.ports import Clock, Ids, Outlet, Vault
from gateway.flows.process import Process
from gateway.flows.receive import Receive
from gateway.flows.reviews import Reviews
from gateway.flows.routes import load_routes
from gateway.flows.rows import Delivery, Lane, Message
from gateway.flows.rules import bring_into_force
from gateway.flows.sharing import Sharer
from gateway.flows.suspects import Suspects
from gateway.flows.trail import Trail
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.model.identifiers import Authority, OrganisationId
from gateway.translation.library import Library
from gateway.working_time.load import load_calendar

STORE_FILE = "gateway.sqlite3"
TruthStore = SqliteStore | PostgresStore
"""The store of an installation: a file of its own, or a database it shares with others."""
MessagePump = Pump[Sequence[Message]]
AnyPump = MessagePump | Pump[Delivery]
AnyBus = EmbeddedBus | RabbitBus


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
Courier = Relay | WakeListener


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What differs between a real gateway and one a test or the demo assembles: the time, fresh names, the way out.

    `driver` opens the database; a campaign hands in one whose disk fails.
    """

    clock: Clock
    ids: Ids
    outlet: Outlet
    driver: Driver = standard_driver


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One assembled gateway. Until `start` it only answers."""

    settings: Settings
    desk: Desk
    store: TruthStore
    bus: AnyBus
    identity: LogIdentity
    sequencer: Sequencer
    pressure: Pressure
    steadiness: Steadiness
    receive: Receive
    process: Process
    deliver: Deliver
    outlet: Outlet
    breakers: Breakers
    facts: FactKeeper
    reviews: Reviews
    clocks: Clocks
    workers: tuple[Worker, ...]
    couriers: tuple[Courier, ...]
    sentries: tuple[Ticker, ...]
    queues: PartnerQueues | None

    def start(self) -> None:
        """Begin to work on what is in the store and on whatever arrives."""
        for part in (*self.sentries, *self.workers, *self.couriers):
            part.start()

    def stop(self) -> None:
        """Lease nothing more, let what is running end, give every event its leaf, and close the store."""
        for part in (*self.sentries, *self.workers, *self.couriers):
            part.stop()
        self.close()

    def close(self) -> None:
        """Close the bus and the store; nothing may be running any more."""
        if self.queues is not None:
            self.queues.close()
        self.bus.close()
        self.store.close()


def real_world(settings: Settings) -> World:
    """Return the machine's clock, fresh names, and HTTP."""
    clock = SteadyClock(SystemClock())
    limits = PartnerLimits(
        connect_seconds=settings.partner_connect_seconds,
        total_seconds=settings.partner_total_seconds,
        answer_bytes=settings.partner_answer_bytes,
        connections=settings.partner_connections,
    )
    outlet = HttpOutlet(clock, limits=limits, tokens=settings.partner_tokens_folder)
    return World(clock=clock, ids=SortableIds(clock), outlet=outlet)


def assemble(settings: Settings, world: World | None = None, resources: Resources | None = None) -> Application:
    """Return the gateway *settings* describe, with its store open and nothing running yet.

    Raises:
        SettingsError: a folder a setting names is missing or empty.
        MappingError: a mapping, route, code list or calendar is wrong.
        PolicyError: the policy is wrong.
        StoreUnavailableError: another process has the store, or it cannot be reached.
        IntegrityError: a guard of the store is missing.
        NotFoundError: the keys were not made yet; `gateway keys create` makes them.
    """
    world = world or real_world(settings)
    resources = resources or read_resources(settings)
    bus = open_bus(settings)
    authority = Authority(settings.authority)
    on_wake = _left_to_the_relay if isinstance(bus, RabbitBus) else bus.publish_all
    store = open_truth(settings, on_wake=on_wake, driver=world.driver)
    if isinstance(world.clock, SteadyClock):
        world.clock.not_before(store.read(newest_time))
    vault = open_vault(settings.keys_folder, authority)
    signer = open_signer(settings.keys_folder, settings.origin)
    desk = _desk(settings, world, resources, store, vault, NoteSigner.of(signer.vkey, signer.sign))
    bring_into_force(desk)
    return _wire(settings, world, desk, store, bus)


def open_bus(settings: Settings) -> AnyBus:
    """Return what wakes this process: the broker where several processes share a database, else nothing but itself.

    Raises:
        SettingsError: the broker's password cannot be read, or it would be spoken to in clear.
    """
    address = broker_address(settings)
    if address is None or not settings.database_url.get_secret_value():
        return EmbeddedBus()
    return RabbitBus(address, topology_of(), broker_patience(settings))


def _left_to_the_relay(_wakes: object) -> None:
    """Do nothing: these wake-ups lie in the store, and a relay hands them to the broker."""


def _queues(settings: Settings, desk: Desk) -> PartnerQueues | None:
    """Return the queues of partners, where there is a broker."""
    address = broker_address(settings)
    return None if address is None else PartnerQueues(settings, address, desk.clock)


def _couriers(settings: Settings, store: TruthStore, bus: AnyBus) -> tuple[Courier, ...]:
    """Return what hands wake-ups from the store to the broker, where there is one."""
    if not isinstance(bus, RabbitBus) or not isinstance(store, PostgresStore):
        return ()
    relay = Relay(store.outbox, bus)
    dsn = settings.database_url.get_secret_value()
    return relay, WakeListener(dsn, authority=Authority(settings.authority), on_wake=relay.wake)


def open_truth(settings: Settings, *, on_wake: OnWake, driver: Driver = standard_driver) -> TruthStore:
    """Return the store that *settings* name: the PostgreSQL database, or else the file in the data folder.

    Raises:
        StoreUnavailableError: it is another process's, cannot be reached, or is at another version.
        IntegrityError: a guard, a right or a setting of it is not what it must be.
    """
    authority, dsn = Authority(settings.authority), settings.database_url.get_secret_value()
    if not dsn:
        return open_store(settings.data_folder / STORE_FILE, authority=authority, on_wake=on_wake, driver=driver)
    return open_postgres_store(
        dsn,
        authority=authority,
        on_wake=on_wake,
        owner_dsn=settings.database_owner_url.get_secret_value() or None,
        has_outbox=bool(settings.broker_hosts),
        limits=PostgresLimits(writers=settings.database_writers, readers=settings.database_readers),
    )


@contextmanager
def open_truth_view(settings: Settings) -> Iterator[StoreView | PostgresView]:
    """Give the store that *settings* name for reading only, whoever has it open.

    Raises:
        NotFoundError: there is no such file.
        StoreUnavailableError: the database cannot be reached, or is at another version.
    """
    authority, dsn = Authority(settings.authority), settings.database_url.get_secret_value()
    view: StoreView | PostgresView
    if dsn:
        view = open_postgres_view(dsn, authority=authority)
    else:
        view = open_view(settings.data_folder / STORE_FILE, authority=authority)
    try:
        yield view
    finally:
        view.close()


def _desk(
    settings: Settings, world: World, resources: Resources, store: TruthStore, vault: Vault, signer: NoteSigner
) -> Desk:
    return Desk(
        authority=Authority(settings.authority),
        sender=OrganisationId(settings.sender),
        origin=settings.origin,
        store=store,
        vault=vault,
        signer=signer,
        clock=world.clock,
        ids=world.ids,
        trail=Trail(vault, world.ids),
        library=Library(resources.mappings, resources.codes),
        policy=load_policy(resources.policy),
        schemas=SchemaRegister(resources.schemas),
        routes=load_routes(resources.routes),
        calendar=load_calendar(resources.opening_hours, resources.bank_holidays),
        limits=Limits(size_bytes=settings.file_limit_bytes, depth=settings.depth_limit, nodes=settings.nodes_limit),
        settings=settings.flow_settings,
        switches=settings.law_switches,
        disagree=settings.disagree,
    )


def _wire(settings: Settings, world: World, desk: Desk, store: TruthStore, bus: AnyBus) -> Application:
    asker = Asker(desk.trail, desk.ids, desk.clock)
    sharer = Sharer(desk, asker)
    orderer = Orderer(routes=desk.routes, sharer=sharer, asker=asker)
    converser = Converser(desk=desk, asker=asker, effector=Effector(desk=desk, asker=asker, orderer=orderer))
    matcher = Matcher(desk.vault, desk.ids)
    joiner = Joiner(desk=desk, matcher=matcher)
    keeper = Keeper(desk=desk, matcher=matcher, converser=converser, orderer=orderer)
    suspects = Suspects(desk.store, desk.settings)
    process = Process(desk, keeper, converser, suspects)
    queues = _queues(settings, desk)
    outlet = MeasuredOutlet(OutletByTransport(world.outlet, queues.outlet) if queues else world.outlet, desk.tally)
    breakers = Breakers(desk)
    deliver = Deliver(desk, outlet, sharer=sharer, converser=converser, suspects=suspects, breakers=breakers)
    clocks = Clocks(desk=desk, sharer=sharer, converser=converser)
    identity = LogIdentity(origin=desk.origin, signer=desk.signer)
    receive = Receive(desk)
    pumps = _pumps(settings, desk, receive, process, deliver)
    sequencer = Sequencer(
        store.log_store, identity, HeadFile(settings.keys_folder), desk.clock, is_ours=store.duty("sequencer").is_ours
    )
    pressure = Pressure(store, PressureLimits.of(settings), desk.clock)
    return Application(
        settings=settings,
        desk=desk,
        store=store,
        bus=bus,
        identity=identity,
        sequencer=sequencer,
        pressure=pressure,
        steadiness=Steadiness(desk.clock),
        receive=receive,
        process=process,
        deliver=deliver,
        outlet=outlet,
        breakers=breakers,
        facts=FactKeeper(desk),
        reviews=Reviews(desk=desk, sharer=sharer, keeper=keeper, joiner=joiner, orderer=orderer),
        clocks=clocks,
        workers=(*pumps, *_tickers(settings, sequencer, clocks, breakers), WakeUps(bus, pumps)),
        couriers=_couriers(settings, store, bus),
        queues=queues,
        sentries=(Ticker("pressure", pressure.look, every_seconds=settings.pressure_seconds),),
    )


def _pumps(settings: Settings, desk: Desk, receive: Receive, process: Process, deliver: Deliver) -> tuple[AnyPump, ...]:
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


def _tickers(settings: Settings, sequencer: Sequencer, clocks: Clocks, breakers: Breakers) -> tuple[Ticker, ...]:
    return (
        Ticker("breakers", breakers.tick, every_seconds=1.0),
        Ticker("clocks", clocks.tick, every_seconds=1.0),
        Ticker("sequencer", sequencer.give_places, every_seconds=settings.audit_interval_seconds),
    )
