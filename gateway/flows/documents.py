"""How does a canonical document go into the store and come out again?"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from gateway.errors import IntegrityError
from gateway.flows.ports import UnitOfWork, Vault
from gateway.flows.store.rows import Attachment, Record, Scan, ScanState
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


def digests_of(tree: Group) -> dict[int, str]:
    """Return the SHA-256 (hex) of every attached document that *tree* tells of, by its place."""
    forms = tree.get("forms")
    found = forms if isinstance(forms, list) else []
    told = {number: form.get("sha256") for number, form in enumerate(found) if isinstance(form, dict)}
    return {number: digest for number, digest in told.items() if isinstance(digest, str)}


def seal_attachments(
    vault: Vault, uow: UnitOfWork, record_id: RecordId, apart: Mapping[int, bytes], *, at: datetime
) -> None:
    """Store the bytes of a record's attached documents, each sealed under a key of its own, to be scanned from *at*."""
    for number, content in apart.items():
        wrapped = vault.new_key()
        sealed = vault.seal(wrapped, _place_of(record_id, number), content)
        one = Attachment(record_id=record_id, number=number, wrapped_key=wrapped, sealed=sealed)
        uow.attachments.add(one, at=at)


def take_along(vault: Vault, uow: UnitOfWork, source: Record, made: Record, tree: Group, *, at: datetime) -> None:
    """Let *made*, a record with the document *tree*, have those attached documents of *source* that *tree* tells of.

    Each is sealed under a key of its own again and scanned anew; what is known to hold malware is not taken along.
    """
    wanted = digests_of(tree)
    if not wanted:
        return
    infected = {scan.number for scan in uow.attachments.scans(source.record_id) if scan.state is ScanState.MALWARE}
    theirs = digests_of(open_document(vault, uow, source))
    numbers = {digest: number for number, digest in theirs.items() if number not in infected}
    apart = {
        number: open_attachment(vault, uow, source.record_id, numbers[digest])
        for number, digest in wanted.items()
        if digest in numbers
    }
    seal_attachments(vault, uow, made.record_id, apart, at=at)


def open_attachment(vault: Vault, uow: UnitOfWork, record_id: RecordId, number: int) -> bytes:
    """Return the bytes of one attached document, whatever a scanner found in them: for its eyes, and for checking.

    Raises:
        IntegrityError: the sealed bytes are not what was stored for this record.
    """
    one = uow.attachments.get(record_id, number)
    return vault.open(one.wrapped_key, _place_of(record_id, number), one.sealed)


def open_sendable(vault: Vault, uow: UnitOfWork, record: Record) -> tuple[Group, tuple[Scan, ...]]:
    """Return the canonical document of *record* as it may leave, and what is known of its attached documents.

    Promise: the bytes of an attached document are in it only if a scanner has found nothing in them. What came in
    another shape than base64 could be shown to no scanner, and is left out too.

    Raises:
        IntegrityError: the sealed bytes are not what was stored for this record, or not what the document says of them.
    """
    tree = open_document(vault, uow, record)
    forms = tree.get("forms")
    if not isinstance(forms, list):
        return tree, ()
    tree["forms"] = forms = [_bare(form) for form in forms]
    scans = tuple(uow.attachments.scans(record.record_id))
    for scan in (one for one in scans if one.state is ScanState.CLEAN):
        content = open_attachment(vault, uow, record.record_id, scan.number)
        form = forms[scan.number]
        if not isinstance(form, dict) or form.get("sha256") != sha256(content).hexdigest():
            raise IntegrityError("an attached document is not the one its record tells of")
        form["content"] = b64encode(content).decode()
    return tree, scans


def _bare(form: Tree) -> Tree:
    return {name: part for name, part in form.items() if name != "content"} if isinstance(form, dict) else form


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
