"""The whole early-help record goes out in each of our formats and comes back, byte for byte of every text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.app.commands.shipped import schemas
from gateway.consent.clearance import Clearance
from gateway.consent.decision import Redaction
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.writers import write_document
from gateway.model.category import Category
from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.message_translator import nothing_known, translate_in, translate_out
from gateway.translation.partner_document import OutEnvelope
from tests.unit.translation.test_translation_properties import trees

Cleared = Callable[..., Clearance]
OURS = ["ecaf/episode-1", "ecaf/xml-1", "ecaf/history-1"]
EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf"
FULL: Group = json.loads((EXAMPLES / "episode-full.json").read_bytes())["document"]
ANY = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00"), max_size=8)


def sent(library: Library, format_name: str, cleared: Clearance, envelope: OutEnvelope) -> bytes:
    """Return the bytes a partner gets, which the format's own gate takes."""
    made = translate_out(library.outbound(format_name), cleared, envelope=envelope)
    assert made.losses == ()
    body = write_document(FORMATS[format_name], made.tree)
    assert gate(FORMATS[format_name], body, content_type=None, schemas=schemas(), limits=Limits()).records == 1
    return body


def come_back(library: Library, format_name: str, body: bytes) -> Group:
    """Return the canonical document that *body* is read as, without any loss."""
    (record,) = split(FORMATS[format_name], body, limits=Limits())
    made = translate_in(library.inbound(format_name), record.tree, meaning=nothing_known)
    assert (made.losses, made.warnings, made.unmapped) == ((), (), ())
    return made.tree


@pytest.mark.parametrize("format_name", OURS)
def test_the_whole_record_comes_back_but_for_what_is_internal(
    library: Library, cleared: Cleared, envelope: OutEnvelope, format_name: str
) -> None:
    body = sent(library, format_name, cleared("ecaf.episode", FULL), envelope)

    assert come_back(library, format_name, body) == {name: part for name, part in FULL.items() if name != "checklist"}


@pytest.mark.parametrize("format_name", OURS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_any_record_comes_back_through_its_bytes(
    library: Library, cleared: Cleared, envelope: OutEnvelope, format_name: str, data: st.DataObject
) -> None:
    tree = data.draw(trees("ecaf.episode"))

    body = sent(library, format_name, cleared("ecaf.episode", tree), envelope)

    assert come_back(library, format_name, body) == tree


@pytest.mark.parametrize("format_name", OURS)
@given(said=st.tuples(ANY, ANY, ANY, ANY))
@settings(max_examples=60, deadline=None)
def test_local_headings_go_from_borough_to_borough_and_back_unchanged(
    library: Library,
    cleared: Cleared,
    envelope: OutEnvelope,
    format_name: str,
    said: tuple[str, str, str, str],
) -> None:
    key, question, answer, heading = said
    texts = {"key": f"x-barnet-{key}", "question": f"Q{question}", "answer": f"{answer}."}
    local: Any = {"key": f"x-barnet-{key}", "heading": f"H{heading}", "text": f"{answer}."}
    tree: Group = {
        "reference": "E1",
        "local": [texts],
        "assessment": {"elements": {"behaviour": {"headings": [local]}}, "headings": [local]},
    }

    there = come_back(library, format_name, sent(library, format_name, cleared("ecaf.episode", tree), envelope))
    back = come_back(library, format_name, sent(library, format_name, cleared("ecaf.episode", there), envelope))

    assert back == tree


@pytest.mark.parametrize("format_name", OURS)
def test_an_interpreter_and_what_the_parent_said_survive_every_hand_over(
    library: Library, cleared: Cleared, envelope: OutEnvelope, format_name: str
) -> None:
    tree: Group = {
        "child": {"interpreter_needed": "Y", "first_language": "Invented", "parents_language": "Invented"},
        "assessment": {"parent_comment": "Please do not\ttell the landlord. ", "child_comment": "fine\nby me"},
    }

    assert come_back(library, format_name, sent(library, format_name, cleared("ecaf.episode", tree), envelope)) == tree


@pytest.mark.parametrize("format_name", OURS)
def test_nothing_that_tells_a_place_is_in_the_bytes_of_a_withheld_address(
    library: Library, cleared: Cleared, envelope: OutEnvelope, format_name: str
) -> None:
    cut = Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True)

    told = sent(library, format_name, cleared("ecaf.episode", FULL, cut), envelope).decode()

    places = ["Nowhere", "Elsewhere", "ZZ99", "00000 9000", "E09000003", "nowhere-ehm", "landlord", "LA0017"]
    assert [place for place in places if place in told] == []


@pytest.mark.parametrize("format_name", OURS)
@pytest.mark.parametrize(
    ("category", "gone"),
    [
        (Category.HEALTH_S, ["Low mood", "4A", "mental_health"]),
        (Category.HEALTH_G, ["Hearing test overdue", "HEAR", "ground floor"]),
        (Category.EMO, ["Worries at night", "cannot sleep", "Sleep (Nowhere"]),
        (Category.EDU, ["Late two days", "vet", "Nowhere Primary School, year"]),
        (Category.FIN, ["Behind with"]),
        (Category.PLAN, ["Agree a bedtime", "money advice", "Late once a week"]),
        (Category.PCI, ["BASELINE", "Not asked"]),
        (Category.CONSENT, ["PARENT_PR", "2026-02-27</signed_on>", '"signed_on"']),
    ],
    ids=lambda value: value.value if isinstance(value, Category) else "",
)
def test_a_kind_of_information_that_is_withheld_is_nowhere_in_the_bytes(
    library: Library, cleared: Cleared, envelope: OutEnvelope, format_name: str, category: Category, gone: list[str]
) -> None:
    cut = Redaction(reason="R-X", categories=(category,), locating=False)

    told = sent(library, format_name, cleared("ecaf.episode", FULL, cut), envelope).decode()

    assert [text for text in gone if text in told] == []
    assert f"{category.value}" in told
