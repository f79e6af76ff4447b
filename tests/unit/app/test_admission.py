from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pytest

from gateway.app.http.admission import Admission, House
from gateway.errors import BusyError, StoreFullError, TransientError
from gateway.model.identifiers import OrganisationId

SCHOOL, PORTAL, POLICE = OrganisationId("school"), OrganisationId("portal"), OrganisationId("police")


@dataclass
class HeldStrain:
    """Hands back what a test put into it."""

    any: TransientError | None = None
    urgent: TransientError | None = None

    def refusal(self, *, is_urgent: bool) -> TransientError | None:
        return self.urgent if is_urgent else self.any


def _fail_holding(house: Admission, size_bytes: int) -> None:
    with house.enter(SCHOOL, may_be_urgent=False) as place:
        place.hold(size_bytes)
        raise KeyError


@pytest.fixture
def strain() -> HeldStrain:
    return HeldStrain()


@pytest.fixture
def house(strain: HeldStrain) -> Admission:
    return Admission(House(places=7, reserved=4, share=2, memory_bytes=800), strain)


def _fill(house: Admission, taken: ExitStack) -> None:
    taken.enter_context(house.enter(SCHOOL, may_be_urgent=False))
    taken.enter_context(house.enter(SCHOOL, may_be_urgent=False))
    taken.enter_context(house.enter(PORTAL, may_be_urgent=False))


def test_a_full_house_refuses_what_cannot_be_urgent(house: Admission) -> None:
    with ExitStack() as taken:
        _fill(house, taken)

        with pytest.raises(BusyError) as full, house.enter(POLICE, may_be_urgent=False):
            pass

    assert full.value.code == "busy"


def test_a_full_house_reads_what_may_be_urgent_and_keeps_it_if_it_is(house: Admission) -> None:
    with ExitStack() as taken:
        _fill(house, taken)

        with house.enter(POLICE, may_be_urgent=True) as place:
            place.admit(is_urgent=True)


def test_what_was_read_on_trial_and_is_not_urgent_is_refused_as_at_the_door(house: Admission) -> None:
    with ExitStack() as taken:
        _fill(house, taken)

        with house.enter(POLICE, may_be_urgent=True) as place, pytest.raises(BusyError) as refused:
            place.admit(is_urgent=False)

    assert refused.value.code == "busy"


def test_who_has_had_their_share_may_still_send_what_is_urgent(house: Admission) -> None:
    with ExitStack() as taken:
        taken.enter_context(house.enter(SCHOOL, may_be_urgent=True))
        taken.enter_context(house.enter(SCHOOL, may_be_urgent=True))

        with pytest.raises(BusyError) as over, house.enter(SCHOOL, may_be_urgent=False):
            pass
        with house.enter(SCHOOL, may_be_urgent=True) as place:
            place.admit(is_urgent=True)

    assert over.value.code == "your-share"


def test_nobody_has_more_than_half_of_the_places_for_trial(house: Admission) -> None:
    with ExitStack() as taken:
        _fill(house, taken)
        taken.enter_context(house.enter(SCHOOL, may_be_urgent=True))
        taken.enter_context(house.enter(SCHOOL, may_be_urgent=True))

        with pytest.raises(BusyError), house.enter(SCHOOL, may_be_urgent=True):
            pass
        taken.enter_context(house.enter(POLICE, may_be_urgent=True))


def test_places_for_trial_are_not_without_number(house: Admission) -> None:
    with ExitStack() as taken:
        _fill(house, taken)
        _ = [taken.enter_context(house.enter(name, may_be_urgent=True)) for name in (SCHOOL, SCHOOL, PORTAL, PORTAL)]

        with pytest.raises(BusyError), house.enter(POLICE, may_be_urgent=True):
            pass


def test_a_pressed_house_reads_what_may_be_urgent_only(house: Admission, strain: HeldStrain) -> None:
    strain.any = BusyError("slow", code="store-slow")

    with pytest.raises(BusyError) as refused, house.enter(SCHOOL, may_be_urgent=False):
        pass
    with house.enter(SCHOOL, may_be_urgent=True) as place:
        place.admit(is_urgent=True)

    assert refused.value.code == "store-slow"


def test_a_shut_house_reads_nothing(house: Admission, strain: HeldStrain) -> None:
    strain.any = strain.urgent = StoreFullError("no room", code="storage-nearly-full")

    with pytest.raises(StoreFullError), house.enter(SCHOOL, may_be_urgent=True):
        pass


def test_a_house_that_filled_while_a_document_was_read_does_not_store_it(house: Admission, strain: HeldStrain) -> None:
    with house.enter(SCHOOL, may_be_urgent=False) as place:
        strain.any = StoreFullError("no room", code="storage-nearly-full")

        with pytest.raises(StoreFullError):
            place.admit(is_urgent=False)


def test_a_place_is_given_back_also_after_an_error(house: Admission) -> None:
    for _ in range(10):
        with suppress(KeyError):
            _fail_holding(house, 600)

    with house.enter(SCHOOL, may_be_urgent=False) as place:
        place.hold(700)


def test_memory_is_shared_by_all(house: Admission) -> None:
    with house.enter(SCHOOL, may_be_urgent=False) as one, house.enter(PORTAL, may_be_urgent=False) as other:
        one.hold(600)

        with pytest.raises(BusyError):
            other.hold(101)
        other.hold(100)


def test_some_memory_is_kept_for_what_is_read_on_trial(house: Admission, strain: HeldStrain) -> None:
    with house.enter(SCHOOL, may_be_urgent=False) as one:
        one.hold(700)
        strain.any = BusyError("slow", code="store-slow")

        with house.enter(PORTAL, may_be_urgent=True) as other:
            other.hold(100)
