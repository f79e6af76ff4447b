"""Which forms for early help are known to lack the family's agreement, and which may hold a worry or a yes?"""

import pytest

from gateway.conversations.effects import Order
from gateway.conversations.feedback_words import RETURNED as WORDS
from gateway.conversations.referral_events import Received
from gateway.conversations.referral_state import Stage
from gateway.conversations.returned import NOT_SAID, NOT_TOLD, REFUSED, is_early_help_alone, missing_agreement
from gateway.model.referral import Level, MashOutcome
from gateway.model.tree import Group
from tests.unit.conversations.referral_stage import (
    ACKNOWLEDGED,
    DECIDED,
    FED_BACK,
    HANDED_OVER,
    RECEIVED,
    RETURNED,
    after,
    only,
    refused,
    taken,
)

REFERRAL, REQUEST = "mash.referral", "ecaf.request"
SAID_NO: Group = {"agrees_to_share": "N", "parent_aware": "Y", "reason_not_sought": "They would rather wait."}
AGAIN = Received(
    record="rec_2",
    reference="REF-1",
    level=Level.L2,
    request_type=RECEIVED.request_type,
    referrer=RECEIVED.referrer,
)


@pytest.mark.parametrize(
    ("document", "tree"),
    [
        pytest.param(REFERRAL, {"request_type": "EARLY_HELP", "level": "L2"}, id="level 2"),
        pytest.param(REFERRAL, {"request_type": "EARLY_HELP", "level": "L1", "immediate_danger": "N"}, id="level 1"),
        pytest.param(REQUEST, {"level": "L1"}, id="a request is for early help by its nature"),
        pytest.param(REQUEST, {"level": "L2", "consent": SAID_NO}, id="why the family said no is no worry"),
    ],
)
def test_a_form_is_for_early_help_alone(document: str, tree: Group) -> None:
    assert is_early_help_alone(document, tree)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"request_type": None}, id="nobody says what it asks for"),
        pytest.param({"request_type": "SAFEGUARDING"}, id="a worry"),
        pytest.param({"level": None}, id="no level"),
        pytest.param({"level": "NONE"}, id="not sure of the level"),
        pytest.param({"level": "L3"}, id="level 3"),
        pytest.param({"level": "IMMEDIATE"}, id="immediate"),
        pytest.param({"immediate_danger": "Y"}, id="danger"),
        pytest.param({"harm": "A bruise."}, id="harm"),
        pytest.param({"consent": {"safeguarding_grounds": "Y"}}, id="grounds"),
        pytest.param({"consent": {"shared_without_consent_because": "It is not safe."}}, id="reason to share"),
        pytest.param({"consent": {"reason_not_sought": "It is not safe."}}, id="reason not to ask"),
        pytest.param({"consent": {**SAID_NO, "parent_aware": "N"}}, id="a no of somebody who does not know"),
    ],
)
def test_a_form_that_tells_of_harm_or_may_is_not(changes: Group) -> None:
    assert not is_early_help_alone(REFERRAL, {"request_type": "EARLY_HELP", "level": "L2", **changes})


@pytest.mark.parametrize(
    ("consent", "missing"),
    [
        pytest.param(None, (NOT_SAID,), id="nothing said"),
        pytest.param({"parent_aware": "Y"}, (NOT_SAID,), id="told, not asked"),
        pytest.param({"parent_aware": "N"}, (NOT_SAID, NOT_TOLD), id="not told"),
        pytest.param({"agrees_to_share": "U"}, (NOT_SAID,), id="not known"),
        pytest.param({"agrees_to_share": "N", "agrees_to_help": "Y"}, (REFUSED,), id="refused"),
        pytest.param({"agrees_to_share": "Y", "parent_aware": "N"}, (), id="agreed"),
        pytest.param({"agrees_to_help": "Y"}, (), id="agreed to help"),
    ],
)
def test_each_thing_that_is_missing_is_named(consent: Group | None, missing: tuple[str, ...]) -> None:
    tree: Group = {} if consent is None else {"consent": consent}

    assert missing_agreement(tree, unread=()) == missing


@pytest.mark.parametrize(
    ("tree", "unread"),
    [
        pytest.param({}, {"answer"}, id="an answer nobody has mapped"),
        pytest.param({"local": [{"key": "x-mash", "question": "Is the mother in agreement?"}]}, set(), id="in words"),
        pytest.param({"local": [{"key": "consentGiven", "answer": "on"}]}, set(), id="under another name"),
    ],
)
def test_a_form_that_may_say_that_they_agree_lacks_nothing(tree: Group, unread: set[str]) -> None:
    assert missing_agreement(tree, unread=unread) == ()


def test_what_nobody_has_mapped_of_something_else_changes_nothing() -> None:
    assert missing_agreement({}, unread={"ethnicity"}) == (NOT_SAID,)


def test_a_form_that_goes_back_is_told_of_as_returned_and_not_as_decided() -> None:
    answer = taken(after(RECEIVED), RETURNED)

    (order,) = only(answer.effects, Order)
    assert isinstance(order, Order)
    assert (order.facts["outcome"], order.facts["missing"]) == ("MO10", ["their agreement"])
    assert str(order.facts["next_step"]).startswith(WORDS)
    assert (answer.state.stage, answer.state.outcome, answer.state.decided_at) == (
        Stage.DECIDED,
        MashOutcome.MO10,
        None,
    )


def test_a_corrected_form_begins_anew_and_the_mash_is_not_thought_to_lack_the_first() -> None:
    state = after(RECEIVED, RETURNED, FED_BACK, AGAIN)

    assert state.stage is Stage.RECEIVED
    assert taken(state, type(HANDED_OVER)(record="rec_2")).state.is_handed_over


def test_the_mash_may_decide_a_corrected_form_whatever_its_clock_says() -> None:
    assert taken(after(RECEIVED, RETURNED, FED_BACK, AGAIN), DECIDED).state.outcome is DECIDED.outcome


@pytest.mark.parametrize(
    "before",
    [
        pytest.param((RECEIVED, HANDED_OVER, AGAIN), id="it has an earlier one"),
        pytest.param((RECEIVED, AGAIN), id="an earlier one is on its way"),
        pytest.param((RECEIVED, HANDED_OVER, ACKNOWLEDGED), id="it says that it has it"),
        pytest.param((RECEIVED, HANDED_OVER, DECIDED), id="it has decided"),
    ],
)
def test_what_the_mash_works_on_does_not_go_back(before: tuple[Received, ...]) -> None:
    assert refused(after(*before), RETURNED).code == "under-way"
