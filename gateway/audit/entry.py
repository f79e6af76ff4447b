"""What exactly goes into a leaf, and how is the sealed part bound to it without showing through?

A leaf is the *header*: canonical JSON (RFC 8785) of the open words. The sealed words are the *payload*, kept elsewhere,
sealed, and deletable. Each payload word is committed to apart, so that one may be withheld and the rest still proved:

    key of a word         k(name) = HMAC-SHA256(blinding, name)
    commitment to a word  c(name) = HMAC-SHA256(k(name), canonical JSON of its value)
    commitment in header          = HMAC-SHA256(k(""), canonical JSON of {name: hex of c(name)})

The blinding is 32 random bytes, sealed with the payload and destroyed with it: after that the commitment tells nothing,
not even to somebody who guesses the payload right.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import digest as hmac_digest
from json.encoder import encode_basestring

from gateway.audit.event import Event
from gateway.errors import IntegrityError
from gateway.model.tree import Group, Tree

VERSION = 1
RESERVED = frozenset({"v", "kind", "at", "actor", "organisation", "commitment", "subject_tag"})
"""Names in the header that no word may have."""
_BLINDING_BYTES = 32
_LARGEST = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
"""Spells as RFC 8785 does whatever `_refuse_doubtful` passes: ASCII names sort alike everywhere, whole numbers too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event ready to be recorded.

    Shape: `header` becomes the leaf; `payload` is the canonical JSON of the sealed words; `commitment` (32 bytes, in
    the header too) binds the two by `blinding` (32 bytes).
    """

    header: bytes
    payload: bytes
    commitment: bytes
    blinding: bytes

    @property
    def secret(self) -> bytes:
        """Return what is to be sealed as one: the blinding, then the payload."""
        return self.blinding + self.payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An entry whose payload was unsealed and found to be the one its header commits to."""

    header: Group
    words: Group
    blinding: bytes


def make_entry(
    event: Event,
    *,
    blinding: bytes,
    subject_tag: str | None = None,
    subject_seq: int | None = None,
    subject_prev: bytes | None = None,
) -> Entry:
    """Return *event* as header and payload.

    Args:
        event: what happened.
        blinding: 32 fresh random bytes, never used for another event.
        subject_tag: for an event of a child, HMAC of `subject_seq` under a key of that child alone, as 64 hex digits.
        subject_seq: for an event of a child, its number among the child's events, from 0.
        subject_prev: the commitment of the child's event before, None for its first.

    Raises:
        ValueError: a blinding of the wrong length, half a chain link, or a value JSON has no canonical form for.
    """
    if len(blinding) != _BLINDING_BYTES:
        raise ValueError(f"a blinding has {_BLINDING_BYTES} bytes")
    words = {**event.details, **_link(subject_seq, subject_prev)}
    spelled = {name: canonical(value) for name, value in words.items()}
    commitment = commit({name: commit_word(word_key(blinding, name), text) for name, text in spelled.items()}, blinding)
    header: Group = {
        **event.reference,
        "v": VERSION,
        "kind": event.kind.value,
        "at": time_text(event.at),
        "actor": event.actor,
        "commitment": commitment.hex(),
    }
    if event.organisation is not None:
        header["organisation"] = event.organisation
    if subject_tag is not None:
        header["subject_tag"] = subject_tag
    return Entry(header=canonical(header), payload=_object(spelled), commitment=commitment, blinding=blinding)


def _link(seq: int | None, previous: bytes | None) -> Group:
    """Return the words that chain an event to the child's event before."""
    if (seq is None or seq == 0) != (previous is None) or (seq is not None and seq < 0):
        raise ValueError("a child's first event, and only that, has no event before it")
    if seq is None:
        return {}
    link: Group = {"subject_seq": seq}
    if previous is not None:
        link["subject_prev"] = previous.hex()
    return link


def time_text(at: datetime) -> str:
    """Return an instant as the log writes it: UTC to the millisecond, such as `2026-11-23T09:00:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def canonical(value: Tree) -> bytes:
    """Return the one spelling of a JSON value.

    Raises:
        ValueError: a fraction, a number beyond 2**53, a name that is not ASCII, or text that is not Unicode. Of these
            no spelling, or no order, is the same in all languages, so the log holds none.

    Source: RFC 8785.
    """
    match value:
        case str():
            return _spell(value)
        case int() if abs(value) <= _LARGEST and not isinstance(value, bool):
            return b"%d" % value
        case _:
            _refuse_doubtful(value)
            return _canonical_tree(value)


def _spell(text: str) -> bytes:
    """Return a string as RFC 8785 spells it; the standard library's encoder does the same, in C."""
    try:
        return encode_basestring(text).encode()
    except UnicodeEncodeError:
        raise ValueError("the log holds only text that is Unicode") from None


def _canonical_tree(value: Tree) -> bytes:
    """Return a tree of what `_refuse_doubtful` has passed, spelled: the standard library's encoder does it, in C."""
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise ValueError("the log holds only text that is Unicode") from None


def _object(spelled: Mapping[str, bytes]) -> bytes:
    """Return a JSON object of values that are already spelled; its names are ASCII, so their order is plain."""
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), spelled[name]) for name in sorted(spelled)) + b"}"


def _refuse_doubtful(value: Tree) -> None:
    match value:
        case None | bool() | str():
            return
        case int() if abs(value) <= _LARGEST:
            return
        case list():
            for part in value:
                _refuse_doubtful(part)
        case dict() if all(name.isascii() for name in value):
            for part in value.values():
                _refuse_doubtful(part)
        case _:
            raise ValueError("the log holds no fractions, no numbers beyond 2**53 and only ASCII names")


def word_key(blinding: bytes, name: str) -> bytes:
    """Return the 32-byte key that opens the commitment to one word; "" names the commitment over all words."""
    return hmac_digest(blinding, name.encode(), "sha256")


def commit_word(key: bytes, spelled: bytes) -> bytes:
    """Return the 32-byte commitment to one word, whose value is given in its canonical spelling."""
    return hmac_digest(key, spelled, "sha256")


def commit(commitments: Mapping[str, bytes], blinding: bytes) -> bytes:
    """Return the 32-byte commitment over all words."""
    names = {name: commitment.hex() for name, commitment in commitments.items()}
    return hmac_digest(word_key(blinding, ""), _ENCODER.encode(names).encode(), "sha256")


def open_entry(header: bytes, secret: bytes) -> Opened:
    """Return header and payload of an entry, once they are seen to belong together.

    Args:
        header: the leaf.
        secret: what was sealed: the blinding, then the payload.

    Raises:
        IntegrityError: the header does not commit to this payload.
    """
    blinding, payload = secret[:_BLINDING_BYTES], secret[_BLINDING_BYTES:]
    words = _group(payload, what="payload")
    read = _group(header, what="header")
    spelled = {name: canonical(value) for name, value in words.items()}
    if _object(spelled) != payload or canonical(read) != header:
        raise IntegrityError("an audit entry is not in its canonical form")
    found = commit({name: commit_word(word_key(blinding, name), text) for name, text in spelled.items()}, blinding)
    if read.get("commitment") != found.hex():
        raise IntegrityError(
            "the payload is not the one its leaf commits to", expected=str(read.get("commitment")), found=found.hex()
        )
    return Opened(header=read, words=words, blinding=blinding)


def _group(text: bytes, *, what: str) -> Group:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise IntegrityError(f"the {what} of an audit entry is not JSON") from error
    if not isinstance(read, dict):
        raise IntegrityError(f"the {what} of an audit entry is not a JSON object")
    return read
