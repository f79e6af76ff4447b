"""Does a question from anybody's JSON mean what they wrote, and is what is odd refused where it is?"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from gateway.consent.decide import decide
from gateway.consent.decision import Permit, Redaction
from gateway.consent.hidden_person import HiddenPerson
from gateway.consent.question import Mode, ProtectionFlag, Purpose
from gateway.consent.question_json import (
    answer_to_json,
    check_consent,
    check_flag,
    consent_from_json,
    decision_from_json,
    decision_to_json,
    flag_from_json,
    hidden_from_json,
    permit_from_json,
    permit_to_json,
    question_from_json,
    question_to_json,
    stored_question,
)
from gateway.errors import SchemaViolationError
from gateway.model.category import Category
from tests.unit.consent.questions import AT, POLICY, a_consent, a_flag, a_question, answer
from tests.unit.consent.strategies import QUESTIONS

EXAMPLE = """
{"purpose": "COORDINATE", "mode": "DISCLOSE", "direction": "out", "level": "L2", "at": "2026-11-23T09:00:00Z",
 "area": "E09000003",
 "requester": {"organisation": "school-1", "type": "school", "role": "SCHOOL_USER", "authenticated": true,
               "training_valid": true, "agreement_signed": true, "listed_safeguarding_person": false},
 "recipient": {"organisation": "camhs-1", "type": "health", "in_directory": true, "secure_channel": true,
               "listed_safeguarding_person": false, "could_reidentify": false, "held_content": false,
               "agreement": {"id": "dsa-7", "version": "3", "status": "in_force", "expired_days": 0}},
 "categories": ["CAT-ID", "CAT-EDU", "CAT-HEALTH-S"],
 "consents": [{"consent_id": "c1", "giver_capacity": "PARENT_PR", "kinds": ["SHARE"], "purposes": ["COORDINATE"],
               "status": "GIVEN", "mode": "WRITTEN_SIGNED", "agencies_allowed": ["camhs-1"], "agencies_denied": [],
               "categories_denied": ["CAT-HEALTH-S"], "effective_from": "2026-09-01T00:00:00Z",
               "expires_on": "2027-09-01T00:00:00Z", "conflict": false}],
 "override": {"asserted": true, "basis": "safeguarding", "rationale": "given", "authoriser_role": "DSL"},
 "flags": [{"flag": "ADDRESS_WITHHELD", "person": "p1", "need_list": ["csc-1"]}],
 "match": {"status": "MATCH", "score": 0.98}, "emergency": false, "deemed_relevant": true,
 "detriment": {"assessed": true, "harmful": false},
 "court_order": {"kind": "requires_disclosure", "verified": true}, "statutory_episode_open": false,
 "caller_verified": true, "consent_mode_satisfied": true, "family_agreement": true, "recorded_concern": false,
 "no_consent_block": false, "switches": {"s16LA": false}}
"""
"""Every key of the interface at once."""


def the_example(**changes: Any) -> Any:
    """Return the example; None takes a key away."""
    tree = {**json.loads(EXAMPLE), **changes}
    return {name: part for name, part in tree.items() if part is not None}


def test_the_published_example_is_answered_by_its_court_order() -> None:
    decision = decide(question_from_json(the_example()), policy=POLICY)

    assert answer_to_json(decision) == {
        "result": "PERMIT_REDACTED",
        "reason": "P-ORDER",
        "rules": [7, 11],
        "obligations": ["O-REDACT", "O-LOG-SENS", "O-DPO", "O-LOG"],
        "redactions": [{"reason": "R-ADDR", "categories": ["CAT-ADDR", "CAT-CONTACT"]}],
        "policy_version": "sharing-2026.1",
        "valid_until": None,
    }


def test_without_the_order_it_is_answered_by_the_familys_consent() -> None:
    decision = decide(question_from_json(the_example(court_order=None)), policy=POLICY)

    assert answer_to_json(decision) == {
        "result": "PERMIT_REDACTED",
        "reason": "P-CONSENT",
        "rules": [7, 43, 45],
        "obligations": ["O-REDACT", "O-LOG-SENS", "O-REVIEW-DATE", "O-MARK-INCOMPLETE"],
        "redactions": [
            {"reason": "R-ADDR", "categories": ["CAT-ADDR", "CAT-CONTACT"]},
            {"reason": "R-CATEGORY", "categories": ["CAT-HEALTH-S"]},
        ],
        "policy_version": "sharing-2026.1",
        "valid_until": "2027-09-01T00:00:00Z",
    }


def test_what_goes_whole_and_what_does_not_go_have_nothing_withheld() -> None:
    refusal = answer_to_json(answer(a_question(consents=())))
    review = answer_to_json(answer(a_question(match=None)))

    assert answer_to_json(answer(a_question()))["result"] == "PERMIT"
    assert (refusal["result"], refusal["reason"], refusal["redactions"]) == ("DENY", "D-NONE", [])
    assert (review["result"], review["reason"], review["redactions"]) == ("REVIEW", "H-MATCH", [])


def test_mode_is_disclosing_unless_said() -> None:
    assert question_from_json(the_example(mode=None)).mode is Mode.DISCLOSE


@pytest.mark.parametrize("absent", [{}, {"match": None}], ids=["left out", "null"])
def test_what_is_absent_is_not_known(absent: dict[str, None]) -> None:
    tree = {**the_example(match=None, court_order=None), **absent}

    assert decide(question_from_json(tree), policy=POLICY).grounds.reason == "H-MATCH"


def test_the_time_may_be_given_beside_the_question() -> None:
    assert question_from_json(the_example(at=None), at=AT).at == AT
    assert question_from_json(the_example(), at=datetime(2000, 1, 1, tzinfo=UTC)).at == AT


def test_a_time_beside_it_makes_no_question_of_what_is_none() -> None:
    with pytest.raises(SchemaViolationError):
        question_from_json([], at=AT)


def test_a_question_comes_back_as_it_was_stored() -> None:
    asked = a_question(flags=(a_flag("ADDRESS_WITHHELD"),), level="a level nobody knows")

    assert stored_question(question_to_json(asked)) == asked


def test_times_are_kept_in_utc() -> None:
    question = question_from_json(the_example(at="2026-11-23T10:00:00+01:00"))

    assert question.at == AT
    assert question.at.tzinfo is UTC


@pytest.mark.parametrize("score", [Decimal("0.98"), 0.98, 1])
def test_a_score_may_be_any_number(score: Any) -> None:
    match = question_from_json(the_example(match={"status": "MATCH", "score": score})).match

    assert match is not None
    assert match.score == pytest.approx(float(score))


ODD: dict[str, tuple[Any, str]] = {
    "no group": ([], ""),
    "no purpose": (the_example(purpose=None), "purpose"),
    "a purpose there is not": (the_example(purpose="GOSSIP"), "purpose"),
    "a mode there is not": (the_example(mode="SHOUT"), "mode"),
    "no time": (the_example(at=None), "at"),
    "a time without its zone": (the_example(at="2026-11-23T09:00:00"), "at"),
    "a date for a time": (the_example(at="2026-11-23"), "at"),
    "a number for a time": (the_example(at=20261123), "at"),
    "a time that is none": (the_example(at="yesterday"), "at"),
    "an unknown key": (the_example(colour="blue"), "colour"),
    "an unknown key inside": (the_example(requester={"nickname": "x"}), "requester.nickname"),
    "an unknown key in a list": (the_example(consents=[{"consent_id": "c", "verdict": 1}]), "consents[0].verdict"),
    "a consent without its id": (the_example(consents=[{"status": "GIVEN"}]), "consents[0].consent_id"),
    "a flag without its name": (the_example(flags=[{"person": "p1"}]), "flags[0].flag"),
    "a level there is not": (the_example(level="L9"), "level"),
    "a direction there is not": (the_example(direction="up"), "direction"),
    "a status there is not": (the_example(match={"status": "MAYBE"}), "match.status"),
    "a consent's status there is not": (
        the_example(consents=[{"consent_id": "c", "status": "given"}]),
        "consents[0].status",
    ),
    "a flag there is not": (the_example(flags=[{"flag": "SECRET"}]), "flags[0].flag"),
    "a category there is not": (the_example(categories=["CAT-SHOES"]), "categories[0]"),
    "a denied category there is not": (
        the_example(consents=[{"consent_id": "c", "categories_denied": ["CAT-ID", "x"]}]),
        "consents[0].categories_denied[1]",
    ),
    "text for a truth": (the_example(emergency="true"), "emergency"),
    "a number for a truth": (the_example(emergency=1), "emergency"),
    "a truth for a number": (
        the_example(recipient={"agreement": {"expired_days": True}}),
        "recipient.agreement.expired_days",
    ),
    "text for a list": (the_example(categories="CAT-ID"), "categories"),
    "a list for a group": (the_example(requester=[]), "requester"),
    "a group for a list": (the_example(consents={}), "consents"),
    "text for a group": (the_example(switches="s16LA"), "switches"),
    "text for a switch": (the_example(switches={"s16LA": "on"}), "switches.s16LA"),
    "text for a score": (the_example(match={"score": "high"}), "match.score"),
    "a truth for a score": (the_example(match={"score": True}), "match.score"),
    "nothing in a list": (the_example(categories=[None]), "categories[0]"),
}


@pytest.mark.parametrize(("tree", "path"), ODD.values(), ids=ODD)
def test_what_is_odd_is_refused_where_it_is(tree: Any, path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        question_from_json(tree)

    assert caught.value.place.path == path
    assert caught.value.as_json()["code"] == "schema"


def test_a_refusal_never_repeats_what_was_written() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        question_from_json(the_example(level="Testina Exampleton"))

    assert "Testina" not in caught.value.message


# What is stored


@settings(max_examples=100, deadline=None)
@given(QUESTIONS)
def test_every_decision_survives_being_stored(question: Any) -> None:
    decision = decide(question, policy=POLICY, epochs={"child:c1": 3})

    stored = json.loads(json.dumps(decision_to_json(decision)))

    assert decision_from_json(stored) == decision


def test_a_stored_decision_says_its_result_first() -> None:
    stored = decision_to_json(answer(a_question(flags=(a_flag("ADDRESS_WITHHELD"),))))

    assert next(iter(stored)) == "result"
    assert stored["result"] == "PERMIT_REDACTED"


def test_only_a_permit_is_read_as_one() -> None:
    refusal = decision_to_json(answer(a_question(consents=())))

    with pytest.raises(SchemaViolationError):
        permit_from_json(refusal)


TAMPERED: dict[str, dict[str, Any]] = {
    "no result": {"result": None},
    "a result there is not": {"result": "YES"},
    "a result that is no text": {"result": ["PERMIT"]},
    "a refusal called a permit": {"kept": None, "epochs": None},
    "a cut that is gone": {"redactions": []},
    "a key that is new": {"also": "x"},
    "an epoch that is no number": {"epochs": {"policy": "1"}},
    "a category there is not": {"kept": ["CAT-ALL"]},
}


@pytest.mark.parametrize("changes", TAMPERED.values(), ids=TAMPERED)
def test_a_stored_permit_that_is_odd_is_refused(changes: dict[str, Any]) -> None:
    permit = answer(a_question(flags=(a_flag("ADDRESS_WITHHELD"),)))
    assert isinstance(permit, Permit)
    stored: Any = {name: part for name, part in {**permit_to_json(permit), **changes}.items() if part is not None}

    with pytest.raises(SchemaViolationError):
        permit_from_json(stored)


def test_a_locating_cut_survives_being_stored() -> None:
    permit = answer(a_question(flags=(a_flag("ADDRESS_WITHHELD"),)))
    assert isinstance(permit, Permit)

    again = permit_from_json(permit_to_json(permit))

    assert again.redactions == (
        Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True),
    )


# What families said, and who is protected


def test_a_familys_word_is_read_as_it_was_stored() -> None:
    stored: Any = {
        "consent_id": "c1",
        "giver_capacity": "PARENT_PR",
        "kinds": ["SHARE"],
        "purposes": ["COORDINATE"],
        "status": "GIVEN",
        "mode": "WRITTEN_SIGNED",
        "effective_from": "2026-09-01T00:00:00+00:00",
        "expires_on": "2027-09-01T00:00:00+00:00",
        "conflict": False,
    }

    assert consent_from_json(stored) == check_consent(stored) == a_consent()


def test_a_stored_word_nobody_knows_is_kept_and_counts_as_not_known() -> None:
    odd = consent_from_json({"consent_id": "c1", "kinds": ["SHARE"], "status": "SORT OF"})

    assert answer(a_question(consents=(a_consent(), odd))).grounds.reason == "D-NONE"


def test_a_stored_flag_nobody_knows_is_kept_and_protects() -> None:
    odd = flag_from_json({"flag": "SHELTERED"})

    decision = answer(replace(a_question(), flags=(odd,)))

    assert isinstance(decision, Permit)
    assert any(redaction.locating for redaction in decision.redactions)


def test_a_word_somebody_records_must_be_one_we_know() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_consent({"consent_id": "c1", "status": "SORT OF"})

    assert caught.value.place.path == "status"


def test_a_flag_somebody_sets_must_be_one_we_know() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_flag({"flag": "SHELTERED"})

    assert caught.value.place.path == "flag"


HIM: dict[str, Any] = {"name": "Otto Fatherly", "born": "1980-02-03"}


def test_a_flag_of_third_parties_may_name_them_and_is_told_without() -> None:
    tree: Any = {"flag": "THIRD_PARTY", "persons": [HIM]}

    assert check_flag(tree) == ProtectionFlag(flag="THIRD_PARTY")
    assert hidden_from_json(tree) == (HiddenPerson(name="Otto Fatherly", born="1980-02-03"),)


@pytest.mark.parametrize("tree", [{"flag": "ADOPTED"}, {"flag": "ADOPTED", "persons": None}], ids=["left out", "none"])
def test_a_flag_that_names_nobody_may_be_any(tree: dict[str, Any]) -> None:
    assert check_flag(tree) == ProtectionFlag(flag="ADOPTED")
    assert hidden_from_json(tree) == ()


@pytest.mark.parametrize(
    ("flag", "persons", "path"),
    [
        ("ADOPTED", [HIM], "persons"),
        ("THIRD_PARTY", "Otto Fatherly", "persons"),
        ("THIRD_PARTY", [HIM, {"born": "1980-02-03"}], "persons[1].name"),
        ("THIRD_PARTY", [{**HIM, "born": "in spring"}], "persons[0].born"),
        ("THIRD_PARTY", [{**HIM, "street": "Otto Street"}], "persons[0].street"),
    ],
    ids=["of another kind", "a text", "no name", "no day", "an unknown key"],
)
def test_a_flag_that_names_persons_wrongly_is_refused_with_the_place(flag: str, persons: Any, path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_flag({"flag": flag, "persons": persons})

    assert caught.value.place.path == path
    assert "Otto" not in str(caught.value)


def test_a_question_about_a_pull_through_lists_its_sections_as_categories() -> None:
    tree = the_example(
        purpose="PULL_THROUGH",
        court_order=None,
        statutory_episode_open=True,
        flags=None,
        requester={**the_example()["requester"], "role": "SOCIAL_WORKER"},
        categories=["CAT-PLAN"],
    )

    decision = decide(question_from_json(tree), policy=POLICY)

    assert decision.grounds.purpose is Purpose.PULL_THROUGH
    assert answer_to_json(decision)["reason"] == "P-PULL"
