"""How is it said so that somebody at a front door understands it? Words for codes, in one place."""

import types
from collections.abc import Mapping

STATES: Mapping[str, str] = types.MappingProxyType(
    {
        "receiving": "Coming in",
        "accepted": "Received; being read",
        "quarantined": "Kept aside: it could not be read",
        "held_label": "Waiting: an answer on the form has to be mapped",
        "held_match": "Waiting: a person must say which child this is",
        "in_review": "Waiting for a person's decision",
        "refused": "Not shared",
        "ordered": "On its way",
        "handed_over": "Sent; waiting for the receiver to confirm",
        "acknowledged": "Received by the other side",
        "dead_letter": "Stuck: it could not be delivered",
        "withdrawn": "Stopped before it left",
    }
)

REVIEW_KINDS: Mapping[str, str] = types.MappingProxyType(
    {
        "sharing": "May this be shared?",
        "match": "Is this the same child?",
        "correction": "Something on the form needs correcting",
        "clock": "A deadline needs attention",
        "undelivered": "A document has not arrived",
        "contact": "Is this still a contact of the child?",
        "malware": "An attached document held malware",
        "label": "An answer has to be mapped",
    }
)

CHOICES: Mapping[str, str] = types.MappingProxyType(
    {
        "permit": "Share it",
        "refuse": "Do not share it",
        "same": "Same child",
        "different": "Different child",
        "done": "Done",
        "attach": "Still a contact: the school said so",
        "leave": "No contact any more: keep them out",
        "again": "Try again: somebody is set up to get it now",
    }
)

ROLES: Mapping[str, str] = types.MappingProxyType(
    {
        "INTEGRATION_ENGINEER": "integration engineer",
        "MASH_SCREENER": "MASH screener",
        "MASH_MANAGER": "MASH manager",
        "DSL": "designated safeguarding lead",
        "CAF_COORDINATOR": "CAF coordinator",
        "IG_OFFICER": "information governance officer",
        "AUDITOR": "auditor",
        "ADMINISTRATOR": "administrator",
    }
)

PURPOSES: Mapping[str, str] = types.MappingProxyType(
    {
        "CHECK_EXISTS": "to check whether a record exists",
        "REQUEST_EH": "to ask for early help",
        "COORDINATE": "to coordinate help for the family",
        "SAFEGUARD_S17": "for a child in need (section 17)",
        "SAFEGUARD_S47": "to protect a child from significant harm (section 47)",
        "EMERGENCY": "because of immediate danger",
        "STEP_UP": "to step up to children's social care",
        "STEP_DOWN": "to step down to early help",
        "TRANSFER": "to move the family's record",
        "SCHOOL_EXPORT": "to take in a school's record",
        "PULL_THROUGH": "for the social worker of an open case",
        "FEEDBACK": "to tell the referrer what became of it",
        "STATUTORY_OTHER": "because the law asks for it",
        "ADMIN": "as a notice without content",
    }
)

LANES: Mapping[int, str] = types.MappingProxyType({0: "urgent", 1: "normal", 2: "bulk"})

FAILURES: Mapping[str, str] = types.MappingProxyType(
    {
        # what the gate refuses
        "malformed": "the bytes are not the format they claim to be",
        "cut-off": "it ends in the middle",
        "encoding": "its letters are not encoded as it says, or as we read them",
        "doctype": "it defines entities of its own, which is never needed and can be an attack",
        "stylesheet": "it asks for a stylesheet, which is never needed",
        "xml-version": "it is XML of a version nobody uses",
        "bad-number": "it holds a number that is none",
        "bad-text": "it holds text that is none",
        "duplicate-name": "it says one thing twice",
        "too-deep": "it is nested deeper than allowed",
        "too-many": "it has more parts than allowed",
        "too-large": "it is larger than allowed",
        "empty": "it is empty",
        "unsupported-media-type": "it is not of the media type this format comes in",
        "unsupported-format": "nobody here reads this format",
        "schema": "it does not have the agreed shape",
        "translation": "a value could not be carried over",
        "mapping": "one of our own tables is wrong",
        "idempotency-conflict": "another document came earlier under the same reference",
        # what goes wrong on the way out
        "partner-refused": "the receiver said it will not take it",
        "maybe-received": "the receiver may have it already, and would take it twice; ask it first",
        "partner-unavailable": "the receiver could not be reached",
        "unreachable": "the receiver could not be reached",
        "nonsense": "the receiver's answer made no sense",
        "redirect": "the receiver pointed elsewhere, which we never follow",
        "no-endpoint": "the receiver's profile has no address for this",
        "no-token": "the token we show to this receiver is missing",
        "breaker-open": "the receiver does not answer; it is tried again once it does",
        "paced": "the receiver takes only so many at a time; its turn comes",
        "window-full": "the receiver takes only so many at a time; its turn comes",
        "follows": "it follows an earlier one, which has not arrived yet",
        "query-failed": "the receiver does not say whether it has it",
        "outcome-unknown": "nobody knows what became of the try before",
        "ends-the-process": "each time it was worked on, the gateway itself ended; it must be looked at by an engineer",
        "store-unavailable": "our own store could not take it",
        "store-full": "our own disk is full",
        "integrity": "something that cannot be true is true; we stopped to be safe",
        # what people are asked, and what they answered
        "H-CORRECT": "something on the form needs correcting before it can be used",
        "H-CONTACT": "a contact the school had taken off the child is in its export again; ask the school",
        "H-MALWARE": "malware was found in an attached document; it is kept sealed, and its sender should be told",
        "H-CLOCK-WARN": "the time for a decision is nearly over",
        "H-CLOCK-LATE": "the time for a decision is over, and nobody has decided",
        "H-ENQUIRY-LATE": "nobody has said yet whether there is an open record",
        "H-CHECK-LATE": "not every partner has answered the check, and the time for it is over",
        "H-NOT-DELIVERED": "the receiver has not confirmed it",
        "H-NOT-FED-BACK": "the referrer has not been told what was decided",
        "H-NO-RECIPIENT": "nobody is set up to get this document",
        "H-CONSENT-EXPIRING": "a consent runs out soon; ask the family whether it holds on",
        "H-CONSENT-REVIEW": "the day has come on which a consent is to be talked over with the family",
        "H-LABEL": "an answer in it has to be mapped first; see labels list",
        "recalled": "it was about to go, or went, to the wrong recipient",
        "break-glass": "an authorised person let it go in an emergency",
        "STOP_SHARING": "they were asked to stop sharing what we sent",
        "PURGE": "they were asked to purge what was not meant for them",
        "CORRECTION": "something in what we sent is not right",
        "re-ordered": "replaced: a person said which child it is about, or let it go in an emergency",
        "discarded": "a person decided not to try again",
    }
)
"""Reasons that are not the sharing policy's, which has its own words."""

MESSAGE_KINDS: Mapping[str, str] = types.MappingProxyType(
    {
        "mash.referral.submitted": "Referral to the MASH",
        "mash.decision.made": "Answer of the MASH",
        "mash.feedback.sent": "Feedback to the referrer",
        "sims.form.received": "School report",
        "caf.consent.changed": "Word of a family about sharing",
        "caf.episode.opened": "Early-help record",
        "caf.request.accepted": "Early-help record",
        "mash.contact.listed": "List of contacts",
        "caf.history.imported": "Early-help records of earlier years",
        "caf.request.submitted": "Request to start early help",
        "caf.enquiry.requested": "Enquiry whether there is a record",
        "caf.enquiry.looked_up": "Answer to an enquiry",
        "caf.enquiry.answered": "Answer to an enquiry",
        "caf.family.submitted": "Registration of a family",
        "caf.family.registered": "Early-help record",
        "caf.registration.submitted": "Registration of a user",
        "mash.check.requested": "A MASH's question to its partners",
        "mash.check.returned": "A partner's answer to the MASH",
        "caf.notice.sent": "Notice about documents we sent",
        "caf.notice.answered": "Answer to a notice",
        "caf.correction.sent": "Correction",
        "caf.correction.noted": "Correction, kept beside the record",
    }
)

DOCUMENTS: Mapping[str, str] = types.MappingProxyType(
    {
        "mash.referral": "A referral",
        "mash.decision": "What the MASH says",
        "mash.feedback": "Feedback to a referrer",
        "mash.contact": "A contact",
        "sims.pupil": "A pupil's record",
        "ecaf.episode": "An early-help record",
        "ecaf.request": "A request to start early help",
        "ecaf.enquiry": "An enquiry",
        "ecaf.answer": "An answer to an enquiry",
        "ecaf.family": "A family's registration",
        "ecaf.registration": "A user's registration",
        "mash.check": "A MASH's question",
        "mash.answer": "A partner's answer",
        "ecaf.consent": "A word about sharing",
        "ecaf.notice": "A notice without content",
        "ecaf.notice-answer": "An answer to a notice",
        "ecaf.correction": "A correction",
    }
)

DEALT_WITH = "Dealt with"
"""What is said of a document that asked for nothing to be sent to anybody."""


def state_words(state: str) -> str:
    """Return what a state means to somebody who waits for the document."""
    return STATES.get(state, state)


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 child`, `2 children`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
