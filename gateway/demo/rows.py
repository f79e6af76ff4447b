"""What went where, and why, a line each, in words a MASH worker understands?"""

from gateway.app.operations.words import FAILURES
from gateway.consent.decision import Permit
from gateway.consent.question_json import decision_from_json
from gateway.demo.scenes import Told
from gateway.demo.stage import Stage
from gateway.flows.documents import read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, PermitRow, ReviewTask, State
from gateway.model.tree import Group

_ALL = 10_000
_REPLACED = "re-ordered"
"""A delivery that was ordered anew, under the child a person said it is about: its successor is shown instead."""


def delivery_rows(stage: Stage) -> list[Group]:
    """Return a row for each document that was due to somebody, in the order it fell due."""

    def read(uow: UnitOfWork) -> list[Group]:
        newest_first = uow.delivery_lists.find(limit=_ALL)
        return [_row(stage, uow, one) for one in newest_first[::-1] if one.reason != _REPLACED]

    return stage.application.store.read(read)


def rejected_rows(told: Told) -> list[Group]:
    """Return a row for each input that could not be taken."""
    return [{**row, "to": "-", "result": "rejected", "losses": 0} for row in told.rejected]


def _row(stage: Stage, uow: UnitOfWork, delivery: Delivery) -> Group:
    permit = uow.permits.get(delivery.permit_id) if delivery.permit_id else None
    review = _review_of(uow, delivery)
    return {
        "message": delivery.kind,
        "from": uow.messages.get(delivery.message_id).organisation,
        "to": delivery.recipient,
        "result": _result(delivery, permit, review),
        "reason": str(delivery.reason),
        "losses": uow.records.get(delivery.record_id).losses,
        "words": _words(stage, delivery, permit, review),
    }


def _result(delivery: Delivery, permit: PermitRow | None, review: ReviewTask | None) -> str:
    if delivery.state in {State.REFUSED, State.WITHDRAWN}:
        return "refused"
    if delivery.state is not State.ACKNOWLEDGED or review is not None:
        return "review"
    return "redacted" if permit is not None and permit.result == "PERMIT_REDACTED" else "delivered"


def _words(stage: Stage, delivery: Delivery, permit: PermitRow | None, review: ReviewTask | None) -> str:
    words = [_heading(stage, str(delivery.reason))]
    if permit is not None and delivery.state is State.ACKNOWLEDGED:
        decision = decision_from_json(read_group(permit.body.encode()))
        redactions = decision.redactions if isinstance(decision, Permit) else ()
        words += [_heading(stage, reason) for reason in dict.fromkeys(one.reason for one in redactions)]
    if review is not None:
        words.insert(0, f"A person was asked ({_heading(stage, review.reason)}) and said {review.status}")
    return ". ".join(words)


def _heading(stage: Stage, reason: str) -> str:
    known = stage.application.desk.policy.reasons.get(reason)
    return known.heading if known else FAILURES.get(reason, reason)


def _review_of(uow: UnitOfWork, delivery: Delivery) -> ReviewTask | None:
    """Return what a person decided about this document before it went, if anybody did."""
    same_record = {
        one.delivery_id
        for one in uow.delivery_lists.of_message(delivery.message_id)
        if one.record_id == delivery.record_id
    }
    asked = uow.reviews.find(status=None, limit=_ALL)
    return next(
        (one for one in asked if one.subject_id in same_record and one.decided_by not in {None, "system"}), None
    )
