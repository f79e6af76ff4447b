"""Does the only XML parser read what is harmless, and stop at everything else?"""

import pytest

from gateway.errors import MalformedMessageError, TooLargeError
from gateway.formats.limits import Limits
from gateway.formats.xml import read_xml
from gateway.model.tree import Tree

LIMITS = Limits()


@pytest.mark.parametrize(
    ("document", "tree"),
    [
        ("<a>text</a>", "text"),
        ("<a/>", ""),
        ("<a><b>1</b><c/><b>2</b></a>", {"b": ["1", "2"], "c": [""]}),
        ('<a b="1">text</a>', {"@b": "1", "#text": "text"}),
        ('<a b="1"/>', {"@b": "1"}),
        ("<a>stray<b>1</b> text</a>", {"#text": "stray text", "b": ["1"]}),
        ("<a> \n <b>1</b>\t</a>", {"b": ["1"]}),
        ("<a>&lt;b&gt; &amp;&#233;</a>", "<b> &é"),
        ("<a><![CDATA[<b>]]></a>", "<b>"),
        ("<a>x<!-- gone -->y<?gone too?>z</a>", "xyz"),
        ('<a xmlns="urn:x" xmlns:y="urn:y" y:c="1"><b/></a>', {"@{urn:y}c": "1", "{urn:x}b": [""]}),
    ],
    ids=[
        "text", "nothing", "repeated children", "text with an attribute", "an attribute alone", "mixed content",
        "white space between", "references", "character data", "comments and instructions", "namespaces",
    ],
)  # fmt: skip
def test_a_document_becomes_its_tree(document: str, tree: Tree) -> None:
    name, found = read_xml(document.encode(), limits=LIMITS)

    assert name.rpartition("}")[2] == "a"
    assert found == tree


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        (None, "utf-8"),
        (None, "utf-8-sig"),
        (None, "utf-16"),
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("ISO-8859-1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("WINDOWS-1252", "cp1252"),
    ],
)
def test_each_encoding_we_read_gives_the_same_letters(declared: str | None, codec: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""

    _, tree = read_xml(f"{declaration}<a>Siân</a>".encode(codec), limits=LIMITS)

    assert tree == "Siân"


def test_utf_16_of_either_byte_order_is_read() -> None:
    document = '<?xml version="1.0" encoding="UTF-16"?><a>Zoë</a>'

    little = read_xml(b"\xff\xfe" + document.encode("utf-16-le"), limits=LIMITS)
    big = read_xml(b"\xfe\xff" + document.encode("utf-16-be"), limits=LIMITS)

    assert little == big == ("a", "Zoë")


def test_the_typographic_letters_of_windows_1252_are_those_letters() -> None:
    body = '<?xml version="1.0" encoding="windows-1252"?><a>O\u2019Sample \u2013 \u201cZoë\u201d</a>'.encode("cp1252")

    assert read_xml(body, limits=LIMITS) == ("a", "O\u2019Sample \u2013 \u201cZoë\u201d")


def test_an_inclusion_from_elsewhere_is_only_an_element() -> None:
    body = b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="file:///etc/hostname" parse="text"/></a>'

    _, tree = read_xml(body, limits=LIMITS)

    assert tree == {"{http://www.w3.org/2001/XInclude}include": [{"@href": "file:///etc/hostname", "@parse": "text"}]}


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"<a>\n<b>\n</a>", 3),
        (b"<a>\n\n<b", 3),
        (b'<?xml version="1.0"\n encoding="windows-1252"?>\n<a>\n&x;</a>', 4),
        (b"<a>\n<b>\nZo\xeb</b></a>", 3),
        (b"\n<!DOCTYPE a>\n<a/>", 2),
    ],
    ids=["wrong tag", "cut off", "behind a declaration of two lines", "wrong encoding", "document type"],
)
def test_what_is_refused_is_refused_with_its_line(body: bytes, line: int) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_xml(body, limits=LIMITS)

    assert caught.value.place.line == line


def test_a_refusal_never_repeats_what_the_document_says() -> None:
    with pytest.raises(MalformedMessageError) as caught:
        read_xml(b"<Testina><Exampleton>ZZ99 3AA</Testina>", limits=LIMITS)

    assert not {"Testina", "Exampleton", "ZZ99"} & set(str(caught.value).replace("<", " ").replace(">", " ").split())


def test_nesting_up_to_the_limit_is_read() -> None:
    read_xml(b"<a>" * 100 + b"</a>" * 100, limits=LIMITS)


@pytest.mark.parametrize(
    ("body", "limits", "code"),
    [
        (b"<a>" * 101 + b"</a>" * 101, LIMITS, "too-deep"),
        (b"<a>" + b"<b/>" * 5 + b"</a>", Limits(nodes=5), "too-many"),
        (b'<a b="1" c="2" xmlns:d="u"/>', Limits(attributes=2), "too-many"),
        (b"<a>123456</a>", Limits(size_bytes=10), "too-large"),
        (b"<a>123456</a>", Limits(text_length=5), "too-large"),
        (b'<a b="123456"/>', Limits(text_length=5), "too-large"),
        (b"<a>" + b"x" * 10_000_001 + b"</a>", LIMITS, "too-large"),
    ],
    ids=["depth", "elements", "attributes", "bytes", "a text", "an attribute", "a text the parser itself refuses"],
)
def test_each_limit_is_kept(body: bytes, limits: Limits, code: str) -> None:
    with pytest.raises(TooLargeError) as caught:
        read_xml(body, limits=limits)

    assert caught.value.code == code


def test_a_limit_reached_exactly_is_no_refusal() -> None:
    body = b'<a b="1"><b>123</b><b/></a>'
    limits = Limits(size_bytes=len(body), nodes=3, attributes=1, text_length=3, depth=2)

    assert read_xml(body, limits=limits) == ("a", {"@b": "1", "b": ["123", ""]})
