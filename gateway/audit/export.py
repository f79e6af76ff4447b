"""What does a family, an auditor or a court get? One child's part of the log, with everything needed to check it.

The ZIP holds the events in words and as data, a proof for each, the checkpoint, and a signed list of what is in it,
with the number of events. `gateway/audit/verify.py` checks all of it without us.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gateway.audit.chain import check_chain, link_of
from gateway.audit.entry import Opened, canonical, commit_word, open_entry, time_text, word_key
from gateway.audit.event import KINDS, EventKind
from gateway.audit.export_page import PageEvent, export_page
from gateway.audit.field import FIELDS
from gateway.audit.kind_spec import Reader
from gateway.audit.log import LogIdentity
from gateway.audit.note import write_note
from gateway.audit.proof import InclusionProof
from gateway.errors import IntegrityError
from gateway.model.tree import Group, Tree

TITLE = "ecaf-gateway/export@v1"
_GUARDED_WORDS = frozenset(name for name, word in FIELDS.items() if word.is_guarded)
_MAY_SEE_GUARDED = frozenset({Reader.MANAGER, Reader.RECORDS, Reader.CALDICOTT, Reader.DPO})
_CHAIN = frozenset({"subject_seq", "subject_prev"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEvent:
    """One event of a child, unsealed, with its proof.

    Shape: `secret` is what was sealed: blinding and payload. `withhold` names words that stay closed, such as those
    about a third party; with `is_withheld` only the event's number and commitment are given.
    """

    proof: InclusionProof
    secret: bytes
    withhold: frozenset[str] = frozenset()
    is_withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export, made: the ZIP, and the SHA-256 (hex) of its signed manifest, which the log records."""

    archive: bytes
    manifest_sha256: str


def may_read(header: Group, reader: Reader) -> bool:
    """Tell whether *reader* may see what is sealed in an event with this header."""
    return reader in KINDS[EventKind(str(header["kind"]))].readers


def make_export(
    events: Sequence[ChildEvent], identity: LogIdentity, *, count: int, checkpoint: str, at: datetime
) -> Export:
    """Return one child's events as a ZIP file.

    Args:
        events: all events of the child, in the order of their numbers.
        identity: whose log it is; signs the manifest.
        count: how many events the child has, from the chain's own count, not from *events*.
        checkpoint: the signed note all proofs are under.
        at: when the export is made.

    Raises:
        IntegrityError: an event is missing or not the one that was logged, or a proof is under another checkpoint.

    Promise: the same arguments give the same bytes.
    """
    opened = [open_entry(event.proof.header, event.secret) for event in events]
    last = check_chain((link_of(one.header, one.words) for one in opened), count=count)
    signed = identity.open(checkpoint)
    lines = [_line(number, *pair) for number, pair in enumerate(zip(events, opened, strict=True))]
    shown = [(number, event) for number, event in enumerate(events) if not event.is_withheld]
    files = {
        "checkpoint": checkpoint.encode(),
        "events.jsonl": b"".join(canonical(line) + b"\n" for line in lines),
        "index.html": export_page(_pages(events, opened), origin=identity.origin, at=at).encode(),
        **{f"proofs/{number:06d}.tlog-proof": _proof(event, checkpoint) for number, event in shown},
    }
    manifest: Group = {
        "v": 1,
        "origin": identity.origin,
        "size": signed.size,
        "made_at": time_text(at),
        "events": count,
        "withheld": count - len(shown),
        "last_commitment": last,
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in files.items()},
    }
    note = write_note(f"{TITLE}\n{canonical(manifest).decode()}\n", identity.signer).encode()
    archive = _zip({"manifest.note": note, **files}, at)
    return Export(archive=archive, manifest_sha256=hashlib.sha256(note).hexdigest())


def _pages(events: Sequence[ChildEvent], opened: Sequence[Opened]) -> list[PageEvent | None]:
    return [
        None if event.is_withheld else PageEvent(header=one.header, words=one.words, closed=event.withhold)
        for event, one in zip(events, opened, strict=True)
    ]


def _proof(event: ChildEvent, checkpoint: str) -> bytes:
    if event.proof.checkpoint != checkpoint:
        raise IntegrityError(
            "a proof is under another checkpoint than the export", expected=checkpoint, found=event.proof.checkpoint
        )
    return event.proof.text.encode()


def _line(number: int, event: ChildEvent, opened: Opened) -> Group:
    """Return what the export says of one event.

    Shape: shown: seq, index, header (the leaf, as text), key (of the commitment over all words) and words, each either
    {"key", "value"} or {"commitment"}; withheld: seq and commitment.
    """
    if event.is_withheld:
        return {"seq": number, "commitment": opened.header["commitment"]}
    closed = event.withhold - _CHAIN
    return {
        "seq": number,
        "index": event.proof.index,
        "header": event.proof.header.decode(),
        "key": word_key(opened.blinding, "").hex(),
        "words": {
            name: _word(word_key(opened.blinding, name), value, is_closed=name in closed)
            for name, value in opened.words.items()
        },
    }


def _word(key: bytes, value: Tree, *, is_closed: bool) -> Group:
    if is_closed:
        return {"commitment": commit_word(key, canonical(value)).hex()}
    return {"key": key.hex(), "value": value}


def _zip(files: dict[str, bytes], at: datetime) -> bytes:
    """Return the files as a ZIP whose bytes depend on nothing but them and *at*."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            info = zipfile.ZipInfo(name, date_time=at.astimezone(UTC).timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)
    return target.getvalue()


def withheld_from(
    reader: Reader, events: Iterable[ChildEvent], *, opened: frozenset[str] = frozenset()
) -> list[ChildEvent]:
    """Return *events* with what *reader* may not see withheld: whole events, and guarded words.

    Args:
        reader: who will get the export.
        events: all events of the child.
        opened: guarded words that a person, having read them, decided to show all the same.
    """
    closed = frozenset() if reader in _MAY_SEE_GUARDED else _GUARDED_WORDS - opened
    return [
        replace(
            event,
            withhold=event.withhold | closed,
            is_withheld=event.is_withheld or not may_read(open_entry(event.proof.header, event.secret).header, reader),
        )
        for event in events
    ]
