"""What is the least that would turn an answer, and is it never a lie, a worse case, or a protection less?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from gateway.consent.changes import LETS_IT_GO, STOPS_IT, World
from gateway.consent.decide import decide
from gateway.consent.decision import Permit, Refusal
from gateway.consent.flip import Flip, flips
from gateway.consent.question import Agreement, CourtOrder, Detriment, MatchFact, Purpose, Question
from gateway.consent.question_json import result_of
from gateway.model.category import Category
from tests.unit.consent.questions import AT, DUTY, POLICY, a_consent, a_flag, a_question, answer
from tests.unit.consent.row_parts import PULL, a_referral
from tests.unit.consent.strategies import QUESTIONS, lets_go

SPOKEN = a_consent(mode="VERBAL_WITNESSED", effective_from=AT - timedelta(days=1))
OLD = a_consent(expires_on=AT - timedelta(days=1))
RUN_OUT = Agreement(id="dsa-7", version="3", status="expired", expired_days=90)
WORLD = World(terms=POLICY.tables.terms, asked_by="H-RECIP", manager_role="DSL", audit_role="DPO")


def codes(question: Question) -> list[tuple[str, ...]]:
    return [flip.codes for flip in flips(question, policy=POLICY)]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (a_question(consents=()), ("CONSENTED",)),
        (a_question(consents=(OLD,)), ("CONSENTED",)),
        (a_question(consents=(a_consent(status="REFUSED"),)), ("CHANGED_ITS_MIND",)),
        (a_question(consents=(a_consent(status="WITHDRAWN"),)), ("CHANGED_ITS_MIND",)),
        (a_question(consents=(a_consent(agencies_denied=("camhs-1",)),)), ("CHANGED_ITS_MIND",)),
        (a_question(consents=(a_consent(agencies_allowed=("school-9",)),)), ("ADDED",)),
        (a_question(consents=(SPOKEN,)), ("CONSENTED",)),
        (a_question(consents=(a_consent(conflict=True),)), ("RECONCILED",)),
        (a_question(match=MatchFact(status="POTENTIAL")), ("IDENTIFIED",)),
        (a_question(recipient={"agreement": RUN_OUT}), ("AGREEMENT",)),
        (a_question(recipient={"secure_channel": None}), ("SECURED",)),
        (a_question(recipient={"in_directory": False}), ("LISTED",)),
        (a_question(requester={"training_valid": False}), ("TRAINED",)),
        (a_question(requester={"authenticated": None}), ("AUTHENTICATED",)),
        (a_question(**{**PULL, "statutory_episode_open": None}), ("EPISODE",)),
        (a_question(**{**PULL, "requester": {}}), ("SOCIAL_WORKER",)),
        (a_question(purpose=Purpose.STEP_DOWN), ("FAMILY_AGREES",)),
        (a_question(purpose=Purpose.SAFEGUARD_S17, consents=()), ("CONSENTED",)),
        (a_question(purpose=Purpose.AUDIT, categories=()), ("AUDITOR",)),
        (a_question(purpose=Purpose.CHECK_EXISTS, categories=(), consent_mode_satisfied=True), ("CALLED_BACK",)),
        (a_question(court_order=CourtOrder(kind="requires_disclosure")), ("VERIFIED",)),
        (a_question(**DUTY), ("WEIGHED",)),
        (a_question(purpose=Purpose.SAFEGUARD_S47), ("PERMITTED",)),
        (a_question(), ("WITHDRAWN",)),
        (a_question(purpose=Purpose.STEP_DOWN, family_agreement=True), ("FAMILY_DISAGREES",)),
        (a_question(**PULL), ("AGREEMENT_ENDS",)),
        (a_referral(), ("FORBIDDEN",)),
    ],
)
def test_the_smallest_change_is_told_first(question: Question, first: tuple[str, ...]) -> None:
    assert codes(question)[0] == first


def test_two_things_that_are_both_missing_are_told_together() -> None:
    question = a_question(consents=(), recipient={"agreement": None})

    assert codes(question)[0] == ("CONSENTED", "AGREEMENT")


def test_what_goes_after_two_changes_is_told_before_what_a_person_must_answer_after_one() -> None:
    question = a_question(requester={"training_valid": False}, recipient={"agreement": None})

    found = flips(question, policy=POLICY)

    assert [(one.codes, one.result) for one in found] == [(("AGREEMENT", "TRAINED"), "PERMIT")]


def test_three_things_that_are_missing_are_more_than_can_be_told() -> None:
    question = a_question(consents=(), requester={"training_valid": False, "authenticated": False})

    assert "PERMIT" not in {one.result for one in flips(question, policy=POLICY)}


def test_the_three_likeliest_of_several_changes_are_told() -> None:
    assert codes(a_question()) == [("WITHDRAWN",), ("EXCLUDED",), ("RUN_OUT",)]


def test_a_question_for_a_person_that_nothing_lets_go_stays_one() -> None:
    asked = a_question(
        level="L4",
        recipient={"listed_safeguarding_person": True},
        categories=(Category.ADDR,),
        flags=(a_flag("ADDRESS_WITHHELD", need_list=()),),
    )

    assert answer(asked).grounds.reason == "H-EMPTY"
    assert codes(asked) == []


def test_each_child_of_a_document_must_be_let_go() -> None:
    brother, sister = a_question(), a_question(consents=())

    found = flips(brother, sister, policy=POLICY)

    assert found[0].codes == ("CONSENTED",)


@pytest.mark.parametrize(
    "question",
    [
        a_question(flags=(a_flag("POLICE_HOLD", whole_payload=True),)),
        a_question(court_order=CourtOrder(kind="prohibits_disclosure", verified=True)),
        a_question(**DUTY, detriment=Detriment(assessed=True, harmful=True)),
    ],
    ids=["the police hold it back", "a court forbids it", "telling harms the child more"],
)
def test_what_protects_somebody_is_not_for_anybody_here_to_change(question: Question) -> None:
    assert flips(question, policy=POLICY) == ()


PROTECTIVE: dict[str, Callable[[Question], object]] = {
    "flags": lambda question: question.flags,
    "purpose": lambda question: question.purpose,
    "level": lambda question: question.level,
    "emergency": lambda question: question.emergency,
    "relevance": lambda question: question.deemed_relevant,
    "concern": lambda question: question.recorded_concern,
    "who could work it out": lambda question: question.recipient.could_reidentify,
    "who is listed": lambda question: (
        question.recipient.listed_safeguarding_person,
        question.requester.listed_safeguarding_person,
    ),
    "the laws": lambda question: question.switches,
    "what is asked for": lambda question: question.categories,
    "what the family excluded": lambda question: [
        one.categories_denied for one in question.consents if one.consent_id != "imagined"
    ],
}


@settings(max_examples=60, deadline=None)
@given(QUESTIONS)
def test_no_change_makes_a_case_graver_or_a_protection_less(question: Question) -> None:
    made = [one.made(question, WORLD) for one in (*LETS_IT_GO, *STOPS_IT)]

    touched = {
        name
        for changed in made
        for name, fact in PROTECTIVE.items()
        if changed is not None and fact(changed) != fact(question)
    }

    assert touched == set()


@settings(max_examples=60, deadline=None)
@given(QUESTIONS)
def test_no_change_takes_back_a_harm_or_an_order_that_was_found(question: Question) -> None:
    held = replace(
        question,
        detriment=Detriment(assessed=True, harmful=True),
        court_order=CourtOrder(kind="prohibits_disclosure"),
    )

    made = [one.made(held, WORLD) or held for one in LETS_IT_GO]

    assert {(one.detriment, one.court_order) for one in made} == {(held.detriment, held.court_order)}


@settings(max_examples=40, deadline=None)
@given(QUESTIONS)
def test_what_is_told_was_tried_and_turns_the_answer(question: Question) -> None:
    before = answer(question)

    found = flips(question, policy=POLICY)

    assert [one for one in found if not turns(question, one)] == []
    assert all(one.result != result_of(before) for one in found)
    assert len({len(one.codes) for one in found}) <= 1


def turns(question: Question, flip: Flip) -> bool:
    """Tell whether the rules, asked once more with these changes, say what was told."""
    before = answer(question)
    world = replace(
        WORLD,
        asked_by=before.grounds.reason,
        social_work_role="CSC_TEAM_MANAGER",
        manager_role="CALDICOTT_GUARDIAN",
        audit_role="AUDITOR",
    )
    by_code = {one.code: one for one in (*LETS_IT_GO, *STOPS_IT)}
    changed = question
    for code in flip.codes:
        changed = by_code[code].made(changed, world) or changed
    after = decide(changed, policy=POLICY)
    return (result_of(after), after.grounds.reason) == (flip.result, flip.reason)


@settings(max_examples=40, deadline=None)
@given(QUESTIONS)
def test_what_would_go_after_it_is_cut_as_protections_say(question: Question) -> None:
    """A protection that withholds something now still withholds it then."""
    hidden = replace(question, flags=(*question.flags, a_flag("ADDRESS_WITHHELD", need_list=())))
    found = [one for one in flips(hidden, policy=POLICY) if one.result == "PERMIT"]

    assert [one.codes for one in found if hidden.mode == "DISCLOSE"] == []


def test_an_answer_that_goes_is_turned_by_what_it_rests_on() -> None:
    (first, *_) = flips(a_question(), policy=POLICY)

    assert (first.plain, first.result, first.reason) == (("The family withdraws its consent.",), "DENY", "D-WITHDRAWN")
    assert isinstance(answer(a_question()), Permit)
    assert lets_go(answer(a_question()))
    assert isinstance(answer(a_question(consents=())), Refusal)
