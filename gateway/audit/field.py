"""Which words may an audit event use, and which of them may stand in the open?

A leaf lives for ever and may be shown to anybody, so what stands in it must be harmless for ever. In the open are only
words about the gateway itself: who, to whom, in which format, under which policy. Everything about a child, everything
a protected fact could be read from (a reason, a redaction, a level), and every identifier that two events share is
sealed: after erasure nothing may show that two events were about one child.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """What a word's value looks like."""

    CODE = "code"
    """A code of ours, a name of a format or an organisation: letters, digits and `._:/-`, no blank."""
    DIGEST = "digest"
    """64 hexadecimal digits."""
    COUNT = "count"
    """A whole number, 0 or more."""
    TREE = "tree"
    """Any JSON without fractions; only sealed words may be trees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One word an event may use."""

    meaning: str
    shape: Shape
    is_open: bool
    is_guarded: bool = False
    """Closed to families until a person opens it: a protected fact, or somebody else's affairs, might show."""


def _open(meaning: str, shape: Shape = Shape.CODE) -> Field:
    return Field(meaning=meaning, shape=shape, is_open=True)


def _sealed(meaning: str, shape: Shape = Shape.CODE) -> Field:
    return Field(meaning=meaning, shape=shape, is_open=False)


def _guarded(meaning: str, shape: Shape = Shape.CODE) -> Field:
    return Field(meaning=meaning, shape=shape, is_open=False, is_guarded=True)


FIELDS: dict[str, Field] = {
    # In the open: about the gateway, never about a child.
    "channel": _open("how it came or went: http, folder, sftp, s3, amqp"),
    "credential_id": _open("which credential"),
    "direction": _open("in or out"),
    "document": _open("which canonical document"),
    "erased": _open("how many payloads were erased in this run, over all children of it", Shape.COUNT),
    "export_sha256": _open("SHA-256 of the export's signed manifest, or of the list", Shape.DIGEST),
    "format": _open("which format, such as mash/govuk-forms-1"),
    "key_id": _open("which key, by its public identifier"),
    "library_sha256": _open("SHA-256 over all mappings and code lists", Shape.DIGEST),
    "losses": _open("how many leaves could not be carried", Shape.COUNT),
    "mapping_sha256": _open("SHA-256 of the mapping that translated", Shape.DIGEST),
    "mode": _open("CONVEY or DISCLOSE"),
    "next_origin": _open("the log that continues this one"),
    "origin": _open("the log"),
    "partner": _open("which organisation it is about"),
    "policy_sha256": _open("SHA-256 of the policy file", Shape.DIGEST),
    "policy_version": _open("which policy"),
    "previous_root": _open("the root of the state before, if one was known", Shape.DIGEST),
    "previous_size": _open("the number of leaves of the state before", Shape.COUNT),
    "recipient": _open("which organisation is to get it, or got it"),
    "records": _open("how many record messages", Shape.COUNT),
    "retention_rule": _open("the retention rule that was due"),
    "role": _open("the role a person acted in"),
    "scope": _open("what the credential opens, separated by colons"),
    "seconds": _open("by how many seconds", Shape.COUNT),
    "unmapped": _open("how many labels no code list knows", Shape.COUNT),
    "user": _open("which account, by its pseudonym"),
    "warnings": _open("how many warnings", Shape.COUNT),
    # Sealed: about a child, or shared by several events. Guarded: might tell of a protected fact or of others, too.
    "agreement": _sealed("the sharing agreement it was looked at under, by id, version and state", Shape.TREE),
    "agreement_version": _sealed("which version of a sharing agreement", Shape.TREE),
    "agreement_status": _sealed("what was said about being helped: AGREED, REFUSED, or that it ENDED"),
    "answers": _guarded("what was said of each child by itself, where it is about several, as codes", Shape.TREE),
    "area": _sealed("the area whose rules were asked"),
    "attachments": _sealed("SHA-256 of each attached document", Shape.TREE),
    "attempt": _sealed("which try, from 1", Shape.COUNT),
    "basis": _guarded("what let it go: consent, need, law, sender, person, no-content, other or none"),
    "body_sha256": _sealed("SHA-256 of the bytes that came", Shape.DIGEST),
    "capacity": _sealed("in which capacity the consent was given"),
    "categories": _sealed("the categories of information", Shape.TREE),
    "code": _sealed("the code a person chose"),
    "consent_ids": _sealed("the consents looked at", Shape.TREE),
    "consent_status": _sealed("what the consent now says"),
    "conversation": _sealed("which kind of conversation"),
    "conversation_id": _sealed("which conversation"),
    "decision": _sealed("what the person decided"),
    "delivery_id": _sealed("which delivery"),
    "document_sha256": _sealed("SHA-256 of the bytes handed over", Shape.DIGEST),
    "due_at": _sealed("when it was, or is, due"),
    "duty": _guarded("which duty: an obligation of the policy, or one after a hand-over"),
    "duty_id": _sealed("our reference of a duty"),
    "epochs": _guarded("the counters the permit rests on", Shape.TREE),
    "evidence": _guarded("what spoke for and against the match", Shape.TREE),
    "fact": _sealed("the consent, protection, court order or weighing, as it was recorded", Shape.TREE),
    "fact_id": _sealed("which consent, protection, court order or weighing"),
    "facts_digest": _guarded("SHA-256 of the question that was decided", Shape.DIGEST),
    "flag": _sealed("which protection flag"),
    "from_state": _sealed("the state before"),
    "idempotency_key": _sealed("the key the sender gave", Shape.TREE),
    "kinds": _sealed("what the consent is for: to assess, to share, to transfer", Shape.TREE),
    "label": _sealed("the label, as the form had it", Shape.TREE),
    "label_blind": _sealed("the label, blinded by our own key", Shape.DIGEST),
    "lane": _sealed("urgent, normal or bulk"),
    "level": _sealed("the level of need"),
    "lawful_basis": _sealed("what the flow rests on in data-protection law"),
    "lesson": _sealed("the lessons code of a mis-send"),
    "list_name": _sealed("which code list"),
    "loss_paths": _sealed("which paths could not be carried, and why", Shape.TREE),
    "match_score": _sealed("how sure the match is, in thousandths", Shape.COUNT),
    "match_status": _sealed("MATCH, POTENTIAL, LOW, MANY, NONE or NEW"),
    "message_id": _sealed("which message"),
    "notice": _sealed("which notice: stop sharing, purge or correction"),
    "object": _sealed("what was looked at, by kind and reference", Shape.TREE),
    "obligations": _guarded("what the permit obliges to", Shape.TREE),
    "order": _sealed("what a court's order does: it requires disclosure, or prohibits it"),
    "outcome": _guarded("what came of a duty, as a code"),
    "override": _guarded("who asserted that it must go without consent, and on what basis", Shape.TREE),
    "partner_reference": _sealed("the receiver's own reference", Shape.TREE),
    "partner_status": _sealed("what the receiver answered, as a code"),
    "permit_id": _sealed("which decision"),
    "person": _guarded("the person's answer it rests on: role, question and reason", Shape.TREE),
    "place": _sealed("where in the input", Shape.TREE),
    "purpose": _sealed("what the document is for"),
    "purposes": _sealed("the purposes the consent covers", Shape.TREE),
    "query_blind": _sealed("what was searched for, blinded", Shape.DIGEST),
    "rationale": _guarded("the reason, in a person's words", Shape.TREE),
    "reason": _guarded("the reason, as a code"),
    "record_id": _sealed("which record message"),
    "redactions": _guarded("what was withheld and why, as codes", Shape.TREE),
    "requester": _sealed("which organisation asked"),
    "result": _guarded("PERMIT, PERMIT_REDACTED, DENY or REVIEW"),
    "results": _sealed("how many were found", Shape.COUNT),
    "review_id": _sealed("which question for a person"),
    "rules": _guarded("the policy rows that fired, in order", Shape.TREE),
    "signature": _sealed("what a scanner calls the malware it found"),
    "size_bytes": _sealed("how many bytes came", Shape.COUNT),
    "rival": _guarded("the other child it could be", Shape.TREE),
    "state": _sealed("where that leaves it"),
    "step": _sealed("what happened in the conversation"),
    "switches": _sealed("which laws that rules ask about are in force", Shape.TREE),
    "timer": _sealed("which timer"),
    "to_state": _sealed("the state after"),
    "told_person": _sealed("which named person was told, by their key in the file of named persons"),
    "valid_until": _sealed("until when the permit holds"),
    "withheld_paths": _guarded("which paths were cut", Shape.TREE),
    # Sealed by the log itself: the child's counted chain.
    "subject_prev": _sealed("commitment of the child's event before", Shape.DIGEST),
    "subject_seq": _sealed("the number of this event among the child's, from 0", Shape.COUNT),
}

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PERSONAL_NUMBER = re.compile(r"\d{10}|[A-Z]\d{11}[0-9A-Z]")
"""An NHS number or a pupil number: the two that must never stand where a code is expected in the open."""


def _is_code(value: object) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value))


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and bool(_DIGEST.fullmatch(value))


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


_FITS: dict[Shape, Callable[[object], bool]] = {
    Shape.CODE: _is_code,
    Shape.DIGEST: _is_digest,
    Shape.COUNT: _is_count,
    Shape.TREE: lambda _: True,
}


def is_open_word(name: str) -> bool:
    """Tell whether *name* is a word that stands in the leaf for all to see."""
    return name in FIELDS and FIELDS[name].is_open


def is_open_code(value: object) -> bool:
    """Tell whether *value* may stand in the open as a code: not free text, and not a person's number."""
    return isinstance(value, str) and _is_code(value) and not _PERSONAL_NUMBER.fullmatch(value)


def check_word(name: str, value: object, *, is_open: bool) -> None:
    """Raise ValueError unless *name* may stand in the open, or under seal, with such a value.

    The error names the word and never shows the value.
    """
    known = FIELDS.get(name)
    if known is None or known.is_open is not is_open:
        raise ValueError(f"there is no {'open' if is_open else 'sealed'} word {name!r}")
    fits = is_open_code if is_open and known.shape is Shape.CODE else _FITS[known.shape]
    if not fits(value):
        raise ValueError(f"the value of {name!r} is not a {known.shape.value}")
