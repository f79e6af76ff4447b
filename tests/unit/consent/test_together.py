"""May a document about several children go only where each child's own facts let it?"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.consent.decision import Decision, Permit, Refusal, Review
from gateway.consent.explain import explain
from gateway.consent.question import Question
from gateway.consent.question_json import decision_from_json, decision_to_json
from gateway.consent.together import decide_together
from gateway.model.category import Category
from tests.unit.consent.questions import LISTED, POLICY, a_consent, a_flag, a_question, answer
from tests.unit.consent.strategies import CONSENTS, FLAG_RECORDS, QUESTIONS, lets_go

many = settings(max_examples=150, deadline=None)
REFUSED = (a_consent(status="REFUSED"),)
STRICTNESS = {Permit: 0, Review: 1, Refusal: 2}
FACTS = st.tuples(st.lists(CONSENTS, max_size=2).map(tuple), st.lists(FLAG_RECORDS, max_size=2).map(tuple))
"""One child's consents and flags."""


@st.composite
def families(draw: st.DrawFn) -> tuple[Question, ...]:
    """Return one question for each of up to four children: the same but for the children's own facts."""
    first = draw(QUESTIONS)
    facts = draw(st.lists(FACTS | st.just((first.consents, first.flags)), min_size=1, max_size=3))
    return (first, *(replace(first, consents=consents, flags=flags) for consents, flags in facts))


def together(*questions: Question) -> Decision:
    return decide_together(*questions, policy=POLICY)


def strictness(decision: Decision) -> int:
    return STRICTNESS[type(decision)]


def test_a_childs_yes_does_not_speak_for_a_sibling_whose_family_said_no() -> None:
    decision = together(a_question(), a_question(consents=REFUSED))

    assert isinstance(decision, Refusal)
    assert decision.grounds.reason == answer(a_question(consents=REFUSED)).grounds.reason


def test_a_childs_yes_does_not_speak_for_a_sibling_nobody_was_asked_about() -> None:
    assert not isinstance(together(a_question(), a_question(consents=())), Permit)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_no_counts_more_than_a_question_and_a_question_more_than_a_yes(order: tuple[int, ...]) -> None:
    asks = a_question(consents=(a_consent(giver_capacity="UNKNOWN"),))
    children = (a_question(), asks, a_question(consents=REFUSED))

    decision = together(*(children[number] for number in order))

    assert isinstance(together(a_question(), asks), Review)
    assert isinstance(decision, Refusal)


def test_what_any_of_them_withholds_is_withheld_of_all() -> None:
    no_education = a_question(consents=(a_consent(categories_denied=("CAT-EDU",)),))
    hidden = a_question(flags=(a_flag("ADDRESS_WITHHELD"),))

    decision = together(no_education, hidden)

    assert isinstance(decision, Permit)
    assert {one.reason for one in decision.redactions} == {"R-CATEGORY", "R-ADDR"}
    assert decision.kept == (Category.ID,)


def test_a_document_of_which_each_child_withholds_another_half_does_not_go() -> None:
    halves = [a_question(consents=(a_consent(categories_denied=(code,)),)) for code in ("CAT-EDU", "CAT-ID")]

    decision = together(*halves)

    assert all(isinstance(answer(half), Permit) for half in halves)
    assert isinstance(decision, Refusal)
    assert decision.grounds.reason == "D-EMPTY"


def test_a_siblings_flag_does_not_turn_a_refusal_into_a_question() -> None:
    hidden = {"recipient": {"could_reidentify": True}}
    flagged, refused = a_question(**hidden, flags=(a_flag("ADDRESS_WITHHELD"),)), a_question(**hidden, consents=REFUSED)

    assert answer(flagged).grounds.reason == "H-DA"
    assert together(flagged, refused).grounds.reason == together(refused, flagged).grounds.reason == "D-REFUSED"


def test_a_flag_on_one_child_cuts_what_is_asked_about_another() -> None:
    flagged = a_question(categories=(Category.ID,), flags=(a_flag("THIRD_PARTY"),))

    decision = together(flagged, a_question(categories=(Category.ID, Category.THIRD)))

    assert isinstance(decision, Permit)
    assert "R-THIRD" in {one.reason for one in decision.redactions}


def test_where_nothing_is_left_of_what_one_child_needs_it_does_not_go_for_another() -> None:
    decision = together(a_question(categories=(Category.ROUTING,)), a_question(categories=(Category.EDU,)))

    assert isinstance(decision, Refusal)
    assert decision.grounds.reason == "D-EMPTY"


@pytest.mark.parametrize("levels", [("L2", "L4"), ("L4", "L2")], ids=["the second", "the first"])
def test_where_nothing_is_left_and_one_child_may_be_at_risk_a_person_is_asked(levels: tuple[str, str]) -> None:
    parts = zip(levels, (Category.ID, Category.EDU), strict=True)

    decision = together(*(a_question(level=level, recipient=LISTED, categories=(part,)) for level, part in parts))

    assert isinstance(decision, Review)
    assert decision.grounds.reason == "H-EMPTY"


def test_the_answer_says_what_each_child_alone_would_have_been_told() -> None:
    told = explain(together(a_question(), a_question(consents=REFUSED)), policy=POLICY)

    assert told.children[0].startswith("Child 1: Allowed")
    assert told.children[1].startswith("Child 2: Not sent: the family refused")
    assert "It is about several children. Each must let it go; the strictest answer counts:" in told.as_lines()


def test_one_child_without_siblings_has_an_answer_without_children() -> None:
    assert together(a_question()) == answer(a_question())
    assert together(a_question()).grounds.answers == ()


@many
@given(QUESTIONS)
def test_one_child_alone_is_decided_as_ever(question: Question) -> None:
    assert together(question) == answer(question)


@many
@given(families(), FACTS)
def test_another_sibling_never_permits_more(family: tuple[Question, ...], facts: Any) -> None:
    sibling = replace(family[0], consents=facts[0], flags=facts[1])

    before, after = together(*family), together(*family, sibling)

    assert strictness(after) >= strictness(before)
    assert lets_go(after) <= lets_go(before)


@many
@given(families())
def test_nothing_goes_that_any_child_alone_would_not_let_go(family: tuple[Question, ...]) -> None:
    joint = together(*family)

    assert all(lets_go(joint) <= lets_go(answer(one)) for one in family)


@many
@given(families())
def test_a_flag_on_one_child_protects_as_if_it_stood_on_every_child(family: tuple[Question, ...]) -> None:
    flags = tuple(flag for one in family for flag in one.flags)
    flagged = (replace(one, flags=flags) for one in family)

    assert lets_go(together(*family)) == set.intersection(*(lets_go(answer(one)) for one in flagged))


@many
@given(families())
def test_the_order_of_the_children_changes_nothing_that_goes(family: tuple[Question, ...]) -> None:
    there, back = together(*family), together(*reversed(family))

    assert strictness(there) == strictness(back)
    assert lets_go(there) == lets_go(back)


@many
@given(families())
def test_the_facts_and_the_time_limit_of_all_are_covered(family: tuple[Question, ...]) -> None:
    family = tuple(replace(one, flags=()) for one in family)
    alone = [answer(one).grounds for one in family]
    grounds = together(*family).grounds
    changed = replace(family[-1], consents=(*family[-1].consents, a_consent(consent_id="another")))

    assert grounds.valid_until == min((one.valid_until for one in alone if one.valid_until), default=None)
    assert len(grounds.answers) == len(family)
    assert together(*family[:-1], changed).grounds.facts_digest != grounds.facts_digest


@many
@given(families())
def test_a_joint_answer_is_stored_and_read_again(family: tuple[Question, ...]) -> None:
    joint = together(*family)

    assert decision_from_json(decision_to_json(joint)) == joint


def test_of_three_children_only_what_each_lets_go_goes() -> None:
    wide, narrow = a_question(), a_question(categories=(Category.ID,))

    decision = together(wide, wide, narrow)

    assert isinstance(decision, Permit)
    assert decision.kept == (Category.ID,)


@pytest.mark.parametrize(
    ("level", "kind", "reason"), [("L2", Refusal, "D-EMPTY"), ("L4", Review, "H-EMPTY")], ids=["L2", "L4"]
)
def test_where_nothing_goes_for_all_children_a_person_is_asked_only_if_one_may_be_at_risk(
    level: str, kind: type[Decision], reason: str
) -> None:
    first = a_question(level=level, recipient=LISTED, categories=(Category.ID,))
    second = a_question(level=level, recipient=LISTED, categories=(Category.EDU,))

    decision = together(first, second)

    assert isinstance(decision, kind)
    assert decision.grounds.reason == reason
    assert "O-LOG" in decision.grounds.obligations
