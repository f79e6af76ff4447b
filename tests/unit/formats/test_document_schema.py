"""Do the schemas of our own formats hold exactly what the model holds?"""

import json

import pytest

from gateway.formats.document_schema import document_schema, envelope_schema, line_schema
from gateway.formats.episode_xsd import envelope_xsd
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.model.document import DOCUMENTS, leaves_of, to_tree
from gateway.model.referral import Feedback, MashOutcome
from gateway.model.tree import Group, Tree

OURS = [
    ("mash/referral-1", "mash.referral", "partners/mash/referral/1/referral.schema.json"),
    ("mash/feedback-1", "mash.feedback", "partners/mash/feedback/1/feedback.schema.json"),
    ("mash/partner-check-1", "mash.check", "partners/mash/partner-check/1/partner-check.schema.json"),
    ("mash/request-1", "ecaf.request", "partners/mash/request/1/request.schema.json"),
    ("mash/check-answer-1", "mash.answer", "partners/mash/check-answer/1/check-answer.schema.json"),
    ("ecaf/episode-1", "ecaf.episode", "partners/ecaf/episode/1/episode.schema.json"),
    ("ecaf/enquiry-1", "ecaf.enquiry", "partners/ecaf/enquiry/1/enquiry.schema.json"),
    ("ecaf/enquiry-answer-1", "ecaf.answer", "partners/ecaf/enquiry-answer/1/answer.schema.json"),
    ("ecaf/family-1", "ecaf.family", "partners/ecaf/family/1/family.schema.json"),
    ("ecaf/registration-1", "ecaf.registration", "partners/ecaf/registration/1/registration.schema.json"),
    ("ecaf/notice-1", "ecaf.notice", "partners/ecaf/notice/1/notice.schema.json"),
    ("ecaf/correction-1", "ecaf.correction", "partners/ecaf/correction/1/correction.schema.json"),
]
ENVELOPE: Group = {
    "format": "mash/feedback-1",
    "message": "mash.feedback.sent",
    "message_id": "msg_1",
    "correlation_id": "msg_0",
    "sent_at": "2026-11-18T16:00:00+00:00",
    "sender": "council-1",
    "document": to_tree(Feedback(reference="3C25NTGQ", outcome=MashOutcome.MO3)),
    "withheld": [{"reason": "consent", "categories": ["CAT-HEALTH-S"]}],
    "obligations": ["O-AUDIT"],
    "handling": "Official: sensitive",
}


@pytest.mark.parametrize(("name", "document", "file"), OURS)
def test_the_published_schema_is_the_models(
    schema_files: dict[str, bytes], name: str, document: str, file: str
) -> None:
    assert json.loads(schema_files[file]) == envelope_schema(name, document), (
        "see schemas/README.md for how to renew it"
    )


def test_the_published_schema_of_a_line_is_the_models(schema_files: dict[str, bytes]) -> None:
    file = FORMATS["ecaf/history-1"].schema

    assert json.loads(schema_files[file]) == line_schema("ecaf/history-1", "ecaf.episode")


def test_the_published_xml_schema_is_the_models(schema_files: dict[str, bytes]) -> None:
    assert schema_files[FORMATS["ecaf/xml-1"].schema] == envelope_xsd("ecaf/xml-1", "ecaf.episode")


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_every_leaf_of_the_model_has_its_place_in_the_schema(document: str) -> None:
    parts = document_schema(document)

    assert set(_leaves(parts, parts["document"], "")) == set(leaves_of(document))


def _leaves(parts: Group, schema: Tree, path: str) -> list[str]:
    assert isinstance(schema, dict)
    if schema.get("type") == "array":
        return _leaves(parts, schema["items"], f"{path}[]")
    if "$ref" in schema:
        return _leaves(parts, parts[str(schema["$ref"]).removeprefix("#/$defs/")], path)
    if "properties" not in schema:
        return [path]
    named = schema["properties"]
    assert isinstance(named, dict)
    return [leaf for name, part in named.items() for leaf in _leaves(parts, part, f"{path}.{name}" if path else name)]


def test_a_whole_envelope_keeps_the_schema(schemas: SchemaRegister) -> None:
    schemas.validate(OURS[1][2], ENVELOPE)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"format": "mash/referral-1"}, "format"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"withheld": [{"reason": "x"}]}, "withheld[0]"),
        ({"withheld": [{"reason": "x", "categories": ["CAT-NEW"]}]}, "withheld[0].categories[0]"),
        ({"document": {"outcome": "MO99"}}, "document.outcome"),
        ({"document": {"colour": "red"}}, "document"),
        ({"colour": "red"}, None),
    ],
    ids=["format", "time", "no categories", "category", "code", "field", "part"],
)
def test_an_envelope_holds_nothing_but_what_is_agreed(schemas: SchemaRegister, change: Group, path: str | None) -> None:
    violations = schemas.violations(OURS[1][2], {**ENVELOPE, **change})

    assert [violation.place.path for violation in violations] == [path]
