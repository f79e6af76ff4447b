"""What came, where did it go, and why?"""

import json
from typing import Any

import pytest

from gateway.app.operations.story import TELLERS
from gateway.audit.event import EventKind
from gateway.errors import MalformedMessageError
from tests.unit.operations.house import House, a_caller, a_form

SCREENER = a_caller("MASH_SCREENER")
FORM = "mash/govuk-forms-1"


def rows(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer[name]
    assert isinstance(found, list)
    return found


def test_a_referral_that_was_delivered_tells_its_story_in_plain_words(house: House) -> None:
    message = house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.work()

    traced = house.order(SCREENER, "messages.trace", message=message)

    texts = [str(step["text"]) for step in rows(traced, "steps")]
    assert texts[0].startswith("Received from Example referral form of Barnet, online.")
    assert "No child like this is known here: a new record was started." in texts
    assert any(text.startswith("May go to Example MASH of Barnet") for text in texts)
    assert texts[-1].startswith("Example MASH of Barnet confirmed that it has it under IN-")
    assert traced["state"] == "acknowledged"


def test_what_the_mash_answered_is_part_of_the_referrals_story(house: House) -> None:
    message = house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.work()
    decision = {"reference": "K7RD9WPA", "step": "acknowledged", "mash_reference": "M-1", "at": "2026-11-23T09:30:00Z"}
    house.receive("barnet-mash", "mash/decision-1", json.dumps(decision).encode())
    house.work()

    steps = rows(house.order(SCREENER, "messages.trace", message=message), "steps")

    assert steps[-1]["text"] == "The MASH confirmed that it has read it."


def test_no_step_and_no_list_shows_what_the_form_says(house: House) -> None:
    message = house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.work()

    shown = [
        house.order(SCREENER, "messages.list"),
        house.order(SCREENER, "messages.show", message=message),
        house.order(SCREENER, "messages.trace", message=message),
        house.order(SCREENER, "home.show"),
    ]

    said = str(shown)
    assert "Nobodyson" not in said
    assert "Makebelieve" not in said
    assert "Nowhere Lane" not in said.replace("Nowhere Lane Primary School", "")


def test_two_siblings_are_told_of_once(house: House) -> None:
    message = house.receive("referral-portal", FORM, a_form("two-siblings.json"))
    house.work()

    steps = rows(house.order(SCREENER, "messages.trace", message=message), "steps")

    texts = [(step["kind"], step["text"]) for step in steps]
    assert len(set(texts)) == len(texts)


def test_each_step_names_an_event_that_can_be_proved(house: House) -> None:
    message = house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.work()
    step = rows(house.order(SCREENER, "messages.trace", message=message), "steps")[0]

    proof = house.order(a_caller("AUDITOR"), "audit.prove", message=message, event=step["event"])

    assert proof["kind"] == "message.received"
    assert str(proof["proof"]).startswith("c2sp.org/tlog-proof@v1")


def test_what_the_gate_refused_is_in_the_list_with_its_reason(house: House) -> None:
    with pytest.raises(MalformedMessageError):
        house.receive("referral-portal", FORM, b"{")

    listed = rows(house.order(SCREENER, "messages.list", state="quarantined"), "messages")

    assert [row["reason_words"] for row in listed] == ["it ends in the middle"]


def test_a_list_can_be_cut_short(house: House) -> None:
    house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.receive("referral-portal", FORM, a_form("two-siblings.json"))

    assert len(rows(house.order(SCREENER, "messages.list", limit=1), "messages")) == 1


def test_home_counts_what_waits_what_came_and_what_is_stuck(house: House) -> None:
    house.letterbox.is_open = False
    house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.work()

    home = house.order(SCREENER, "home.show")

    assert (home["today"], home["stuck"]) == (1, 1)


def test_yesterdays_documents_are_not_todays(house: House) -> None:
    house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    house.clock.move(days=1)

    assert house.order(SCREENER, "home.show")["today"] == 0


def test_every_kind_that_is_told_is_one_of_the_logs() -> None:
    assert set(TELLERS) <= {kind.value for kind in EventKind}
