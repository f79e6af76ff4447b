"""Does a partner do what its profile promises?"""

from dataclasses import replace

import pytest

from gateway.conversations.breaker import BreakerState
from gateway.errors import NotFoundError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Organisation
from gateway.model.identifiers import OrganisationId
from tests.unit.operations.house import House, a_caller, a_profile

ENGINEER = a_caller("INTEGRATION_ENGINEER")


def declare(house: House, idempotency: str) -> None:
    profile = {**a_profile("barnet-mash"), "idempotency": idempotency}
    house.order(ENGINEER, "partners.update", profile=profile)


@pytest.mark.parametrize(
    ("declared", "forgets", "is_open", "proved"),
    [
        pytest.param("idempotent", False, True, True, id="idempotent, and it is"),
        pytest.param("idempotent", True, True, False, id="idempotent, and it takes it twice"),
        pytest.param("query-first", True, True, True, id="query-first, and it answers"),
        pytest.param("at-most-once", True, True, True, id="at-most-once promises nothing"),
        pytest.param("at-most-once", True, False, False, id="nobody answers"),
    ],
)
def test_a_partner_shows_what_it_does_with_what_comes_twice(
    house: House, declared: str, *, forgets: bool, is_open: bool, proved: bool
) -> None:
    declare(house, declared)
    house.letterbox.forgets, house.letterbox.is_open = forgets, is_open

    answer = house.order(ENGINEER, "partners.test", organisation="barnet-mash")

    assert answer["proved"] is proved
    assert house.events()[-1] == "partner.tested"


def test_a_partner_that_gets_nothing_cannot_be_tested(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(ENGINEER, "partners.test", organisation="barnet-mash", kind="mash.feedback.sent")


def test_how_a_partner_answers_is_shown(house: House) -> None:
    shown = house.order(ENGINEER, "partners.show", organisation="barnet-mash")

    assert shown["breaker"] == {
        "state": "closed",
        "failures": 0,
        "since": None,
        "next_probe_at": None,
        "waiting": 0,
    }


def test_doctor_names_a_partner_that_is_left_alone(house: House) -> None:
    def open_it(uow: UnitOfWork) -> Organisation:
        name = OrganisationId("barnet-mash")
        uow.breakers.save(replace(uow.breakers.get(name), state=BreakerState.OPEN))
        return uow.directory.organisation(name)

    house.application.store.write(open_it)
    checks = house.order(ENGINEER, "health.check")["checks"]
    assert isinstance(checks, list)

    assert [one for one in checks if isinstance(one, dict) and one["check"] == "breakers"] == [
        {
            "check": "breakers",
            "level": "warning",
            "found": "not answering: barnet-mash",
            "fix": "gateway partners show ORGANISATION",
        }
    ]
