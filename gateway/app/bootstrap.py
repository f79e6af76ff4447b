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
from gateway.app.measured_outlet import MeasuredOutlet
from gateway.app.partner_queues import OutletByTransport, PartnerQueues
from gateway.app.pressure import Limits as PressureLimits
from gateway.app.pressure import Pressure
from gateway.app.pumps import Sweeps, WakeUps, Worker, pumps_of, tickers_of
from gateway.app.resources import Resources, read_resources
from gateway.app.scanner import scanner_of
from gateway.app.sequencer import Sequencer
from gateway.app.settings import Settings
from gateway.app.steadiness import Steadiness
from gateway.app.workers import Ticker
from gateway.audit.log import LogIdentity
from gateway.audit.note import NoteSigner
from gateway.consent.rule_book import load_rule_book
from gateway.flows.acknowledge import Acknowledge
from gateway.flows.agreements import Agreements
from gateway.flows.ask import Asker
from gateway.flows.breakers import Breakers
from gateway.flows.cases import Cases
from gateway.flows.clocks import Clocks
from gateway.flows.consent_import import Importer
from gateway.flows.consent_notice import Notices
from gateway.flows.contacts import ContactWatch
from gateway.flows.context import Desk
from gateway.flows.converse import Converser
from gateway.flows.deliver import Deliver, Guards
from gateway.flows.effects import Effector
from gateway.flows.facts import FactKeeper
from gateway.flows.families import Families
from gateway.flows.first_release import bring_up_to_date
from gateway.flows.give_back import Returner
from gateway.flows.identify import Matcher
from gateway.flows.join import Joiner
from gateway.flows.keep import Keeper
from gateway.flows.label_clock import LabelClock
from gateway.flows.meanings import Meanings
from gateway.flows.order import Orderer
from gateway.flows.own_keys import check_own_keys
from gateway.flows.permission_clock import PermissionClock
from gateway.flows.permissions import Permissions
from gateway.flows.ports import Clock, Ids, Outlet, Vault
from gateway.flows.process import Process
from gateway.flows.questions import Questions
from gateway.flows.receive import Receive
from gateway.flows.reviews import Reviews
from gateway.flows.routes import load_routes
from gateway.flows.rules import RuleWatch, bring_into_force
from gateway.flows.scanner import Scanner
from gateway.flows.scans import Scans
from gateway.flows.school_exports import SchoolExports
from gateway.flows.sharing import Sharer
from gateway.flows.staging import Staging
from gateway.flows.suspects import Suspects
from gateway.flows.trail import Trail
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.model.identifiers import Authority, OrganisationId
from gateway.translation.library import Library
from gateway.working_time.load import load_calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What differs between a real gateway and one a test or the demo assembles: the time, fresh names, the way out.

    `driver` opens the database; a campaign hands in one whose disk fails. `scanner` is used instead of the one the
    settings name.
    """

    clock: Clock
    ids: Ids
    outlet: Outlet
    driver: Driver = standard_driver
    scanner: Scanner | None = None


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
    reviews: Reviews
    meanings: Meanings
    clocks: Clocks
    school_exports: SchoolExports
    workers: tuple[Worker, ...]
    couriers: tuple[Courier, ...]
    sentries: tuple[Ticker, ...]
    queues: PartnerQueues | None

    @property
    def permissions(self) -> Permissions:
        """Return the keeper of what families say."""
        return Permissions(self.desk)

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
        library=Library(resources.mappings, resources.codes, resources.aliases),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flows:
    """What is done with documents, joined."""

    process: Process
    deliver: Deliver
    reviews: Reviews
    clocks: Clocks
    breakers: Breakers
    sweeps: Sweeps
    school_exports: SchoolExports


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What several flows are made of."""

    asker: Asker
    sharer: Sharer
    orderer: Orderer
    cases: Cases
    converser: Converser
    questions: Questions
    matcher: Matcher
    contacts: ContactWatch
    label_clock: LabelClock


def _parts(desk: Desk) -> _Parts:
    asker = Asker(desk.trail, desk.ids, desk.clock)
    sharer = Sharer(desk, asker)
    orderer = Orderer(routes=desk.routes, sharer=sharer, asker=asker)
    cases = Cases(desk=desk)
    effector = Effector(desk=desk, asker=asker, orderer=orderer)
    return _Parts(
        asker=asker,
        sharer=sharer,
        orderer=orderer,
        cases=cases,
        converser=Converser(desk=desk, asker=asker, effector=effector, cases=cases),
        questions=Questions(desk=desk, asker=asker, orderer=orderer, cases=cases),
        matcher=Matcher(desk.vault, desk.ids),
        contacts=ContactWatch(desk=desk, asker=asker),
        label_clock=LabelClock(calendar=desk.calendar, asker=asker),
    )


def _keeper(desk: Desk, parts: _Parts) -> Keeper:
    importer = Importer(desk=desk, matcher=parts.matcher)
    return Keeper(
        desk=desk,
        matcher=parts.matcher,
        converser=parts.converser,
        orderer=parts.orderer,
        contacts=parts.contacts,
        returner=Returner(desk=desk, converser=parts.converser),
        cases=parts.cases,
        questions=parts.questions,
        families=Families(desk=desk, orderer=parts.orderer, questions=parts.questions),
        label_clock=parts.label_clock,
        notices=Notices(desk=desk, converser=parts.converser, importer=importer),
    )


def _flows(desk: Desk, outlet: Outlet, scanner: Scanner | None) -> _Flows:
    parts = _parts(desk)
    asker, sharer, converser, label_clock = parts.asker, parts.sharer, parts.converser, parts.label_clock
    keeper, joiner = _keeper(desk, parts), Joiner(desk=desk, matcher=parts.matcher)
    suspects = Suspects(desk.store, desk.settings)
    breakers = Breakers(desk)
    scans = Scans(desk, scanner, sharer=sharer, asker=asker)
    guards = Guards(suspects=suspects, breakers=breakers, scans=scans)
    return _Flows(
        process=Process(desk, keeper, converser, suspects),
        deliver=Deliver(desk, outlet, sharer=sharer, converser=converser, guards=guards),
        reviews=Reviews(desk=desk, sharer=sharer, keeper=keeper, joiner=joiner, orderer=parts.orderer),
        clocks=Clocks(
            desk=desk,
            sharer=sharer,
            converser=converser,
            questions=parts.questions,
            label_clock=label_clock,
            permission_clock=PermissionClock(desk=desk, asker=asker),
        ),
        breakers=breakers,
        sweeps=Sweeps(
            scans=scans,
            meanings=Meanings(desk=desk, keeper=keeper, sharer=sharer, asker=asker, label_clock=label_clock),
            staging=Staging(desk.store, desk.vault, desk.clock),
            rules=RuleWatch(desk),
        ),
        school_exports=SchoolExports(desk=desk, sharer=sharer, contacts=parts.contacts),
    )


def _wire(settings: Settings, world: World, desk: Desk, store: TruthStore, bus: AnyBus) -> Application:
    address = broker_address(settings)
    queues = PartnerQueues(settings, address, desk.clock) if address else None
    outlet = MeasuredOutlet(OutletByTransport(world.outlet, queues.outlet) if queues else world.outlet, desk.tally)
    scanner = world.scanner or scanner_of(settings)
    flows = _flows(desk, outlet, scanner)
    identity = LogIdentity(origin=desk.origin, signer=desk.signer)
    heads, duty = HeadFile(settings.keys_folder), store.duty("sequencer")
    sequencer = Sequencer(store.log_store, identity, heads, desk.clock, is_ours=duty.is_ours)
    pressure = Pressure(store, PressureLimits.of(settings), desk.clock)
    receive = Receive(desk)
    pumps = pumps_of(settings, desk, receive, flows.process, flows.deliver)
    tickers = tickers_of(settings, sequencer, flows.clocks, flows.breakers, flows.sweeps)
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
        facts=FactKeeper(desk),
        reviews=flows.reviews,
        meanings=flows.sweeps.meanings,
        clocks=flows.clocks,
        school_exports=flows.school_exports,
        workers=(*pumps, *tickers, WakeUps(bus, pumps)),
        couriers=couriers_of(settings, store, bus),
        queues=queues,
        sentries=(Ticker("pressure", pressure.look, every_seconds=settings.pressure_seconds),),
    )
