"""Does a decision say what it must, in the words of those who rely on it?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.consent.decide import decide
from gateway.consent.decision import Permit, Redaction, Refusal, Review
from gateway.consent.question import (
    CourtOrder,
    MatchFact,
    Mode,
    Purpose,
    Question,
    Requester,
)
from gateway.consent.question_json import result_of
from gateway.consent.statement_rules import add_weekdays
from gateway.model.category import Category
from tests.unit.consent.questions import (
    AT,
    COURT_REQUIRES,
    DUTY,
    LISTED,
    POLICY,
    a_consent,
    a_flag,
    a_question,
    answer,
    reasons,
)

EVERYTHING = tuple(category for category in Category if category is not Category.ROUTING)
MASH: dict[str, Any] = {"organisation": "mash-1", "type": "mash", "listed_safeguarding_person": True}


def a_teachers_referral(**changes: Any) -> Question:
    """Return the question of a referral a school sends to its MASH, about a child nobody knows, with no consent."""
    facts: dict[str, Any] = {
        "mode": Mode.CONVEY,
        "purpose": Purpose.SAFEGUARD_S47,
        "direction": "in",
        "level": "L4",
        "recipient": {**MASH, "agreement": None},
        "categories": EVERYTHING,
        "consents": (),
        "match": MatchFact(status="NEW"),
    }
    return a_question(**{**facts, **changes})


# What the front door relies on


def test_a_teacher_whose_training_lapsed_can_still_report_abuse() -> None:
    decision = answer(a_teachers_referral(requester={"training_valid": False, "agreement_signed": False}))

    assert isinstance(decision, Permit)
    assert decision.kept == EVERYTHING
    assert not decision.is_redacted


def test_the_same_teacher_gets_nothing_out_of_our_store() -> None:
    decision = answer(a_question(requester={"training_valid": False}))

    assert decision.grounds.reason == "D-ACCOUNT"


def test_a_refused_consent_does_not_stop_a_section_47_disclosure() -> None:
    refused = a_consent(status="REFUSED", purposes=("SAFEGUARD_S47", "COORDINATE"))

    decision = answer(a_question(purpose=Purpose.SAFEGUARD_S47, recipient=LISTED, consents=(refused,)))

    assert isinstance(decision, Permit)
    assert decision.grounds.reason == "P-S47"


def test_a_refused_consent_does_not_stop_a_referral() -> None:
    decision = answer(a_teachers_referral(level="L2", consents=(a_consent(status="REFUSED"),)))

    assert isinstance(decision, Permit)


@pytest.mark.parametrize("status", ["NEW", "NONE", "MANY", "LOW", "POTENTIAL", None])
def test_an_unknown_child_with_red_is_delivered_at_once(status: str | None) -> None:
    decision = answer(a_teachers_referral(level="IMMEDIATE", match=MatchFact(status=status)))

    assert isinstance(decision, Permit)
    assert decision.grounds.reason == "P-EMERG"
    assert "O-RATIONALE" in decision.grounds.obligations


def test_a_referral_at_level_2_is_delivered_whole_to_an_addressee_who_is_not_listed() -> None:
    addressee = {**MASH, "listed_safeguarding_person": None, "agreement": None}

    decision = answer(a_teachers_referral(purpose=Purpose.REQUEST_EH, level="L2", recipient=addressee))

    assert isinstance(decision, Permit)
    assert decision.grounds.reason == "P-CONVEY"
    assert decision.grounds.rules == (50,)
    assert decision.kept == EVERYTHING


@pytest.mark.parametrize(
    ("listed", "redactions"),
    [pytest.param(True, set(), id="listed"), pytest.param(False, {"R-ADDR"}, id="not listed")],
)
def test_a_withheld_address_is_cut_from_a_referral_only_if_the_addressee_is_not_listed(
    listed: bool, redactions: set[str]
) -> None:
    addressee = {**MASH, "listed_safeguarding_person": listed}

    decision = answer(a_teachers_referral(level="L2", recipient=addressee, flags=(a_flag("ADDRESS_WITHHELD"),)))

    assert isinstance(decision, Permit)
    assert {redaction.reason for redaction in decision.redactions} == redactions


def test_a_courts_prohibition_stops_even_a_referral() -> None:
    decision = answer(a_teachers_referral(court_order=CourtOrder(kind="prohibits_disclosure")))

    assert decision.grounds.reason == "D-LEGAL"


def test_an_insecure_channel_stops_even_an_emergency() -> None:
    decision = answer(a_teachers_referral(level="IMMEDIATE", recipient={**MASH, "secure_channel": None}))

    assert decision.grounds.reason == "D-CHANNEL"


def test_an_emergency_still_withholds_a_refuge_from_those_not_on_the_need_list() -> None:
    decision = answer(a_question(emergency=True, flags=(a_flag("ADDRESS_WITHHELD"),)))

    assert isinstance(decision, Permit)
    assert decision.redactions == (
        Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True),
    )


def test_a_withdrawal_stops_what_rests_on_consent_and_not_a_new_serious_concern() -> None:
    withdrawn = (a_consent(), a_consent(consent_id="c2", status="WITHDRAWN"))

    plan_update = answer(a_question(consents=withdrawn))
    step_up = answer(a_question(purpose=Purpose.STEP_UP, level="L4", recipient=LISTED, consents=withdrawn))

    assert plan_update.grounds.reason == "D-WITHDRAWN"
    assert step_up.grounds.reason == "P-S47"


# What is withheld


def test_the_example_of_the_interface_page_is_answered() -> None:
    question = a_question(
        categories=(Category.ID, Category.EDU, Category.HEALTH_S),
        consents=(a_consent(agencies_allowed=("camhs-1",), categories_denied=("CAT-HEALTH-S",)),),
        flags=(a_flag("ADDRESS_WITHHELD"),),
    )

    decision = answer(question)

    assert isinstance(decision, Permit)
    assert decision.grounds.reason == "P-CONSENT"
    assert decision.grounds.rules == (7, 43, 45)
    assert decision.kept == (Category.ID, Category.EDU)
    assert reasons(decision) == {"P-CONSENT", "R-ADDR", "R-CATEGORY"}
    assert decision.grounds.obligations == ("O-REDACT", "O-LOG-SENS", "O-REVIEW-DATE", "O-MARK-INCOMPLETE")


_ALL_BUT = {
    Purpose.COORDINATE: {Category.ADOPT, Category.POLICE, Category.THIRD},
    Purpose.TRANSFER: {Category.ADOPT, Category.POLICE, Category.THIRD},
    Purpose.STEP_DOWN: {Category.ADOPT, Category.POLICE, Category.THIRD},
    Purpose.STEP_UP: {Category.ADOPT, Category.POLICE, Category.THIRD},
    Purpose.SAFEGUARD_S17: {Category.ADOPT, Category.POLICE, Category.THIRD},
    Purpose.SAFEGUARD_S47: {Category.ADOPT},
    Purpose.EMERGENCY: {Category.ADOPT},
    # Without a limit of their own; at level 4, by which this test permits, that of significant harm.
    Purpose.STATUTORY_OTHER: {Category.ADOPT},
    Purpose.PULL_THROUGH: {Category.ADOPT},
}
_AT_MOST = {
    Purpose.CHECK_EXISTS: {Category.ID},
    Purpose.REQUEST_EH: {
        Category.ID,
        Category.CONTACT,
        Category.ADDR,
        Category.FAMILY,
        Category.OPINION,
        Category.CONSENT,
    },
    Purpose.SCHOOL_EXPORT: {Category.ID, Category.EDU, Category.PLAN},
    Purpose.FEEDBACK: set(),
    Purpose.ADMIN: set(),
}
_KEPT = {**{purpose: set(EVERYTHING) - less for purpose, less in _ALL_BUT.items()}, **_AT_MOST}


@pytest.mark.parametrize(("purpose", "kept"), _KEPT.items(), ids=lambda part: getattr(part, "value", ""))
def test_a_purpose_carries_no_more_than_it_needs(purpose: Purpose, kept: set[Category]) -> None:
    decision = answer(a_question(purpose=purpose, categories=EVERYTHING, level="L4", recipient=LISTED))

    assert isinstance(decision, Permit)
    assert set(decision.kept) == kept


def test_a_pull_through_below_level_4_carries_the_sections_it_lists() -> None:
    asked = (Category.ID, Category.ADOPT)

    decision = answer(
        a_question(
            purpose=Purpose.PULL_THROUGH,
            categories=asked,
            requester={"role": "SOCIAL_WORKER"},
            statutory_episode_open=True,
        )
    )

    assert isinstance(decision, Permit)
    assert decision.kept == asked


def test_what_comes_in_is_cut_like_anything_else_unless_a_school_sends_it() -> None:
    asked = (Category.ID, Category.POLICE)

    decision = answer(a_question(direction="in", categories=asked))

    assert isinstance(decision, Permit)
    assert decision.kept == (Category.ID,)


def test_in_an_emergency_an_order_nobody_verified_widens_nothing() -> None:
    unproven = replace(COURT_REQUIRES, verified=False)

    decision = answer(a_question(emergency=True, court_order=unproven, categories=(Category.ID, Category.POLICE)))

    assert isinstance(decision, Permit)
    assert decision.kept == (Category.ID,)


def test_a_pull_through_in_an_emergency_carries_no_adoption() -> None:
    asked = (Category.ID, Category.ADOPT)

    decision = answer(a_question(purpose=Purpose.PULL_THROUGH, emergency=True, categories=asked))

    assert isinstance(decision, Permit)
    assert decision.kept == (Category.ID,)


def test_a_recipient_nobody_named_is_told_as_no_name() -> None:
    assert answer(a_question(recipient={"organisation": None})).grounds.recipient == ""


def test_what_a_court_orders_goes_as_ordered() -> None:
    ordered = (Category.ID, Category.POLICE, Category.THIRD)

    decision = answer(a_question(categories=ordered, court_order=COURT_REQUIRES))

    assert isinstance(decision, Permit)
    assert decision.kept == ordered


@pytest.mark.parametrize(
    "grave",
    [{"purpose": Purpose.SAFEGUARD_S47}, {"level": "L4"}, {"level": "IMMEDIATE"}, {"emergency": True}],
    ids=" ".join,
)
def test_where_a_child_may_be_at_risk_a_person_is_asked_about_a_document_of_which_nothing_is_left(
    grave: dict[str, Any],
) -> None:
    adoption = {"categories": (Category.ADOPT,), "flags": (a_flag("ADOPTED", need_list=()),), "recipient": LISTED}

    decision = answer(a_question(**adoption, **grave))

    assert isinstance(decision, Review)
    assert decision.grounds.reason == "H-EMPTY"
    assert "O-LOG" in decision.grounds.obligations


def test_routing_data_is_never_withheld() -> None:
    decision = answer(a_question(purpose=Purpose.FEEDBACK, categories=(Category.ROUTING, Category.OPINION)))

    assert isinstance(decision, Permit)
    assert decision.kept == (Category.ROUTING,)


def test_what_leaves_nothing_does_not_go() -> None:
    decision = answer(a_question(categories=(Category.POLICE, Category.ROUTING)))

    assert isinstance(decision, Refusal)
    assert decision.grounds.reason == "D-EMPTY"
    assert decision.grounds.rules == (43, 46, 56)


@pytest.mark.parametrize("purpose", [Purpose.FEEDBACK, Purpose.ADMIN])
def test_feedback_and_notices_go_without_content(purpose: Purpose) -> None:
    decision = answer(a_question(purpose=purpose, categories=(Category.OPINION,), recipient={"held_content": True}))

    assert isinstance(decision, Permit)
    assert decision.kept == ()
    assert decision.is_redacted


def test_consent_limits_do_not_bind_what_rests_on_need() -> None:
    limited = a_consent(categories_denied=("CAT-EDU",), agencies_denied=("csc-1",))

    decision = answer(a_question(level="L4", recipient=LISTED, consents=(limited,)))

    assert isinstance(decision, Permit)
    assert not decision.is_redacted


def test_a_denied_kind_of_information_nobody_knows_denies_everything() -> None:
    decision = answer(a_question(consents=(a_consent(categories_denied=("the thing about Dad",)),)))

    assert decision.grounds.reason == "D-EMPTY"


@pytest.mark.parametrize("name", ["ADDRESS_WITHHELD", "ADOPTED", "POLICE_HOLD", "INFORMANT"])
def test_a_recipient_on_the_need_list_sees_behind_the_flag(name: str) -> None:
    flag = a_flag(name, need_list=("csc-1",))

    decision = answer(a_question(level="L4", recipient=LISTED, categories=EVERYTHING, flags=(flag,)))

    assert isinstance(decision, Permit)
    assert reasons(decision) == {"P-S47", "R-MINIMUM"}


def test_being_on_one_persons_need_list_opens_nobody_elses() -> None:
    flags = (a_flag("ADDRESS_WITHHELD", need_list=("csc-1",)), a_flag("ADDRESS_WITHHELD", person="p2", need_list=()))

    decision = answer(a_question(level="L4", recipient=LISTED, flags=flags))

    assert "R-ADDR" in reasons(decision)


# Time


def test_a_permit_ends_when_its_consent_does() -> None:
    decision = answer(a_question())

    assert decision.grounds.valid_until == datetime(2027, 9, 1, tzinfo=UTC)


def test_a_consent_counts_from_the_very_instant_it_begins() -> None:
    decision = answer(a_question(consents=(a_consent(effective_from=AT),)))

    assert decision.grounds.reason == "P-CONSENT"
    assert decision.grounds.valid_until == datetime(2027, 9, 1, tzinfo=UTC)


def test_a_permit_ends_when_another_consent_begins_that_may_limit_it() -> None:
    later = a_consent(consent_id="c2", effective_from=AT + timedelta(days=2), agencies_denied=("health",))

    decision = answer(a_question(consents=(a_consent(), later)))

    assert decision.grounds.valid_until == AT + timedelta(days=2)


def test_a_permit_on_a_spoken_consent_ends_after_ten_working_days() -> None:
    spoken = a_consent(
        mode="VERBAL_WITNESSED", purposes=("REQUEST_EH",), effective_from=datetime(2026, 11, 20, 15, tzinfo=UTC)
    )
    question = a_question(purpose=Purpose.REQUEST_EH, categories=(Category.ID,), consents=(spoken,))
    end = datetime(2026, 12, 4, 15, tzinfo=UTC)

    just_before = answer(replace(question, at=end - timedelta(microseconds=1)))
    at_the_end = answer(replace(question, at=end))

    assert answer(question).grounds.valid_until == end
    assert isinstance(just_before, Permit)
    assert at_the_end.grounds.reason == "D-VERBAL"


def test_what_rests_on_need_does_not_end_with_a_consent() -> None:
    assert answer(a_question(level="L4", recipient=LISTED)).grounds.valid_until is None


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2026-11-20", "2026-12-04", id="from a Friday"),
        pytest.param("2026-11-21", "2026-12-04", id="from a Saturday"),
        pytest.param("2026-11-22", "2026-12-04", id="from a Sunday"),
        pytest.param("2026-11-23", "2026-12-07", id="from a Monday"),
        pytest.param("2026-12-21", "2027-01-04", id="Christmas counts: too early, never too late"),
    ],
)
def test_ten_working_days_are_ten_weekdays(start: str, end: str) -> None:
    assert add_weekdays(datetime.fromisoformat(start), 10) == datetime.fromisoformat(end)


# What a decision carries


def test_an_answer_carries_what_it_was_about() -> None:
    decision = decide(a_question(), policy=POLICY, epochs={"child:c1": 3, "policy": 1})

    assert isinstance(decision, Permit)
    assert decision.epochs == {"child:c1": 3, "policy": 1}
    assert decision.grounds.recipient == "camhs-1"
    assert decision.grounds.purpose is Purpose.COORDINATE
    assert decision.grounds.decided_at == AT
    assert decision.grounds.policy_version == "sharing-2026.1"
    assert len(decision.grounds.facts_digest) == 64


def test_changing_the_counters_afterwards_changes_no_permit() -> None:
    epochs = {"policy": 1}
    decision = decide(a_question(), policy=POLICY, epochs=epochs)
    epochs["policy"] = 9

    assert isinstance(decision, Permit)
    assert decision.epochs == {"policy": 1}


def test_the_duty_to_share_wakes_up_only_with_its_switch() -> None:
    asleep = answer(a_question(**{**DUTY, "switches": {}}))
    awake = answer(a_question(**DUTY))

    assert asleep.grounds.reason == "P-CONSENT"
    assert awake.grounds.reason == "H-DETRIMENT"
    assert asleep.grounds.facts_digest != awake.grounds.facts_digest


def test_a_question_with_nothing_but_its_purpose_gets_nothing() -> None:
    bare = [answer(Question(purpose=purpose, at=AT, mode=mode)) for purpose in Purpose for mode in Mode]

    assert {result_of(decision) for decision in bare} == {"DENY"}
    assert {decision.grounds.reason for decision in bare} == {"D-CHANNEL"}


def test_an_absent_requester_is_nobody() -> None:
    assert answer(replace(a_question(), requester=Requester())).grounds.reason == "D-CHANNEL"
