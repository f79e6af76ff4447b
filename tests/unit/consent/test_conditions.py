"""What is each condition of what is half known, or not known at all?

The rows of the policy ask conditions one after another, so that most of this never comes to light there.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.consent.case import Case, CheckConsent, is_content
from gateway.consent.predicates import PREDICATES
from gateway.consent.question import Agreement, CourtOrder, Detriment, MatchFact, PersonDecision, Purpose, Question
from gateway.consent.statement_rules import lapses_at, may_name_agency, standing_of
from gateway.model.category import Category
from tests.unit.consent.questions import AT, COURT_REQUIRES, KNOWSLEY, LISTED, OVERRIDE, POLICY, a_consent, a_question
from tests.unit.consent.test_rows import ROWS

TABLES = POLICY.tables
TERMS = TABLES.terms
SPOKEN = a_consent(mode="VERBAL_WITNESSED", effective_from=AT - timedelta(days=3))


def holds(name: str, question: Question) -> bool:
    return PREDICATES[name](Case(question, TABLES))


def agreed(**facts: Any) -> Question:
    return a_question(recipient={"agreement": Agreement(**facts)})


def overridden(**facts: Any) -> Question:
    return a_question(override=replace(OVERRIDE, **facts))


def settled(reason: str, question: Question) -> Question:
    return replace(question, person_decision=PersonDecision(choice="permit", role="DSL", reason=reason))


CONDITIONS: list[tuple[str, Question, bool]] = [
    ("recipient_may_be_parent_or_school", a_question(recipient={"type": None}), True),
    ("recipient_may_be_family", a_question(recipient={"type": None}), True),
    ("recipient_may_be_family", a_question(), False),
    ("agreement_long_expired", a_question(recipient={"agreement": None}), False),
    ("agreement_long_expired", agreed(status="in_force", expired_days=90), False),
    ("agreement_long_expired", agreed(status="expired"), False),
    ("agreement_long_expired", agreed(status="expired", expired_days=30), False),
    ("agreement_long_expired", agreed(status="expired", expired_days=31), True),
    ("child_in_need", a_question(purpose=Purpose.SAFEGUARD_S17), True),
    ("child_in_need", a_question(purpose=Purpose.STEP_UP, level="L3"), True),
    ("child_in_need", a_question(purpose=Purpose.STEP_UP), False),
    ("child_in_need", a_question(level="L3"), False),
    ("more_than_existence", a_question(), True),
    ("more_than_existence", a_question(purpose=Purpose.CHECK_EXISTS), True),
    ("more_than_existence", a_question(purpose=Purpose.CHECK_EXISTS, categories=(Category.ID,)), False),
    ("step_down_not_allowed_here", a_question(area=KNOWSLEY, steps_down_from="looked_after"), True),
    ("step_down_not_allowed_here", a_question(area=KNOWSLEY, steps_down_from="child_in_need"), False),
    ("step_down_not_allowed_here", a_question(area=None, steps_down_from="looked_after"), True),
    ("step_down_not_allowed_here", a_question(area=None, steps_down_from="child_in_need"), False),
    ("step_down_not_allowed_here", a_question(steps_down_from="looked_after"), False),
    ("agreement_comes_first", a_question(area=None), True),
    ("agreement_comes_first", a_question(), False),
    ("match_not_stated", a_question(match=None), True),
    ("match_not_stated", a_question(match=MatchFact()), True),
    ("match_not_stated", a_question(), False),
    ("match_only_potential", a_question(match=None), False),
    ("court_requires", a_question(), False),
    ("order_verified", a_question(), False),
    ("no_proven_order", a_question(), True),
    ("no_proven_order", a_question(court_order=CourtOrder(kind="requires_disclosure")), True),
    ("no_proven_order", a_question(court_order=CourtOrder(kind="prohibits_disclosure", verified=True)), True),
    ("no_proven_order", a_question(court_order=CourtOrder(kind="requires_disclosure", verified=True)), False),
    ("no_proven_order", a_question(court_order=COURT_REQUIRES, emergency=True), True),
    ("no_proven_order", a_question(court_order=COURT_REQUIRES, level="IMMEDIATE"), True),
    ("override_complete", a_question(), False),
    ("override_complete", overridden(), True),
    ("override_complete", overridden(asserted=None), False),
    ("override_complete", overridden(authoriser_role="TEACHER"), False),
    ("override_complete", overridden(basis=None), False),
    ("override_complete", overridden(basis=" "), False),
    ("override_complete", overridden(rationale=None), False),
    ("override_complete", overridden(rationale=" "), False),
    ("detriment_not_weighed", a_question(), True),
    ("detriment_not_weighed", a_question(detriment=Detriment(assessed=True, harmful=False)), False),
    ("detriment_not_weighed", a_question(detriment=Detriment(harmful=True)), False),
    ("consent_absent", a_question(consents=()), True),
    ("consent_absent", a_question(consents=(a_consent(status="REFUSED"),)), False),
    ("consent_absent", a_question(consents=(a_consent(status="WITHDRAWN"),)), False),
    ("consent_absent", a_question(consents=(a_consent(expires_on=AT),)), False),
    ("consent_absent", a_question(consents=(a_consent(status=None),)), False),
    ("consent_only_spoken", a_question(consents=()), False),
    ("consent_only_spoken", a_question(consents=(SPOKEN,)), True),
    ("consent_only_spoken", a_question(consents=(SPOKEN, a_consent())), False),
    ("spoken_consent_lapsed", a_question(consents=()), False),
    ("spoken_consent_lapsed", a_question(consents=(SPOKEN,)), False),
    ("recipient_denied", a_question(recipient={"type": "parent"}), False),
    (
        "recipient_denied",
        a_question(recipient={"type": "parent"}, consents=(a_consent(), a_consent(persons_excluded=("a person",)))),
        True,
    ),
    ("consent_covers_recipient", a_question(), True),
    ("consent_covers_recipient", a_question(consents=()), False),
    ("consent_covers_recipient", a_question(consents=(a_consent(agencies_denied=("camhs-1",)),)), False),
    ("consent_covers_recipient", a_question(consents=(a_consent(agencies_allowed=("school-9",)),)), False),
    ("consent_covers_recipient", settled("H-CAPACITY", a_question(consents=())), False),
    ("consent_covers_recipient", a_question(consents=(a_consent(effective_from=None),)), False),
    ("consent_covers_recipient", a_question(consents=(a_consent(expires_on=None),)), False),
    ("consent_to_check_satisfied", a_question(consent_mode_satisfied=None), False),
]


@pytest.mark.parametrize(("name", "question", "expected"), CONDITIONS)
def test_a_condition_is_as_it_says_of_what_is_half_known(name: str, question: Question, expected: bool) -> None:
    assert holds(name, question) is expected


PROTECTING: list[tuple[bool, Question, bool]] = [
    (True, a_question(emergency=True), False),
    (True, a_question(level="L4", recipient=LISTED), False),
    (True, a_question(court_order=COURT_REQUIRES), False),
    (True, a_question(level="L4"), True),
    (True, a_question(recipient=LISTED), True),
    (True, a_question(court_order=replace(COURT_REQUIRES, verified=None)), True),
    (False, a_question(emergency=True), True),
    (False, a_question(level="L4", recipient=LISTED), True),
    (False, a_question(court_order=COURT_REQUIRES), True),
]


@pytest.mark.parametrize(("rests_on_need", "question", "expected"), PROTECTING)
def test_whoever_protects_a_child_is_told_who_there_is_only_where_that_is_why_it_goes(
    rests_on_need: bool, question: Question, expected: bool
) -> None:
    case = Case(question, TABLES)
    case.permit_rests_on_need = rests_on_need

    assert PREDICATES["not_needed_to_protect"](case) is expected


TO_TRANSFER = a_consent(kinds=("TRANSFER",), purposes=("TRANSFER",), agencies_allowed=("camhs-1",))


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        pytest.param(TO_TRANSFER, True, id="named"),
        pytest.param(replace(TO_TRANSFER, agencies_allowed=()), False, id="not named"),
        pytest.param(replace(TO_TRANSFER, agencies_denied=("camhs-1",)), False, id="named and denied"),
        pytest.param(replace(TO_TRANSFER, purposes=()), True, id="for whatever a transfer is for"),
    ],
)
def test_a_receiver_must_be_named_and_not_denied(consent: Any, expected: bool) -> None:
    question = a_question(purpose=Purpose.TRANSFER, consents=(consent,))

    assert holds("consent_names_receiver", question) is expected


@pytest.mark.parametrize(
    ("wanted", "consents", "expected"),
    [
        pytest.param(CheckConsent.STATED, (), True, id="stated"),
        pytest.param(CheckConsent.RECORDED, (), False, id="not on record"),
        pytest.param(CheckConsent.RECORDED, (SPOKEN,), True, id="on record"),
        pytest.param(CheckConsent.EXPRESS, (), False, id="express and not on record"),
        pytest.param(CheckConsent.EXPRESS, (SPOKEN,), False, id="express and only spoken"),
        pytest.param(CheckConsent.EXPRESS, (a_consent(),), True, id="express and in writing"),
    ],
)
def test_an_area_has_the_consent_to_a_check_that_it_wants(wanted: CheckConsent, consents: Any, expected: bool) -> None:
    said = tuple(replace(one, kinds=("CHECK_EXISTS",), purposes=("CHECK_EXISTS",)) for one in consents)
    question = a_question(purpose=Purpose.CHECK_EXISTS, consents=said, consent_mode_satisfied=True)
    case = Case(question, replace(TABLES, check_consent=wanted))

    assert PREDICATES["consent_to_check_satisfied"](case) is expected


# What a case works out


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"purpose": Purpose.AUDIT}, False),
        ({}, True),
        ({"purpose": Purpose.SCHOOL_EXPORT, "direction": "in", "no_consent_block": True}, False),
        ({"purpose": Purpose.SCHOOL_EXPORT, "direction": "in"}, True),
        ({"purpose": Purpose.SCHOOL_EXPORT, "direction": "out", "no_consent_block": True}, True),
        ({"purpose": Purpose.SCHOOL_EXPORT, "direction": None, "no_consent_block": True}, True),
        ({"purpose": Purpose.STEP_UP, "level": "L2"}, True),
        ({"purpose": Purpose.STEP_UP, "level": "L3"}, False),
    ],
)
def test_content_is_what_may_go_with_consent_alone(facts: dict[str, Any], expected: bool) -> None:
    assert is_content(a_question(**facts), TABLES) is expected


def test_before_any_row_has_permitted_nothing_rests_on_anything() -> None:
    case = Case(a_question(), TABLES)

    assert (case.permit_rests_on_consent, case.permit_rests_on_need) == (False, False)


def test_only_a_schools_own_form_that_comes_in_has_no_limit() -> None:
    asked = (Category.ID, Category.ADOPT)

    beyond = [
        Case(a_question(purpose=purpose, direction="in", categories=asked), TABLES).beyond_minimum
        for purpose in (Purpose.COORDINATE, Purpose.SCHOOL_EXPORT)
    ]

    assert beyond == [{Category.ADOPT}, set()]


def test_a_person_who_does_not_say_what_they_answer_has_settled_nothing() -> None:
    said = PersonDecision(choice="permit", role="DSL", reason=None, earlier=("H-DSA",))

    assert Case(a_question(person_decision=said), TABLES).settled == set()


# How the family's word stands


def test_a_denial_of_a_narrower_kind_of_agency_may_mean_whoever_is_of_no_known_kind() -> None:
    narrower = next(iter(TERMS.wider))
    recipient = replace(a_question().recipient, organisation="somewhere", type=None)

    assert may_name_agency((narrower,), recipient, TERMS) is True
    assert may_name_agency((), recipient, TERMS) is False


def test_a_spoken_word_from_nobody_knows_when_does_not_lapse() -> None:
    assert lapses_at(replace(SPOKEN, effective_from=None), TERMS) is None


@pytest.mark.parametrize(
    ("is_content", "withdrawn"), [pytest.param(True, True, id="content"), pytest.param(False, False, id="no content")]
)
def test_a_withdrawal_for_another_purpose_stops_content_alone(is_content: bool, withdrawn: bool) -> None:
    other = a_consent(status="WITHDRAWN", purposes=("SCHOOL_EXPORT",))

    standing = standing_of([other], purpose=Purpose.COORDINATE, at=AT, is_content=is_content, terms=TERMS)

    assert standing.withdrawn is withdrawn


def test_a_no_that_names_no_purpose_is_a_no_to_every_one() -> None:
    no = a_consent(status="REFUSED", purposes=())

    standing = standing_of([no], purpose=Purpose.COORDINATE, at=AT, is_content=True, terms=TERMS)

    assert standing.refused is True


def test_a_yes_that_names_no_purpose_is_a_yes_to_none_and_its_limits_hold() -> None:
    vague = a_consent(purposes=())

    standing = standing_of([vague], purpose=Purpose.COORDINATE, at=AT, is_content=True, terms=TERMS)

    assert (standing.yes, standing.binding) == ([], [vague])


def test_a_word_nobody_understands_binds() -> None:
    odd = a_consent(status="SORT OF", categories_denied=("CAT-ID",))

    standing = standing_of([odd], purpose=Purpose.COORDINATE, at=AT, is_content=True, terms=TERMS)

    assert (standing.unknown, standing.binding) == (True, [odd])


@pytest.mark.parametrize(("name", "expected"), [("43", True), ("44", True), ("3", False)])
def test_a_row_applies_or_it_does_not(name: str, expected: bool) -> None:
    assert ROWS[name].applies(Case(a_question(), TABLES)) is expected


def test_a_listed_recipient_is_listed_to_both() -> None:
    assert holds("both_listed", a_question(recipient=LISTED, requester={"listed_safeguarding_person": True})) is True
    assert holds("both_listed", a_question(recipient=LISTED)) is False


def test_what_a_module_of_conditions_only_borrows_or_keeps_to_itself_is_no_condition() -> None:
    assert [name for name in PREDICATES if name.startswith("_")] == []
    assert {"names_agency", "may_name_agency", "lapses_at"} & set(PREDICATES) == set()
