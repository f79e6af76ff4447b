"""What does a row withhold, and what does its withholding tell?"""

from dataclasses import replace
from typing import Any

import pytest

from gateway.consent.decide import decide, is_bare
from gateway.consent.decision import Permit, Redaction
from gateway.consent.question import Agreement, Override, PersonDecision, Purpose, Question
from gateway.model.category import Category, Tells
from tests.unit.consent.questions import POLICY, a_flag, a_question, answer
from tests.unit.consent.test_rows import ROWS


def withheld(question: Question) -> tuple[Redaction, ...]:
    decision = answer(question)
    assert isinstance(decision, Permit)
    return decision.redactions


def test_what_locates_goes_whole_whatever_was_asked_for() -> None:
    assert withheld(a_question(flags=(a_flag("ADDRESS_WITHHELD"),))) == (
        Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True),
    )


def test_what_tells_of_somebody_goes_whole_whatever_was_asked_for() -> None:
    assert withheld(a_question(flags=(a_flag("ADOPTED"),))) == (
        Redaction(reason="R-ADOPT", categories=(Category.ADOPT,), telling=(Tells.BIRTH, Tells.WORDS)),
    )


def test_a_police_hold_on_what_was_not_asked_for_leaves_no_trace() -> None:
    assert withheld(a_question(flags=(a_flag("POLICE_HOLD"),))) == ()


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        pytest.param((Category.ID, Category.SEXOR), (Category.SEXOR,), id="asked for"),
        pytest.param((Category.ID,), (), id="not asked for"),
    ],
)
def test_a_school_gets_neither_what_was_told_in_confidence_nor_what_tells_of_it(
    asked: tuple[Category, ...], gone: tuple[Category, ...]
) -> None:
    question = a_question(categories=asked, flags=(a_flag("COMPETENT_CONFIDENTIAL"),), recipient={"type": "school"})

    kept_back = {redaction.reason: redaction for redaction in withheld(question)}["R-COMPETENT"]

    assert (kept_back.categories, kept_back.telling) == (gone, (Tells.CHILD,))


def test_what_is_refused_is_refused_for_its_own_reason_though_nothing_would_be_left() -> None:
    question = a_question(consents=(), categories=(Category.ADDR,), flags=(a_flag("ADDRESS_WITHHELD"),))

    assert answer(question).grounds.reason == "D-NONE"


def test_the_question_of_a_cutting_row_that_a_person_has_answered_is_not_asked_again() -> None:
    asks = replace(ROWS["49"], tests=())
    question = a_question(override=Override(asserted=True, basis="competent-confidential"))
    policy = replace(POLICY, cutting={(question.purpose, question.mode): (asks,)})
    yes = PersonDecision(choice="permit", role="DSL", reason="H-COMPETENT")

    assert decide(question, policy=policy).grounds.reason == "H-COMPETENT"
    assert decide(replace(question, person_decision=yes), policy=policy).grounds.reason == "P-CONSENT"


def test_a_decision_names_the_agreement_it_was_made_under() -> None:
    held = Agreement(id="dsa-7", version="3", status="in_force", lawful_basis="GDPR-6.1.e")

    grounds = answer(a_question(recipient={"agreement": held})).grounds

    assert (grounds.agreement, grounds.agreement_version, grounds.lawful_basis) == ("dsa-7", "3", "GDPR-6.1.e")


@pytest.mark.parametrize(
    ("facts", "kept", "expected"),
    [
        pytest.param({}, (), True, id="nothing is left"),
        pytest.param({}, (Category.ROUTING,), True, id="nothing but references is left"),
        pytest.param({}, (Category.ID,), False, id="something is left"),
        pytest.param({"categories": (Category.ROUTING,)}, (), False, id="nothing else was asked for"),
        pytest.param({"purpose": Purpose.ADMIN}, (), False, id="the purpose is served without"),
    ],
)
def test_a_document_is_bare_where_what_it_is_for_is_gone(
    facts: dict[str, Any], kept: tuple[Category, ...], expected: bool
) -> None:
    assert is_bare(a_question(**facts), POLICY.tables, kept) is expected
