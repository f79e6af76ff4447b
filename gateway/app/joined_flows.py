"""How are the flows put together, each given the parts it shares with others?"""

from dataclasses import dataclass

from gateway.app.pumps import Sweeps
from gateway.flows.by_hand.aftercare import Aftercare
from gateway.flows.by_hand.break_glass import GlassBreaker
from gateway.flows.by_hand.meanings import Meanings
from gateway.flows.by_hand.reviews import Reviews
from gateway.flows.clocks import Clocks
from gateway.flows.context import Desk
from gateway.flows.conversing.cases import Cases
from gateway.flows.conversing.converse import Converser
from gateway.flows.conversing.effects import Effector
from gateway.flows.conversing.families import Families
from gateway.flows.conversing.give_back import Returner
from gateway.flows.conversing.notice_answers import Answers
from gateway.flows.conversing.notices import Notifier
from gateway.flows.conversing.order import Orderer
from gateway.flows.conversing.questions import Questions
from gateway.flows.deciding.rules import RuleWatch
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.delivering.deliver import Deliver, Guards
from gateway.flows.delivering.scanner import Scanner
from gateway.flows.delivering.scans import Scans
from gateway.flows.delivering.tell_persons import PersonTeller
from gateway.flows.exports.school_exports import SchoolExports
from gateway.flows.facts.consent_import import Importer
from gateway.flows.facts.consent_notice import Notices
from gateway.flows.facts.permission_clock import PermissionClock
from gateway.flows.people.ask import Asker
from gateway.flows.people.callers import Callers
from gateway.flows.people.duties import DutyKeeper
from gateway.flows.people.label_clock import LabelClock
from gateway.flows.ports import Outlet
from gateway.flows.receiving.keep import Keeper
from gateway.flows.receiving.process import Process
from gateway.flows.receiving.staging import Staging
from gateway.flows.trying.breakers import Breakers
from gateway.flows.trying.suspects import Suspects
from gateway.flows.understanding.contacts import ContactWatch
from gateway.flows.understanding.identify import Matcher
from gateway.flows.understanding.join import Joiner


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What is done with documents, joined."""

    process: Process
    deliver: Deliver
    reviews: Reviews
    aftercare: Aftercare
    glass: GlassBreaker
    clocks: Clocks
    breakers: Breakers
    sweeps: Sweeps
    school_exports: SchoolExports


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What several flows are made of."""

    asker: Asker
    duties: DutyKeeper
    sharer: Sharer
    orderer: Orderer
    cases: Cases
    converser: Converser
    questions: Questions
    matcher: Matcher
    notifier: Notifier
    contacts: ContactWatch
    label_clock: LabelClock


def _parts(desk: Desk, callers: Callers) -> _Parts:
    asker = Asker(desk.trail, desk.ids, desk.clock, callers)
    duties = DutyKeeper(desk=desk, callers=callers)
    sharer = Sharer(desk, asker, duties)
    orderer = Orderer(routes=desk.routes, sharer=sharer, asker=asker)
    cases = Cases(desk=desk)
    effector = Effector(desk=desk, asker=asker, orderer=orderer)
    return _Parts(
        asker=asker,
        duties=duties,
        sharer=sharer,
        orderer=orderer,
        cases=cases,
        converser=Converser(desk=desk, asker=asker, effector=effector, cases=cases),
        questions=Questions(desk=desk, asker=asker, orderer=orderer, cases=cases),
        matcher=Matcher(desk.vault, desk.ids),
        notifier=Notifier(desk=desk, orderer=orderer, duties=duties),
        contacts=ContactWatch(desk=desk, asker=asker),
        label_clock=LabelClock(calendar=desk.calendar, asker=asker),
    )


def _keeper(desk: Desk, parts: _Parts) -> Keeper:
    importer = Importer(desk=desk, matcher=parts.matcher, notifier=parts.notifier)
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
        notifier=parts.notifier,
        answers=Answers(duties=parts.duties, converser=parts.converser),
    )


def flows_of(desk: Desk, outlet: Outlet, scanner: Scanner | None, callers: Callers, teller: PersonTeller) -> Flows:
    """Return every flow of *desk*, joined to the others."""
    parts = _parts(desk, callers)
    asker, sharer, converser, label_clock = parts.asker, parts.sharer, parts.converser, parts.label_clock
    keeper, joiner = _keeper(desk, parts), Joiner(desk=desk, matcher=parts.matcher)
    suspects = Suspects(desk.store, desk.settings)
    breakers = Breakers(desk)
    scans = Scans(desk, scanner, sharer=sharer, asker=asker)
    guards = Guards(suspects=suspects, breakers=breakers, scans=scans)
    return Flows(
        process=Process(desk, keeper, converser, suspects),
        deliver=Deliver(desk, outlet, sharer=sharer, converser=converser, guards=guards),
        reviews=Reviews(desk=desk, sharer=sharer, keeper=keeper, joiner=joiner, orderer=parts.orderer),
        glass=GlassBreaker(desk=desk, sharer=sharer),
        aftercare=Aftercare(desk=desk, sharer=sharer, notifier=parts.notifier),
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
            teller=teller,
        ),
        school_exports=SchoolExports(desk=desk, sharer=sharer, contacts=parts.contacts),
    )
