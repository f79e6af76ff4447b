"""What does the audit log say of a decision? Codes and references: no content, no name, nobody's own words."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from gateway.consent.decision import Decision, Permit
from gateway.consent.question import Question
from gateway.consent.question_json import result_of
from gateway.flows.deciding.gather import Sharing
from gateway.flows.store.rows import PermitRow
from gateway.model.tree import Group, Tree

BASES: Final = MappingProxyType(
    {
        **dict.fromkeys(("P-CONSENT", "P-XFER", "P-SD", "P-S17C", "P-CHECK"), "consent"),
        **dict.fromkeys(("P-EMERG", "P-S47", "P-S17O"), "need"),
        **dict.fromkeys(("P-ORDER", "P-16LA", "P-PULL"), "law"),
        **dict.fromkeys(("P-CONVEY", "P-DRAFT"), "sender"),
        **dict.fromkeys(("P-FEEDBACK", "P-ADMIN", "P-REPORT", "P-AUDIT"), "no-content"),
        "P-PERSON": "person",
    }
)
"""What let it go, by the reason of the row that did."""
NOTHING: Final = "none"
"""What let it go where it does not go."""


def basis_of(decision: Decision) -> str:
    """Return what let it go: `consent`, `need`, `law`, `sender`, `person`, `no-content`, `other`, or `none`."""
    return BASES.get(decision.grounds.reason, "other") if isinstance(decision, Permit) else NOTHING


def decision_words(
    sharing: Sharing, questions: Sequence[Question], decision: Decision, row: PermitRow
) -> dict[str, Tree]:
    """Return the words of the event that says what was asked and what the rules answered."""
    grounds, first = decision.grounds, questions[0]
    redactions = decision.redactions if isinstance(decision, Permit) else ()
    words: dict[str, Tree] = {
        "message_id": sharing.record.message_id,
        "record_id": sharing.record.record_id,
        "permit_id": row.permit_id,
        "requester": sharing.requester,
        "recipient": sharing.recipient,
        "area": first.area,
        "level": first.level,
        "result": result_of(decision),
        "reason": row.reason,
        "basis": basis_of(decision),
        "rules": list(grounds.rules),
        "purpose": grounds.purpose.value,
        "mode": grounds.mode.value,
        "policy_version": grounds.policy_version,
        "facts_digest": grounds.facts_digest,
        "switches": dict(grounds.switches),
        "categories": [category.value for category in first.categories],
        "redactions": [redaction.reason for redaction in redactions],
        "obligations": list(grounds.obligations),
        "consent_ids": _consents(questions),
        "agreement": _agreement(first),
        "lawful_basis": grounds.lawful_basis,
        "override": _override(first),
        "person": _person(first),
        "answers": [f"{one.result} {one.reason}" for one in grounds.answers],
    }
    return {name: value for name, value in words.items() if value is not None and (value != [] or name in _ALWAYS)}


_ALWAYS: Final = frozenset({"redactions", "obligations", "rules"})


def _consents(questions: Sequence[Question]) -> list[Tree]:
    return list(dict.fromkeys(one.consent_id for question in questions for one in question.consents))


def _agreement(question: Question) -> Group | None:
    held = question.recipient.agreement
    return None if held is None else {"id": held.id, "version": held.version, "status": held.status}


def _override(question: Question) -> Group | None:
    held = question.override
    if held is None or held.asserted is not True:
        return None
    return {
        "basis": held.basis,
        "authoriser_role": held.authoriser_role,
        "rationale": bool((held.rationale or "").strip()),
    }


def _person(question: Question) -> Group | None:
    held = question.person_decision
    if held is None:
        return None
    return {"choice": held.choice, "role": held.role, "review_id": held.review_id, "reason": held.reason}
