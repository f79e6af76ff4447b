"""In an area that asks for the family's agreement first, a form for early help without it goes back; no worry does."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.audit.event import EventKind
from gateway.demo.stage import Stage
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.acceptance.forms import LEVEL_4, accept, deliveries, form, send, wait_for
from tests.acceptance.told import decisions, events, policy_version, the_record

SOUTHWARK = "E09000028"
PORTAL = "referral-portal"
NOT_ASKED = {
    "parent_aware": "No",
    "consent_to_help": "",
    "consent_to_share": "",
    "consent_signatory": "",
    "consent_signatory_capacity": "",
    "consent_mode": "",
    "consent_date": "",
}
REQUEST = {
    "reference": "REQ-1",
    "position_agency": "Head of year",
    "full_name": "Mo Mockteacher",
    "child_name": "Testina Exampleton",
    "date_of_birth": "14/06/2016",
    "needs": "Often late and tired.",
    "perceived_level": "Level 2",
}


@pytest.fixture(scope="module")
def southwark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A gateway in Southwark, whose rule it is."""
    with Stage(tmp_path_factory.mktemp("southwark") / "gateway", authority=SOUTHWARK) as running:
        yield running


def refer(stage: Stage, reference: str, **answers: str) -> MessageId:
    """Send a form for early help at level 2 of a family that agrees, some of its answers changed."""
    return accept(stage, form("early-help-consent", reference, consent_agencies="School, Early help", **answers))


def again(stage: Stage, reference: str, **answers: str) -> MessageId:
    """Send a second form under the same reference."""
    body = form("early-help-consent", reference, consent_agencies="School, Early help", **answers)
    return MessageId(send(stage, body, key=f"{reference}-again").json()["message_id"])


def told(stage: Stage, reference: str) -> list[dict[str, Any]]:
    """Return the feedback on one form that its sender has had, oldest first."""
    said = [effect["document"]["document"] for effect in stage.effects(PORTAL)]
    return [one for one in said if one["reference"] == reference]


def seen(stage: Stage) -> set[str]:
    """Return the references of what the MASH has had."""
    return {effect["document"]["document"]["reference"] for effect in stage.effects("barnet-mash")}


def returned(stage: Stage, reference: str, **answers: str) -> MessageId:
    """Return our id of a form that lacks the family's agreement, once it has gone back."""
    message = refer(stage, reference, **(NOT_ASKED | answers))
    assert wait_for_first(stage, message).reason == "D-RETURN"
    stage.until("the feedback", lambda: bool(told(stage, reference)))
    return message


def wait_for_first(stage: Stage, message: MessageId) -> Any:
    """Return what was due to the MASH because of a form, once it is decided."""
    stage.until(f"{message} to be decided", lambda: bool(deliveries(stage, message)))
    return deliveries(stage, message)[0]


def test_a_form_without_the_family_s_agreement_goes_back_with_each_thing_that_is_missing(southwark: Stage) -> None:
    returned(southwark, "BACK1")

    (feedback,) = told(southwark, "BACK1")
    assert (feedback["outcome"], feedback["outcome_in_words"]) == ("MO10", "Returned, because something is missing")
    assert [reason.split(":")[0] for reason in feedback["missing"]] == [
        "The family's agreement",
        "Talk to the parents first",
    ]
    assert "no agreement is needed" in feedback["next_step"]


def test_a_returned_form_is_no_contact_of_the_mash_and_nobody_is_asked_about_it(southwark: Stage) -> None:
    message = returned(southwark, "BACK2")

    assert "BACK2" not in seen(southwark)
    assert [(one.recipient, one.state) for one in deliveries(southwark, message)] == [("barnet-mash", State.REFUSED)]
    held = the_record(southwark, message).conversation_id
    later = southwark.clock.now() + timedelta(days=30)
    timers = southwark.application.store.read(lambda uow: uow.timers.due(at=later, limit=100))
    assert held not in {timer.conversation_id for timer in timers}
    questions = southwark.application.store.read(lambda uow: uow.reviews.find(status=None, limit=500))
    assert held not in {one.subject_id for one in questions}


def test_the_log_says_which_rule_sent_a_form_back(southwark: Stage) -> None:
    message = returned(southwark, "BACK3")

    assert decisions(southwark, message) == [("barnet-mash", "D-RETURN", policy_version(southwark))]
    (decision,) = events(southwark, message, EventKind.DECISION_MADE)
    assert (decision["rules"], decision["obligations"]) == ([51], ["O-RETURN"])
    southwark.until("the end", lambda: steps(southwark, message)[-1] == "FedBack")
    assert steps(southwark, message) == ["Received", "Returned", "FedBack"]


def steps(stage: Stage, message: MessageId) -> list[str]:
    """Return the steps of a referral's conversation, oldest first."""
    return [event["step"] for event in events(stage, message, EventKind.CONVERSATION_STEPPED)]


def test_a_refusal_of_the_family_goes_back_as_a_refusal(southwark: Stage) -> None:
    returned(southwark, "BACK4", consent_to_share="No", parent_aware="Yes", reason_not_sought="They would rather wait.")

    assert told(southwark, "BACK4")[0]["missing"] == [
        "The family's agreement: the form says that they do not agree to share."
    ]


def test_a_form_that_comes_again_with_the_family_s_agreement_reaches_the_mash(southwark: Stage) -> None:
    returned(southwark, "BACK5")

    corrected = again(southwark, "BACK5")

    assert wait_for(southwark, corrected, State.ACKNOWLEDGED).recipient == "barnet-mash"
    southwark.mash("decide", {"reference": "BACK5", "outcome": "MO2", "advice": "Ask at the children's centre."})
    southwark.until("the decision's feedback", lambda: len(told(southwark, "BACK5")) == 2)
    assert told(southwark, "BACK5")[1]["outcome"] == "MO2"


def test_a_form_that_lacks_it_again_goes_back_again(southwark: Stage) -> None:
    returned(southwark, "BACK6")

    second = again(southwark, "BACK6", **NOT_ASKED)

    assert wait_for_first(southwark, second).reason == "D-RETURN"
    southwark.until("the second feedback", lambda: len(told(southwark, "BACK6")) == 2)


def test_a_correction_of_what_the_mash_has_is_the_mash_s_own_to_return(southwark: Stage) -> None:
    wait_for(southwark, refer(southwark, "HAS1"), State.ACKNOWLEDGED)

    worse = again(southwark, "HAS1", **NOT_ASKED)

    assert wait_for(southwark, worse, State.ACKNOWLEDGED).reason == "P-CONVEY"


WORRIES = {
    "level 3": {"perceived_level": "Level 3: complex needs"},
    "level 4": {"perceived_level": LEVEL_4},
    "no level": {"perceived_level": "I am not sure"},
    "immediate danger": {"immediate_danger": "Yes"},
    "safeguarding": {"request_type": "I am worried that a child is being harmed or at risk of harm"},
    "words about harm": {"harm": "A bruise that nobody could explain."},
    "grounds to share": {"share_without_consent_reason": "Asking them might put the child at risk."},
    "why nobody asked": {"reason_not_sought": "It did not seem safe to ask."},
    "an answer nobody has mapped": {"consent_to_share": "By word of mouth"},
}


@pytest.mark.parametrize("kind", WORRIES)
def test_what_is_or_may_be_a_worry_reaches_the_mash_without_agreement(southwark: Stage, kind: str) -> None:
    message = refer(southwark, f"WORRY {kind}", **(NOT_ASKED | WORRIES[kind]))

    delivery = wait_for(southwark, message, State.ACKNOWLEDGED)

    assert delivery.recipient == "barnet-mash"
    assert delivery.reason in {"P-CONVEY", "P-S47", "P-EMERG"}
    assert told(southwark, f"WORRY {kind}") == []


def test_where_the_area_has_no_such_rule_the_same_form_reaches_the_mash(stage: Stage) -> None:
    message = refer(stage, "BARNET", **NOT_ASKED)

    assert wait_for(stage, message, State.ACKNOWLEDGED).reason == "P-CONVEY"


def test_somebody_who_cannot_be_told_what_is_missing_is_not_sent_back(southwark: Stage) -> None:
    """What the public writes is answered with thanks and no more, so that nobody would hear what was missing."""
    message = refer(southwark, "PUBLIC", referrer_role="", referrer_organisation="", **NOT_ASKED)

    assert wait_for(southwark, message, State.ACKNOWLEDGED).reason == "P-CONVEY"


def test_a_request_to_start_early_help_goes_back_too(southwark: Stage) -> None:
    """It has no conversation, because nobody decides it here; its sender is told all the same."""
    message = ask_to_start(southwark, REQUEST)

    assert wait_for_first(southwark, message).reason == "D-RETURN"
    southwark.until("the feedback", lambda: bool(told(southwark, "REQ-1")))
    assert told(southwark, "REQ-1")[0]["outcome"] == "MO10"
    assert decisions(southwark, message) == [("barnet-mash", "D-RETURN", policy_version(southwark))]
    assert "REQ-1" not in seen(southwark)


def test_a_request_to_start_early_help_with_agreement_reaches_the_mash(southwark: Stage) -> None:
    message = ask_to_start(southwark, REQUEST | {"reference": "REQ-2", "consent_to_share": "Yes"})

    assert wait_for(southwark, message, State.ACKNOWLEDGED).reason == "P-CONVEY"


def ask_to_start(stage: Stage, answers: dict[str, str]) -> MessageId:
    """Post a request to start early help and return our id of it."""
    headers = {"Authorization": f"Bearer {stage.tokens[PORTAL]}"}
    answer = httpx.post(f"{stage.url}/v1/intake/mash/start-request-1", data=answers, headers=headers)
    assert answer.status_code == 202, answer.text
    return MessageId(answer.json()["message_id"])
