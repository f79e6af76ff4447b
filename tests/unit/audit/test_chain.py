import pytest

from gateway.audit.chain import Link, check_chain, link_of
from gateway.audit.entry import open_entry
from gateway.errors import IntegrityError
from tests.unit.audit.log_builders import a_chain, an_entry

LINKS = [link_of(opened.header, opened.words) for opened in (open_entry(e.header, e.secret) for e in a_chain(4))]


def test_a_whole_chain_ends_with_its_last_commitment() -> None:
    assert check_chain(LINKS, count=4) == a_chain(4)[3].commitment.hex()


def test_a_child_without_events_has_an_empty_chain() -> None:
    assert check_chain([], count=0) is None


@pytest.mark.parametrize("missing", range(4))
def test_a_missing_event_is_found_wherever_it_was(missing: int) -> None:
    with pytest.raises(IntegrityError, match="missing"):
        check_chain([link for link in LINKS if link.seq != missing], count=4)


def test_events_in_another_order_are_found() -> None:
    with pytest.raises(IntegrityError):
        check_chain([LINKS[0], LINKS[2], LINKS[1], LINKS[3]], count=4)


def test_a_repeated_event_is_found() -> None:
    with pytest.raises(IntegrityError):
        check_chain([*LINKS[:2], *LINKS[1:]], count=4)


def test_an_event_put_in_the_place_of_another_is_found() -> None:
    other = Link(commitment="00" * 32, seq=1, previous=LINKS[0].commitment)

    with pytest.raises(IntegrityError, match="does not follow"):
        check_chain([LINKS[0], other, *LINKS[2:]], count=4)


def test_more_events_than_counted_are_found() -> None:
    with pytest.raises(IntegrityError, match="last events"):
        check_chain(LINKS, count=3)


def test_an_event_of_no_child_is_no_link() -> None:
    entry = an_entry()
    opened = open_entry(entry.header, entry.secret)

    with pytest.raises(IntegrityError):
        check_chain([link_of(opened.header, opened.words)], count=1)
