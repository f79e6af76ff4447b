"""Which facts was a decision made from, and in which version of each? Codes, references and digests; nobody's name."""

import hashlib

from gateway.consent.digest import canonical
from gateway.consent.question import Consent, ProtectionFlag, Question
from gateway.consent.record_json import write_record
from gateway.model.tree import Group, Tree

_DIGITS = 16


def facts_told(question: Question) -> Group:
    """Return the facts of one question that have a version of their own, and those that rules most often turn on.

    Shape: a consent's and a flag's `version` is the beginning of the SHA-256 of it as it was looked at: it changes with
    every change of it.
    """
    agreement = question.recipient.agreement
    told: dict[str, Tree] = {
        "at": question.at.isoformat().replace("+00:00", "Z"),
        "area": question.area,
        "level": question.level,
        "match": question.match.status if question.match else None,
        "agreement": None
        if agreement is None
        else {"id": agreement.id, "version": agreement.version, "status": agreement.status},
        "consents": [_consent(one) for one in question.consents],
        "flags": [_flag(one) for one in question.flags],
        "court_order": _order(question),
        "deemed_relevant": question.deemed_relevant,
        "detriment": None if question.detriment is None else write_record(question.detriment),
        "switches": dict(question.switches),
    }
    if question.person_decision is not None:
        held = question.person_decision
        told["person"] = {"role": held.role, "review_id": held.review_id, "reason": held.reason}
    if question.override is not None:
        told["override"] = {"basis": question.override.basis, "authoriser_role": question.override.authoriser_role}
    return {name: value for name, value in told.items() if value is not None}


def _order(question: Question) -> Group | None:
    held = question.court_order
    return None if held is None else {"kind": held.kind, "verified": held.verified is True}


def _consent(consent: Consent) -> Group:
    told: Group = {
        "consent_id": consent.consent_id,
        "version": _version(consent),
        "status": consent.status,
        "giver_capacity": consent.giver_capacity,
        "mode": consent.mode,
        "effective_from": consent.effective_from.isoformat() if consent.effective_from else None,
        "expires_on": consent.expires_on.isoformat() if consent.expires_on else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _flag(flag: ProtectionFlag) -> Group:
    return {"flag": flag.flag, "version": _version(flag)}


def _version(record: Consent | ProtectionFlag) -> str:
    return hashlib.sha256(canonical(record)).hexdigest()[:_DIGITS]
