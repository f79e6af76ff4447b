"""An episode in XML is the very tree its JSON is, in whatever order its elements come."""

from pathlib import Path

import pytest
from lxml import etree

from gateway.errors import GatewayError, MalformedMessageError, SchemaViolationError
from gateway.formats.gate import Checked, gate, split
from gateway.formats.json import read_json
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.formats.writers import write_document, write_together
from gateway.model.tree import Group, Tree

XML = FORMATS["ecaf/xml-1"]
EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf"
HEAD = (
    '<ecaf format="ecaf/xml-1" message="caf.episode.opened" message_id="m1" correlation_id="c1"'
    ' sent_at="2026-11-02T08:00:00Z" sender="nowhere">'
)


def about(inside: str) -> bytes:
    """Return an episode whose document holds *inside*."""
    return f"{HEAD}<document>{inside}</document></ecaf>".encode()


def checked(schemas: SchemaRegister, body: bytes) -> Checked:
    return gate(XML, body, content_type=None, schemas=schemas, limits=Limits())


def document(schemas: SchemaRegister, body: bytes) -> Tree:
    return checked(schemas, body).tree["document"]  # type: ignore[call-overload,index]  # an envelope is a group


def an_envelope(document: Group) -> Group:
    names = ("message", "message_id", "correlation_id", "sender")
    return {
        "format": "ecaf/xml-1",
        **dict.fromkeys(names, "x"),
        "sent_at": "2026-11-02T08:00:00+00:00",
        "document": document,
    }


def test_the_example_says_what_the_json_says(schemas: SchemaRegister) -> None:
    told = read_json((EXAMPLES / "episode-full.json").read_bytes(), limits=Limits())
    assert isinstance(told, dict)

    assert document(schemas, (EXAMPLES / "xml-full.xml").read_bytes()) == told["document"]


def test_what_is_written_keeps_the_schema_and_comes_back(schemas: SchemaRegister) -> None:
    envelope = checked(schemas, (EXAMPLES / "xml-full.xml").read_bytes()).tree
    assert isinstance(envelope, dict)
    more: Group = {"withheld": [{"reason": "R-X", "categories": ["CAT-FIN"]}], "obligations": ["O-AUDIT"]}

    body = write_document(XML, {**envelope, **more})

    assert checked(schemas, body).tree == {**envelope, **more}


def test_elements_come_in_any_order(schemas: SchemaRegister) -> None:
    one = about("<reason>late</reason><child><sex>2</sex><born>2016-06-14</born></child><version>2</version>")
    other = about("<version>2</version><child><born>2016-06-14</born><sex>2</sex></child><reason>late</reason>")

    assert document(schemas, one) == document(schemas, other)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\u000bb", id="a vertical tab"),
        pytest.param("line\r\nline", id="line ends of another system"),
        pytest.param("\ufffe", id="no character at all"),
        pytest.param("\u0001\u001f", id="controls"),
        pytest.param("\u0080\u0099", id="controls beyond ASCII"),
        pytest.param("  Testina\u00a0Exampleton ", id="blanks that do not break"),
        pytest.param("TESTINA D\u2019EXAMPLE-ŁÓŚĆ", id="capitals and accents"),
        pytest.param("<b>&amp;]]></b>", id="what looks like XML"),
        pytest.param('"quoted\\" \\u0041', id="what looks like JSON"),
        pytest.param("👩‍👧 \U0010ffff", id="beyond sixteen bits"),
    ],
)
def test_no_text_is_changed(schemas: SchemaRegister, text: str) -> None:
    body = write_document(XML, an_envelope({"reason": text, "child": {"telephones": [text, text]}}))

    assert document(schemas, body) == {"reason": text, "child": {"telephones": [text, text]}}


@pytest.mark.parametrize(
    ("inside", "error"),
    [
        pytest.param("<reason>a</reason><reason>b</reason>", SchemaViolationError, id="twice what there is one of"),
        pytest.param("<child/><child/>", SchemaViolationError, id="two children"),
        pytest.param("<mood>sad</mood>", SchemaViolationError, id="a name that is not ours"),
        pytest.param("<child>Testina</child>", SchemaViolationError, id="stray text"),
        pytest.param("<child><born>14/06/2016</born></child>", SchemaViolationError, id="a day written otherwise"),
        pytest.param("<child><born>2016-06-14+01:00</born></child>", SchemaViolationError, id="a day in summer time"),
        pytest.param("<opened_at>2026-06-14T00:00:00</opened_at>", SchemaViolationError, id="a time without its zone"),
        pytest.param("<child><sex>F</sex></child>", SchemaViolationError, id="not a code"),
        pytest.param("<version>two</version>", SchemaViolationError, id="not a number"),
        pytest.param('<reason encoding="json">"a</reason>', MalformedMessageError, id="half a JSON text"),
        pytest.param('<reason encoding="json">7</reason>', SchemaViolationError, id="a JSON number for a text"),
        pytest.param('<reason encoding="json">"a","b":"c"</reason>', SchemaViolationError, id="two JSON texts"),
    ],
)
def test_what_is_not_of_the_format_is_refused(schemas: SchemaRegister, inside: str, error: type[GatewayError]) -> None:
    with pytest.raises(error) as caught:
        checked(schemas, about(inside))

    assert "Testina" not in caught.value.message


def test_what_comes_twice_is_told_by_its_line(schemas: SchemaRegister) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        checked(schemas, about("\n<reason>a</reason>\n<reason>b</reason>"))

    assert (caught.value.place.path, caught.value.place.line) == ("reason", 3)


@pytest.mark.parametrize("name", ["format", "message", "message_id", "correlation_id", "sent_at", "sender"])
def test_an_envelope_lacks_nothing(schemas: SchemaRegister, name: str) -> None:
    root = etree.fromstring(about(""))
    del root.attrib[name]

    with pytest.raises(SchemaViolationError):
        checked(schemas, etree.tostring(root))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_any_encoding_we_read_says_the_same(schemas: SchemaRegister, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{about("<reason>Zoë Exampleton</reason>").decode()}'

    assert document(schemas, text.encode(encoding)) == {"reason": "Zoë Exampleton"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]>' + about("<reason>&b;</reason>"), "doctype", id="an entity"),
        pytest.param(about("<reason>late</reason>")[:-9], "cut-off", id="cut off"),
        pytest.param(
            '<?xml version="1.0" encoding="utf-8"?><a>é</a>'.encode("cp1252"), "encoding", id="another encoding"
        ),
        pytest.param(b"", "empty", id="nothing"),
    ],
)
def test_what_is_no_sound_xml_is_refused(schemas: SchemaRegister, body: bytes, code: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        checked(schemas, body)

    assert caught.value.code == code


def test_split_reads_what_the_gate_took() -> None:
    (record,) = split(XML, about("<reference>E1</reference>"), limits=Limits())

    assert record.key == "m1"
    assert record.tree["document"] == {"reference": "E1"}


def test_several_documents_are_no_one_file() -> None:
    with pytest.raises(GatewayError):
        write_together(XML, [an_envelope({}), an_envelope({})])
