"""What does a person's yes change, and what does it never bypass?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.consent.decision import Permit, Review
from gateway.consent.question import Agreement, CourtOrder, MatchFact, Override, PersonDecision, Purpose, Question
from gateway.model.category import Category
from tests.unit.consent.questions import AT, a_consent, a_flag, a_question, answer, reasons


def asked_again(question: Question, asked: str, /, **changes: Any) -> Question:
    """Return *question* after the responsible person said yes to what *asked*."""
    said = PersonDecision(choice="permit", role="MASH_MANAGER", review_id="rev-1", reason=asked)
    return replace(question, person_decision=replace(said, **changes))


_TO_CHARITY = a_question(purpose=Purpose.SAFEGUARD_S47)


def test_a_persons_yes_lets_it_go_with_the_same_cuts() -> None:
    flagged = replace(_TO_CHARITY, flags=(a_flag("ADDRESS_WITHHELD"),))

    decision = answer(asked_again(flagged, "H-RECIP"))

    assert isinstance(decision, Permit)
    assert reasons(decision) == {"P-PERSON", "R-ADDR"}
    assert 13 in decision.grounds.rules


def test_consent_limits_do_not_bind_what_a_person_permits() -> None:
    limited = a_consent(purposes=("SAFEGUARD_S47",), categories_denied=("CAT-EDU",))

    decision = answer(asked_again(replace(_TO_CHARITY, consents=(limited,)), "H-RECIP"))

    assert reasons(decision) == {"P-PERSON"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"choice": "refuse"}, id="a no"),
        pytest.param({"choice": None}, id="no choice"),
        pytest.param({"role": None}, id="nobody knows in what role"),
        pytest.param({"reason": "H-DSA"}, id="a yes to another question"),
    ],
)
def test_nothing_but_a_yes_to_this_very_question_counts(changes: dict[str, Any]) -> None:
    assert isinstance(answer(asked_again(_TO_CHARITY, "H-RECIP", **changes)), Review)


def test_a_persons_yes_does_not_bypass_a_court() -> None:
    forbidden = replace(_TO_CHARITY, court_order=CourtOrder(kind="prohibits_disclosure"))

    assert answer(asked_again(forbidden, "H-RECIP")).grounds.reason == "D-LEGAL"


def test_a_yes_to_sharing_without_an_agreement_does_not_replace_consent() -> None:
    question = a_question(recipient={"agreement": Agreement(status="missing")})

    with_consent = answer(asked_again(question, "H-DSA"))
    without = answer(asked_again(replace(question, consents=(a_consent(status="WITHDRAWN"),)), "H-DSA"))

    assert with_consent.grounds.reason == "P-CONSENT"
    assert with_consent.grounds.rules == (20, 43)
    assert without.grounds.reason == "D-WITHDRAWN"


@pytest.mark.parametrize(
    ("consent", "reason"),
    [
        pytest.param(
            a_consent(giver_capacity="CARER"), "H-CAPACITY", id="a carer who turns out to hold responsibility"
        ),
        pytest.param(a_consent(conflict=True), "H-PARENT-CONFLICT", id="parents who were heard"),
        pytest.param(
            a_consent(mode="VERBAL_WITNESSED", effective_from=AT - timedelta(days=3)), "H-VERBAL", id="a spoken word"
        ),
    ],
)
def test_a_persons_yes_makes_a_doubtful_consent_count_within_its_limits(consent: Any, reason: str) -> None:
    question = a_question(consents=(replace(consent, categories_denied=("CAT-EDU",)),))

    decision = answer(asked_again(question, reason))

    assert answer(question).grounds.reason == reason
    assert isinstance(decision, Permit)
    assert reasons(decision) == {"P-CONSENT", "R-CATEGORY"}


def test_a_yes_to_telling_what_was_confided_lifts_that_cut_alone() -> None:
    question = a_question(
        categories=(Category.ID, Category.SEXOR, Category.POLICE),
        flags=(a_flag("COMPETENT_CONFIDENTIAL"),),
        recipient={"type": "school"},
        override=Override(asserted=True, basis="competent-confidential"),
    )

    decision = answer(asked_again(question, "H-COMPETENT"))

    assert isinstance(decision, Permit)
    assert decision.kept == (Category.ID, Category.SEXOR)


def test_two_rules_that_both_ask_do_not_ask_for_ever() -> None:
    question = a_question(
        flags=(a_flag("ADDRESS_WITHHELD"),),
        recipient={"could_reidentify": True, "agreement": None},
    )

    first = answer(question)
    second = answer(asked_again(question, "H-DA"))
    third = answer(asked_again(question, "H-DSA", earlier=("H-DA",)))

    assert (first.grounds.reason, second.grounds.reason) == ("H-DA", "H-DSA")
    assert isinstance(third, Permit)


@pytest.mark.parametrize("reason", ["H-MATCH", "H-MATCH-CONF"])
def test_nobody_can_permit_what_is_about_nobody_in_particular(reason: str) -> None:
    question = a_question(match=MatchFact(status="MANY" if reason == "H-MATCH" else "POTENTIAL"))

    assert answer(asked_again(question, reason)).grounds.reason == reason
