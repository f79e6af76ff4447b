"""What do a court's order and a weighing look like as JSON, and which may be written down?

The keys are the fields' names. What somebody wants to record is checked strictly, and an error names the field; what is
stored is read as it is.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from gateway.consent.court_order import KINDS, RecordedOrder
from gateway.consent.question import Purpose
from gateway.consent.record_json import R, read_record, write_record
from gateway.consent.weighing import Weighing
from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category
from gateway.model.tree import Group

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_CODES: Final[Mapping[str, Collection[str]]] = MappingProxyType(
    {
        "RecordedOrder.kind": KINDS,
        "RecordedOrder.purposes": tuple(Purpose),
        "RecordedOrder.categories": tuple(category.value for category in Category),
        "Weighing.purposes": tuple(Purpose),
    }
)


def order_from_json(tree: Group) -> RecordedOrder:
    """Return an order as it was stored; one of a kind that nobody knows forbids.

    Raises:
        SchemaViolationError: an unknown key, or a value of the wrong kind.
    """
    return read_record(RecordedOrder, tree)


def weighing_from_json(tree: Group) -> Weighing:
    """Return a weighing as it was stored.

    Raises:
        SchemaViolationError: an unknown key, or a value of the wrong kind.
    """
    return read_record(Weighing, tree)


def law_to_json(record: RecordedOrder | Weighing) -> Group:
    """Return *record* as it is stored: without what is not known, or is none."""
    return {name: value for name, value in write_record(record).items() if value != []}


def check_order(tree: Group) -> RecordedOrder:
    """Return the order that somebody wants to record.

    Raises:
        SchemaViolationError: an unknown key or code, a value of the wrong kind, or what cannot be so; the place's path
            names the field, and the message never repeats a value.
    """
    return _checked(RecordedOrder, tree, _OF_ORDER)


def check_weighing(tree: Group) -> Weighing:
    """Return the weighing that somebody wants to record.

    Raises:
        SchemaViolationError: an unknown key or code, a value of the wrong kind, or what cannot be so; the place's path
            names the field, and the message never repeats a value.
    """
    return _checked(Weighing, tree, _OF_WEIGHING)


def _checked(kind: type[R], tree: Group, problems: Iterable[tuple[str, Callable[[R], bool], str]]) -> R:
    record = read_record(kind, tree, codes=_CODES)
    for path, is_wrong, problem in problems:
        if is_wrong(record):
            raise SchemaViolationError(f"{path}: {problem}", place=Place(path=path))
    return record


def _ends_too_early(order: RecordedOrder) -> bool:
    start, end = order.effective_from, order.expires_on
    return start is not None and end is not None and end <= start


def _is_odd_digest(order: RecordedOrder) -> bool:
    return order.document_sha256 is not None and _DIGEST.fullmatch(order.document_sha256) is None


_OF_ORDER: Final[tuple[tuple[str, Callable[[RecordedOrder], bool], str], ...]] = (
    ("recipients", lambda one: one.requires and not one.recipients, "an order to disclose says to whom: name them"),
    (
        "purposes",
        lambda one: not one.requires and bool(one.purposes),
        "what is forbidden is forbidden for every purpose: leave them out",
    ),
    (
        "categories",
        lambda one: not one.requires and bool(one.categories),
        "an order that forbids stops the whole document: leave them out",
    ),
    ("expires_on", _ends_too_early, "it would end before it begins"),
    ("document_sha256", _is_odd_digest, "expected the SHA-256 of the order: 64 hexadecimal digits, small letters"),
)
_OF_WEIGHING: Final[tuple[tuple[str, Callable[[Weighing], bool], str], ...]] = (
    ("recipients", lambda one: not one.recipients, "say towards whom it was weighed"),
    ("purposes", lambda one: not one.purposes, "say for what it was weighed"),
    ("rationale", lambda one: not one.rationale.strip(), "say why: the duty is to weigh, and to write it down"),
    (
        "expires_on",
        lambda one: one.expires_on is not None and one.expires_on <= one.made_at,
        "it would end before it begins",
    ),
)
