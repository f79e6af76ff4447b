"""People who write mappings see what each covers, and where each value went, without seeing the value."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gateway.errors import TranslationError
from gateway.model.document import leaves_of
from gateway.translation.code_lists import CodeLists
from gateway.translation.library import Library
from gateway.translation.load import load_mapping
from gateway.translation.mapping import Mapping
from gateway.translation.message_translator import carry_out, nothing_known
from gateway.translation.run import Run, places
from gateway.translation.trace import coverage, landing, trace

if TYPE_CHECKING:
    from gateway.model.tree import Group

ROWS = """
title = "t"
format = "mash/try-1"
direction = "inbound"
document = "mash.referral"

[[key]]
name = "q"
list = "answers[]"
by = "id"

[[field]]
from = "ref"
to = "reference"

[[field]]
from = "c"
to = "form_name"
codes = "colour"
written = "worry"

[[field]]
from = ["a", "b"]
to = "harm"
using = "join_words"

[[field]]
from = "t"
to = "referrer.address.town"

[[field]]
from = "q.w.text"
to = "parenting"

[[same]]
from = "who"
to = "referrer"
except = ["address"]

[[group]]
to = "parents[]"
each = "kin[]"

[[group.field]]
from = "phone[]"
to = "telephones[]"

[[carry]]
to = "local[]"
key = "x-form"
"""
COLOUR = b"ours,theirs,system,valid_from,valid_to,source,note\nR,Red,,,,here,\n"


@pytest.fixture
def mapping() -> Mapping:
    return load_mapping("x.toml", ROWS.encode(), codes=CodeLists({"colour": COLOUR}))


def test_a_trace_shows_where_each_value_went_and_how(mapping: Mapping) -> None:
    source: Group = {
        "ref": "7",
        "c": "Red",
        "a": "Ada",
        "b": "May",
        "t": ["Exampleton", "Nowhere"],
        "answers": [{"id": "w", "text": "warm"}],
        "who": {"name": "Mo", "emails": ["a@home.example", "b@home.example"]},
        "kin": [{}, {"phone": ["0101", "0102"]}],
        "pets": ["Rex"],
    }

    assert trace(mapping, source) == [
        ("ref", "as it is", "reference"),
        ("c", "code list colour", "form_name"),
        ("c", "as written", "worry"),
        ("a", "transform join_words", "harm"),
        ("b", "transform join_words", "harm"),
        ("t[0]", "as it is", "referrer.address.town"),
        ("answers[0].text", "as it is", "parenting"),
        ("who.name", "the same", "referrer.name"),
        ("who.emails[0]", "the same", "referrer.emails[0]"),
        ("who.emails[1]", "the same", "referrer.emails[1]"),
        ("kin[1].phone[0]", "as it is", "parents[0].telephones[0]"),
        ("kin[1].phone[1]", "as it is", "parents[0].telephones[1]"),
        (
            "t[1]",
            "lost: the field this belongs in is taken or cannot hold it, and it may not be kept under another kind",
            "",
        ),
        ("pets[0]", "carried as a local answer", "local[0]"),
    ]


def test_a_trace_follows_a_value_into_the_list_it_was_merged_into() -> None:
    rows = (
        '[[group]]\nto = "Family"\n[[group.same]]\nfrom = "parents[]"\nto = "Member[]"\n'
        '[[group]]\nto = "Family"\n[[group.same]]\nfrom = "household[]"\nto = "Member[]"\n'
    )
    head = 'title = "t"\nformat = "a/b-1"\ndirection = "outbound"\ndocument = "mash.referral"\n'
    rest = [path for path in leaves_of("mash.referral") if not path.startswith(("parents", "household"))]
    stated = "".join(f'[[not_carried]]\npath = "{path}"\nwhy = "not here"\n' for path in rest)
    mapping = load_mapping("x.toml", (head + rows + stated).encode())
    assert mapping.outbound is not None
    run = Run(meaning=nothing_known, on=None, trace=[])

    done = carry_out(mapping.outbound, {"parents": [{"name": "Mona"}], "household": [{"name": "Nana"}]}, run)

    assert done.out == {"Family": {"Member": [{"name": "Mona"}, {"name": "Nana"}]}}
    assert [landing(one, run, places(done.out, str)) for one in run.trace or ()] == [
        "Family.Member[0].name",
        "Family.Member[1].name",
    ]


def test_an_unmapped_label_is_shown_to_be_kept_as_written(mapping: Mapping) -> None:
    assert trace(mapping, {"c": "Reddish"}) == [("c", "as written", "worry")]


def test_a_value_of_a_part_that_was_not_made_went_nowhere(library: Library) -> None:
    projection = library.projection("mash.referral", "ecaf.episode")
    referral: Group = {"reference": "7", "children": [{"given_names": "Ada"}, {"given_names": "Bea"}]}

    told = trace(projection, referral, index=1)

    assert ("children[1].given_names", "the same", "child.given_names") in told
    assert [target for source, _, target in told if source == "children[0]"] == [""]


def test_no_value_is_ever_shown(mapping: Mapping) -> None:
    secret = "Exampleton"
    source: Group = {"ref": secret, "c": secret, "a": secret, "t": [secret, secret + "2"], "x": {"y": [secret]}}

    assert secret not in str(trace(mapping, source))


def test_what_does_not_come_in_cannot_be_traced() -> None:
    out = load_mapping(
        "x.toml",
        b'title="t"\nformat="a/b-1"\ndirection="outbound"\ndocument="mash.feedback"\n[[same]]\nfrom="."\nto="."\n',
    )

    with pytest.raises(TranslationError):
        trace(out, {})


def test_coverage_tells_filled_and_unfilled_inbound(mapping: Mapping) -> None:
    told = coverage(mapping)

    assert told.format == "mash/try-1"
    assert "harm" in told.touched
    assert "referrer.address.town" in told.touched
    assert "referrer.address.postcode" in told.untouched
    assert {*told.touched, *told.untouched} == set(leaves_of("mash.referral"))
    assert (told.several, told.not_carried) == (1, ())


@pytest.mark.parametrize(
    "find",
    [
        lambda library: library.outbound("mash/referral-1"),
        lambda library: library.outbound("mash/feedback-1"),
        lambda library: library.outbound("ecaf/episode-1"),
        lambda library: library.projection("mash.referral", "ecaf.episode"),
        lambda library: library.projection("sims.pupil", "ecaf.episode"),
    ],
    ids=["referral", "feedback", "episode", "referral to episode", "pupil to episode"],
)
def test_what_leaves_or_is_projected_is_covered_whole(library: Library, find: Callable[[Library], Mapping]) -> None:
    told = coverage(find(library))

    assert told.untouched == ()
    assert len(told.touched) + len(told.not_carried) == len(
        leaves_of(told.document if not told.not_carried else (find(library).file.from_document or told.document))
    )


def test_the_library_s_rows_that_join_leaves_are_counted(library: Library) -> None:
    assert {mapping.name: mapping.several for mapping in library if mapping.several} == {
        "mash/govuk-forms-1.inbound.toml": 17,
        "mash/referral-store-1.outbound.toml": 1,
        "sims/ctf-25.inbound.toml": 2,
        "sims/superstar-1.inbound.toml": 1,
    }
