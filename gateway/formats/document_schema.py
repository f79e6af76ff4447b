"""What JSON Schema has a canonical document, computed from the model?

Our own wire formats carry canonical documents whole. Their schema files hold what this module computes, and a test
keeps the two equal, so that the model can never drift from what we publish.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum

from gateway.model.category import Category
from gateway.model.document import leaves_of
from gateway.model.tree import Group, Tree

_ENVELOPE_TEXTS = ("message_id", "correlation_id", "sender")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document_schema(document: str) -> Group:
    """Return the JSON Schema of *document*: every field optional, none unknown, each leaf of its kind."""
    root: Group = _group()
    for path, leaf in leaves_of(document).items():
        _place(root, path.split("."), _leaf(leaf.kind))
    return root


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
        "$defs": {"document": document_schema(document)},
    }


def _withheld() -> Group:
    codes: list[Tree] = [category.value for category in Category]
    categories: Group = {"type": "array", "items": {"enum": codes}}
    return {**_group({"reason": {"type": "string"}, "categories": categories}), "required": ["reason", "categories"]}


def _group(properties: Group | None = None) -> Group:
    return {"type": "object", "properties": properties or {}, "additionalProperties": False}


def _place(group: Group, path: list[str], leaf: Group) -> None:
    """Put *leaf* where *path* says; a name ending in `[]` repeats."""
    name = path[0].removesuffix("[]")
    properties = _inside(group, "properties")
    if len(path) == 1:
        properties[name] = {"type": "array", "items": leaf} if path[0].endswith("[]") else leaf
    elif path[0].endswith("[]"):
        _place(_inside(properties, name, {"type": "array", "items": _group()}, "items"), path[1:], leaf)
    else:
        _place(_inside(properties, name, _group()), path[1:], leaf)


def _inside(group: Group, name: str, default: Group | None = None, part: str | None = None) -> Group:
    found = group.setdefault(name, default)
    inner = found[part] if part is not None and isinstance(found, dict) else found
    if not isinstance(inner, dict):
        raise TypeError(f"{name} is both a leaf and a group")
    return inner


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
