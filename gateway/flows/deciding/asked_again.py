"""What was asked when this was decided, and what do the rules say to it again?

The questions of a decision are kept with it: each sealed under the key of every child it tells of, so that with any of
these keys it is gone. The decision itself stays, and can then no longer be asked again.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.consent.decision import Decision, Permit
from gateway.consent.policy import Policy
from gateway.consent.question import Question
from gateway.consent.question_json import decision_from_json, decision_to_json, question_to_json, stored_question
from gateway.consent.rule_book import InForce
from gateway.consent.together import decide_together
from gateway.errors import IntegrityError, NotFoundError
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import PermitRow
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef, PermitId
from gateway.model.tree import Group, Tree

GONE = "the question is gone with the key of a child it told of; the decision stands, and cannot be asked again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A decision as it was made, with what was asked.

    Shape: `questions` is empty where they are gone, or were never kept; `missing` then says which. `until` is when the
    rules it was made by were known to end.
    """

    row: PermitRow
    decision: Decision
    questions: tuple[Question, ...]
    policy_sha256: str
    until: datetime | None
    missing: str | None = None


def kept_questions(
    desk: Desk,
    uow: UnitOfWork,
    permit_id: PermitId,
    questions: Sequence[Question],
    subjects: Sequence[ChildRef],
    rules: InForce,
) -> bytes:
    """Return the *questions* that were decided as *permit_id*, to be stored: nothing personal stands open in it.

    Args:
        desk: keys and ports.
        uow: the transaction.
        permit_id: the decision.
        questions: one for all of *subjects*, or one for each, in their order.
        subjects: the children they are about.
        rules: what they were decided by.
    """
    children = list(dict.fromkeys(subjects))
    apart = len(questions) > 1
    parts: list[Tree] = [
        _sealed(desk, uow, f"question/{permit_id}/{number}", question, [children[number]] if apart else children)
        for number, question in enumerate(questions)
    ]
    until = rules.until.isoformat() if rules.until else None
    return write_json({"policy_sha256": rules.policy.digest, "until": until, "parts": parts})


def asked(desk: Desk, uow: UnitOfWork, permit_id: PermitId) -> Asked:
    """Return what was decided as *permit_id*, and what was asked, as far as it is still there.

    Raises:
        NotFoundError: no such decision.
        IntegrityError: what is stored is not what was asked: its digest is another than the decision's.
    """
    row = uow.permits.get(permit_id)
    decision = decision_from_json(read_group(row.body.encode()))
    if row.questions is None:
        return Asked(
            row=row,
            decision=decision,
            questions=(),
            policy_sha256="",
            until=None,
            missing="no question was kept with decisions then",
        )
    kept = json.loads(row.questions)
    until = datetime.fromisoformat(kept["until"]) if kept["until"] else None
    try:
        questions = tuple(
            _opened(desk, uow, f"question/{permit_id}/{number}", part) for number, part in enumerate(kept["parts"])
        )
        missing = None
    except NotFoundError:
        questions, missing = (), GONE
    return Asked(
        row=row,
        decision=decision,
        questions=questions,
        policy_sha256=kept["policy_sha256"],
        until=until,
        missing=missing,
    )


def policy_of(desk: Desk, found: Asked) -> Policy:
    """Return the very rules that *found* was decided by.

    Raises:
        NotFoundError: their file is gone, or is another than it was.
    """
    policy = desk.rules.of(found.decision.grounds.policy_version)
    if found.policy_sha256 and policy.digest != found.policy_sha256:
        raise NotFoundError("the policy file of this version is not the one it was decided by; put that one back")
    return policy


def again(found: Asked, policy: Policy) -> Decision:
    """Return what *policy* says to what was asked.

    Raises:
        NotFoundError: the question is not there.
    """
    if not found.questions:
        raise NotFoundError(found.missing or GONE)
    epochs = found.decision.epochs if isinstance(found.decision, Permit) else {}
    decision = decide_together(*found.questions, policy=policy, epochs=epochs)
    return InForce(policy=policy, switches={}, until=found.until).capped(decision)


def is_as_stored(found: Asked, decision: Decision) -> bool:
    """Tell whether *decision* is the stored one, to the byte."""
    return write_json(decision_to_json(decision)).decode() == found.row.body


def _sealed(desk: Desk, uow: UnitOfWork, place: str, question: Question, children: Sequence[ChildRef]) -> Group:
    """Return one question, sealed under the key of each of *children*, one around the other."""
    sealed, wrapped = write_json(question_to_json(question)), None
    if not children:
        wrapped = desk.vault.new_key()
        sealed = desk.vault.seal(wrapped, place, sealed)
    for child in children:
        sealed = desk.vault.seal(child_key(uow, child), f"{place}/{child}", sealed)
    return {
        "children": list(children),
        "key": b64encode(wrapped).decode() if wrapped else None,
        "sealed": b64encode(sealed).decode(),
    }


def _opened(desk: Desk, uow: UnitOfWork, place: str, part: Group) -> Question:
    plain = b64decode(str(part["sealed"]))
    if part["key"]:
        plain = desk.vault.open(b64decode(str(part["key"])), place, plain)
    children = part["children"]
    if not isinstance(children, list):
        raise IntegrityError("a kept question does not say whom it is about")
    for child in reversed(children):
        ref = ChildRef(str(child))
        plain = desk.vault.open(child_key(uow, ref), f"{place}/{ref}", plain)
    return stored_question(read_group(plain))
