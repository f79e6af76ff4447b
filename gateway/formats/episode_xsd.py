"""What XML Schema has a canonical document in our envelope, computed from the model?

A test keeps the published file equal to what this module computes.
"""

from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum

from lxml import etree

from gateway.formats.episode_xml import ESCAPED, HEADER, ROOT
from gateway.formats.xml import Element
from gateway.model.category import Category
from gateway.model.document import DOCUMENTS, parts_of

_XS = "http://www.w3.org/2001/XMLSchema"
_OPTIONAL = frozenset({"handling"})
_DAY = r"\d{4}-\d{2}-\d{2}"
_SIMPLE = {
    "day": ("date", _DAY),
    "instant": ("dateTime", rf"{_DAY}T\d{{2}}:\d{{2}}:\d{{2}}(\.\d{{1,6}})?(Z|[+-]\d{{2}}:\d{{2}})"),
    "whole": ("integer", r"-?\d{1,18}"),
}
_KINDS: dict[type, str] = {str: "text", int: "whole", date: "day", datetime: "instant"}


def envelope_xsd(format_name: str, document: str) -> bytes:
    """Return the XML Schema of the format of ours called *format_name*, which carries *document*."""
    schema = etree.Element(f"{{{_XS}}}schema", nsmap={"xs": _XS})
    _documented(schema, f"{format_name}: one {document} in its envelope; elements of the document come in any order")
    _add_root(schema, format_name)
    for name, (base, pattern) in _SIMPLE.items():
        _restricted(schema, name, base, "pattern", [pattern])
    _restricted(schema, "said", "string", "minLength", ["1"])
    _add_text(schema)
    _restricted(schema, "category", "token", "enumeration", [one.value for one in Category])
    _add_part(schema, DOCUMENTS[document], "document", set())
    etree.indent(schema)
    return etree.tostring(schema, xml_declaration=True, encoding="UTF-8") + b"\n"


def _add(above: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(above, f"{{{_XS}}}{tag}", attributes)


def _documented(above: Element, text: str) -> None:
    _add(_add(above, "annotation"), "documentation").text = text


def _add_root(schema: Element, format_name: str) -> None:
    root = _add(_add(schema, "element", name=ROOT), "complexType")
    parts = _add(root, "sequence")
    _add(parts, "element", name="document", type="document")
    withheld = _add(parts, "element", name="withheld", minOccurs="0", maxOccurs="unbounded")
    shape = _add(withheld, "complexType")
    _add(_add(shape, "sequence"), "element", name="category", type="category", minOccurs="0", maxOccurs="unbounded")
    _add(shape, "attribute", name="reason", type="xs:string", use="required")
    _add(parts, "element", name="obligation", type="xs:string", minOccurs="0", maxOccurs="unbounded")
    for name in HEADER:
        use = "optional" if name in _OPTIONAL else "required"
        attribute = _add(root, "attribute", name=name, use=use)
        if name == "format":
            attribute.set("fixed", format_name)
        attribute.set("type", "instant" if name == "sent_at" else "said")


def _restricted(schema: Element, name: str, base: str, facet: str, values: list[str]) -> None:
    restriction = _add(_add(schema, "simpleType", name=name), "restriction", base=f"xs:{base}")
    for value in values:
        _add(restriction, facet, value=value)


def _add_text(schema: Element) -> None:
    """Add the type of a text, which may be written as JSON writes it where it holds what no XML may."""
    inner = _add(_add(_add(schema, "complexType", name="text"), "simpleContent"), "extension", base="xs:string")
    escaped = _add(_add(inner, "attribute", name=ESCAPED), "simpleType")
    _add(_add(escaped, "restriction", base="xs:token"), "enumeration", value="json")


def _add_part(schema: Element, cls: type, name: str, known: set[str]) -> None:
    """Add the part *cls*, and whatever it is made of."""
    known.add(name)
    choice = _add(_add(schema, "complexType", name=name), "choice", minOccurs="0", maxOccurs="unbounded")
    for field, (kind, _many) in parts_of(cls).items():
        _add(choice, "element", name=field, type=_KINDS.get(kind, kind.__name__))
        if kind in _KINDS or kind.__name__ in known:
            continue
        if is_dataclass(kind):
            _add_part(schema, kind, kind.__name__, known)
        elif issubclass(kind, Enum):
            known.add(kind.__name__)
            _restricted(schema, kind.__name__, "token", "enumeration", [member.value for member in kind])
