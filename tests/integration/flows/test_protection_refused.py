"""Is whatever stops significant harm or an emergency from being told with a person within the hour?"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.consent.question import CourtOrder, Purpose
from gateway.flows.store.rows import Lane, State
from gateway.model.category import Category
from tests.acceptance.forms import form
from tests.integration.flows.house import MASH, House, profile
from tests.unit.consent.questions import LISTED, a_flag, a_question, answer

EVERYTHING_HELD = (a_flag("POLICE_HOLD", whole_payload=True, need_list=()),)
ADOPTION = {"categories": (Category.ADOPT,), "flags": (a_flag("ADOPTED", need_list=()),), "recipient": LISTED}
BOTH = (Purpose.SAFEGUARD_S47, Purpose.EMERGENCY)
STOPPED: dict[str, tuple[dict[str, Any], str]] = {
    "row 1, the sender": ({"requester": {"authenticated": False}}, "D-CHANNEL"),
    "row 1, the channel": ({"recipient": {**LISTED, "secure_channel": False}}, "D-CHANNEL"),
    "row 1, the recipient": ({"recipient": {**LISTED, "in_directory": False}}, "D-CHANNEL"),
    "row 3, a court": ({"court_order": CourtOrder(kind="prohibits_disclosure", verified=True)}, "D-LEGAL"),
    "row 9, the police": ({"flags": EVERYTHING_HELD}, "D-POLICE"),
    "nothing left": (ADOPTION, "H-EMPTY"),
}
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "row 2, training": ({"requester": {"training_valid": False}}, "H-ACCOUNT"),
    "row 4, who it is": ({"match": None}, "H-MATCH"),
    "row 13, a charity": ({}, "H-RECIP"),
}
CASES = [
    *(pytest.param(purpose, *told, id=f"{name}, {purpose}") for name, told in STOPPED.items() for purpose in BOTH),
    *(pytest.param(Purpose.SAFEGUARD_S47, *told, id=name) for name, told in ASKED.items()),
]


@pytest.mark.parametrize(("purpose", "facts", "reason"), CASES)
def test_what_stops_it_is_asked_of_a_named_role_within_the_hour(
    house: House, purpose: Purpose, facts: dict[str, Any], reason: str
) -> None:
    house.accept(form("s47-unknown-child", "STOP1"))
    house.work_messages()
    (delivery,) = house.deliveries(MASH)
    decision = answer(a_question(purpose=purpose, **facts))
    assert decision.grounds.reason == reason

    sharer, at = house.app.reviews.sharer, house.clock.now()
    settled = house.app.store.write(lambda uow: sharer.settle(uow, delivery, decision, at=at))

    (task,) = house.reviews(reason)
    assert settled.state in {State.REFUSED, State.IN_REVIEW, State.HELD_MATCH}
    assert task.subject_id == delivery.delivery_id
    assert task.due_at - task.opened_at <= timedelta(hours=1)
    assert task.role in {"MASH_MANAGER", "MASH_SCREENER"}


def test_a_referral_about_significant_harm_that_no_secure_way_leads_to_is_with_a_manager_within_the_hour(
    house: House,
) -> None:
    house.enrol(profile("barnet-mash", secure_channel=False))

    house.accept(form("s47-unknown-child", "STOP2"))
    house.work()

    (task,) = house.reviews("D-CHANNEL")
    assert house.outlet.to(MASH) == []
    assert task.role == "MASH_MANAGER"
    assert task.due_at - house.clock.now() == timedelta(hours=1)


PLAN = b"""
    [[route]]
    message = "mash.referral.submitted"
    to = "mash"
    format = "mash/referral-1"
    document = "mash.referral"
    mode = "CONVEY"
    direction = "in"
    purpose = "STATUTORY_OTHER"
    """
"""A council's own route, which says what its documents are for whatever need they tell of."""
WITHIN_THE_HOUR = {"level 4": ("Level 4: acute need", 1), "level 3": ("Level 3: complex needs", 0)}


@pytest.mark.parametrize(("level", "asked"), WITHIN_THE_HOUR.values(), ids=WITHIN_THE_HOUR)
def test_level_four_is_with_a_manager_within_the_hour_whatever_its_route_says_it_is_for(
    tmp_path: Path, level: str, asked: int
) -> None:
    house = House.build(tmp_path, routes=PLAN)
    house.enrol(profile("barnet-mash", secure_channel=False))

    house.accept(form("single-child", "STOP3", perceived_level=level))
    house.work()

    (own,) = [one for one in house.deliveries(MASH) if one.purpose == "STATUTORY_OTHER"]
    tasks = [task for task in house.reviews("D-CHANNEL") if task.subject_id == own.delivery_id]
    assert (own.state, own.reason) == (State.REFUSED, "D-CHANNEL")
    assert [task.due_at - house.clock.now() for task in tasks] == [timedelta(hours=1)] * asked
    assert (own.lane is Lane.URGENT) is bool(asked)
