"""Whatever comes: nothing vanishes, nothing raises, and what leaves comes back."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.consent.clearance import Clearance
from gateway.formats.gate import split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.document import DOCUMENTS, from_tree, to_tree
from gateway.model.provenance import PROVENANCE
from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import fold
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, project, translate_in, translate_out
from gateway.translation.model_shape import Node, shape_of
from gateway.translation.partner_document import OutEnvelope
from gateway.translation.transforms import SEVERAL, TRANSFORMS
from tests.fakes.trees import texts_in

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples"
SOURCES: dict[str, tuple[str, str]] = {
    "mash/flat-1": ("mash/flat-hackney.form", "application/x-www-form-urlencoded"),
    "mash/start-request-1": ("mash/start-request.form", "application/x-www-form-urlencoded"),
    "mash/govuk-forms-1": ("mash/govuk-forms-single-child.json", "application/json"),
    "mash/moj-forms-1": ("mash/moj-payload.json", "application/json"),
    "sims/superstar-1": ("sims/superstar-three-pupils.xml", "application/xml"),
    "sims/ctf-25": ("sims/ctf-25-two-pupils.xml", "application/xml"),
    "mash/decision-1": ("mash/decision-returned.json", "application/json"),
}
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip)
WORDS = TEXTS.filter(bool)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.just(""),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def example(format_name: str) -> Group:
    file, content_type = SOURCES[format_name]
    body = (EXAMPLES / file).read_bytes()
    return next(iter(split(FORMATS[format_name], body, limits=Limits(), content_type=content_type))).tree


def places(part: Tree) -> Iterator[Group | list[Tree]]:
    """Yield every group and list of a tree, where something could be put."""
    if isinstance(part, dict | list):
        yield part
        for inner in part.values() if isinstance(part, dict) else part:
            yield from places(inner)


def put(tree: Group, number: int, name: str, value: Tree) -> None:
    """Put *value* somewhere into *tree*: under a fresh name of a group, or at the end of a list."""
    found = list(places(tree))
    holder = found[number % len(found)]
    if isinstance(holder, dict):
        holder[f"extra {name}"] = value
    else:
        holder.append(value)


def inbound(library: Library, format_name: str, source: Group) -> Translated:
    return translate_in(library.inbound(format_name), source, meaning=nothing_known, on=date(2026, 11, 20))


@pytest.mark.parametrize("format_name", SOURCES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_extra_leaf_never_vanishes(library: Library, format_name: str, data: st.DataObject) -> None:
    source = copy.deepcopy(example(format_name))
    before = inbound(library, format_name, copy.deepcopy(source))
    marker = f"Marker{data.draw(st.integers(10**6, 10**9))}x"
    put(source, data.draw(st.integers(0, 10**6)), data.draw(WORDS), marker)

    after = inbound(library, format_name, source)

    told = marker in json.dumps(after.tree) or marker in {one.label for one in after.unmapped}
    assert told or len(after.losses) > len(before.losses)


@pytest.mark.parametrize("format_name", SOURCES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_shape_is_translated_into_a_sound_document(library: Library, format_name: str, data: st.DataObject) -> None:
    source = copy.deepcopy(example(format_name))
    found = [place for place in places(source) if isinstance(place, dict) and place is not source]
    holder = data.draw(st.sampled_from(found)) if found and data.draw(st.booleans()) else source
    name = data.draw(st.sampled_from(sorted(set(holder) - {"reference"}) or ["nothing"]))
    holder[name] = data.draw(ODD)

    made = inbound(library, format_name, source)

    assert to_tree(from_tree(made.document, made.tree)) == made.tree


@pytest.mark.parametrize("format_name", SOURCES)
@given(source=st.dictionaries(WORDS, ODD, max_size=4))
@settings(max_examples=40, deadline=None)
def test_every_text_of_anything_is_somewhere_or_listed(library: Library, format_name: str, source: Group) -> None:
    made = inbound(library, format_name, {"reference": "R1", **source})

    wanted = Counter(text.strip() for text in texts_in(source) if text.strip())
    there = Counter(texts_in(made.tree))
    missing = wanted - there
    assert not missing or made.losses


def values(kind: object) -> st.SearchStrategy[Any]:
    """Return values of one leaf's kind, as a tree holds them."""
    if kind is str:
        return WORDS
    if kind is int:
        return st.integers(0, 9)
    if kind is date:
        return st.dates(date(1950, 1, 1), date(2030, 1, 1)).map(date.isoformat)
    if kind is datetime:
        first = datetime(2000, 1, 1, tzinfo=UTC)
        return st.integers(0, 10**9).map(lambda seconds: (first + timedelta(seconds=seconds)).isoformat())
    return st.sampled_from([member.value for member in kind])  # type: ignore[attr-defined]


@cache
def trees(document: str) -> st.SearchStrategy[Group]:
    """Return sound trees of a canonical document, with any of its parts but those that never leave.

    Where a part came from is told of a field that may be in it, and only beside another field.
    """

    def group(one: Node) -> st.SearchStrategy[Any]:
        open_parts = {
            name: part for name, part in one.parts.items() if not all(leaf.internal for leaf in part.leaves())
        }
        told = open_parts.pop(PROVENANCE, None)
        parts = {name: node(part) for name, part in open_parts.items()}
        said = _provenance(told, sorted(parts)) if told is not None else None
        return st.sets(st.sampled_from(sorted(parts)), min_size=1, max_size=5).flatmap(
            lambda names: st.fixed_dictionaries(
                {name: parts[name] for name in sorted(names)}, optional={PROVENANCE: said} if said is not None else {}
            )
        )

    def node(one: Node) -> st.SearchStrategy[Any]:
        inner = values(one.leaf.kind) if one.leaf is not None else group(one)
        return st.lists(inner, min_size=1, max_size=2) if one.many else inner

    return group(shape_of(document))


def _provenance(told: Node, fields: list[str]) -> st.SearchStrategy[Any]:
    """Return where parts of *fields* may come from."""
    parts: dict[str, st.SearchStrategy[Any]] = {
        name: values(part.leaf.kind) for name, part in told.parts.items() if part.leaf is not None
    }
    parts["of"] = st.lists(st.sampled_from(fields), min_size=1, max_size=2)
    system = {"system": parts.pop("system")}
    return st.lists(st.fixed_dictionaries(system, optional=parts), min_size=1, max_size=2)


@pytest.mark.parametrize(
    ("format_name", "document"),
    [
        ("mash/referral-1", "mash.referral"),
        ("mash/feedback-1", "mash.feedback"),
        ("mash/request-1", "ecaf.request"),
        ("mash/partner-check-1", "mash.check"),
        ("mash/check-answer-1", "mash.answer"),
        ("ecaf/episode-1", "ecaf.episode"),
        ("ecaf/enquiry-1", "ecaf.enquiry"),
        ("ecaf/enquiry-answer-1", "ecaf.answer"),
        ("ecaf/family-1", "ecaf.family"),
        ("ecaf/registration-1", "ecaf.registration"),
    ],
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_leaves_comes_back_but_for_reported_losses(
    library: Library,
    cleared: Callable[..., Clearance],
    envelope: OutEnvelope,
    format_name: str,
    document: str,
    data: st.DataObject,
) -> None:
    tree = data.draw(trees(document))

    out = translate_out(library.outbound(format_name), cleared(document, tree), envelope=envelope)
    back = translate_in(library.inbound(format_name), out.tree, meaning=nothing_known)

    assert out.losses == back.losses == ()
    assert back.tree == tree


@pytest.mark.parametrize(
    ("source", "least"),
    [
        ("mash.referral", {"children": [{"given_names": "Ada"}]}),
        ("ecaf.request", {"children": [{"given_names": "Ada"}]}),
        ("ecaf.family", {"children": [{"given_names": "Ada"}]}),
        ("sims.pupil", {}),
    ],
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_projection_loses_nothing_unsaid(library: Library, source: str, least: Group, data: st.DataObject) -> None:
    tree = least | data.draw(trees(source))

    made = project(library.projection(source, "ecaf.episode"), tree)

    missing = Counter(texts_in(tree)) - Counter(texts_in(made.tree))
    assert not missing or made.losses
    assert to_tree(from_tree("ecaf.episode", made.tree)) == made.tree


@given(text=st.text(max_size=20))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(text=st.text(max_size=30))
def test_no_text_upsets_a_transform(text: str) -> None:
    made = [one.one(text.strip() or "x", date(2026, 11, 18)) for one in TRANSFORMS.values() if one.one is not None]

    assert len(made) == len(TRANSFORMS) - len(SEVERAL)


def test_every_document_there_is_was_asked_about() -> None:
    asked = {
        "mash.referral",
        "mash.contact",
        "mash.decision",
        "mash.check",
        "mash.answer",
        "mash.feedback",
        "sims.pupil",
        "ecaf.episode",
        "ecaf.consent",
    }
    requests = {"ecaf.request", "ecaf.registration", "ecaf.enquiry", "ecaf.answer", "ecaf.family"}
    made_here = {"ecaf.notice", "ecaf.notice-answer", "ecaf.correction"}

    assert set(DOCUMENTS) == asked | requests | made_here
