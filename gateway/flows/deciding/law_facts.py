"""What have courts ordered, and practitioners weighed, about the children of a sharing question?

Both are facts about a child, sealed under its key as protections are, and no marks on a document: they bind every
document about the child, those that were decided before as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.consent.court_order import RecordedOrder, order_of, strictest
from gateway.consent.law_json import order_from_json, weighing_from_json
from gateway.consent.question import Mode, Question
from gateway.consent.weighing import Weighing, weighed
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, read_group
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef

ORDER, WEIGHING = "order", "weighing"
"""The kinds of fact."""
KINDS = frozenset({ORDER, WEIGHING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What was ordered and weighed about one child, whether it holds now or not."""

    orders: tuple[RecordedOrder, ...] = ()
    weighings: tuple[Weighing, ...] = ()

    def held_at(self, at: datetime) -> tuple[RecordedOrder | Weighing, ...]:
        """Return what of it holds at *at*."""
        orders = tuple(one for one in self.orders if one.holds_at(at))
        return (*orders, *(one for one in self.weighings if one.holds_at(at)))


def law_about(desk: Desk, uow: UnitOfWork, subjects: Iterable[ChildRef]) -> tuple[Law, ...]:
    """Return what was ordered and weighed about each of *subjects*."""
    return tuple(_law_of(desk, uow, ref) for ref in dict.fromkeys(subjects))


def with_law(desk: Desk, uow: UnitOfWork, subjects: tuple[ChildRef, ...], question: Question) -> Question:
    """Return *question*, which is about *subjects*, with what was ordered and weighed about them.

    Orders bind what is conveyed too (rule 3). Weighings are about what we disclose: whether to tell in their own
    document is the sender's judgement, and one question is about one child where we disclose.
    """
    known = law_about(desk, uow, subjects)
    terms = desk.rules.at(desk.authority, question.at).policy.tables.terms
    ordered = strictest([order_of(one.orders, question, terms) for one in known])
    if question.mode is Mode.CONVEY:
        return replace(question, court_order=ordered) if ordered else question
    said = tuple(weighing for one in known for weighing in one.weighings)
    relevant, detriment = weighed(said, question)
    return replace(question, court_order=ordered, deemed_relevant=relevant, detriment=detriment)


def has_turned(known: Iterable[Law], since: datetime, at: datetime) -> bool:
    """Tell whether time alone has let any of it begin or end between *since* and *at*: no counter rises for that."""
    return any(one.held_at(since) != one.held_at(at) for one in known)


def _law_of(desk: Desk, uow: UnitOfWork, child: ChildRef) -> Law:
    facts = [fact for fact in uow.facts.of_child(child) if fact.kind in KINDS]
    if not facts:
        return Law()
    key = child_key(uow, child)
    told = [(one.kind, read_group(desk.vault.open(key, f"fact/{one.fact_id}", one.sealed))) for one in facts]
    return Law(
        orders=tuple(order_from_json(body) for kind, body in told if kind == ORDER),
        weighings=tuple(weighing_from_json(body) for kind, body in told if kind == WEIGHING),
    )
