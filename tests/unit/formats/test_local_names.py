"""What only a local form asks comes back under the name it had, in the part it stood in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import SchemaViolationError
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.local_names import gathered, spread
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.formats.writers import write_document
from gateway.model.episode import Episode
from gateway.model.tree import Group

EPISODE = FORMATS["ecaf/episode-1"]
HEAD = {
    "format": "ecaf/episode-1",
    "message": "caf.episode.opened",
    "message_id": "m1",
    "correlation_id": "m1",
    "sent_at": "2026-11-02T08:00:00Z",
    "sender": "nowhere",
}
LOCAL: dict[str, Any] = {
    "reference": "E1",
    "x-barnet-ward": "  Nowhere\tEast ",
    "assessment": {
        "x-barnet-pets": "one\r\ncat",
        "elements": {"mental_health": {"needs": "low mood", "x-barnet-sleep-2": "six hours"}},
    },
    "plans": [{"actions": [{"x-barnet-cost": "0"}, {"action": "call"}]}],
}
GATHERED: dict[str, Any] = {
    "reference": "E1",
    "assessment": {
        "elements": {
            "mental_health": {"needs": "low mood", "headings": [{"key": "x-barnet-sleep-2", "text": "six hours"}]}
        },
        "headings": [{"key": "x-barnet-pets", "text": "one\r\ncat"}],
    },
    "plans": [{"actions": [{"headings": [{"key": "x-barnet-cost", "text": "0"}]}, {"action": "call"}]}],
    "local": [{"key": "x-name", "question": "x-barnet-ward", "answer": "  Nowhere\tEast "}],
}


def wire(document: object) -> bytes:
    return json.dumps({**HEAD, "document": document}).encode()


def test_a_local_name_is_gathered_in_its_own_part(schemas: SchemaRegister) -> None:
    checked = gate(EPISODE, wire(LOCAL), content_type=None, schemas=schemas, limits=Limits())

    assert checked.tree == {**HEAD, "document": GATHERED}


def test_it_goes_out_under_its_name_again() -> None:
    assert json.loads(write_document(EPISODE, {**HEAD, "document": GATHERED}))["document"] == LOCAL


def test_a_history_gathers_and_spreads_too() -> None:
    history = FORMATS["ecaf/history-1"]
    body = json.dumps({**HEAD, "format": "ecaf/history-1", "episodes": 1}).encode() + b"\n"
    body += json.dumps({"document": LOCAL}).encode()

    (record,) = split(history, body, limits=Limits())

    assert record.tree == {"document": GATHERED}
    assert json.loads(write_document(history, {**HEAD, **record.tree}).splitlines()[1])["document"] == LOCAL


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"x-barnet-ward": 7}, id="a number under a local name"),
        pytest.param({"x-barnet-ward": {"a": "b"}}, id="a group under a local name"),
        pytest.param({"X-BARNET": "a"}, id="capitals"),
        pytest.param({"barnet-ward": "a"}, id="no x"),
        pytest.param({"child": {"x-barnet-name": "a"}}, id="a part that has no list of local headings"),
    ],
)
def test_another_name_that_is_not_ours_is_refused(schemas: SchemaRegister, document: Group) -> None:
    with pytest.raises(SchemaViolationError):
        gate(EPISODE, wire(document), content_type=None, schemas=schemas, limits=Limits())


NAMES = st.sampled_from(["x-a", "x-b", "x-c", "x-name", "Ward", "x-", "x-a\n"])
TEXTS = st.text(max_size=3)
ANSWERS = st.fixed_dictionaries({}, optional={"key": NAMES, "question": NAMES, "answer": TEXTS})
HEADINGS = st.fixed_dictionaries({}, optional={"key": NAMES, "heading": TEXTS, "text": TEXTS})


@given(
    local=st.lists(ANSWERS, min_size=1, max_size=4),
    headings=st.lists(HEADINGS, min_size=1, max_size=4),
)
def test_what_is_spread_is_gathered_as_it_was(local: list[Group], headings: list[Group]) -> None:
    tree: Any = {"assessment": {"headings": headings}, "local": local}

    assert gathered(spread(tree, Episode), Episode) == tree


@given(names=st.dictionaries(NAMES.filter(lambda name: name not in {"Ward", "x-", "x-a\n"}), TEXTS, min_size=1))
def test_what_is_gathered_is_spread_as_it_was(names: dict[str, str]) -> None:
    tree: Any = {**names, "closure": {**names, "summary": "done"}}

    assert spread(gathered(tree, Episode), Episode) == tree
