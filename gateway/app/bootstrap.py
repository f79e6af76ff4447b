"""What is a running gateway made of? Every dependency, on one page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.adapters.embedded.bus import EmbeddedBus
from gateway.adapters.http.outlet import HttpOutlet, PartnerLimits
from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.file_vault import open_vault
from gateway.adapters.keys.head_file import HeadFile
from gateway.adapters.sql.sqlite import SqliteStore, open_store
from gateway.app.clock import SystemClock
from gateway.app.ids import SortableIds
from gateway.app.resources import Resources, read_resources
from gateway.app.sequencer import Sequencer
from gateway.app.settings import Settings
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
MessagePump = Pump[Sequence[Message]]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What differs between a real gateway and one a test or the demo assembles: the time, fresh names, the way out."""

    clock: Clock
    ids: Ids
    outlet: Outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One assembled gateway. Until `start` it only answers."""

    settings: Settings
    desk: Desk
    store: SqliteStore
    bus: EmbeddedBus
    identity: LogIdentity
    sequencer: Sequencer
    receive: Receive
    process: Process
    deliver: Deliver
    outlet: Outlet
    breakers: Breakers
    facts: FactKeeper
    reviews: Reviews
    clocks: Clocks
    pumps: tuple[MessagePump | Pump[Delivery], ...]
    tickers: tuple[Ticker, ...]

    def start(self) -> None:
        """Begin to work on what is in the store and on whatever arrives."""
        for worker in (*self.pumps, *self.tickers):
            worker.start()

    def stop(self) -> None:
        """Lease nothing more, let what is running end, give every event its leaf, and close the store."""
        for worker in (*self.pumps, *self.tickers):
            worker.stop()
        self.bus.close()
        self.store.close()


def real_world(settings: Settings) -> World:
    """Return the machine's clock, fresh names, and HTTP."""
    clock = SystemClock()
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
        StoreUnavailableError: another process has the store.
        IntegrityError: a guard of the store is missing.
        NotFoundError: the keys were not made yet; `gateway keys create` makes them.
    """
    world = world or real_world(settings)
    resources = resources or read_resources(settings)
    bus = EmbeddedBus()
    authority = Authority(settings.authority)
    store = open_store(settings.data_folder / STORE_FILE, authority=authority, on_wake=bus.publish_all)
    vault = open_vault(settings.keys_folder, authority)
    signer = open_signer(settings.keys_folder, settings.origin)
    desk = _desk(settings, world, resources, store, vault, NoteSigner.of(signer.vkey, signer.sign))
    bring_into_force(desk)
    return _wire(settings, world, desk, store, bus)


def _desk(
    settings: Settings, world: World, resources: Resources, store: SqliteStore, vault: Vault, signer: NoteSigner
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


def _wire(settings: Settings, world: World, desk: Desk, store: SqliteStore, bus: EmbeddedBus) -> Application:
    asker = Asker(desk.trail, desk.ids, desk.clock)
    sharer = Sharer(desk, asker)
    orderer = Orderer(routes=desk.routes, sharer=sharer, asker=asker)
    converser = Converser(desk=desk, asker=asker, effector=Effector(desk=desk, asker=asker, orderer=orderer))
    matcher = Matcher(desk.vault, desk.ids)
    joiner = Joiner(desk=desk, matcher=matcher)
    keeper = Keeper(desk=desk, matcher=matcher, converser=converser, orderer=orderer)
    suspects = Suspects(desk.store, desk.settings)
    process = Process(desk, keeper, converser, suspects)
    breakers = Breakers(desk)
    deliver = Deliver(desk, world.outlet, sharer=sharer, converser=converser, suspects=suspects, breakers=breakers)
    clocks = Clocks(desk=desk, sharer=sharer, converser=converser)
    identity = LogIdentity(origin=desk.origin, signer=desk.signer)
    receive = Receive(desk)
    pumps = _pumps(settings, desk, receive, process, deliver)
    _subscribe(bus, pumps)
    sequencer = Sequencer(store.log_store, identity, HeadFile(settings.keys_folder), desk.clock)
    return Application(
        settings=settings,
        desk=desk,
        store=store,
        bus=bus,
        identity=identity,
        sequencer=sequencer,
        receive=receive,
        process=process,
        deliver=deliver,
        outlet=world.outlet,
        breakers=breakers,
        facts=FactKeeper(desk),
        reviews=Reviews(desk=desk, sharer=sharer, keeper=keeper, joiner=joiner, orderer=orderer),
        clocks=clocks,
        pumps=pumps,
        tickers=_tickers(settings, sequencer, clocks, breakers),
    )


def _subscribe(bus: EmbeddedBus, pumps: Sequence[MessagePump | Pump[Delivery]]) -> None:
    for lane, pump in zip(Lane, pumps, strict=False):
        bus.subscribe(f"message.{lane.name.lower()}", pump.wake)
    urgent, others = pumps[len(Lane) :]
    bus.subscribe("delivery.urgent", urgent.wake)
    bus.subscribe("delivery.#", others.wake)


def _pumps(
    settings: Settings, desk: Desk, receive: Receive, process: Process, deliver: Deliver
) -> tuple[MessagePump | Pump[Delivery], ...]:
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
