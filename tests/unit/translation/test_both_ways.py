"""A mapping whose rows can be undone works both ways."""

from collections.abc import Callable

import pytest

from gateway.consent.clearance import Clearance
from gateway.model.document import leaves_of
from gateway.model.tree import Group
from gateway.translation.code_lists import CodeLists
from gateway.translation.load import load_mapping
from gateway.translation.mapping import Mapping
from gateway.translation.message_translator import nothing_known, translate_in, translate_out
from gateway.translation.partner_document import OutEnvelope

Cleared = Callable[..., Clearance]
ROWS = """
title = "a form both ways"
format = "mash/try-1"
direction = "both"
document = "mash.decision"

[[field]]
from = "Ref"
to = "reference"
shares = "CAT-ROUTING"
aliases = ["Reference"]

[[field]]
from = "Step"
to = "step"
codes = "step"
shares = "CAT-ROUTING"

[[field]]
from = "Theirs"
to = "mash_reference"
using = "words"
shares = "CAT-ROUTING"

[[field]]
from = "When"
to = "at"
using = "instant"
shares = "CAT-ROUTING"

[[field]]
from = "Outcome"
to = "outcome"
shares = "CAT-ROUTING"
missing = { literal = "MO1" }

[[field]]
from = "Why"
to = "reason"
shares = "CAT-OPINION"

[[field]]
from = "Lacks[]"
to = "missing[]"
shares = "CAT-ROUTING"

[[field]]
to = "advice"
const = "none"
direction = "inbound"

[[field]]
to = "Version"
const = "1"
direction = "outbound"

[[not_carried]]
path = "advice"
why = "the form has no box for it"

[[not_carried]]
path = "service"
why = "the form has no box for it"

[[not_carried]]
path = "contact"
why = "the form has no box for it"
"""
STEP = b"ours,theirs,system,valid_from,valid_to,source,note\ndecided,Decided,,,,here,\nlost,Lost it,,,,here,\n"
TREE: Group = {
    "reference": "R1",
    "step": "decided",
    "mash_reference": "M1",
    "at": "2026-11-18T15:40:00+00:00",
    "outcome": "MO3",
    "reason": "Early help",
    "missing": ["a signature", "a date"],
}


@pytest.fixture
def mapping() -> Mapping:
    return load_mapping("mash/try-1.both.toml", ROWS.encode(), codes=CodeLists({"step": STEP}))


def test_outbound_each_row_is_undone(mapping: Mapping, cleared: Cleared, envelope: OutEnvelope) -> None:
    out = translate_out(mapping, cleared("mash.decision", TREE), envelope=envelope)

    assert out.tree == {
        "Ref": "R1",
        "Step": "Decided",
        "Theirs": "M1",
        "When": "2026-11-18T15:40:00+00:00",
        "Outcome": "MO3",
        "Why": "Early help",
        "Lacks": ["a signature", "a date"],
        "Version": "1",
    }
    assert out.losses == ()


def test_out_and_in_again_is_the_same_but_for_what_is_stated(
    mapping: Mapping, cleared: Cleared, envelope: OutEnvelope
) -> None:
    out = translate_out(mapping, cleared("mash.decision", TREE), envelope=envelope)

    back = translate_in(mapping, out.tree, meaning=nothing_known)

    assert back.tree == {**TREE, "advice": "none"}
    assert [loss.path for loss in back.losses] == ["Version"]


def test_what_is_stated_not_to_be_carried_is_listed_when_it_is_there(
    mapping: Mapping, cleared: Cleared, envelope: OutEnvelope
) -> None:
    out = translate_out(mapping, cleared("mash.decision", {**TREE, "advice": "Call"}), envelope=envelope)

    assert [(loss.path, loss.why) for loss in out.losses] == [("advice", "the form has no box for it")]


def test_a_code_without_a_label_is_a_loss_and_never_a_guess(
    mapping: Mapping, cleared: Cleared, envelope: OutEnvelope
) -> None:
    out = translate_out(mapping, cleared("mash.decision", {**TREE, "step": "acknowledged"}), envelope=envelope)

    assert "Step" not in out.tree
    assert [loss.path for loss in out.losses] == ["step"]


def test_a_literal_for_what_is_missing_is_only_for_the_way_in(
    mapping: Mapping, cleared: Cleared, envelope: OutEnvelope
) -> None:
    out = translate_out(mapping, cleared("mash.decision", {"reference": "R1"}), envelope=envelope)

    assert out.tree == {"Ref": "R1", "Version": "1"}
    assert translate_in(mapping, {"Ref": "R1"}, meaning=nothing_known).tree["outcome"] == "MO1"


GROUPS = """
title = "groups both ways"
format = "mash/try-2"
direction = "both"
document = "sims.pupil"

[[field]]
from = "Id"
to = "source_id"
shares = "CAT-ROUTING"

[[group]]
to = "child"

[[group.field]]
from = "Pupil.DOB"
to = "born"
using = "date_uk"
shares = "CAT-ID"

[[group.same]]
from = "Pupil.School"
to = "schooling"

[[group]]
to = "contacts[]"
each = "Contacts[]"

[[group.field]]
from = "Name"
to = "name"
shares = "CAT-FAMILY"

[[group.group]]
to = "address"
each = "Home"

[[group.group.field]]
from = "Line[]"
to = "lines[]"
shares = "CAT-ADDR"

[[group]]
to = "local[]"
each = "Extra[]"
direction = "inbound"

[[group.field]]
from = "Text"
to = "answer"

[[group]]
to = "Extra[]"
each = "local[]"
direction = "outbound"

[[group.field]]
from = "answer"
to = "Text"
shares = "CAT-OPINION"
"""


def test_groups_are_undone_too(cleared: Cleared, envelope: OutEnvelope) -> None:
    touched = {"source_id", "child.born", "contacts[].name", "contacts[].address.lines[]", "local[].answer"}
    rest = [path for path in leaves_of("sims.pupil") if path not in touched and "child.schooling" not in path]
    stated = "".join(f'[[not_carried]]\npath = "{path}"\nwhy = "not here"\n' for path in rest)
    mapping = load_mapping("mash/try-2.both.toml", (GROUPS + stated).encode())
    tree: Group = {
        "source_id": "7",
        "child": {"born": "2016-06-14", "schooling": {"name": "Nowhere Primary School", "house": "Oak"}},
        "contacts": [{"name": "Mona", "address": {"lines": ["1 Nowhere Lane", "Nowhere"]}}, {"name": "Otto"}],
        "local": [{"answer": "chess"}],
    }

    out = translate_out(mapping, cleared("sims.pupil", tree), envelope=envelope)

    assert out.tree == {
        "Id": "7",
        "Pupil": {"DOB": "14/06/2016", "School": {"name": "Nowhere Primary School", "house": "Oak"}},
        "Contacts": [{"Name": "Mona", "Home": {"Line": ["1 Nowhere Lane", "Nowhere"]}}, {"Name": "Otto"}],
        "Extra": [{"Text": "chess"}],
    }
    assert translate_in(mapping, out.tree, meaning=nothing_known).tree == tree
