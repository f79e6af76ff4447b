"""A referral reaches the MASH, whatever else is true, and what follows from it goes only where it may."""

import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.demo.stage import Stage, _profile
from gateway.flows.store.rows import State
from tests.acceptance.forms import LEVEL_4, accept, deliveries, form, send, wait_for, wait_for_ecaf

AGREED = "School, Early help"
ADAM = {
    "child_name": "Adam Fictional",
    "child_dob": "03/02/2015",
    "child_sex": "Male",
    "child_upn": "R201100018042",
    "child_nhs_number": "9434765919",
}


def received(stage: Stage, partner: str) -> list[dict[str, Any]]:
    """Return the documents a partner has taken, oldest first."""
    return [effect["document"]["document"] for effect in stage.effects(partner)]


def early_help(stage: Stage, reference: str, **answers: str) -> None:
    """Let a family that agrees be referred, and the MASH decide that a CAF is to start."""
    answers.setdefault("consent_agencies", AGREED)
    message = accept(stage, form("early-help-consent", reference, **answers))
    wait_for(stage, message, State.ACKNOWLEDGED)
    stage.mash("decide", {"reference": reference, "outcome": "MO3", "advice": "A CAF coordinator will call."})


def test_an_unknown_child_in_danger_is_with_the_mash_at_once(stage: Stage) -> None:
    """Nobody is asked who the child is before somebody who can help knows of them."""
    message = accept(stage, form("s47-unknown-child", "RED1"))

    delivery = wait_for(stage, message, State.ACKNOWLEDGED)

    assert delivery.reason == "P-EMERG"
    assert received(stage, "barnet-mash")[0]["reference"] == "RED1"


def test_a_practitioner_whose_training_lapsed_can_still_report_abuse(stage: Stage) -> None:
    """An account that may read nothing of ours may still raise the alarm."""
    message = accept(stage, form("single-child", "LAPSED1", perceived_level=LEVEL_4), by="health-visitors")

    assert wait_for(stage, message, State.ACKNOWLEDGED).recipient == "barnet-mash"


def test_a_refused_consent_does_not_stop_a_section_47_referral(stage: Stage) -> None:
    """Protection outranks privacy: a parent's no cannot keep a child's injury from the MASH."""
    body = form("consent-refused", "S47NO", request_type="I am worried that a child is being harmed or at risk of harm",
                perceived_level=LEVEL_4)  # fmt: skip

    delivery = wait_for(stage, accept(stage, body), State.ACKNOWLEDGED)

    assert delivery.reason == "P-S47"


def test_a_refused_consent_keeps_the_request_from_the_early_help_system(stage: Stage) -> None:
    message = accept(stage, form("consent-refused", "NO1"))
    wait_for(stage, message, State.ACKNOWLEDGED)

    stage.mash("decide", {"reference": "NO1", "outcome": "MO3", "advice": "Ask again."})

    assert wait_for_ecaf(stage, State.REFUSED).reason == "D-REFUSED"
    assert stage.effects("barnet-ecaf") == []


def test_what_the_family_agreed_to_arrives_cut_to_it(stage: Stage) -> None:
    early_help(stage, "YES1")

    wait_for_ecaf(stage, State.ACKNOWLEDGED)

    document = received(stage, "barnet-ecaf")[0]
    assert document["child"]["family_name"] == "Makebelieve"
    assert "ethnicity" not in document["child"]


def test_a_withdrawal_while_the_partner_is_down_stops_what_has_not_left(stage: Stage) -> None:
    """The family said stop before the record was taken: it may not be any more.

    A try whose end nobody knows may have arrived all the same, so that the partner is told to stop sharing it.
    """
    stage.mood("barnet-ecaf", {"behaviour": "unavailable"})
    early_help(stage, "STOP1")
    waiting = wait_for_ecaf(stage, State.ORDERED)
    stage.until("a first try", lambda: deliveries(stage, waiting.message_id)[0].attempt > 0)

    stage.order("consents.withdraw", {"child": str(waiting.subjects[0])})
    stage.mood("barnet-ecaf", {"behaviour": "ok"})

    assert wait_for_ecaf(stage, State.WITHDRAWN).reason == "D-WITHDRAWN"
    stage.until("the notice", lambda: bool(stage.effects("barnet-ecaf")))
    assert [document["step"] for document in received(stage, "barnet-ecaf")] == ["STOP_SHARING"]


def test_an_address_flag_set_while_the_partner_is_down_cuts_the_document_again(stage: Stage) -> None:
    """A refuge's address must not leave in a document that was decided before anybody knew it was one."""
    stage.mood("barnet-ecaf", {"behaviour": "unavailable"})
    early_help(stage, "FLAG1")
    waiting = wait_for_ecaf(stage, State.ORDERED)
    stage.until("a first try", lambda: deliveries(stage, waiting.message_id)[0].attempt > 0)

    stage.order("flags.set", {"child": str(waiting.subjects[0]), "flag": "ADDRESS_WITHHELD"})
    stage.mood("barnet-ecaf", {"behaviour": "ok"})
    wait_for_ecaf(stage, State.ACKNOWLEDGED)

    sent = json.dumps(stage.effects("barnet-ecaf"))
    assert "Makebelieve" in sent
    assert not {"ZZ99", "Nowhere Lane", "7946"} & {word for word in ("ZZ99", "Nowhere Lane", "7946") if word in sent}


def test_siblings_messages_arrive_in_order_while_the_partner_fails_in_between(stage: Stage) -> None:
    """A later form about one of the same siblings must not overtake an earlier one."""
    stage.mood("barnet-mash", {"behaviour": "unavailable", "count": 3})
    references = [f"ORDER{number}" for number in range(6)]
    for number, reference in enumerate(references):
        name = "two-siblings" if number % 2 == 0 else "single-child"
        who = {} if number % 2 == 0 else ADAM
        accept(stage, form(name, reference, perceived_level="Level 3: complex needs", **who))

    stage.until("all six to arrive", lambda: len(stage.effects("barnet-mash")) == len(references))

    assert [document["reference"] for document in received(stage, "barnet-mash")] == references


def test_the_same_form_twice_has_one_effect_and_one_receipt(stage: Stage) -> None:
    body = form("single-child", "TWICE1")

    first, second = send(stage, body), send(stage, body)

    assert first.json() == second.json()
    stage.until("the referral to arrive", lambda: len(stage.effects("barnet-mash")) == 1)


def test_another_body_under_the_same_key_is_a_conflict_and_is_kept(stage: Stage) -> None:
    send(stage, form("single-child", "KEY1"), key="one")

    answer = send(stage, form("two-siblings", "KEY2"), key="one")

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-conflict")
    kept = stage.application.store.read(lambda uow: uow.messages.find(state=State.QUARANTINED))
    assert [message.reason for message in kept] == ["idempotency-conflict"]


def test_feedback_tells_the_outcome_and_nothing_of_the_case(stage: Stage) -> None:
    """What a partner check found, or whether another child is known, is never in feedback."""
    early_help(stage, "FEED1")

    stage.until("feedback", lambda: bool(stage.effects("referral-portal")))

    told = received(stage, "referral-portal")[-1]
    assert told["reference"] == "FEED1"
    assert "Makebelieve" not in json.dumps(stage.effects("referral-portal"))


def test_a_person_is_told_when_nobody_decides_in_time(stage: Stage) -> None:
    message = accept(stage, form("single-child", "LATE1"))
    wait_for(stage, message, State.ACKNOWLEDGED)

    stage.pass_time(timedelta(days=1, hours=2))
    stage.pass_time(timedelta(days=2))

    reviews = stage.order("reviews.list", {})["reviews"]
    assert {row["reason"] for row in reviews} >= {"H-CLOCK-LATE"}


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        pytest.param("permit", State.ACKNOWLEDGED, id="permitted"),
        pytest.param("refuse", State.REFUSED, id="refused"),
    ],
)
def test_a_persons_decision_lets_what_waited_flow_on_or_ends_it(stage: Stage, choice: str, state: State) -> None:
    early_help(stage, "CAP1", consent_signatory_capacity="")
    waiting = wait_for_ecaf(stage, State.IN_REVIEW)
    reviews = stage.order("reviews.list", {})["reviews"]
    review = next(row for row in reviews if row["reason"] == waiting.reason)

    stage.order(
        "reviews.decide",
        {"review": review["review"], "choice": choice, "rationale": "The mother has parental responsibility."},
    )

    assert wait_for_ecaf(stage, state).delivery_id == waiting.delivery_id


def test_a_partner_who_would_act_twice_is_never_sent_twice_without_a_person(stage: Stage) -> None:
    """Nobody knows whether the document arrived: a person asks, rather than a second record being opened."""
    profile = _profile("barnet-ecaf", stage.simulators["barnet-ecaf"].url)
    stage.order("partners.update", {"profile": {**profile, "idempotency": "at-most-once"}})
    stage.mood("barnet-ecaf", {"behaviour": "half-close", "count": 1})

    early_help(stage, "ONCE1")

    assert wait_for_ecaf(stage, State.DEAD_LETTER).attempt == 1
    assert len(stage.effects("barnet-ecaf")) == 1
    reviews = stage.order("reviews.list", {})["reviews"]
    assert "H-NOT-DELIVERED" in {row["reason"] for row in reviews}


def test_a_referral_that_had_nowhere_to_go_goes_once_there_is_somewhere(stage: Stage) -> None:
    """The MASH was not set up when the form came: a person is told, sets it up, and the form is ordered again."""
    stage.order("partners.disable", {"organisation": "barnet-mash"})
    message = accept(stage, form("single-child", "NOWHERE1"))

    def asked() -> list[dict[str, Any]]:
        rows = stage.order("reviews.list", {})["reviews"]
        return [row for row in rows if row["reason"] == "H-NO-RECIPIENT"]

    stage.until("a person to be told", lambda: bool(asked()))
    stage.order("partners.enable", {"organisation": "barnet-mash"})
    stage.order(
        "reviews.decide",
        {"review": asked()[0]["review"], "choice": "again", "rationale": "The MASH is set up now."},
    )

    assert wait_for(stage, message, State.ACKNOWLEDGED).recipient == "barnet-mash"
