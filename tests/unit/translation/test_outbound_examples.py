"""Every document that leaves for a MASH, a partner or a referrer is the one that was once read over by a person."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.app.commands.shipped import schemas
from gateway.consent.clearance import Clearance, CurrentFacts, clear
from gateway.consent.trial import trial_permit
from gateway.conversations.feedback import ReferrerClass, decision_feedback
from gateway.formats.register import FORMATS
from gateway.model.referral import MashOutcome
from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.message_translator import nothing_known, project, translate_in, translate_out
from gateway.translation.partner_document import OutEnvelope
from tests.unit.translation.conftest import AT

VECTORS = Path(__file__).parents[2] / "vectors"


def canonical(file: str) -> Group:
    """Return the canonical document an example becomes."""
    tree: Group = json.loads((VECTORS / "canonical" / "mash" / f"{file}.json").read_text())[0]["tree"]
    return tree


def feedback() -> Group:
    """Return what a professional is told when early help starts."""
    more = {"service": "Nowhere Family Hub", "contact": "The duty desk, 020 7946 0100", "mash_reference": "M-1"}
    tree = decision_feedback(
        ReferrerClass.PROFESSIONAL,
        "8HX2MQ4R",
        outcome=MashOutcome.MO3,
        decided_at=AT,
        is_protected=False,
        more={**more, "advice": "A coordinator will call."},
    )
    assert tree is not None
    return tree


def check(library: Library) -> Group:
    """Return what partners are asked about the second child of a referral."""
    referral = canonical("govuk-forms-two-siblings.json")
    return project(library.projection("mash.referral", "mash.check"), referral, index=1).tree


CASES: dict[str, tuple[str, str, Callable[[Library], Group]]] = {
    "referral": ("mash/referral-1", "mash.referral", lambda _: canonical("moj-payload.json")),
    "referral-store": ("mash/referral-store-1", "mash.referral", lambda _: canonical("moj-payload.json")),
    "request": ("mash/request-1", "ecaf.request", lambda _: canonical("start-request.form")),
    "partner-check": ("mash/partner-check-1", "mash.check", check),
    "feedback": ("mash/feedback-1", "mash.feedback", lambda _: feedback()),
}
WRAPPED = sorted(set(CASES) - {"referral-store"})


@pytest.mark.parametrize("name", CASES)
def test_what_leaves_is_what_was_read_over(
    library: Library, cleared: Callable[..., Clearance], envelope: OutEnvelope, name: str
) -> None:
    format_name, document, make = CASES[name]

    out = translate_out(library.outbound(format_name), cleared(document, make(library)), envelope=envelope)

    expected = json.loads((VECTORS / "outbound" / "mash" / f"{name}.json").read_text())
    assert {"document": out.tree, "losses": [{"path": one.path, "why": one.why} for one in out.losses]} == expected


@pytest.mark.parametrize("name", CASES)
def test_what_leaves_keeps_the_published_schema(name: str) -> None:
    expected = json.loads((VECTORS / "outbound" / "mash" / f"{name}.json").read_text())

    schemas().validate(FORMATS[CASES[name][0]].schema, expected["document"])


@pytest.mark.parametrize("name", WRAPPED)
def test_what_leaves_in_our_own_shape_loses_nothing_and_comes_back_as_it_was(library: Library, name: str) -> None:
    """So a neighbouring MASH with a gateway of its own has, of what ours sends it, the very same document."""
    format_name, _, make = CASES[name]
    expected = json.loads((VECTORS / "outbound" / "mash" / f"{name}.json").read_text())

    back = translate_in(library.inbound(format_name), expected["document"], meaning=nothing_known)

    assert (back.tree, back.losses, expected["losses"]) == (make(library), (), [])


def test_of_two_siblings_a_check_names_only_the_one_who_is_asked_about(library: Library) -> None:
    referral = canonical("govuk-forms-two-siblings.json")

    made = project(library.projection("mash.referral", "mash.check"), referral, index=1)

    assert [child["given_names"] for child in made.tree["children"]] == ["Bea"]
    assert "Adam" not in json.dumps(made.tree)
    assert {one.why for one in made.losses if one.path == "children[0]"} == {"asked about in a check of its own"}


def test_a_test_in_a_shape_without_envelope_is_marked_too(library: Library, envelope: OutEnvelope) -> None:
    permit = trial_permit("mash.referral", recipient="mash", at=AT)
    tree = canonical("moj-payload.json")
    facts = CurrentFacts(recipient="mash", epochs=permit.epochs)
    made = clear(permit, facts, AT, document="mash.referral", tree=tree)
    assert isinstance(made, Clearance)

    out = translate_out(library.outbound("mash/referral-store-1"), made, envelope=envelope)

    assert out.tree["handling"] == "NOT FOR RELEASE"
    assert schemas().violations(FORMATS["mash/referral-store-1"].schema, out.tree)
