"""Is every order checked and recorded?"""

import json

import pytest

from gateway.app.operations.catalogue import OPERATIONS
from gateway.app.operations.operation import Operation
from gateway.errors import NotAllowedError, NotFoundError, SchemaViolationError
from tests.unit.operations.house import House, a_caller, a_form

SCREENER = a_caller("MASH_SCREENER")
REQUIRED = {"message": "msg_" + "0" * 26}


def test_an_order_nobody_knows_is_refused(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(SCREENER, "universe.end")


@pytest.mark.parametrize("operation", [pytest.param(one, id=one.name) for one in OPERATIONS.values()])
def test_without_the_permission_nothing_happens_and_the_attempt_is_recorded(
    shared_house: House, operation: Operation
) -> None:
    nobody, before = a_caller(), shared_house.events()

    with pytest.raises(NotAllowedError):
        shared_house.order(nobody, operation.name)

    assert shared_house.events() == [*before, "user.refused"]


def test_an_argument_the_operation_does_not_take_is_refused(house: House) -> None:
    with pytest.raises(SchemaViolationError):
        house.order(SCREENER, "messages.list", everything=True)


def test_who_looked_at_a_document_stands_in_the_log_of_its_child(house: House) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-with-consent.json"))
    house.work()
    shown = house.order(SCREENER, "messages.show", message=message)
    child = _first_child(shown)

    rows = house.application.store.read(lambda uow: uow.audit.of_child(child))

    assert rows[-1].kind == "data.read"


def _first_child(shown: dict[str, object]) -> object:
    records = shown["record_list"]
    assert isinstance(records, list)
    return records[0]["about"][0]


def test_a_list_that_shows_nothing_about_anybody_is_no_event(house: House) -> None:
    before = len(house.events())

    house.order(SCREENER, "messages.list")

    assert len(house.events()) == before


@pytest.mark.parametrize("operation", [pytest.param(one, id=one.name) for one in OPERATIONS.values()])
def test_an_operation_explains_itself(operation: Operation) -> None:
    assert operation.summary[0].isupper()
    assert not operation.summary.endswith(".")
    assert all(argument.help for argument in operation.arguments)
    json.dumps(operation.name)
