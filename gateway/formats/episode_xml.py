"""How is an envelope of ours written in XML, and what does one hold?

It says in elements what the JSON says in names, so that both become one tree. Elements come in any order. The
envelope's own words are attributes of the root; a field that repeats is an element that repeats.
"""

import json
import re
from dataclasses import is_dataclass
from typing import cast

from lxml import etree

from gateway.errors import Place, SchemaViolationError
from gateway.formats.json import read_json
from gateway.formats.limits import Limits
from gateway.formats.xml import Element
from gateway.model.document import DOCUMENTS, parts_of
from gateway.model.tree import Group, Tree

ROOT = "ecaf"
HEADER = ("format", "message", "message_id", "correlation_id", "sent_at", "sender", "handling")
ESCAPED = "encoding"
"""The attribute of a text written as JSON writes it, because it holds what no XML may."""
_BEYOND_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


def read_episode(root: Element, document: str, *, limits: Limits) -> Group:
    """Return what *root*, of whose shape the schema was asked already, says about a *document*.

    Raises:
        SchemaViolationError: something comes twice that there is one of; the place is its line.
        MalformedMessageError: a text that is written as JSON is none.
    """
    tree: Group = {name: str(root.get(name)) for name in HEADER if root.get(name) is not None}
    for child in root:
        match child.tag:
            case "document":
                tree["document"] = _group(child, DOCUMENTS[document], limits)
            case "withheld":
                codes: list[Tree] = [(one.text or "").strip() for one in child]
                one: Group = {"reason": str(child.get("reason", "")), "categories": codes}
                cast("list[Tree]", tree.setdefault("withheld", [])).append(one)
            case _:
                cast("list[Tree]", tree.setdefault("obligations", [])).append((child.text or "").strip())
    return tree


def _group(element: Element, cls: type, limits: Limits) -> Group:
    parts = parts_of(cls)
    group: Group = {}
    for child in element:
        name = str(child.tag)
        if name not in parts:
            raise SchemaViolationError("the document has no such field", place=_place(child, name))
        kind, many = parts[name]
        value: Tree = _group(child, kind, limits) if is_dataclass(kind) else _leaf(child, kind, limits)
        if many:
            cast("list[Tree]", group.setdefault(name, [])).append(value)
        elif name in group:
            raise SchemaViolationError(f"{name} comes twice, and there can be only one", place=_place(child, name))
        else:
            group[name] = value
    return group


def _place(element: Element, name: str) -> Place:
    """Return where *element* stands; a name that is no field's may be anything, and is not repeated."""
    return Place(path=name if name.isidentifier() else None, line=cast("int | None", element.sourceline))


def _leaf(element: Element, kind: type, limits: Limits) -> Tree:
    text = element.text or ""
    if kind is str:
        return _unescaped(text, limits) if element.get(ESCAPED) == "json" else text
    return int(text) if kind is int else text.strip()


def _unescaped(text: str, limits: Limits) -> Tree:
    held = cast("Group", read_json(f'{{"text": {text}}}'.encode(), limits=limits))
    if len(held) != 1 or not isinstance(held["text"], str):
        raise SchemaViolationError("a text that is written as JSON is another kind of value")
    return held["text"]


def write_episode(tree: Group, document: str) -> bytes:
    """Return an envelope about a *document* as XML, UTF-8, each field where the model has it."""
    root = etree.Element(ROOT, {name: str(tree[name]) for name in HEADER if name in tree})
    _add_group(etree.SubElement(root, "document"), cast("Group", tree["document"]), DOCUMENTS[document])
    for one in cast("list[Group]", tree.get("withheld", [])):
        withheld = etree.SubElement(root, "withheld", {"reason": str(one["reason"])})
        for code in cast("list[Tree]", one["categories"]):
            etree.SubElement(withheld, "category").text = str(code)
    for obligation in cast("list[Tree]", tree.get("obligations", [])):
        etree.SubElement(root, "obligation").text = str(obligation)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add_group(element: Element, group: Group, cls: type) -> None:
    for name, (kind, many) in parts_of(cls).items():
        if name not in group:
            continue
        for value in cast("list[Tree]", group[name]) if many else [group[name]]:
            child = etree.SubElement(element, name)
            if is_dataclass(kind):
                _add_group(child, cast("Group", value), kind)
            else:
                _say(child, str(value))


def _say(element: Element, text: str) -> None:
    if _BEYOND_XML.search(text) is None:
        element.text = text
    else:
        element.set(ESCAPED, "json")
        element.text = json.dumps(text)
