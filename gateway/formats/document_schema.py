"""What JSON Schema has a canonical document, computed from the model?

Our own wire formats carry canonical documents whole. Their schema files hold what this module computes, and a test
keeps the two equal, so that the model can never drift from what we publish.
"""

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum

from gateway.formats.local_names import NAMES, list_of
from gateway.model.category import Category
from gateway.model.document import DOCUMENTS, parts_of
from gateway.model.tree import Group, Tree

_ENVELOPE_TEXTS = ("message_id", "correlation_id", "sender")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document_schema(document: str) -> Group:
    """Return the JSON Schema of each part of *document* by its name: every field optional, none unknown.

    Shape: `document` is the document itself; each other part is called as the model calls it, and referred to.
    """
    parts: Group = {}
    _add(DOCUMENTS[document], "document", parts, names=document == "ecaf.episode")
    return parts


def envelope_schema(format_name: str, document: str) -> Group:
    """Return the JSON Schema of the format of ours called *format_name*, which carries *document*."""
    texts: Group = {name: {"type": "string", "minLength": 1} for name in _ENVELOPE_TEXTS}
    properties: Group = {
        "format": {"const": format_name},
        "message": {"type": "string", "minLength": 1},
        **texts,
        "sent_at": {"type": "string", "format": "date-time"},
        "document": {"$ref": "#/$defs/document"},
        "withheld": {"type": "array", "items": _withheld()},
        "obligations": {"type": "array", "items": {"type": "string"}},
        "handling": {"type": "string"},
    }
    required: list[Tree] = ["format", "message", *_ENVELOPE_TEXTS, "sent_at", "document"]
    name = format_name.replace("/", ":")
    return {
        "$schema": _DIALECT,
        "$id": f"urn:ecaf-gateway:schema:{name}",
        "title": f"{format_name}: one {document} in its envelope",
        **_group(properties),
        "required": required,
        "$defs": document_schema(document),
    }


def line_schema(format_name: str, document: str) -> Group:
    """Return the JSON Schema of one line of the bulk format of ours called *format_name*: one *document*."""
    properties: Group = {
        "document": {"$ref": "#/$defs/document"},
        "withheld": {"type": "array", "items": _withheld()},
        "obligations": {"type": "array", "items": {"type": "string"}},
    }
    name = format_name.replace("/", ":")
    return {
        "$schema": _DIALECT,
        "$id": f"urn:ecaf-gateway:schema:{name}:line",
        "title": f"{format_name}: one line after the first, one {document}",
        **_group(properties),
        "required": ["document"],
        "$defs": document_schema(document),
    }


def _withheld() -> Group:
    codes: list[Tree] = [category.value for category in Category]
    categories: Group = {"type": "array", "items": {"enum": codes}}
    return {**_group({"reason": {"type": "string"}, "categories": categories}), "required": ["reason", "categories"]}


def _group(properties: Group | None = None) -> Group:
    return {"type": "object", "properties": {} if properties is None else properties, "additionalProperties": False}


def _add(cls: type, name: str, parts: Group, *, names: bool) -> None:
    """Add the part *cls*, and whatever it is made of, to *parts*; with *names*, local headings may stand by name."""
    properties: Group = {}
    group = _group(properties)
    if names and list_of(cls) is not None:
        group["patternProperties"] = {NAMES: {"type": "string"}}
    parts[name] = group
    for field, (kind, many) in parts_of(cls).items():
        if is_dataclass(kind) and kind.__name__ not in parts:
            _add(kind, kind.__name__, parts, names=names)
        one: Group = {"$ref": f"#/$defs/{kind.__name__}"} if is_dataclass(kind) else _leaf(kind)
        properties[field] = {"type": "array", "items": one} if many else one


def _leaf(kind: type[object]) -> Group:
    if issubclass(kind, Enum):
        codes: list[Tree] = [member.value for member in kind]
        return {"enum": codes}
    return dict(_KINDS[kind])


_KINDS: Mapping[type[object], Group] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}
