"""What is stuck, and what becomes of it?"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import ConflictError, NotAllowedError, SchemaViolationError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import State
from gateway.model.identifiers import DeliveryId
from tests.unit.operations.house import House, a_caller, a_form

ENGINEER = a_caller("INTEGRATION_ENGINEER")
MANAGER = a_caller("MASH_MANAGER")


def a_stuck_delivery(house: House, form: str = "early-help-refused.json") -> str:
    """Return the id of a delivery whose receiver did not answer once too often."""
    house.letterbox.is_open = False
    house.receive("referral-portal", "mash/govuk-forms-1", a_form(form))
    house.work()
    house.letterbox.is_open = True
    (stuck,) = listed(house)
    return str(stuck["id"])


def listed(house: House) -> list[dict[str, Any]]:
    found = house.order(ENGINEER, "dead-letters.list")["dead_letters"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


def test_what_is_stuck_says_whose_it_is_and_why(house: House) -> None:
    name = a_stuck_delivery(house)

    shown = house.order(ENGINEER, "dead-letters.show", id=name)

    assert shown["to_name"] == "Example MASH of Barnet"
    assert shown["reason_words"] == "the receiver could not be reached"


def test_a_replay_goes_through_every_check_again_and_arrives(house: House) -> None:
    name = a_stuck_delivery(house)

    house.order(ENGINEER, "dead-letters.replay", id=name)
    house.work()

    assert [one.kind for one in house.letterbox.taken] == ["mash.referral.submitted"]
    assert listed(house) == []
    assert "message.replayed" in house.events()


def test_what_is_discarded_is_not_tried_again_and_says_why(house: House) -> None:
    name = a_stuck_delivery(house)

    house.order(ENGINEER, "dead-letters.discard", id=name, reason="sent-another-way")
    house.work()

    assert house.letterbox.taken == []
    assert listed(house) == []
    assert "message.discarded" in house.events()


def test_only_a_manager_discards_what_protects_a_child(house: House) -> None:
    name = a_stuck_delivery(house, "safeguarding-unknown-child.json")

    with pytest.raises(NotAllowedError):
        house.order(ENGINEER, "dead-letters.discard", id=name, reason="duplicate")

    assert house.order(MANAGER, "dead-letters.discard", id=name, reason="duplicate")["state"] == "withdrawn"


def test_a_discard_needs_one_of_the_reasons_there_are(house: House) -> None:
    name = a_stuck_delivery(house)

    with pytest.raises(SchemaViolationError):
        house.order(ENGINEER, "dead-letters.discard", id=name, reason="no idea")


def test_what_a_receiver_would_take_twice_is_replayed_only_when_somebody_asked_it(house: House) -> None:
    name = a_stuck_delivery(house)
    house.application.store.write(lambda uow: _make_at_most_once(uow, name))

    with pytest.raises(ConflictError):
        house.order(ENGINEER, "dead-letters.replay", id=name)

    assert house.order(ENGINEER, "dead-letters.replay", id=name, not_received=True)["state"] == "ordered"


def test_what_a_receiver_can_be_asked_for_is_asked_for_before_a_replay_sends_it(house: House) -> None:
    name = a_stuck_delivery(house)
    house.application.store.write(lambda uow: _set_idempotency(uow, name, "query-first"))

    assert house.order(ENGINEER, "dead-letters.replay", id=name)["state"] == "handed_over"


def _set_idempotency(uow: UnitOfWork, name: str, idempotency: str) -> None:
    delivery = uow.deliveries.get(DeliveryId(name))
    uow.deliveries.save(replace(delivery, idempotency=idempotency))


def many_stuck(house: House, count: int) -> list[str]:
    """Return the ids of deliveries that are stuck, oldest first, about one child each but for the first two."""
    house.letterbox.is_open = False
    body = json.loads(a_form("early-help-refused.json"))
    for number in range(count):
        told = {**body, "submission_reference": f"REF-{number}"}
        house.receive("referral-portal", "mash/govuk-forms-1", json.dumps(told).encode())
        house.work()
        house.clock.move(minutes=1)
    house.letterbox.is_open = True
    return [str(one["id"]) for one in reversed(listed(house))]


def test_all_that_a_query_names_is_replayed_oldest_first_and_the_rest_stays(house: House) -> None:
    names = many_stuck(house, 4)
    since = house.clock.now() - timedelta(minutes=3, seconds=30)

    answer = house.order(
        ENGINEER,
        "dead-letters.replay",
        recipient="barnet-mash",
        reason="unreachable",
        since=since.isoformat(),
    )
    for _ in range(4):
        house.work()

    assert answer == {"replayed": 3, "left": 0, "ask_first": []}
    assert [handover.message_id for handover in house.letterbox.taken] == names[1:]
    assert [one["id"] for one in listed(house)] == names[:1]
    assert house.events().count("message.replayed") == 3


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"recipient": "barnet-ecaf"}, id="another recipient"),
        pytest.param({"reason": "mapping"}, id="another reason"),
        pytest.param({"since": "2030-01-01T00:00:00+00:00"}, id="later"),
    ],
)
def test_what_a_query_does_not_name_stays_stuck(house: House, query: Any) -> None:
    a_stuck_delivery(house)

    assert house.order(ENGINEER, "dead-letters.replay", **query)["replayed"] == 0
    assert house.order(ENGINEER, "dead-letters.list", **query) == {"dead_letters": []}
    assert len(listed(house)) == 1


def test_a_query_leaves_what_a_person_must_ask_for_first_and_names_it(house: House) -> None:
    name = a_stuck_delivery(house)
    house.application.store.write(lambda uow: _make_at_most_once(uow, name))

    left = house.order(ENGINEER, "dead-letters.replay", recipient="barnet-mash")
    done = house.order(ENGINEER, "dead-letters.replay", recipient="barnet-mash", not_received=True)

    assert left == {"replayed": 0, "left": 1, "ask_first": [name]}
    assert done["replayed"] == 1


@pytest.mark.parametrize("args", [{}, {"id": f"dlv_{'0' * 26}", "recipient": "barnet-mash"}], ids=["neither", "both"])
def test_a_replay_names_one_or_a_query(house: House, args: Any) -> None:
    with pytest.raises(SchemaViolationError):
        house.order(ENGINEER, "dead-letters.replay", **args)


def _make_at_most_once(uow: UnitOfWork, name: str) -> None:
    delivery = uow.deliveries.get(DeliveryId(name))
    uow.deliveries.save(replace(delivery, idempotency="at-most-once"))


def test_what_is_not_stuck_cannot_be_replayed_or_discarded(house: House) -> None:
    name = a_stuck_delivery(house)
    house.order(ENGINEER, "dead-letters.replay", id=name)

    with pytest.raises(ConflictError):
        house.order(ENGINEER, "dead-letters.replay", id=name)
    with pytest.raises(ConflictError):
        house.order(ENGINEER, "dead-letters.discard", id=name, reason="duplicate")


def test_a_message_that_could_not_be_worked_is_read_again_from_its_original(house: House) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.application.store.write(lambda uow: uow.messages.save(_stuck(uow, message)))
    (stuck,) = listed(house)

    house.order(ENGINEER, "dead-letters.replay", id=stuck["id"])
    house.work()

    assert [one.kind for one in house.letterbox.taken] == ["mash.referral.submitted"]


def _stuck(uow: UnitOfWork, message: Any) -> Any:
    return replace(uow.messages.get(message), state=State.DEAD_LETTER, ready_at=None, reason="mapping")


def test_a_stuck_message_can_be_discarded(house: House) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.application.store.write(lambda uow: uow.messages.save(_stuck(uow, message)))

    house.order(ENGINEER, "dead-letters.discard", id=message, reason="unreadable")
    house.work()

    assert house.letterbox.taken == []
