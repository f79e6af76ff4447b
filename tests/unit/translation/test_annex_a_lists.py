"""Whatever a case system writes on its lists is read as what it knows, however its spreadsheets spell it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.gate import split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.simulators.annex_a import Assessment, CaseSystem, Child, Contact, Habits, Spelling
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, translate_in

ON = date(2026, 11, 23)
HABITS = st.builds(
    Habits,
    spelling=st.sampled_from(Spelling),
    encoding=st.sampled_from(("utf-8-sig", "utf-8", "cp1252")),
    is_shuffled=st.booleans(),
    has_hard_blanks=st.booleans(),
    own=st.sampled_from(({}, {"Ward": "Elsewhere"})),
    broken=st.sampled_from(({}, {"Age": "#N/A"}, {"Age": "=DATEDIF(D2,F2)"})),
)


def translated(library: Library, form: str, body: bytes) -> list[Translated]:
    records = split(FORMATS[form], body, limits=Limits(), content_type="text/csv")
    return [translate_in(library.inbound(form), one.tree, meaning=lambda _list, _label: None, on=ON) for one in records]


def known_of(child: Child) -> dict[str, Any]:
    return {
        "la_child_id": child.number,
        "sex": child.sex,
        "ethnicity": child.ethnicity,
        "born": child.born.isoformat(),
    }


def read_of(tree: Any) -> dict[str, Any]:
    return {name: tree["child"][name] for name in ("la_child_id", "sex", "ethnicity", "born")}


def contact_known(one: Contact) -> dict[str, Any]:
    return {**known_of(one.child), "on": one.on.isoformat(), "source": one.source}


def assessment_known(one: Assessment) -> dict[str, Any]:
    completed = {} if one.completed is None else {"completed_on": one.completed.isoformat()}
    told = {"started_on": one.started.isoformat(), **completed, "assessors": [{"organisation": one.organisation}]}
    return {**known_of(one.child), "assessment": told}


@given(seed=st.integers(0, 10_000), habits=HABITS)
def test_list_one_is_read_as_what_the_system_knows(library: Library, seed: int, habits: Habits) -> None:
    system = CaseSystem(on=ON, seed=seed)

    read = translated(library, "annex-a/list-1-1", system.list_one(habits))

    found = [{**read_of(one.tree), "on": one.tree["contacted_on"], "source": one.tree["source"]} for one in read]
    assert found == [contact_known(one) for one in system.listed_contacts()]
    assert [one.unmapped for one in read] == [()] * len(read)


@given(seed=st.integers(0, 10_000), habits=HABITS)
def test_list_two_is_read_as_what_the_system_knows(library: Library, seed: int, habits: Habits) -> None:
    system = CaseSystem(on=ON, seed=seed)

    read = translated(library, "annex-a/list-2-1", system.list_two(habits))

    found = [{**read_of(one.tree), "assessment": one.tree["assessment"]} for one in read]
    assert found == [assessment_known(one) for one in system.listed_assessments()]


@pytest.mark.parametrize("broken", ["#N/A", "=H2+5", ""])
def test_a_birth_date_that_a_spreadsheet_lost_is_not_made_up(library: Library, broken: str) -> None:
    system = CaseSystem(on=ON)

    read = translated(library, "annex-a/list-2-1", system.list_two(Habits(broken={"Date of Birth": broken})))

    assert len(read) == len(system.listed_assessments())
    assert [one.tree["child"].get("born") for one in read] == [None] * len(read)  # type: ignore[union-attr]
