"""What are the rules told of a court's order, and whom does one bind?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.consent.court_order import PROHIBITS, REQUIRES, RecordedOrder, order_of, strictest
from gateway.consent.question import CourtOrder, Purpose, Question
from gateway.model.category import Category
from tests.unit.consent.questions import AT, POLICY, a_question

HOUR = timedelta(hours=1)


def an_order(kind: str = REQUIRES, **changes: Any) -> RecordedOrder:
    """Return an order about camhs-1, whom the question is about; one that requires is verified."""
    made = RecordedOrder(
        kind=kind,
        court="Family Court at Nowhere",
        reference="ZZ26C00001",
        made_on="2026-11-20",
        recorded_by="person:1",
        recipients=("camhs-1",),
        verified_by="person:2" if kind == REQUIRES else None,
    )
    return replace(made, **changes)


def told(*orders: RecordedOrder, question: Question | None = None) -> tuple[str | None, bool | None] | None:
    """Return kind and verification of what the rules are told."""
    found = order_of(orders, question or a_question(), POLICY.tables.terms)
    return (found.kind, found.verified) if found else None


HEARD: dict[str, tuple[tuple[RecordedOrder, ...], tuple[str, bool] | None]] = {
    "none": ((), None),
    "a verified requirement": ((an_order(),), (REQUIRES, True)),
    "one nobody verified": ((an_order(verified_by=None),), (REQUIRES, False)),
    "one towards somebody else": ((an_order(recipients=("csc-1",)),), None),
    "one towards a type of organisation, which is nobody": ((an_order(recipients=("health",)),), None),
    "one for another purpose": ((an_order(purposes=("SAFEGUARD_S47",)),), None),
    "one for this purpose": ((an_order(purposes=("COORDINATE",)),), (REQUIRES, True)),
    "one of all that is asked": ((an_order(categories=("CAT-ID", "CAT-EDU")),), (REQUIRES, True)),
    "one of less than is asked": ((an_order(categories=("CAT-ID",)),), (REQUIRES, False)),
    "one of each, verified and not": ((an_order(verified_by=None), an_order()), (REQUIRES, True)),
    "a prohibition towards the organisation": ((an_order(PROHIBITS),), (PROHIBITS, False)),
    "one towards its type": ((an_order(PROHIBITS, recipients=("health",)),), (PROHIBITS, False)),
    "one towards everybody": ((an_order(PROHIBITS, recipients=()),), (PROHIBITS, False)),
    "one towards another": ((an_order(PROHIBITS, recipients=("csc-1",)),), None),
    "two, and one was verified": (
        (an_order(PROHIBITS), an_order(PROHIBITS, verified_by="person:2")),
        (PROHIBITS, True),
    ),
    "one that was verified": ((an_order(PROHIBITS, verified_by="person:2"),), (PROHIBITS, True)),
    "one of a kind nobody knows": ((an_order("suggests"),), (PROHIBITS, False)),
    "a prohibition beside a requirement": ((an_order(), an_order(PROHIBITS)), (PROHIBITS, False)),
    "one that begins now": ((an_order(effective_from=AT),), (REQUIRES, True)),
    "one that begins later": ((an_order(PROHIBITS, effective_from=AT + HOUR),), None),
    "one that ends now": ((an_order(PROHIBITS, expires_on=AT),), None),
    "one that ends later": ((an_order(PROHIBITS, expires_on=AT + HOUR),), (PROHIBITS, False)),
}


@pytest.mark.parametrize(("orders", "heard"), HEARD.values(), ids=HEARD)
def test_the_rules_are_told_of_the_orders_that_bear_on_a_question(
    orders: tuple[RecordedOrder, ...], heard: tuple[str, bool] | None
) -> None:
    assert told(*orders) == heard


@pytest.mark.parametrize("kind", ["gp", "camhs"])
def test_who_may_not_tell_health_may_not_tell_a_narrower_kind_of_it(kind: str) -> None:
    narrower = a_question(recipient={"type": kind})

    assert told(an_order(PROHIBITS, recipients=("health",)), question=narrower) == (PROHIBITS, False)
    assert told(an_order(PROHIBITS, recipients=("school",)), question=narrower) is None


def test_who_may_not_tell_a_doctor_s_practice_may_not_tell_a_service_that_may_be_one() -> None:
    wider = a_question(recipient={"type": "health"})

    assert told(an_order(PROHIBITS, recipients=("gp",)), question=wider) == (PROHIBITS, False)


def test_what_tells_somebody_to_stop_is_kept_from_nobody_by_an_order() -> None:
    notice = a_question(purpose=Purpose.ADMIN, categories=())

    assert told(an_order(PROHIBITS, recipients=()), question=notice) is None
    assert an_order(PROHIBITS, recipients=()).concerns(notice, POLICY.tables.terms) is False


def test_feedback_is_forbidden_like_any_other_word_about_the_child() -> None:
    feedback = a_question(purpose=Purpose.FEEDBACK, categories=())

    assert told(an_order(PROHIBITS), question=feedback) == (PROHIBITS, False)


def test_an_order_of_some_kinds_covers_what_is_asked_whatever_the_order_of_both() -> None:
    asked = a_question(categories=(Category.EDU, Category.ID))

    assert told(an_order(categories=("CAT-ID", "CAT-ADDR", "CAT-EDU")), question=asked) == (REQUIRES, True)


FORBIDS, PROVED, UNPROVED = (
    CourtOrder(kind=PROHIBITS, verified=False),
    CourtOrder(kind=REQUIRES, verified=True),
    CourtOrder(kind=REQUIRES, verified=False),
)
TOGETHER: dict[str, tuple[list[CourtOrder | None], CourtOrder | None]] = {
    "nobody": ([], None),
    "none": ([None, None], None),
    "forbidden of one": ([PROVED, FORBIDS], FORBIDS),
    "forbidden of one, and nothing of the other": ([None, FORBIDS], FORBIDS),
    "required of one alone": ([PROVED, None], None),
    "required of both": ([PROVED, PROVED], PROVED),
    "verified for one alone": ([PROVED, UNPROVED], UNPROVED),
}


@pytest.mark.parametrize(("orders", "binds"), TOGETHER.values(), ids=TOGETHER)
def test_the_strictest_binds_a_document_about_several_children(
    orders: list[CourtOrder | None], binds: CourtOrder | None
) -> None:
    assert strictest(orders) == binds
