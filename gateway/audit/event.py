"""What can happen that an outsider may ask about? The closed catalogue of audit events.

`docs/audit-events.md` is this file in words; `python -m gateway.audit.event_docs` writes it and a test compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from gateway.audit.event_kind import EventKind
from gateway.audit.field import check_word, is_open_code, is_open_word
from gateway.audit.kind_spec import CARE, GUARDED, HOUSE, PRACTICE, KindSpec, Reader, kind
from gateway.model.tree import Tree

__all__ = ["KINDS", "Event", "EventKind"]
_OF_DELIVERY = "document format purpose mode lane"

KINDS: dict[EventKind, KindSpec] = {
    EventKind.MESSAGE_RECEIVED: kind(
        "A document was accepted and is safe with us; the sender has our signed receipt.",
        "message_id format body_sha256",
        "channel size_bytes idempotency_key records",
    ),
    EventKind.MESSAGE_QUARANTINED: kind(
        "A document came that cannot be read as what it claims to be; it is kept sealed and the sender was told.",
        "message_id reason",
        "format channel body_sha256 size_bytes idempotency_key place",
        HOUSE,
    ),
    EventKind.MESSAGE_DUPLICATE: kind(
        "A document came a second time; the sender got the first receipt again and nothing else happened.",
        "message_id format",
        "channel body_sha256 idempotency_key",
        HOUSE,
    ),
    EventKind.MESSAGE_CONFLICT: kind(
        "Another document came under a key that was already used; it was refused.",
        "message_id format body_sha256",
        "channel size_bytes idempotency_key",
        HOUSE,
    ),
    EventKind.MESSAGE_REPLAYED: kind("A person put a failed message or delivery back to work.", "message_id"),
    EventKind.MESSAGE_DISCARDED: kind(
        "A person decided that a failed message or delivery is not to be tried again.", "message_id reason"
    ),
    EventKind.MESSAGE_DEAD_LETTERED: kind(
        "A message could not be worked on and waits for a person.", "message_id reason", "place"
    ),
    EventKind.DOCUMENT_TRANSLATED: kind(
        "A document was put into another shape; what could not be carried is counted and named.",
        "message_id direction format mapping_sha256 losses",
        "document warnings unmapped loss_paths attachments",
    ),
    EventKind.ATTACHMENT_SCANNED: kind(
        "A scanner looked for malware in an attached document; one that holds some is kept sealed and never used.",
        "message_id record_id attachments state",
        "signature",
        (*CARE, Reader.SECURITY),
    ),
    EventKind.MATCH_MADE: kind(
        "It was worked out, or could not be worked out, which child a document is about.",
        "message_id match_status",
        "match_score evidence rival",
    ),
    EventKind.CHILD_CREATED: kind("A child we did not know got a record.", "message_id"),
    EventKind.DECISION_MADE: kind(
        "The rules were asked whether a document may go to somebody, and answered.",
        "permit_id recipient purpose mode policy_version result reason rules facts_digest",
        "policy_sha256 switches answers basis requester area agreement lawful_basis person categories redactions"
        " obligations consent_ids override level valid_until epochs",
    ),
    EventKind.DELIVERY_ORDERED: kind(
        "It was settled what becomes of a document somebody is due.", "delivery_id recipient", _OF_DELIVERY
    ),
    EventKind.DELIVERY_ATTEMPTED: kind(
        "We tried to hand a document over and do not know, or know not, that it arrived; we shall try again.",
        "delivery_id recipient attempt",
        f"{_OF_DELIVERY} partner_status document_sha256",
    ),
    EventKind.DELIVERY_HANDED_OVER: kind(
        "A document left us: from here on it cannot be called back.",
        "delivery_id recipient document_sha256",
        f"{_OF_DELIVERY} withheld_paths redactions losses loss_paths mapping_sha256 epochs channel",
    ),
    EventKind.DELIVERY_ACKNOWLEDGED: kind(
        "The receiver confirmed that it has the document.",
        "delivery_id recipient",
        f"{_OF_DELIVERY} partner_reference partner_status document_sha256",
    ),
    EventKind.DELIVERY_REFUSED: kind(
        "The receiver said that it will not take the document.",
        "delivery_id recipient reason",
        f"{_OF_DELIVERY} partner_status",
    ),
    EventKind.DELIVERY_DEAD_LETTERED: kind(
        "A delivery failed too often, or for good, and waits for a person.",
        "delivery_id recipient reason",
        f"{_OF_DELIVERY} partner_status",
    ),
    EventKind.DELIVERY_WITHDRAWN: kind(
        "A delivery was stopped before it was handed over.", "delivery_id recipient reason", _OF_DELIVERY
    ),
    EventKind.DELIVERY_REDECIDED: kind(
        "What a permit rested on had changed when its document was about to go, so the rules were asked again.",
        "delivery_id recipient",
        f"{_OF_DELIVERY} epochs result",
        PRACTICE,
    ),
    EventKind.DELIVERY_RECALLED: kind(
        "A person said that a document went to the wrong recipient; it was stopped, or is to be purged there.",
        "delivery_id recipient",
        f"{_OF_DELIVERY} lesson",
    ),
    EventKind.RECORD_CORRECTED: kind(
        "A note that corrects a record was written beside it; what the record said stays, and all who had it are told.",
        "record_id",
        "categories place",
    ),
    EventKind.NOTICE_ORDERED: kind(
        "Somebody who was given documents is to be told, without content, what to do about them.",
        "notice recipient",
        "",
        PRACTICE,
    ),
    EventKind.REVIEW_OPENED: kind(
        "A question was put to a person, because no rule can answer it.",
        "review_id reason",
        "recipient purpose mode",
        PRACTICE,
    ),
    EventKind.REVIEW_DECIDED: kind(
        "A person answered; or, where `decision` is `settled`, what `code` names has left nothing to answer.",
        "review_id decision",
        "recipient override code",
        PRACTICE,
    ),
    EventKind.REVIEW_ESCALATED: kind(
        "Nobody answered in time; the question went to somebody higher.", "review_id", "", PRACTICE
    ),
    EventKind.REVIEW_PROPOSED: kind(
        "One authorised person would set aside what the family said; nothing goes until a second one confirms it.",
        "review_id decision",
        "recipient",
        PRACTICE,
    ),
    EventKind.GLASS_BROKEN: kind(
        "In an emergency an authorised person let a document go at once; another person looks at that afterwards.",
        "delivery_id recipient",
        _OF_DELIVERY,
        PRACTICE,
    ),
    EventKind.DUTY_OPENED: kind(
        "What was decided, or went astray, leaves somebody something to do.", "duty_id duty", "recipient", PRACTICE
    ),
    EventKind.DUTY_KEPT: kind(
        "A duty was kept, or what happened left nothing of it to do; `outcome` says which.",
        "duty_id duty outcome",
        "recipient",
        PRACTICE,
    ),
    EventKind.DUTY_ESCALATED: kind(
        "A duty was not kept in time; somebody higher has it too.", "duty_id duty", "", PRACTICE
    ),
    EventKind.PERSON_CALLED: kind(
        "A named person was told by e-mail or webhook, without content, that something waits; or could not be told.",
        "told_person",
        "duty_id partner_status",
        HOUSE,
    ),
    EventKind.CONVERSATION_STEPPED: kind(
        "A conversation between organisations moved on.",
        "conversation_id conversation step",
        "from_state to_state partner",
    ),
    EventKind.TIMER_FIRED: kind("A time somebody had to keep in mind has come.", "timer", "conversation"),
    EventKind.TIMER_BREACHED: kind("A time limit was missed.", "timer", "conversation seconds partner"),
    EventKind.CONSENT_RECORDED: kind(
        "Somebody's word about sharing was written down.",
        "consent_ids consent_status",
        "capacity kinds purposes categories fact",
    ),
    EventKind.CONSENT_CHANGED: kind(
        "A consent now says something else.", "consent_ids consent_status", "capacity kinds purposes categories fact"
    ),
    EventKind.CONSENT_WITHDRAWN: kind(
        "A consent was taken back; what had not left us stops.",
        "consent_ids",
        "consent_status capacity kinds purposes fact",
    ),
    EventKind.CONSENT_EXPIRING: kind(
        "A consent will run out soon, or its review is due; a person was told.", "consent_ids reason"
    ),
    EventKind.HELP_AGREEMENT_RECORDED: kind(
        "Somebody's word about being helped was written down, or that it has ended.", "agreement_status", "fact"
    ),
    EventKind.AGREEMENT_RECORDED: kind(
        "A version of a sharing agreement between organisations was written down.",
        "agreement agreement_version",
        "object",
        HOUSE,
    ),
    EventKind.AGREEMENT_ENDED: kind("A sharing agreement was ended.", "agreement agreement_version", "object", HOUSE),
    EventKind.FLAG_SET: kind("A protection was put on somebody.", "flag", "fact", GUARDED),
    EventKind.FLAG_LIFTED: kind("A protection was taken away.", "", "flag fact", GUARDED),
    EventKind.ORDER_RECORDED: kind(
        "A court's order about telling of a child was written down; nobody has verified it yet.",
        "order",
        "fact",
        GUARDED,
    ),
    EventKind.ORDER_VERIFIED: kind(
        "Another person than the one who wrote it down verified an order with the court.", "order", "fact", GUARDED
    ),
    EventKind.ORDER_ENDED: kind("A court's order holds no more.", "order", "fact", GUARDED),
    EventKind.WEIGHING_RECORDED: kind(
        "A practitioner wrote down whether telling somebody is relevant to the child's safety, and whether it harms.",
        "rationale",
        "fact",
        GUARDED,
    ),
    EventKind.WEIGHING_ENDED: kind("What a practitioner weighed counts no more.", "", "fact", GUARDED),
    EventKind.LABEL_MAPPED: kind(
        "A person said what a form's label means.", "list_name code", "label label_blind format records", HOUSE
    ),
    EventKind.LABEL_RETRACTED: kind(
        "A person took back what a form's label was said to mean.",
        "list_name label_blind",
        "code label records",
        HOUSE,
    ),
    EventKind.DATA_READ: kind("A person looked at somebody's data.", "object", "purpose"),
    EventKind.DATA_SEARCHED: kind(
        "A person searched, whether or not anything was found.", "results", "object query_blind", HOUSE
    ),
    EventKind.EXPORT_MADE: kind(
        "A copy of a child's part of this log, a list or file for others with the child in it, or a list of what was"
        " decided, was made.",
        "export_sha256",
        "format records object",
    ),
    EventKind.PAYLOADS_ERASED: kind(
        "Sealed payloads whose time had come were destroyed; their leaves and every proof stay valid.",
        "erased",
        "retention_rule",
        HOUSE,
    ),
    EventKind.CREDENTIAL_ISSUED: kind("An organisation got a credential.", "credential_id partner", "scope", HOUSE),
    EventKind.CREDENTIAL_DISABLED: kind("A credential stopped working.", "credential_id partner", "", HOUSE),
    EventKind.CREDENTIAL_REFUSED: kind(
        "Somebody called without a right to.", "reason", "credential_id partner channel format", HOUSE
    ),
    EventKind.USER_ADDED: kind("A person got an account.", "user", "", HOUSE),
    EventKind.USER_CHANGED: kind("An account's roles or state changed.", "user", "", HOUSE),
    EventKind.USER_SIGNED_IN: kind("A person signed in.", "user", "channel", HOUSE),
    EventKind.USER_REFUSED: kind(
        "A person was not let in, or not let do something.", "reason", "user channel object", HOUSE
    ),
    EventKind.PARTNER_ADDED: kind("An organisation was added.", "partner", "", HOUSE),
    EventKind.PARTNER_CHANGED: kind("An organisation's profile changed.", "partner", "", HOUSE),
    EventKind.PARTNER_DISABLED: kind("An organisation was cut off.", "partner", "", HOUSE),
    EventKind.PARTNER_TESTED: kind(
        "A test without a document was sent to an organisation, to see what it does with one that comes twice.",
        "partner reason",
        "",
        HOUSE,
    ),
    EventKind.BREAKER_OPENED: kind(
        "A partner failed so often that nothing but a probe is sent there now and then.", "partner", "seconds", HOUSE
    ),
    EventKind.BREAKER_CLOSED: kind(
        "A partner answers again, after so many seconds; what waited for it goes.", "partner", "seconds", HOUSE
    ),
    EventKind.POLICY_LOADED: kind("Rules came into force.", "policy_version policy_sha256", "switches", HOUSE),
    EventKind.MAPPINGS_LOADED: kind("Translation tables came into force.", "library_sha256", "", HOUSE),
    EventKind.KEY_CHANGED: kind("A key was made, replaced or retired.", "key_id", "", HOUSE),
    EventKind.STORE_RESTORED: kind(
        "The store was restored from a backup: what the log showed before is named here.",
        "reason",
        "previous_size previous_root origin next_origin",
        HOUSE,
    ),
    EventKind.SHARD_OPENED: kind(
        "A new log begins, or continues an older one.", "origin", "next_origin previous_size previous_root", HOUSE
    ),
    EventKind.CLOCK_ADJUSTED: kind("The gateway's clock was moved.", "seconds direction", "", HOUSE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Shape: `reference` holds the open words, which become part of the leaf; `details` the sealed ones. `actor` is a
    pseudonym (`system`, an organisation's or a person's), `organisation` the one on whose behalf. A word, or a value,
    the catalogue does not allow is a bug of the caller and raises ValueError.
    Units: `at` is aware; it is written in UTC to the millisecond.
    """

    kind: EventKind
    at: datetime
    actor: str
    organisation: str | None = None
    reference: Mapping[str, str | int] = field(default_factory=dict)
    details: Mapping[str, Tree] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an event's time must know its time zone")
        if not is_open_code(self.actor) or not (self.organisation is None or is_open_code(self.organisation)):
            raise ValueError("actor and organisation are codes")
        self._check_words(KINDS[self.kind])

    def _check_words(self, spec: KindSpec) -> None:
        for name in (*self.reference, *self.details):
            if name not in spec.words:
                raise ValueError(f"an event {self.kind.value} has no word {name!r}")
        for name, value in self.reference.items():
            check_word(name, value, is_open=True)
        for name, sealed in self.details.items():
            check_word(name, sealed, is_open=False)
        for name in spec.must:
            if name not in self.reference and name not in self.details:
                raise ValueError(f"an event {self.kind.value} must say {name!r}")

    @classmethod
    def of(
        cls,
        kind: EventKind,
        words: Mapping[str, Tree],
        *,
        at: datetime,
        actor: str,
        organisation: str | None = None,
    ) -> Self:
        """Return an event saying *words*, each put in the open or under seal as the catalogue has it.

        A word whose value is None is left out.
        """
        said = {name: value for name, value in words.items() if value is not None}
        opened = {name: value for name, value in said.items() if is_open_word(name) and isinstance(value, str | int)}
        sealed = {name: value for name, value in said.items() if name not in opened}
        return cls(kind=kind, at=at, actor=actor, organisation=organisation, reference=opened, details=sealed)
