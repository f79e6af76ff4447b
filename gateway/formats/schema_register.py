"""Does a document have the shape its schema asks for, and where not?

Schemas come in as bytes, are compiled once, and nothing they mention is ever fetched.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, NoReturn, cast

import jsonschema_rs
from lxml import etree

from gateway.errors import GatewayError, MappingError, Place, SchemaViolationError
from gateway.formats.json import read_json
from gateway.formats.json_fault import joined
from gateway.formats.limits import Limits
from gateway.formats.xml import Element, LogEntry, entries, parse
from gateway.model.tree import Tree

_REPORTED_LIMIT = 20
_OURS = Limits(nodes=100_000)

_JSON_RULES = {
    "additionalProperties": "holds a part this format does not have",
    "anyOf": "has none of the shapes allowed here",
    "const": "is not the one value allowed here",
    "enum": "is not one of the codes listed",
    "falseSchema": "does not belong here",
    "format": "is not written the way this kind of value is",
    "maxItems": "has too many members",
    "maxLength": "is too long",
    "minItems": "has too few members",
    "minLength": "is too short",
    "minProperties": "has too few parts",
    "required": "lacks a required part",
    "type": "is another kind of value than expected",
}
_XML_RULES = {
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "holds text where only elements belong",
    "SCHEMAV_CVC_ELT_1": "is not the element this format starts with",
    "SCHEMAV_ELEMENT_CONTENT": "is not expected here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule a document breaks: where, and which, in words that never repeat a value."""

    place: Place
    message: str


class SchemaRegister:
    """Every schema there is, by its path under schemas/, such as `partners/mash/decision/1/decision.schema.json`."""

    def __init__(self, schemas: Mapping[str, bytes]) -> None:
        """Compile every `.json` and `.xsd` of *schemas*.

        Raises:
            MappingError: one does not compile, or refers to something outside itself.
        """
        self._check: dict[str, Callable[[Any], Iterator[Violation]]] = {}
        for schema_id, text in schemas.items():
            if schema_id.endswith(".json"):
                self._check[schema_id] = _json_check(schema_id, text)
            elif schema_id.endswith(".xsd"):
                self._check[schema_id] = _xsd_check(schema_id, text)

    def violations(self, schema_id: str, document: Tree | Element) -> tuple[Violation, ...]:
        """Return what *document* breaks, at most twenty rules: a tree for a JSON Schema, an element for an XSD.

        Raises:
            MappingError: there is no such schema.
        """
        if schema_id not in self._check:
            raise MappingError(f"there is no schema {schema_id!r}")
        return tuple(islice(self._check[schema_id](document), _REPORTED_LIMIT))

    def validate(self, schema_id: str, document: Tree | Element) -> None:
        """Return if *document* keeps the schema.

        Raises:
            SchemaViolationError: it does not; the place is that of the first rule broken.
            MappingError: there is no such schema.
        """
        refuse(self.violations(schema_id, document))


def refuse(violations: tuple[Violation, ...]) -> None:
    """Return if there are none.

    Raises:
        SchemaViolationError: the first, saying how many more there are.
    """
    if not violations:
        return
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    raise SchemaViolationError(f"{violations[0].message}{more}", place=violations[0].place)


def _json_check(schema_id: str, text: bytes) -> Callable[[Any], Iterator[Violation]]:
    try:
        schema = cast("dict[str, Any]", read_json(text, limits=_OURS))
        validator = jsonschema_rs.validator_for(schema, validate_formats=True, retriever=_fetch_nothing)
    except (GatewayError, ValueError) as error:
        raise MappingError(f"schema {schema_id} is not usable: {type(error).__name__}") from error

    def check(tree: Tree) -> Iterator[Violation]:
        if not validator.is_valid(tree):
            yield from map(_json_violation, validator.iter_errors(tree))

    return check


def _fetch_nothing(_uri: str) -> NoReturn:
    raise LookupError("schemas refer to nothing outside themselves")


def _json_violation(error: jsonschema_rs.ValidationError) -> Violation:
    path = ""
    for step in error.instance_path:
        path = f"{path}[{step}]" if isinstance(step, int) else joined(path, str(step))
    rule = str(error.kind.name)
    name = getattr(error.kind, "property", None)
    lacks = f" {name!r}" if rule == "required" and name else ""
    return Violation(place=Place(path=path or None), message=_worded(path, _JSON_RULES, rule, lacks))


def _xsd_check(schema_id: str, text: bytes) -> Callable[[Any], Iterator[Violation]]:
    try:
        fast = _compiled(text)
    except (GatewayError, etree.LxmlError) as error:
        raise MappingError(f"schema {schema_id} is not usable: {type(error).__name__}") from error

    def check(root: Element) -> Iterator[Violation]:
        if not fast.validate(root):
            # The log belongs to the schema object, and other threads use that one: ask again with one of our own.
            slow = _compiled(text)
            slow.validate(root)
            yield from map(_xsd_violation, entries(slow.error_log))

    return check


def _compiled(text: bytes) -> etree.XMLSchema:
    root = parse(text, limits=_OURS)
    if any(child.tag in _REFERENCES for child in root):
        raise SchemaViolationError("schemas refer to nothing outside themselves")
    return etree.XMLSchema(root)


_REFERENCES = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema}}{name}" for name in ("import", "include", "redefine", "override")
)


def _xsd_violation(entry: LogEntry) -> Violation:
    path = entry.path or ""
    return Violation(
        place=Place(path=path or None, line=entry.line or None), message=_worded(path, _XML_RULES, entry.type_name, "")
    )


def _worded(path: str, rules: Mapping[str, str], rule: str, detail: str) -> str:
    return f"{path or 'the document'} {rules.get(rule, 'breaks the schema')}{detail} (rule {rule})"
