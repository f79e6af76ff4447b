from contextlib import ExitStack, suppress

import pytest

from gateway.app.http.admission import Admission
from gateway.errors import BusyError
from gateway.model.identifiers import OrganisationId

SCHOOL, PORTAL, POLICE = OrganisationId("school"), OrganisationId("portal"), OrganisationId("police")


def _fail_holding(house: Admission, size_bytes: int) -> None:
    with house.enter(SCHOOL, is_safeguarding=False) as place:
        place.hold(size_bytes)
        raise KeyError


@pytest.fixture
def house() -> Admission:
    return Admission(places=4, reserved=1, share=2, memory_bytes=100)


def test_reserved_places_are_for_safeguarding_only(house: Admission) -> None:
    with ExitStack() as taken:
        taken.enter_context(house.enter(SCHOOL, is_safeguarding=False))
        taken.enter_context(house.enter(SCHOOL, is_safeguarding=False))
        taken.enter_context(house.enter(PORTAL, is_safeguarding=False))

        with pytest.raises(BusyError) as full, house.enter(POLICE, is_safeguarding=False):
            pass
        taken.enter_context(house.enter(POLICE, is_safeguarding=True))

    assert full.value.code == "busy"


def test_a_full_house_is_full_for_safeguarding_too(house: Admission) -> None:
    with ExitStack() as taken:
        for sender in (SCHOOL, SCHOOL, PORTAL, PORTAL):
            taken.enter_context(house.enter(sender, is_safeguarding=True))

        with pytest.raises(BusyError), house.enter(POLICE, is_safeguarding=True):
            pass


def test_nobody_has_more_than_their_share(house: Admission) -> None:
    with ExitStack() as taken:
        taken.enter_context(house.enter(SCHOOL, is_safeguarding=True))
        taken.enter_context(house.enter(SCHOOL, is_safeguarding=True))

        with pytest.raises(BusyError) as over, house.enter(SCHOOL, is_safeguarding=True):
            pass

    assert over.value.code == "your-share"


def test_a_place_is_given_back_also_after_an_error(house: Admission) -> None:
    for _ in range(10):
        with suppress(KeyError):
            _fail_holding(house, 60)

    with house.enter(SCHOOL, is_safeguarding=False) as place:
        place.hold(100)


def test_memory_is_shared_by_all(house: Admission) -> None:
    with house.enter(SCHOOL, is_safeguarding=False) as one, house.enter(PORTAL, is_safeguarding=False) as other:
        one.hold(60)

        with pytest.raises(BusyError):
            other.hold(41)
        other.hold(40)
