"""Does the XML reader hold for any bytes?"""

import contextlib
from collections.abc import Callable
from xml.sax.saxutils import escape

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.errors import PermanentError
from gateway.formats.limits import Limits
from gateway.formats.xml import read_xml
from gateway.formats.xml_gate import inspect

LIMITS = Limits(depth=10, nodes=100, text_length=500)
PIECES = [
    '<?xml version="1.0"',
    ' encoding="',
    "UTF-8",
    "UTF-16",
    '"?>',
    "<a>",
    "</a>",
    "<a",
    ' b="1"',
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [",
    "]>",
    "&lt;",
    "&x;",
    "&#0;",
    "x",
    " ",
    "\n",
    "é",
    "\x85",
    "<?p ",
    "?>",
    ":",
]
NEARLY_XML = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)
CODECS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso-8859-1", "utf-32", "utf-7"])
LETTERS = st.text(st.characters(codec="cp1252", min_codepoint=0x20, exclude_characters="\x7f"), max_size=50)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(body: bytes) -> None:
    with contextlib.suppress(PermanentError):
        read_xml(body, limits=LIMITS)


@given(NEARLY_XML, CODECS)
def test_anything_like_xml_is_read_or_refused_with_a_reason(text: str, codec: str) -> None:
    with contextlib.suppress(PermanentError):
        read_xml(text.encode(codec, errors="replace"), limits=LIMITS)


@given(LETTERS, st.sampled_from([("UTF-8", "utf-8"), ("UTF-16", "utf-16"), ("windows-1252", "cp1252")]))
def test_letters_come_through_whatever_the_encoding(text: str, encoding: tuple[str, str]) -> None:
    declared, codec = encoding
    body = f'<?xml version="1.0" encoding="{declared}"?><a>{escape(text)}</a>'.encode(codec)

    assert read_xml(body, limits=LIMITS) == ("a", text)


@given(
    st.lists(st.sampled_from(["<a>", "</a>", "<b/>", "<a ", "c", "=", "'x'", "'>'", "/>", "é", "ͱ", "<ͱ/>", "x"]))
    .map("".join)
    .map(lambda inner: f"<r>{inner}</r>".encode())
)
@settings(max_examples=500)
@example(b"<r><a ></a></r>")
@example(b"<r c='>'><b/></r>")
@example("<r><ͱ/></r>".encode())
@example("<r c='>' ͱ='x'/>".encode())
@example(b"<r><a><a><a></a></a></a></r>")
@example(b"<r c='1' d='2' e='3'/>")
@example(b"<r>" + b"<b/>" * 9 + b"</r>")
def test_what_expat_is_not_asked_about_it_would_take(utf8: bytes) -> None:
    limits = Limits(depth=3, nodes=9, attributes=2)

    assert refused(lambda: read_xml(utf8, limits=limits)) == refused(lambda: both_parsers(utf8, limits))


def both_parsers(utf8: bytes, limits: Limits) -> None:
    inspect(utf8, limits=limits)
    read_xml(utf8, limits=limits)


def refused(read: Callable[[], object]) -> tuple[str, str] | None:
    """Return how *read* refuses, or None."""
    try:
        read()
    except PermanentError as error:
        return type(error).__name__, str(error)
    return None
