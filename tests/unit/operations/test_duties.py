"""Who sees what people must do, who says that it is done, and who may recall, correct and break glass?"""

from typing import Any

import pytest

from gateway.conversations.duties import BREACH
from gateway.errors import NotAllowedError, SchemaViolationError
from tests.unit.operations.house import House, a_caller, a_form

WHY = "The wrong hub was picked from the list; the right one is across the river."
OFFICER = a_caller("IG_OFFICER", user="i.officer")


def a_mis_send(house: House) -> dict[str, Any]:
    """Let a referral go to the MASH, recall it, and return the duty of the data protection officer."""
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("safeguarding-unknown-child.json"))
    house.work()
    shown = house.order(a_caller("MASH_MANAGER"), "messages.show", message=message)
    (delivery,) = listed(shown, "deliveries")
    answer = house.order(OFFICER, "deliveries.recall", delivery=delivery["delivery"], rationale=WHY)
    assert answer["done"] == "purge-requested"
    (duty,) = [one for one in listed(house.order(OFFICER, "duties.list"), "duties") if one["code"] == BREACH]
    return duty


def listed(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer[name]
    assert isinstance(found, list)
    return found


def test_a_duty_says_what_it_is_of_whom_and_by_when(house: House) -> None:
    duty = a_mis_send(house)

    assert duty["role"] == "IG_OFFICER"
    assert duty["to_name"] == "Example MASH of Barnet"
    assert duty["outcomes"] == ["reported", "not-reportable"]
    assert (duty["may_keep"], duty["overdue"]) == (True, False)


def test_what_came_of_it_is_kept_with_its_words(house: House) -> None:
    duty = a_mis_send(house)

    house.order(OFFICER, "duties.done", duty=duty["duty"], outcome="reported", rationale=WHY)

    shown = house.order(OFFICER, "duties.show", duty=duty["duty"])
    assert (shown["status"], shown["outcome"], shown["rationale"]) == ("kept", "reported", WHY)
    assert house.order(a_caller("INTEGRATION_ENGINEER"), "duties.show", duty=duty["duty"])["rationale"] is None
    assert "duty.kept" in house.events()


@pytest.mark.parametrize("role", ["CAF_COORDINATOR", "DSL", "INTEGRATION_ENGINEER"])
def test_only_the_role_of_a_duty_or_a_manager_keeps_it(house: House, role: str) -> None:
    duty = a_mis_send(house)

    with pytest.raises(NotAllowedError):
        house.order(a_caller(role), "duties.done", duty=duty["duty"], outcome="reported", rationale=WHY)
    assert house.order(a_caller("MASH_MANAGER"), "duties.done", duty=duty["duty"], outcome="reported", rationale=WHY)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"rationale": "ok"}, id="no words to speak of"),
        pytest.param({"outcome": "told"}, id="an outcome of another duty"),
        pytest.param({"outcome": "forgotten"}, id="an outcome there is not"),
    ],
)
def test_a_word_without_reason_or_sense_is_refused(house: House, change: dict[str, str]) -> None:
    args = {"duty": a_mis_send(house)["duty"], "outcome": "reported", "rationale": WHY, **change}

    with pytest.raises(SchemaViolationError):
        house.order(OFFICER, "duties.done", **args)


@pytest.mark.parametrize(
    ("operation", "args"),
    [
        pytest.param("deliveries.recall", {"delivery": "dlv_" + "0" * 26, "rationale": WHY}, id="recall"),
        pytest.param("deliveries.break-glass", {"delivery": "dlv_" + "0" * 26, "rationale": WHY}, id="break glass"),
        pytest.param(
            "records.correct",
            {"record": "rec_" + "0" * 26, "field": "child.born", "note": "x", "rationale": WHY},
            id="correct",
        ),
    ],
)
def test_a_screener_neither_recalls_nor_corrects_nor_breaks_glass(
    house: House, operation: str, args: dict[str, str]
) -> None:
    with pytest.raises(NotAllowedError):
        house.order(a_caller("MASH_SCREENER"), operation, **args)


@pytest.mark.parametrize(
    "args",
    [
        pytest.param({}, id="neither"),
        pytest.param({"record": "rec_" + "0" * 26, "child": "chd_" + "0" * 26}, id="both"),
        pytest.param({"child": "chd_" + "0" * 26}, id="a child without the kind of information"),
    ],
)
def test_a_correction_names_a_record_or_a_child(house: House, args: dict[str, str]) -> None:
    with pytest.raises(SchemaViolationError):
        house.order(OFFICER, "records.correct", field="born", note="15 June", rationale=WHY, **args)
