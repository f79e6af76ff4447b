"""How does a canonical document go into the store and come out again?"""

from gateway.flows.ports import UnitOfWork, Vault
from gateway.flows.rows import Record
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.model.identifiers import ChildRef, RecordId
from gateway.model.tree import Group

_OURS = Limits(size_bytes=2**31)
"""What we wrote ourselves may be as large as the largest attached form."""


def seal_document(vault: Vault, wrapped_key: bytes, record_id: RecordId, tree: Group) -> bytes:
    """Return *tree* as sealed JSON, bound to its record."""
    return vault.seal(wrapped_key, f"record/{record_id}", write_json(tree))


def open_document(vault: Vault, uow: UnitOfWork, record: Record) -> Group:
    """Return the canonical document of *record*.

    Raises:
        IntegrityError: the sealed bytes are not what was stored for this record.
    """
    return read_group(vault.open(key_of(uow, record), f"record/{record.record_id}", record.sealed))


def read_group(text: bytes) -> Group:
    """Return a group we wrote as JSON ourselves."""
    tree = read_json(text, limits=_OURS)
    if not isinstance(tree, dict):
        raise TypeError("a stored document is always a group")
    return tree


def key_of(uow: UnitOfWork, record: Record) -> bytes:
    """Return the wrapped key a record is sealed under: its own, or that of the first child it is about."""
    return record.wrapped_key or child_key(uow, record.subjects[0])


def child_key(uow: UnitOfWork, child: ChildRef) -> bytes:
    """Return a child's wrapped key."""
    return uow.children.get(child).wrapped_key
