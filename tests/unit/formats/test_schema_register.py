"""Does the register say where a document breaks its schema, and never what it says?"""

from pathlib import Path

import pytest

from gateway.errors import MappingError, SchemaViolationError
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.formats.xml import parse
from gateway.model.tree import Group, Tree

DECISION = "partners/mash/decision/1/decision.schema.json"
SUPERSTAR = "partners/sims/superstar/1/superstar.xsd"
SOUND: Group = {"reference": "R1", "step": "decided", "at": "2026-11-18T15:40:00Z", "outcome": "MO3"}


def test_a_sound_document_breaks_nothing(schemas: SchemaRegister) -> None:
    schemas.validate(DECISION, SOUND)


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"reference": ""}, "reference", "reference is too short (rule minLength)"),
        ({"step": "Testina"}, "step", "step is not one of the codes listed (rule enum)"),
        ({"outcome": "MO13"}, "outcome", "outcome is not one of the codes listed (rule enum)"),
        ({"at": "18/11/2026"}, "at", "at is not written the way this kind of value is (rule format)"),
        ({"missing": ["a", 5]}, "missing[1]", "missing[1] is another kind of value than expected (rule type)"),
        ({"Testina": 1}, None, "the document holds a part this format does not have (rule additionalProperties)"),
        ({"reason": "Testina" * 3000}, "reason", "reason is too long (rule maxLength)"),
        ({"step": "acknowledged"}, "outcome", "outcome does not belong here (rule falseSchema)"),
    ],
    ids=["short", "code", "outcome", "date", "member", "unknown part", "long", "outcome too early"],
)
def test_each_rule_is_named_with_its_path_and_never_with_the_value(
    schemas: SchemaRegister, change: Group, path: str | None, message: str
) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        schemas.validate(DECISION, {**SOUND, **change})

    assert caught.value.place.path == path
    assert caught.value.message == message
    assert "Testina" not in str(caught.value.as_json())


@pytest.mark.parametrize("part", ["reference", "step", "at", "outcome"])
def test_a_missing_part_is_named(schemas: SchemaRegister, part: str) -> None:
    document = {name: value for name, value in SOUND.items() if name != part}

    with pytest.raises(SchemaViolationError, match=rf"the document lacks a required part '{part}'"):
        schemas.validate(DECISION, document)


def test_the_first_of_several_faults_says_how_many_more_there_are(schemas: SchemaRegister) -> None:
    with pytest.raises(SchemaViolationError, match=r"\(and 2 more\)$"):
        schemas.validate(DECISION, {"step": "decided", "outcome": "MO1"} | {"at": 1, "advice": 2})


@pytest.mark.parametrize("tree", ["text", [], None, 5, True])
def test_a_document_that_is_no_object_breaks_its_schema(schemas: SchemaRegister, tree: Tree) -> None:
    assert schemas.violations(DECISION, tree)[0].message.startswith("the document is another kind of value")


@pytest.mark.parametrize(
    ("document", "path", "line", "rule"),
    [
        ("<Invoice/>", "/Invoice", 1, "is not the element this format starts with"),
        ("<SuperStarReport>\n<Testina/></SuperStarReport>", "/SuperStarReport/Testina", 2, "is not expected here"),
        ("<SuperStarReport>\nTestina</SuperStarReport>", "/SuperStarReport", 1, "holds text where only elements"),
    ],
    ids=["root", "child", "text"],
)
def test_xml_is_answered_with_path_and_line(
    schemas: SchemaRegister, document: str, path: str, line: int, rule: str
) -> None:
    violation = schemas.violations(SUPERSTAR, parse(document.encode(), limits=Limits()))[0]

    assert (violation.place.path, violation.place.line) == (path, line)
    assert rule in violation.message


def test_at_most_twenty_faults_are_told(schemas: SchemaRegister) -> None:
    assert len(schemas.violations(DECISION, {**SOUND, "missing": [1] * 50})) == 20


def test_an_unknown_schema_is_our_own_mistake(schemas: SchemaRegister) -> None:
    with pytest.raises(MappingError, match=r"no schema 'nowhere\.json'"):
        schemas.validate("nowhere.json", {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.json", b"{"),
        ("x.json", b'{"type": "nothing we know"}'),
        ("x.json", b'{"$ref": "http://127.0.0.1:9/elsewhere.json"}'),
        ("x.json", b'{"$ref": "file:///etc/hostname"}'),
        ("x.json", b'{"a": 1, "a": 2}'),
        ("x.xsd", b"<a/>"),
        ("x.xsd", b"<a"),
        (
            "x.xsd",
            b'<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"><s:include schemaLocation="/etc/x.xsd"/></s:schema>',
        ),
    ],
    ids=["no JSON", "no schema", "elsewhere", "a file", "a name twice", "no XSD", "no XML", "includes"],
)
def test_a_schema_that_is_none_or_reaches_outside_stops_the_start(name: str, text: bytes) -> None:
    with pytest.raises(MappingError, match=rf"schema {name} is not usable"):
        SchemaRegister({name: text})


def test_a_sound_schema_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text('{"type": "object"}')

    with pytest.raises(MappingError, match=r"schema x\.json is not usable"):
        SchemaRegister({"x.json": f'{{"$ref": "{elsewhere.as_uri()}"}}'.encode()})


def test_a_page_beside_the_schemas_is_no_schema() -> None:
    SchemaRegister({"README.md": b"# hello"})
