"""A translation takes short ways. Do they lead where the long ones do?

What rows the source has nothing for are left out, and a plain text is taken along without asking; a trace asks all.
"""

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats.gate import split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.mapping import Mapping
from gateway.translation.message_translator import carry_out, nothing_known
from gateway.translation.plan import Plan
from gateway.translation.run import Run, Scope
from tests.unit.translation.test_translation_properties import EXAMPLES, ODD, WORDS, places

FILES = {
    "mash/flat-1": ("mash/flat-hackney.form", "application/x-www-form-urlencoded"),
    "mash/start-request-1": ("mash/start-request.form", "application/x-www-form-urlencoded"),
    "mash/moj-forms-1": ("mash/moj-payload.json", "application/json"),
    "mash/govuk-forms-1": ("mash/govuk-forms-two-siblings.json", "application/json"),
    "sims/superstar-1": ("sims/superstar-three-pupils.xml", "application/xml"),
    "sims/ctf-25": ("sims/ctf-25-two-pupils.xml", "application/xml"),
    "mash/decision-1": ("mash/decision-returned.json", "application/json"),
}
LIKELY: st.SearchStrategy[Any] = st.one_of(
    ODD,
    st.sampled_from(
        ["", "  ", " Yes ", "12/05/2015", "2030-01-01", "EDD 3 March 2027", "zz99 3aa", "CAMHS", "x", None]
    ),
    st.lists(st.sampled_from(["Yes", "No", "", "12/05/2015", "x"]), max_size=4),
)


@st.composite
def disturbed(draw: st.DrawFn, tree: Group) -> Group:
    """Return *tree* with a few of its parts replaced, added, repeated or taken out."""
    made = copy.deepcopy(tree)
    for _ in range(draw(st.integers(0, 6))):
        _disturb(draw, draw(st.sampled_from([place for place in places(made) if place])))
    return made


def _disturb(draw: st.DrawFn, holder: Any) -> None:
    keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = draw(st.sampled_from(keys))
    match draw(st.sampled_from(["replace", "swap", "repeat", "add", "remove"])):
        case "replace":
            holder[key] = draw(LIKELY)
        case "swap":
            other = draw(st.sampled_from(keys))
            holder[key], holder[other] = holder[other], holder[key]
        case "repeat":
            holder[key] = [holder[key], copy.deepcopy(holder[key])]
        case "add" if isinstance(holder, dict):
            holder[draw(WORDS)] = draw(LIKELY)
        case "add":
            holder.append(copy.deepcopy(holder[key]))
        case _ if len(holder) > 1:
            del holder[key]


def records(format_name: str) -> st.SearchStrategy[Group]:
    file, content_type = FILES[format_name]
    body = (EXAMPLES / file).read_bytes()
    found = [one.tree for one in split(FORMATS[format_name], body, limits=Limits(), content_type=content_type)]
    return st.sampled_from(found).flatmap(disturbed).map(lambda tree: {**tree, "reference": "R1"})


def inbound(mapping: Mapping) -> Plan:
    assert mapping.inbound is not None
    return mapping.inbound


def told(run: Run) -> list[object]:
    """Return what a run remembers of its source, by the identity of its parts."""
    found = [[(id(holder), *rest) for holder, *rest in kind] for kind in (run.notes, run.lost, run.unmapped)]
    return [*found, {holder: names for holder, names in run.read.items() if names}]


@pytest.mark.parametrize("format_name", FILES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_translation_that_is_traced_comes_to_the_same(
    library: Library, format_name: str, data: st.DataObject
) -> None:
    plan = inbound(library.inbound(format_name))
    source = plan.spelled(data.draw(records(format_name)))

    short = carry_out(plan, source, Run(meaning=nothing_known, on=date(2026, 11, 20)))
    long = carry_out(plan, source, Run(meaning=nothing_known, on=date(2026, 11, 20), trace=[]))

    assert json.dumps(short.out) == json.dumps(long.out)  # the order of the parts as well
    assert short.losses == long.losses
    assert told(short.run) == told(long.run)


@pytest.mark.parametrize("format_name", FILES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_row_that_is_left_out_would_have_done_nothing(
    library: Library, format_name: str, data: st.DataObject
) -> None:
    plan = inbound(library.inbound(format_name))
    root = plan.spelled(data.draw(records(format_name)))
    some, all_rows = (Run(meaning=nothing_known, on=date(2026, 11, 20)) for _ in range(2))
    some.views = all_rows.views = {view.name: view.build(root, some) for view in plan.views}
    some.names, all_rows.names = plan.names_of(root, some), plan.known
    made: tuple[Group, Group] = ({}, {})

    plan.steps(Scope((root,)), made[0], some)
    plan.steps(Scope((root,)), made[1], all_rows)

    assert json.dumps(made[0]) == json.dumps(made[1])
    assert told(some) == told(all_rows)
