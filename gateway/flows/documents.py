"""How does a canonical document go into the store and come out again?"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

from gateway.errors import IntegrityError
from gateway.flows.ports import UnitOfWork, Vault
from gateway.flows.rows import Attachment, Record
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.model.identifiers import ChildRef, RecordId
from gateway.model.tree import Group, Tree

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


def part_bytes(tree: Group) -> tuple[Group, dict[int, bytes]]:
    """Return *tree* without the bytes of its attached documents, and those bytes by the documents' places.

    What cannot be unpacked stays where it is, because nobody could say what it is the digest of.
    """
    forms = tree.get("forms")
    if not isinstance(forms, list):
        return tree, {}
    kept: list[Tree] = []
    apart: dict[int, bytes] = {}
    for number, form in enumerate(forms):
        content = form.get("content") if isinstance(form, dict) else None
        unpacked = _unpacked(content) if isinstance(content, str) else None
        if unpacked is not None and isinstance(form, dict):
            apart[number] = unpacked
            kept.append({**form, "content": None, "sha256": sha256(unpacked).hexdigest()})
        else:
            kept.append(form)
    return {**tree, "forms": [_filled(form) for form in kept]}, apart


def digests_of(tree: Group) -> list[str]:
    """Return the SHA-256 (hex) of every attached document that *tree* tells of."""
    forms = tree.get("forms")
    found = [form.get("sha256") for form in forms if isinstance(form, dict)] if isinstance(forms, list) else []
    return [digest for digest in found if isinstance(digest, str)]


def seal_attachments(vault: Vault, uow: UnitOfWork, record_id: RecordId, apart: Mapping[int, bytes]) -> None:
    """Store the bytes of a record's attached documents, each sealed under a key of its own."""
    for number, content in apart.items():
        wrapped = vault.new_key()
        sealed = vault.seal(wrapped, _place_of(record_id, number), content)
        uow.attachments.add(Attachment(record_id=record_id, number=number, wrapped_key=wrapped, sealed=sealed))


def open_whole(vault: Vault, uow: UnitOfWork, record: Record) -> Group:
    """Return the canonical document of *record* with the bytes of its attached documents in their places.

    Raises:
        IntegrityError: the sealed bytes are not what was stored for this record, or not what the document says of them.
    """
    tree = open_document(vault, uow, record)
    forms = tree.get("forms")
    if not isinstance(forms, list):
        return tree
    for one in uow.attachments.of_record(record.record_id):
        content = vault.open(one.wrapped_key, _place_of(record.record_id, one.number), one.sealed)
        form = forms[one.number]
        if not isinstance(form, dict) or form.get("sha256") != sha256(content).hexdigest():
            raise IntegrityError("an attached document is not the one its record tells of")
        form["content"] = b64encode(content).decode()
    return tree


def _place_of(record_id: RecordId, number: int) -> str:
    return f"record/{record_id}/attachment/{number}"


def _unpacked(content: str) -> bytes | None:
    try:
        return b64decode("".join(content.split()), validate=True)
    except ValueError:
        return None


def _filled(form: Tree) -> Tree:
    return {name: part for name, part in form.items() if part is not None} if isinstance(form, dict) else form


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
