"""How does a document change shape? The Message Translator, in both directions.

Nothing is lost in silence: every leaf of the source is in the result, carried as a local answer, or listed as lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, TypeVar

from gateway.consent.clearance import Clearance, require_clearance
from gateway.errors import Place, TranslationError
from gateway.model.document import prove
from gateway.model.tree import Group, Tree
from gateway.translation.converters import plain
from gateway.translation.dates import day_of
from gateway.translation.leftovers import Leftovers
from gateway.translation.losses import Loss, Unmapped, Warning_
from gateway.translation.mapping import Mapping
from gateway.translation.partner_document import OutEnvelope, PartnerDocument, seal_off
from gateway.translation.paths import tellable
from gateway.translation.plan import Plan
from gateway.translation.rows import Envelope
from gateway.translation.run import Container, Meaning, Run, Scope, places, spell

Where: TypeAlias = Callable[[Container, str | int], str]
T = TypeVar("T")
NOT_FOR_RELEASE = "NOT FOR RELEASE"
_MARK = "handling"
"""Where a test is marked as one in a shape that has no envelope, and that a partner then refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A canonical document, and what must be told about how it came to be.

    Shape: `tree` is proved by the model. Paths of losses, warnings and labels are the source's. `mapping` is the
    digest of the table it was made by.
    """

    document: str
    tree: Group
    losses: tuple[Loss, ...]
    warnings: tuple[Warning_, ...]
    unmapped: tuple[Unmapped, ...]
    mapping: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What carrying a plan out came to: the target, the losses, and the run that remembers the rest.

    Shape: `where` tells the path of a leaf of the source.
    """

    out: Group
    losses: tuple[Loss, ...]
    run: Run
    where: Where


def nothing_known(_list_name: str, _label: str) -> str | None:
    """Return no meaning for any label: what to ask where nobody has mapped labels by hand."""
    return None


def translate_in(mapping: Mapping, source: Group, *, meaning: Meaning, on: date | None = None) -> Translated:
    """Return the canonical document that *source*, in the mapping's format, tells.

    Args:
        mapping: one that works inbound.
        source: what `gateway.formats` read.
        meaning: the code a person gave a label of a list, if one has; asked with what `Unmapped.label` would hold.
        on: the day the document came, where it does not say itself what day it is about. A day after it is a day a
            baby is due.

    Raises:
        TranslationError: a value that must be carried cannot be, or the mapping does not work inbound.
    """
    plan = _plan(mapping.inbound, mapping, "inbound")
    done = carry_out(plan, source, Run(meaning=meaning, on=on))
    return _translated(mapping, done)


def project(mapping: Mapping, tree: Group, *, index: int = 0) -> Translated:
    """Return the canonical document that the projection *mapping* makes of another, *tree*.

    Args:
        mapping: a projection.
        tree: the whole document it is made from.
        index: which element, from 0, where the mapping picks one of several: which child of a referral.

    Raises:
        TranslationError: there is no such element, or a value that must be carried cannot be.
    """
    plan = _plan(mapping.inbound, mapping, "as a projection")
    for names, _ in plan.others:
        part = tree.get(names[0])
        if not isinstance(part, list) or not 0 <= index < len(part):
            raise TranslationError("there is no such element to project", place=Place(path=f"{names[0]}[{index}]"))
    done = carry_out(plan, tree, Run(meaning=nothing_known, on=None, pick=index))
    return _translated(mapping, done)


def translate_out(mapping: Mapping, clearance: Clearance, *, envelope: OutEnvelope) -> PartnerDocument:
    """Return what *clearance* lets go, in the mapping's format, for the clearance's recipient alone.

    Raises:
        IntegrityError: that is no clearance.
        TranslationError: the mapping does not work outbound or is about another document, or a value that must be
            carried cannot be.
    """
    cleared = require_clearance(clearance)
    plan = _plan(mapping.outbound, mapping, "outbound")
    if cleared.document != mapping.document:
        raise TranslationError(f"{mapping.name} is about {mapping.document}, not {cleared.document}")
    done = carry_out(plan, cleared.tree, Run(meaning=nothing_known, on=None))
    tree = done.out
    if mapping.file.envelope is not None:
        tree = _wrapped(mapping.file.envelope, mapping.format, tree, cleared, envelope)
    elif cleared.is_test:
        tree = {_MARK: NOT_FOR_RELEASE, **tree}
    return seal_off(cleared, format_name=mapping.format, tree=tree, losses=done.losses)


def carry_out(plan: Plan, source: Group, run: Run) -> Carried:
    """Carry *plan* out over *source*, and settle whatever no row read.

    Raises:
        TranslationError: the document is not where the mapping looks for it, or a value that must be carried cannot be.
    """
    root = plan.source_of(source)
    if not isinstance(root, dict):
        raise TranslationError("the document is not where the mapping looks for it", place=Place(path=plan.body))
    if plan.spellings is not None:
        source = root = plan.spelled(root)
    run.views = {view.name: view.build(root, run) for view in plan.views}
    run.names = plan.names_of(root, run)
    scope = Scope((root,))
    run.on = _day_of(plan, scope, run) or run.on
    out: Group = {}
    plan.steps(scope, out, run)
    losses = Leftovers(plan=plan, run=run, out=out).settle(source, root)
    where = _teller(plan, source)
    return Carried(out, (*_lost_inside(run, where), *losses), run, where)


def _plan(plan: Plan | None, mapping: Mapping, way: str) -> Plan:
    if plan is None:
        raise TranslationError(f"{mapping.name} does not work {way}")
    return plan


def _translated(mapping: Mapping, done: Carried) -> Translated:
    prove(mapping.document, done.out)
    run, where = done.run, done.where
    warnings = [
        Warning_(path=where(holder, name), code=code, message=message) for holder, name, code, message in run.notes
    ]
    unmapped = [
        Unmapped(path=where(holder, name), list_name=table, label=label) for holder, name, table, label in run.unmapped
    ]
    return Translated(
        document=mapping.document,
        tree=done.out,
        losses=done.losses,
        warnings=_once_each(warnings),
        unmapped=_once_each(unmapped),
        mapping=mapping.digest,
    )


def _lost_inside(run: Run, where: Where) -> tuple[Loss, ...]:
    """Return what transforms said got lost of values that they did read."""
    return _once_each([Loss(path=where(holder, name), why=why) for holder, name, why in run.lost])


def _once_each(told: Sequence[T]) -> tuple[T, ...]:
    """Return what is *told*, without what is told again."""
    return tuple(dict.fromkeys(told) if len(told) > 1 else told)


def _teller(plan: Plan, source: Group) -> Where:
    """Return what tells the path of a leaf; paths are worked out only if any is asked for."""
    known = plan.known
    found: dict[int, str] = {}

    def shown(name: str) -> str:
        return tellable(name, known)

    def where(holder: Container, name: str | int) -> str:
        if not found:
            found.update(places(source, shown))
        return spell(found.get(id(holder), ""), name, shown)

    return where


def _day_of(plan: Plan, scope: Scope, run: Run) -> date | None:
    """Return the day the document says it is about."""
    if plan.dated is None:
        return None
    for *_, value in plan.dated(scope, run):
        day = day_of(plain(value)[:10])
        if day is not None:
            return date.fromisoformat(day.iso)
    return None


def _wrapped(names: Envelope, format_name: str, tree: Group, cleared: Clearance, envelope: OutEnvelope) -> Group:
    header: Group = {
        names.format: format_name,
        names.message: envelope.message,
        names.message_id: envelope.message_id,
        names.correlation_id: envelope.correlation_id,
        names.sent_at: envelope.sent_at.isoformat(),
        names.sender: envelope.sender,
    }
    if cleared.is_test:
        header[names.handling] = NOT_FOR_RELEASE
    withheld: list[Tree] = [
        {"reason": one.reason, "categories": [category.value for category in one.categories]}
        for one in cleared.withheld
    ]
    if withheld:
        header[names.withheld] = withheld
    return {**header, names.body: tree}
