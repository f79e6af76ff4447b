"""What holds of every sharing question there is?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.consent.case import FLAGS
from gateway.consent.decision import Permit, Refusal
from gateway.consent.digest import facts_digest
from gateway.consent.question import Consent, CourtOrder, Mode, Purpose, Question
from gateway.consent.question_json import answer_to_json, question_from_json, question_to_json
from gateway.model.category import Category
from tests.unit.consent.questions import AT, answer, fired
from tests.unit.consent.strategies import CONSENTS, FLAG_RECORDS, QUESTIONS, lets_go

many = settings(max_examples=100, deadline=None)
CONTENT = (Purpose.REQUEST_EH, Purpose.COORDINATE, Purpose.SCHOOL_EXPORT)
NEED = {"P-EMERG", "P-ORDER", "P-S47", "P-16LA", "P-S17C", "P-S17O", "P-DRAFT"}


@many
@given(QUESTIONS)
def test_every_question_has_one_answer_always_the_same(question: Question) -> None:
    first, again = answer(question), answer(question)

    assert first == again
    assert set(answer_to_json(first)) == {
        "result",
        "reason",
        "rules",
        "obligations",
        "redactions",
        "policy_version",
        "valid_until",
    }


@many
@given(QUESTIONS)
def test_the_rows_kept_for_a_purpose_answer_as_all_rows_would(question: Question) -> None:
    numbers = {int(name.rstrip("bcd")) for name in fired(question)}

    assert set(answer(question).grounds.rules) == numbers


@many
@given(QUESTIONS, FLAG_RECORDS)
def test_another_flag_never_lets_more_go(question: Question, flag: Any) -> None:
    flagged = replace(question, flags=(*question.flags, flag))

    assert lets_go(answer(flagged)) <= lets_go(answer(question))


@many
@given(QUESTIONS, CONSENTS, st.sampled_from(["REFUSED", "WITHDRAWN", "EXPIRED", None]))
def test_another_no_never_lets_more_go(question: Question, consent: Consent, status: str | None) -> None:
    denied = replace(question, consents=(*question.consents, replace(consent, status=status)))

    assert lets_go(answer(denied)) <= lets_go(answer(question))


LIMITS: dict[str, Callable[[Consent], Consent]] = {
    "an agency excluded": lambda one: replace(one, agencies_denied=(*one.agencies_denied, "camhs-1")),
    "a kind of agency excluded": lambda one: replace(one, agencies_denied=(*one.agencies_denied, "health")),
    "a kind of information excluded": lambda one: replace(one, categories_denied=(*one.categories_denied, "CAT-EDU")),
    "a word nobody knows excluded": lambda one: replace(one, categories_denied=(*one.categories_denied, "secrets")),
    "a first list of agencies": lambda one: replace(one, agencies_allowed=one.agencies_allowed or ("school",)),
    "a disagreement": lambda one: replace(one, conflict=True),
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
@many
@given(QUESTIONS.filter(lambda question: question.consents and question.purpose is not Purpose.TRANSFER))
def test_another_limit_on_consent_never_lets_more_go(limit: Callable[[Consent], Consent], question: Question) -> None:
    limited = replace(question, consents=(limit(question.consents[0]), *question.consents[1:]))

    assert lets_go(answer(limited)) <= lets_go(answer(question))


@many
@given(QUESTIONS)
def test_an_order_that_forbids_it_lets_nothing_go(question: Question) -> None:
    forbidden = replace(question, court_order=CourtOrder(kind="prohibits_disclosure", verified=True))

    assert isinstance(answer(forbidden), Refusal)


def _without(part: str, *names: str) -> dict[str, Callable[[Question], Question]]:
    def forget(question: Question, name: str) -> Question:
        record = getattr(question, part)
        return question if record is None else replace(question, **{part: replace(record, **{name: None})})

    return {f"{part}.{name}": lambda question, name=name: forget(question, name) for name in names}  # type: ignore[misc]


def _without_in_consents(name: str, nothing: object) -> Callable[[Question], Question]:
    change: dict[str, Any] = {name: nothing}
    return lambda question: replace(question, consents=tuple(replace(one, **change) for one in question.consents))


_ORDERED = CourtOrder(kind="requires_disclosure", verified=True)
FORGET: dict[str, Callable[[Question], Question]] = {
    **_without("requester", "organisation", "type", "role", "authenticated", "training_valid", "agreement_signed"),
    **_without("recipient", "organisation", "type", "in_directory", "secure_channel", "could_reidentify"),
    **_without("recipient", "held_content", "agreement"),
    **_without("override", "asserted", "rationale", "authoriser_role"),
    **_without("match", "status", "score"),
    **_without("detriment", "assessed", "harmful"),
    **_without("court_order", "kind", "verified"),
    **{
        name: lambda question, name=name: replace(question, **{name: None})  # type: ignore[misc]
        for name in (
            "match",
            "direction",
            "detriment",
            "statutory_episode_open",
            "caller_verified",
            "consent_mode_satisfied",
            "family_agreement",
            "recorded_concern",
            "no_consent_block",
            "area",
        )
    },
    **{
        f"consents.{name}": _without_in_consents(name, nothing)
        for name, nothing in {
            "giver_capacity": None,
            "kinds": (),
            "purposes": (),
            "status": None,
            "mode": None,
            "effective_from": None,
            "expires_on": None,
            "conflict": None,
        }.items()
    },
    "categories": lambda question: replace(question, categories=()),
    # What a court has ordered, or a social worker lists for an open statutory episode, may be more than an emergency
    # sends at once.
    "emergency, where neither a court nor a statutory episode asks for it": lambda question: (
        question
        if question.court_order == _ORDERED or question.statutory_episode_open is True
        else replace(question, emergency=None)
    ),
    # A denial is a no, and to forget a no may let more go; that denials bind is what the tests above show.
    "all consents, none of which denies anything": lambda question: (
        question
        if any(one.agencies_denied or one.categories_denied for one in question.consents)
        else replace(question, consents=())
    ),
}


@pytest.mark.parametrize("forget", FORGET.values(), ids=FORGET)
@settings(max_examples=30, deadline=None)
@given(QUESTIONS)
def test_forgetting_a_fact_never_lets_more_go(forget: Callable[[Question], Question], question: Question) -> None:
    assert lets_go(answer(forget(question))) <= lets_go(answer(question))


@many
@given(QUESTIONS, st.integers(min_value=0, max_value=500 * 24))
def test_time_alone_changes_nothing_before_valid_until(question: Question, hours: int) -> None:
    now = answer(question)
    at = AT + timedelta(hours=hours)
    until = now.grounds.valid_until
    later = answer(replace(question, at=at))

    still = until is None or at < until
    assert not still or _said(later) == _said(now)


def _said(decision: Any) -> tuple[object, ...]:
    redactions = decision.redactions if isinstance(decision, Permit) else ()
    return type(decision), decision.grounds.reason, decision.grounds.rules, redactions, lets_go(decision)


_AGAINST_CONVEYING = {"D-CHANNEL", "D-LEGAL", "D-POLICE", "D-EMPTY", "H-EMPTY"}


@many
@given(QUESTIONS)
def test_a_senders_own_document_is_decided_on_channel_sender_and_addressee_alone(question: Question) -> None:
    conveyed = replace(question, mode=Mode.CONVEY)
    bare = replace(
        conveyed,
        consents=(),
        match=None,
        override=None,
        detriment=None,
        switches={},
        no_consent_block=None,
        requester=replace(conveyed.requester, training_valid=None, agreement_signed=None, role=None),
        recipient=replace(conveyed.recipient, agreement=None, could_reidentify=True),
    )

    decision = answer(conveyed)
    assert lets_go(decision) == lets_go(answer(bare))
    assert isinstance(decision, Permit) or decision.grounds.reason in _AGAINST_CONVEYING


@many
@given(QUESTIONS, CONSENTS)
def test_nothing_that_rests_on_consent_goes_after_a_withdrawal(question: Question, consent: Consent) -> None:
    withdrawn = replace(consent, status="WITHDRAWN", kinds=("SHARE",))
    asked = replace(question, mode=Mode.DISCLOSE, consents=(*question.consents, withdrawn))

    decision = answer(asked)
    assert asked.purpose not in CONTENT or not isinstance(decision, Permit) or decision.grounds.reason in NEED


@many
@given(QUESTIONS)
def test_no_refusal_of_consent_stops_significant_harm_or_an_emergency(question: Question) -> None:
    grave = replace(question, purpose=Purpose.SAFEGUARD_S47)

    reason = answer(grave).grounds.reason
    assert reason not in {"D-REFUSED", "D-WITHDRAWN", "D-EXPIRED", "D-NONE", "D-VERBAL", "D-AGENCY", "D-DEFAULT"}


@many
@given(QUESTIONS)
def test_a_question_survives_its_json(question: Question) -> None:
    known = replace(
        question,
        flags=tuple(flag for flag in question.flags if flag.flag in FLAGS),
        consents=tuple(one for one in question.consents if "secrets" not in one.categories_denied),
    )

    again = question_from_json(question_to_json(known))

    assert again == known
    assert facts_digest(again) == facts_digest(known)


@many
@given(QUESTIONS, QUESTIONS)
def test_the_digest_names_the_facts_and_not_their_time(one: Question, other: Question) -> None:
    later = replace(one, at=AT + timedelta(days=3))

    assert facts_digest(later) == facts_digest(one)
    assert (facts_digest(one) == facts_digest(other)) == (one == other)


@many
@given(QUESTIONS)
def test_what_is_withheld_is_never_kept(question: Question) -> None:
    decision = answer(question)

    withheld = {
        category
        for redaction in (decision.redactions if isinstance(decision, Permit) else ())
        for category in redaction.categories
    }
    kept = set(decision.kept if isinstance(decision, Permit) else ())
    assert not withheld & kept
    assert kept <= set(question.categories)
    assert Category.ROUTING not in withheld


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("forget", FORGET.values(), ids=FORGET)
@settings(max_examples=2500, deadline=None)
@given(QUESTIONS)
def test_forgetting_a_fact_never_lets_more_go_at_length(
    forget: Callable[[Question], Question], question: Question
) -> None:
    assert lets_go(answer(forget(question))) <= lets_go(answer(question))
