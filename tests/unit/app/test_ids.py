import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from gateway.app.ids import SortableIds

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class _Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


def test_an_identifier_tells_its_kind_and_nothing_else() -> None:
    made = SortableIds(_Hands()).fresh("msg")

    assert re.fullmatch(r"msg_[0-7][0-9a-hjkmnp-tv-z]{25}", made)


def test_identifiers_of_one_millisecond_sort_in_the_order_they_were_made() -> None:
    ids = SortableIds(_Hands())

    made = [ids.fresh("msg") for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == 20_000


def test_later_identifiers_sort_after_earlier_ones() -> None:
    clock = _Hands()
    ids = SortableIds(clock)
    earlier = ids.fresh("msg")
    clock.at += timedelta(milliseconds=1)

    assert earlier < ids.fresh("msg")


def test_a_clock_that_steps_back_does_not_disturb_the_order() -> None:
    clock = _Hands()
    ids = SortableIds(clock)
    earlier = ids.fresh("msg")
    clock.at -= timedelta(hours=1)

    assert earlier < ids.fresh("msg")


def test_two_processes_at_the_same_instant_make_different_identifiers() -> None:
    first, second = SortableIds(_Hands()), SortableIds(_Hands())

    made = {ids.fresh("msg") for ids in (first, second) for _ in range(1000)}

    assert len(made) == 2000


def test_many_threads_never_get_the_same_identifier() -> None:
    ids = SortableIds(_Hands())

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: ids.fresh("msg"), range(8000)))

    assert len(set(made)) == 8000


def test_the_millisecond_can_be_read_back() -> None:
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    made = SortableIds(_Hands()).fresh("msg").removeprefix("msg_")

    bits = sum(alphabet.index(letter) << shift for letter, shift in zip(made, range(125, -1, -5), strict=True))

    assert bits >> 80 == int(NOON.timestamp() * 1000)
    assert bits >> 76 & 15 == 7
    assert bits >> 62 & 3 == 2


@pytest.mark.parametrize("kind", ["", "m", "Msg", "msg_", "message-id", "x" * 13])
def test_a_kind_is_a_short_word(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        SortableIds(_Hands()).fresh(kind)
