"""What is a running gateway made of? Every dependency, on one page."""

from contextlib import ExitStack
from dataclasses import dataclass

from gateway.adapters.http.outlet import HttpOutlet, PartnerLimits
from gateway.adapters.keys.file_signer import open_signer
from gateway.adapters.keys.file_vault import open_vault
from gateway.adapters.keys.head_file import HeadFile
from gateway.adapters.sql.connection import Driver, standard_driver
from gateway.app.broker import broker_address
from gateway.app.clock import SteadyClock, SystemClock, machine_clock, newest_time
from gateway.app.engines import AnyBus, Courier, TruthStore, couriers_of, open_bus, open_truth
from gateway.app.ids import SortableIds
from gateway.app.joined_flows import Flows, flows_of
from gateway.app.measured_outlet import MeasuredOutlet
from gateway.app.named_persons import herald_of, keys_by_role, read_persons
from gateway.app.partner_queues import OutletByTransport, PartnerQueues
from gateway.app.pressure import Limits as PressureLimits
from gateway.app.pressure import Pressure
from gateway.app.pumps import WakeUps, Worker, pumps_of, tickers_of
from gateway.app.resources import Resources, read_resources
from gateway.app.scanner import scanner_of
from gateway.app.sequencer import Sequencer
from gateway.app.settings import Settings
from gateway.app.steadiness import Steadiness
from gateway.app.workers import Ticker
from gateway.audit.log import LogIdentity
from gateway.audit.note import NoteSigner
from gateway.consent.rule_book import load_rule_book
from gateway.flows.by_hand.aftercare import Aftercare
from gateway.flows.by_hand.break_glass import GlassBreaker
from gateway.flows.by_hand.meanings import Meanings
from gateway.flows.by_hand.reviews import Reviews
from gateway.flows.clocks import Clocks
from gateway.flows.context import Desk
from gateway.flows.deciding.agreements import Agreements
from gateway.flows.deciding.rules import bring_into_force
from gateway.flows.delivering.deliver import Deliver
from gateway.flows.delivering.scanner import Scanner
from gateway.flows.delivering.scans import Scans
from gateway.flows.delivering.tell_persons import Messenger, PersonTeller
from gateway.flows.exports.school_exports import SchoolExports
from gateway.flows.facts.consent_import import Importer
from gateway.flows.facts.keeper import FactKeeper
from gateway.flows.facts.permissions import Permissions
from gateway.flows.first_release import bring_up_to_date
from gateway.flows.own_keys import check_own_keys
from gateway.flows.people.callers import Callers
from gateway.flows.ports import Clock, Ids, Outlet, Vault
from gateway.flows.receiving.acknowledge import Acknowledge
from gateway.flows.receiving.process import Process
from gateway.flows.receiving.receive import Receive
from gateway.flows.routes import load_routes
from gateway.flows.trail import Trail
from gateway.flows.trying.breakers import Breakers
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.model.identifiers import Authority, OrganisationId
from gateway.translation.library import library_of
from gateway.working_time.load import load_calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What differs between a real gateway and one a test or the demo assembles: the time, fresh names, the way out.

    `driver` opens the database; a campaign hands in one whose disk fails. `scanner` and `messenger` are used instead of
    those the settings name.
    """

    clock: Clock
    ids: Ids
    outlet: Outlet
    driver: Driver = standard_driver
    scanner: Scanner | None = None
    messenger: Messenger | None = None


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
    acknowledge: Acknowledge
    scanner: Scanner | None
    scans: Scans
    process: Process
    deliver: Deliver
    outlet: Outlet
    breakers: Breakers
    facts: FactKeeper
    aftercare: Aftercare
    glass: GlassBreaker
    reviews: Reviews
    meanings: Meanings
    clocks: Clocks
    school_exports: SchoolExports
    teller: PersonTeller
    workers: tuple[Worker, ...]
    couriers: tuple[Courier, ...]
    sentries: tuple[Ticker, ...]
    queues: PartnerQueues | None

    @property
    def permissions(self) -> Permissions:
        """Return the keeper of what families say."""
        return self.facts.permissions

    @property
    def agreements(self) -> Agreements:
        """Return the keeper of what bodies agree."""
        return Agreements(self.desk)

    @property
    def importer(self) -> Importer:
        """Return who takes in the consents other systems have kept."""
        return self.reviews.keeper.notices.importer

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

    Promise: when it cannot be returned, nothing stays open, and no connection is tried again.

    Raises:
        SettingsError: a folder a setting names is missing or empty.
        MappingError: a mapping, route, code list or calendar is wrong.
        PolicyError: a policy file is wrong, or no policy is in force.
        StoreUnavailableError: another process has the store, or it cannot be reached.
        IntegrityError: a guard of the store is missing, or the keys are not those it was written with.
        NotFoundError: the keys were not made yet; `gateway keys create` makes them.
    """
    world = world or real_world(settings)
    resources = resources or read_resources(settings)
    authority = Authority(settings.authority)
    with ExitStack() as opened:
        bus = open_bus(settings)
        opened.callback(bus.close)
        store = open_truth(settings, bus, driver=world.driver)
        opened.callback(store.close)
        if isinstance(world.clock, SteadyClock):
            world.clock.not_before(store.read(newest_time))
        vault = open_vault(settings.keys_folder, authority)
        signer = open_signer(settings.keys_folder, settings.origin)
        desk = _desk(settings, world, resources, store, vault, NoteSigner.of(signer.vkey, signer.sign))
        check_own_keys(desk)
        bring_up_to_date(desk)
        bring_into_force(desk)
        application = _wire(settings, world, desk, store, bus)
        opened.pop_all()
    return application


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
        library=library_of(resources.mappings, resources.codes, resources.aliases),
        rules=load_rule_book(resources.policies),
        schemas=SchemaRegister(resources.schemas),
        routes=load_routes(resources.routes),
        calendar=load_calendar(resources.opening_hours, resources.bank_holidays),
        limits=Limits(
            size_bytes=settings.file_limit_bytes,
            depth=settings.depth_limit,
            nodes=settings.nodes_limit,
            whole_bytes=settings.whole_limit_bytes,
        ),
        settings=settings.flow_settings,
        disagree=settings.disagree,
    )


def _callers(settings: Settings, world: World, desk: Desk) -> tuple[Callers, PersonTeller]:
    """Return what notes whom to tell by name, and what tells them."""
    persons = read_persons(settings.named_persons_file)
    headings = {code: words.heading for code, words in desk.policy.reasons.items()}
    messenger = world.messenger or herald_of(settings, persons, desk.clock, headings)
    callers = Callers(ids=desk.ids, persons=keys_by_role(persons))
    return callers, PersonTeller(desk=desk, messenger=messenger)


def _queues(settings: Settings, desk: Desk) -> PartnerQueues | None:
    """Return the partners' queues, where there is a broker."""
    address = broker_address(settings)
    return PartnerQueues(settings, address, desk.clock) if address else None


def _workers(
    settings: Settings, desk: Desk, bus: AnyBus, flows: Flows, receive: Receive, sequencer: Sequencer
) -> tuple[Worker, ...]:
    """Return what works while the gateway runs."""
    pumps = pumps_of(settings, desk, receive, flows.process, flows.deliver)
    tickers = tickers_of(settings, sequencer, flows.clocks, flows.breakers, flows.sweeps)
    return (*pumps, *tickers, WakeUps(bus, pumps))


def _wire(settings: Settings, world: World, desk: Desk, store: TruthStore, bus: AnyBus) -> Application:
    queues = _queues(settings, desk)
    outlet = MeasuredOutlet(OutletByTransport(world.outlet, queues.outlet) if queues else world.outlet, desk.tally)
    scanner = world.scanner or scanner_of(settings)
    flows = flows_of(desk, outlet, scanner, *_callers(settings, world, desk))
    identity = LogIdentity(origin=desk.origin, signer=desk.signer)
    heads, receive = HeadFile(settings.keys_folder), Receive(desk)
    sequencer = Sequencer(store.log_store, identity, heads, desk.clock, is_ours=store.duty("sequencer").is_ours)
    pressure = Pressure(store, PressureLimits.of(settings), desk.clock)
    return Application(
        settings=settings,
        desk=desk,
        store=store,
        bus=bus,
        identity=identity,
        sequencer=sequencer,
        pressure=pressure,
        steadiness=Steadiness(machine_clock(desk.clock)),
        receive=receive,
        acknowledge=Acknowledge(desk),
        scanner=scanner,
        scans=flows.sweeps.scans,
        process=flows.process,
        deliver=flows.deliver,
        outlet=outlet,
        breakers=flows.breakers,
        facts=FactKeeper(desk, flows.aftercare.notifier),
        aftercare=flows.aftercare,
        glass=flows.glass,
        reviews=flows.reviews,
        meanings=flows.sweeps.meanings,
        clocks=flows.clocks,
        school_exports=flows.school_exports,
        teller=flows.sweeps.teller,
        workers=_workers(settings, desk, bus, flows, receive, sequencer),
        couriers=couriers_of(settings, store, bus),
        queues=queues,
        sentries=(Ticker("pressure", pressure.look, every_seconds=settings.pressure_seconds),),
    )
