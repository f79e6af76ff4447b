"""What does the sender of a request to start learn of what the MASH decides about it?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.model.identifiers import MessageId
from tests.integration.flows.house import ECAF, MASH, PORTAL, SCHOOL, House, profile

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "mash"
DUE = "H-CLOCK-LATE"


def ask(house: House, name: str = "start-request.json", **changes: Any) -> MessageId:
    """Let a school send a request to start."""
    house.enrol(profile("school-example", staff={"training_valid": True, "agreement_signed": True}))
    told: dict[str, Any] = json.loads((EXAMPLES / name).read_bytes())
    message = house.accept(json.dumps({**told, **changes}).encode(), by=SCHOOL, form="mash/start-request-1")
    house.work()
    return message


def decide(house: House, outcome: str | None, *, reference: str = "REQ-0001", by: Any = MASH, **more: Any) -> None:
    """Let a MASH answer: acknowledge, where it names no outcome."""
    step = {"step": "acknowledged"} if outcome is None else {"step": "decided", "outcome": outcome}
    told = {"reference": reference, "at": house.clock.now().isoformat(), "mash_reference": "M-7", **step, **more}
    house.accept(json.dumps(told).encode(), by=by, form="mash/decision-1")
    house.work()


def feedback(house: House) -> list[dict[str, Any]]:
    return [json.loads(body)["document"] for _, kind, body in house.outlet.sent if kind == "mash.feedback.sent"]


def test_who_asked_learns_that_early_help_starts_and_each_child_has_an_episode(house: House) -> None:
    ask(house)
    decide(house, "MO3")

    (told,) = feedback(house)
    assert (told["reference"], told["outcome"], told["mash_reference"]) == ("REQ-0001", "MO3", "M-7")
    episodes = house.outlet.to(ECAF)
    assert [one["child"]["given_names"] for one in episodes] == ["Testina", "Tobias"]
    assert {one["source_reference"] for one in episodes} == {"REQ-0001"}


@pytest.mark.parametrize(
    ("outcome", "more", "said"),
    [
        ("MO1", {"reason": "No need was found."}, "no further action"),
        ("MO4", {}, "already in place"),
        ("MO6", {}, "child and family assessment"),
        ("MO8", {}, "gone to the worker"),
        ("MO10", {"missing": ["who has parental responsibility"]}, "something is missing"),
    ],
    ids=["declined", "joined", "above the threshold", "open to social care", "returned"],
)
def test_who_asked_learns_why_it_does_not_start(house: House, outcome: str, more: dict[str, Any], said: str) -> None:
    ask(house)
    decide(house, outcome, **more)

    (told,) = feedback(house)
    assert told["outcome"] == outcome
    assert said in told["next_step"]
    assert told.get("missing", []) == more.get("missing", [])
    assert house.outlet.to(ECAF) == []


def test_the_mash_s_own_reason_is_not_passed_on(house: House) -> None:
    ask(house)
    decide(house, "MO1", reason="The father is known to the police.")

    assert "father" not in json.dumps(feedback(house))


def test_a_request_that_nobody_decides_in_a_working_day_is_a_manager_s_business(house: House) -> None:
    ask(house)
    house.clock.move(days=3)
    house.app.clocks.tick()

    assert [task.role for task in house.reviews(DUE)] == ["MASH_MANAGER"]


def test_one_that_is_decided_in_time_is_nobody_s(house: House) -> None:
    ask(house)
    decide(house, None)
    decide(house, "MO3")
    house.clock.move(days=3)
    house.app.clocks.tick()

    assert house.reviews(DUE) == []


def test_a_decision_of_a_mash_that_was_not_asked_is_shown_to_a_person(house: House) -> None:
    neighbour = profile("barnet-mash", called="another-mash", is_default=False)
    house.enrol(neighbour)
    ask(house)

    decide(house, "MO3", by=neighbour.organisation)

    assert feedback(house) == []
    assert len(house.reviews("H-CORRECT:unknown-reference")) == 1


def test_a_referral_under_the_reference_of_a_request_has_one_of_its_own(house: House) -> None:
    """A MASH answers both by the reference alone: it must never decide about the one and mean the other."""
    house.accept((EXAMPLES / "start-request.json").read_bytes(), by=PORTAL, form="mash/start-request-1")
    house.work()
    form = (EXAMPLES / "govuk-forms-single-child.json").read_bytes()
    told = {**json.loads(form), "submission_reference": "REQ-0001"}

    message = house.accept(json.dumps(told).encode())
    house.work()

    (request, referral) = house.outlet.to(MASH)
    assert (request["reference"], referral["reference"]) == ("REQ-0001", f"REQ-0001/{message}")


def test_a_request_sent_again_after_it_was_returned_is_decided_anew(house: House) -> None:
    ask(house)
    decide(house, "MO10", missing=["a telephone number"])
    house.clock.move(hours=1)
    ask(house, parent_telephone="07700 900102")
    house.clock.move(hours=1)
    decide(house, "MO3")

    assert [told["outcome"] for told in feedback(house)] == ["MO10", "MO3"]
