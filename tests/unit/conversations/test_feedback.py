"""A referrer who hears nothing stops referring; a referrer who hears too much endangers somebody."""

from typing import Any

import pytest

from gateway.conversations.feedback import ReferrerClass, decision_feedback, referrer_class, waiting_feedback
from gateway.conversations.feedback_words import DISAGREE, HOLD_FILE, IN_WORDS, THANKS
from gateway.model.document import from_tree
from gateway.model.referral import MashOutcome
from gateway.model.tree import Group
from tests.unit.conversations.referral_stage import CALENDAR, MONDAY, local

TOLD = (ReferrerClass.PROFESSIONAL, ReferrerClass.SCHOOL)
EVERYBODY = (*TOLD, ReferrerClass.PUBLIC)


def feedback(
    referrer: ReferrerClass = ReferrerClass.PROFESSIONAL,
    outcome: MashOutcome = MashOutcome.MO3,
    *,
    is_protected: bool = False,
    **more: Any,
) -> Group | None:
    return decision_feedback(
        referrer, "REF-1", outcome=outcome, decided_at=MONDAY, is_protected=is_protected, more=more
    )


@pytest.mark.parametrize("referrer", EVERYBODY)
@pytest.mark.parametrize("outcome", MashOutcome)
@pytest.mark.parametrize("is_protected", [False, True], ids=["open", "protected"])
def test_every_feedback_is_a_canonical_document(
    referrer: ReferrerClass, outcome: MashOutcome, is_protected: bool
) -> None:
    tree = feedback(referrer, outcome, is_protected=is_protected, missing=["an address"], advice="a family hub")

    assert tree is not None
    from_tree("mash.feedback", tree)


@pytest.mark.parametrize("outcome", MashOutcome)
def test_a_professional_is_told_what_to_do_next_and_how_to_disagree(outcome: MashOutcome) -> None:
    tree = feedback(outcome=outcome)

    assert tree is not None
    assert len(str(tree["next_step"])) > 40
    assert tree["disagree"] == DISAGREE


def test_advice_reaches_the_referrer() -> None:
    tree = feedback(outcome=MashOutcome.MO2, advice="The family hub in Nowhere Lane is open to all.")

    assert tree is not None
    assert str(tree["next_step"]).endswith("The MASH adds: The family hub in Nowhere Lane is open to all.")


BESIDE = {"service": "Nowhere Family Hub", "contact": "The duty desk, 020 7946 0100", "mash_reference": "M-1"}


@pytest.mark.parametrize("referrer", TOLD)
def test_whoever_is_told_the_outcome_is_told_whom_to_ask_and_what_to_quote(referrer: ReferrerClass) -> None:
    tree = feedback(referrer, **BESIDE)

    assert tree is not None
    assert {name: tree[name] for name in BESIDE} == BESIDE
    assert tree["outcome_in_words"] == "Early help starts"


@pytest.mark.parametrize(
    ("referrer", "outcome", "is_protected"),
    [
        (ReferrerClass.PUBLIC, MashOutcome.MO3, False),
        (ReferrerClass.PROFESSIONAL, MashOutcome.MO12, False),
        (ReferrerClass.PROFESSIONAL, MashOutcome.MO9, True),
        (ReferrerClass.SCHOOL, MashOutcome.MO10, True),
    ],
    ids=["the public", "an allegation", "a withheld address", "a withheld address, returned"],
)
def test_whoever_must_not_know_is_told_of_no_service_and_no_desk(
    referrer: ReferrerClass, outcome: MashOutcome, is_protected: bool
) -> None:
    tree = feedback(referrer, outcome, is_protected=is_protected, missing=["an address"], **BESIDE)

    assert tree is not None
    assert not set(BESIDE) & set(tree)


def test_every_outcome_has_a_name() -> None:
    assert set(IN_WORDS) == set(MashOutcome)


def test_the_local_way_to_disagree_is_named_where_there_is_one() -> None:
    tree = feedback(disagree="https://partnership.example/disagree")

    assert tree is not None
    assert tree["disagree"] == "https://partnership.example/disagree"


def test_a_school_is_reminded_of_its_file() -> None:
    school, other = feedback(ReferrerClass.SCHOOL), feedback()

    assert school is not None
    assert other is not None
    assert HOLD_FILE in str(school["next_step"])
    assert HOLD_FILE not in str(other["next_step"])


@pytest.mark.parametrize("outcome", MashOutcome)
def test_the_public_are_thanked_and_told_the_same_whatever_was_decided(outcome: MashOutcome) -> None:
    tree = feedback(ReferrerClass.PUBLIC, outcome, advice="secret", missing=["secret"])

    assert tree == {"reference": "REF-1", "step": "received", "at": MONDAY.isoformat(), "next_step": THANKS}


def test_nobody_is_told_where_nobody_said_who_they_were() -> None:
    assert feedback(ReferrerClass.ANONYMOUS) is None


@pytest.mark.parametrize("referrer", TOLD)
def test_feedback_on_a_protected_child_is_the_same_whatever_was_decided(referrer: ReferrerClass) -> None:
    outcomes = [outcome for outcome in MashOutcome if outcome is not MashOutcome.MO10]

    told = {
        str(feedback(referrer, outcome, is_protected=True, advice=f"advice on {outcome}", missing=[]))
        for outcome in outcomes
    }

    assert len(told) == 1
    assert "outcome" not in told.pop()


def test_a_form_returned_for_a_protected_child_says_what_is_missing() -> None:
    tree = feedback(outcome=MashOutcome.MO10, is_protected=True, missing=["who has parental responsibility"])

    assert tree is not None
    assert tree["missing"] == ["who has parental responsibility"]


def test_a_form_returned_for_a_protected_child_says_nothing_in_anybodys_own_words() -> None:
    tree = feedback(outcome=MashOutcome.MO10, is_protected=True, missing=["a date"], advice="ask their new surgery")

    assert "surgery" not in str(tree)
    assert "surgery" in str(feedback(outcome=MashOutcome.MO10, missing=["a date"], advice="ask their new surgery"))


def test_an_allegation_against_an_adult_is_not_named() -> None:
    tree = feedback(ReferrerClass.SCHOOL, MashOutcome.MO12)

    assert tree is not None
    assert "outcome" not in tree


def test_whoever_waits_is_told_until_when_in_local_time() -> None:
    due = local(2026, 6, 2, 17, 15)

    tree = waiting_feedback(ReferrerClass.PROFESSIONAL, "REF-1", at=MONDAY, due=due, calendar=CALENDAR)

    assert tree is not None
    assert "Tuesday 2 June 2026 at 17:15" in str(tree["next_step"])
    from_tree("mash.feedback", tree)


def test_the_public_are_not_told_that_the_mash_is_still_deciding() -> None:
    assert waiting_feedback(ReferrerClass.PUBLIC, "REF-1", at=MONDAY, due=MONDAY, calendar=CALENDAR) is None


@pytest.mark.parametrize(
    ("sender", "referrer", "expected"),
    [
        pytest.param("school", {}, "school", id="a school's own credential"),
        pytest.param("health", {}, "professional", id="an agency's own credential"),
        pytest.param("portal", {"organisation": "Nowhere Lane Primary School"}, "school", id="a school on the form"),
        pytest.param("portal", {"role": "Teacher at an academy"}, "school", id="a school in the post"),
        pytest.param("portal", {"organisation": "Example Surgery"}, "professional", id="an agency on the form"),
        pytest.param("portal", {"name": "Trial Sampleby"}, "public", id="a name and no post"),
        pytest.param("portal", {"telephones": ["020 7946 0001"]}, "public", id="only a telephone"),
        pytest.param("portal", {"name": "", "emails": []}, "anonymous", id="blank boxes"),
        pytest.param("portal", None, "anonymous", id="no block at all"),
        pytest.param(None, {"organisation": "Example Surgery"}, "professional", id="an unknown sender"),
        pytest.param("public", {"name": "T", "organisation": "Police"}, "public", id="nobody is believed there"),
        pytest.param("public", {"organisation": "Police"}, "anonymous", id="nor answered without a name"),
    ],
)
def test_a_referrer_is_told_as_much_as_their_class_allows(
    sender: str | None, referrer: Group | None, expected: str
) -> None:
    assert referrer_class(sender, referrer).value == expected
