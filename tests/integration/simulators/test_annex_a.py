"""A simulated case system holds children nobody has, and lists of them what the guidance asks for."""

from datetime import date, timedelta

import pytest

from gateway.flows.exports.annex_a import months_before
from gateway.simulators.annex_a import CaseSystem, Habits, Spelling, six_months_before

ON = date(2026, 11, 23)


def test_the_same_seed_and_day_make_the_same_lists() -> None:
    assert CaseSystem(on=ON, seed=7).list_one() == CaseSystem(on=ON, seed=7).list_one()
    assert CaseSystem(on=ON, seed=7).list_one() != CaseSystem(on=ON, seed=8).list_one()


@pytest.mark.parametrize(
    ("spelling", "gender"),
    [(Spelling.WHOLE, "a) Male"), (Spelling.LETTER, "a"), (Spelling.WORD, "Male"), (Spelling.CODE, "1")],
)
def test_each_system_spells_in_its_own_way(spelling: Spelling, gender: str) -> None:
    written = CaseSystem(on=ON, children=40).list_two(Habits(spelling=spelling)).decode("utf-8-sig")

    assert f",{gender}," in written


def test_a_sheet_may_have_hard_blanks_other_columns_and_no_mark() -> None:
    habits = Habits(encoding="cp1252", has_hard_blanks=True, own={"Ward": "Elsewhere"}, is_shuffled=True)

    written = CaseSystem(on=ON).list_two(habits)

    assert written.startswith(b"Ward,Organisation\xa0completing\xa0assessment,")


def test_list_two_holds_what_was_begun_or_completed_lately_or_is_open_and_nothing_else() -> None:
    system = CaseSystem(on=ON, children=200)
    first = date(2026, 5, 23)

    listed = system.listed_assessments()

    left_out = [one for one in system.assessments if one not in listed]
    assert {one.completed is None for one in listed} == {True, False}
    assert {one.started < first for one in listed} == {True, False}
    assert left_out
    assert all(one.completed is not None and one.completed < first for one in left_out)


def test_six_months_are_those_that_the_gateway_counts() -> None:
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(1500)]

    assert [six_months_before(day) for day in days] == [months_before(day, 6) for day in days]
