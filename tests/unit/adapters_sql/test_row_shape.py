"""Does a row come back from the store as it went in?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.sql.row_shape import from_micros, shape_of, to_micros
from gateway.flows.store.rows import Lane, Message, Organisation, Record, State
from tests.contract.rows import NOW, a_message, a_record, an_organisation

TIMES = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(TIMES)
def test_every_time_comes_back_exactly(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at


@given(TIMES, TIMES)
def test_times_sort_as_they_are_kept(one: datetime, other: datetime) -> None:
    assert (to_micros(one) < to_micros(other)) == (one < other)


def test_a_time_of_another_zone_comes_back_in_utc() -> None:
    summer = NOW.astimezone(timezone(timedelta(hours=1)))

    found = from_micros(to_micros(summer))

    assert (found, found.utcoffset()) == (NOW, timedelta(0))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_micros(datetime(2026, 11, 23))  # noqa: DTZ001 - the fault under test


def test_values_are_what_the_driver_takes() -> None:
    values = shape_of(Message).values(a_message(lane=Lane.BULK, state=State.HELD_LABEL))

    assert {type(value) for value in values} == {str, int, type(None)}
    assert "held_label" in values


def test_tuples_and_mappings_are_kept_as_json() -> None:
    assert '["child_1"]' in shape_of(Record).values(a_record())
    assert '{"endpoints":["https://sims.example"]}' in shape_of(Organisation).values(an_organisation())


def test_a_shape_may_be_part_of_a_row() -> None:
    assert shape_of(Message, only=("state", "cursor")).columns == ("state", "cursor")
    assert "cursor" not in shape_of(Message, leaving_out=("cursor",)).columns
