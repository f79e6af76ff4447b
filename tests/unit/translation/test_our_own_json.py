"""Our own formats carry canonical documents whole, and only what was cleared."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.consent.clearance import Clearance
from gateway.consent.decision import Redaction
from gateway.errors import IntegrityError, SchemaViolationError, TranslationError, UnsupportedFormatError
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.model.category import Category
from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, translate_in, translate_out
from gateway.translation.partner_document import OutEnvelope, PartnerDocument, seal_off
from gateway.translation.run import Run, Scope

Cleared = Callable[..., Clearance]
Read = Callable[..., list[Translated]]
ENVELOPED = ["mash/referral-1", "mash/feedback-1", "ecaf/episode-1"]
FEEDBACK: Group = {
    "reference": "R1",
    "step": "decided",
    "at": "2026-11-18T15:40:00+00:00",
    "outcome": "MO10",
    "next_step": "Talk to the family again.",
    "missing": ["consent of a parent or carer"],
    "disagree": "Call the duty manager.",
}


@pytest.fixture
def referral(read: Read) -> Group:
    return read("mash/govuk-forms-1", "mash/govuk-forms-single-child.json", "application/json")[0].tree


@pytest.fixture
def document(library: Library, cleared: Cleared, envelope: OutEnvelope, referral: Group) -> PartnerDocument:
    return translate_out(library.outbound("mash/referral-1"), cleared("mash.referral", referral), envelope=envelope)


def test_a_document_leaves_in_its_envelope(document: PartnerDocument, referral: Group) -> None:
    assert document.tree == {
        "format": "mash/referral-1",
        "message": "caf.request.accepted",
        "message_id": "dlv_1",
        "correlation_id": "cor_1",
        "sent_at": "2026-11-18T09:15:00+00:00",
        "sender": "gateway-1",
        "document": referral,
    }
    assert (document.format, document.recipient, document.permit_reason) == ("mash/referral-1", "ecaf-1", "P-TEST")
    assert (document.losses, document.withheld, document.is_test) == ((), (), False)


def test_a_referral_comes_back_as_it_left(document: PartnerDocument, library: Library, referral: Group) -> None:
    wire = read_json(write_json(document.tree), limits=Limits())
    assert isinstance(wire, dict)

    back = translate_in(library.inbound("mash/referral-1"), wire, meaning=nothing_known)

    assert back.tree == referral
    assert (back.losses, back.warnings, back.unmapped) == ((), (), ())


def test_feedback_leaves_row_by_row(library: Library, cleared: Cleared, envelope: OutEnvelope) -> None:
    out = translate_out(library.outbound("mash/feedback-1"), cleared("mash.feedback", FEEDBACK), envelope=envelope)

    assert out.tree["document"] == FEEDBACK
    assert translate_in(library.inbound("mash/feedback-1"), out.tree, meaning=nothing_known).tree == FEEDBACK


def test_what_leaves_is_in_the_agreed_shape(document: PartnerDocument, schemas: SchemaRegister) -> None:
    assert schemas.violations(FORMATS["mash/referral-1"].schema, document.tree) == ()


@pytest.fixture(scope="session")
def schemas() -> SchemaRegister:
    folder = Path(__file__).parents[3] / "schemas"
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}
    return SchemaRegister({name: text for name, text in files.items() if name.startswith("partners")})


def test_what_was_cut_is_not_there_and_is_said_to_be_withheld(
    library: Library, cleared: Cleared, envelope: OutEnvelope, referral: Group, schemas: SchemaRegister
) -> None:
    cut = Redaction(reason="P-REDACTED", categories=(Category.ADDR, Category.CONTACT), locating=True)

    out = translate_out(library.outbound("mash/referral-1"), cleared("mash.referral", referral, cut), envelope=envelope)

    told = write_json(out.tree).decode()
    assert "Nowhere Lane" not in told
    assert "07700 900101" not in told
    assert out.tree["withheld"] == [{"reason": "P-REDACTED", "categories": ["CAT-ADDR", "CAT-CONTACT"]}]
    assert [one.reason for one in out.withheld] == ["P-REDACTED"]
    assert schemas.violations(FORMATS["mash/referral-1"].schema, out.tree) == ()


def test_a_trial_is_marked(
    library: Library, cleared: Cleared, envelope: OutEnvelope, referral: Group, schemas: SchemaRegister
) -> None:
    trial = cleared("mash.referral", referral, version="test-permit-1")

    out = translate_out(library.outbound("mash/referral-1"), trial, envelope=envelope)

    assert out.is_test
    assert out.tree["handling"] == "NOT FOR RELEASE"
    assert schemas.violations(FORMATS["mash/referral-1"].schema, out.tree) == ()


def test_what_is_said_around_a_document_is_listed_and_not_taken_for_content(library: Library, referral: Group) -> None:
    wire: Group = {
        "format": "mash/referral-1",
        "message_id": "m",
        "document": referral,
        "withheld": [{"reason": "P", "categories": ["CAT-ADDR"]}],
        "favourite": "blue",
    }

    back = translate_in(library.inbound("mash/referral-1"), wire, meaning=nothing_known)

    assert back.tree == referral
    assert [loss.path for loss in back.losses] == ["withheld[0].reason", "withheld[0].categories[0]", "favourite"]


def test_a_name_that_is_not_ours_is_carried(library: Library) -> None:
    wire: Group = {"document": {"reference": "7", "mood": "anxious", "children": [{"nickname": "Tina"}]}}

    back = translate_in(library.inbound("mash/referral-1"), wire, meaning=nothing_known)

    assert back.tree["local"] == [
        {"key": "x-referral", "question": "mood", "answer": "anxious"},
        {"key": "x-referral", "question": "children.nickname", "answer": "Tina"},
    ]


@pytest.mark.parametrize("wire", [{}, {"document": "a text"}, {"document": [{}]}])
def test_an_envelope_without_its_document_is_refused(library: Library, wire: Group) -> None:
    with pytest.raises(TranslationError) as refused:
        translate_in(library.inbound("mash/referral-1"), wire, meaning=nothing_known)

    assert refused.value.place.path == "document"


def test_only_a_clearance_leaves(library: Library, envelope: OutEnvelope, referral: Group) -> None:
    for_anybody = cast("Any", {"document": "mash.referral", "tree": referral})

    with pytest.raises(IntegrityError):
        translate_out(library.outbound("mash/referral-1"), for_anybody, envelope=envelope)


def test_nothing_is_sealed_off_without_a_clearance(referral: Group) -> None:
    for_anybody = cast("Any", {"recipient": "somebody", "tree": referral})

    with pytest.raises(IntegrityError):
        seal_off(for_anybody, format_name="mash/referral-1", tree=referral, losses=())


def test_a_tree_the_model_does_not_know_is_never_returned(library: Library) -> None:
    mapping = library.inbound("mash/decision-1")
    assert mapping.inbound is not None

    def odd(_scope: Scope, out: Group, _run: Run) -> bool:
        out["mood"] = "anxious"
        return True

    faulty = replace(mapping, inbound=replace(mapping.inbound, steps=odd))

    with pytest.raises(SchemaViolationError):
        translate_in(faulty, {"reference": "R1"}, meaning=nothing_known)


def test_a_clearance_of_another_document_does_not_fit(
    library: Library, cleared: Cleared, envelope: OutEnvelope
) -> None:
    with pytest.raises(TranslationError, match=r"about mash\.referral, not mash\.feedback"):
        translate_out(library.outbound("mash/referral-1"), cleared("mash.feedback", FEEDBACK), envelope=envelope)


BYPASSES: dict[str, Callable[[PartnerDocument], object]] = {
    "called": lambda _: cast("Any", PartnerDocument)(),
    "called with content": cast("Any", PartnerDocument),
    "copied": copy.copy,
    "copied deeply": copy.deepcopy,
    "replaced": lambda made: replace(cast("Any", made)),
    "replaced by hand": lambda made: cast("Any", made).__replace__(recipient="somebody-else"),
    "pickled": pickle.dumps,
    "set": lambda made: setattr(made, "recipient", "somebody-else"),
    "deleted": lambda made: delattr(made, "recipient"),
    "subclassed": lambda _: type("Mine", (cast("Any", PartnerDocument),), {}),
    "made empty": lambda _: object.__new__(PartnerDocument).tree,
    "unpickled": lambda _: object.__new__(PartnerDocument).__setstate__({"recipient": "somebody-else"}),
}


@pytest.mark.parametrize("bypass", BYPASSES.values(), ids=BYPASSES)
def test_a_partner_document_comes_from_nowhere_else(
    document: PartnerDocument, bypass: Callable[[PartnerDocument], object]
) -> None:
    with pytest.raises((IntegrityError, TypeError)):
        bypass(document)


@pytest.mark.parametrize("format_name", ["mash/flat-1", "mash/govuk-forms-1", "mash/decision-1", "sims/superstar-1"])
def test_what_only_comes_in_cannot_be_written(library: Library, format_name: str) -> None:
    with pytest.raises(UnsupportedFormatError):
        library.outbound(format_name)


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_every_format_has_its_mappings(library: Library, format_name: str) -> None:
    fmt = FORMATS[format_name]
    looks = {"in": library.inbound, "out": library.outbound}

    found = [looks[direction](format_name) for direction in sorted(fmt.directions)]

    assert {mapping.document for mapping in found} == {fmt.document}


@pytest.mark.parametrize("file", ["acknowledged", "early-help", "returned"])
def test_a_decision_of_the_mash_loses_nothing(read: Read, file: str) -> None:
    (made,) = read("mash/decision-1", f"mash/decision-{file}.json", "application/json")

    assert (made.losses, made.warnings) == ((), ())
    assert made.tree["at"].endswith("+00:00")


def test_a_decision_without_its_reference_is_refused(library: Library) -> None:
    with pytest.raises(TranslationError) as refused:
        translate_in(library.inbound("mash/decision-1"), {"step": "decided"}, meaning=nothing_known)

    assert refused.value.place.path == "reference"


def test_an_instant_is_written_with_its_offset(envelope: OutEnvelope) -> None:
    assert envelope.sent_at == datetime(2026, 11, 18, 9, 15, tzinfo=UTC)
