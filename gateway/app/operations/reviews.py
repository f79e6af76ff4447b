"""Which questions wait for a person, what must they know to answer, and what did they answer?"""

import json
from datetime import datetime

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.messages import delivery_line, moment, organisation_name, what_words
from gateway.app.operations.operation import Operation
from gateway.app.operations.reasons import reason_advice, reason_text, reason_words
from gateway.app.operations.review_facts import children_asked_about, likenesses
from gateway.app.operations.roles import MANAGERS, Permission
from gateway.app.operations.words import CHOICES, REVIEW_KINDS, ROLES
from gateway.consent.policy import Policy
from gateway.conversations.review import MAY_CONFIRM
from gateway.errors import ConflictError, NotAllowedError, NotFoundError, SchemaViolationError
from gateway.flows.by_hand.reviews import Verdict, choices_of
from gateway.flows.delivering.scans import QUESTION as MALWARE
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, ReviewTask
from gateway.flows.understanding.contacts import QUESTION
from gateway.model.identifiers import ChildRef, ConversationId, DeliveryId, MessageId, RecordId, ReviewId
from gateway.model.tree import Group, Tree

OPEN = frozenset({"open", "escalated"})
_SHORTEST_RATIONALE = 10
_TECHNICAL = frozenset({MALWARE})
"""Kinds of question that ask nothing about a family."""
_DONE = "done"
_REVIEW = Argument(name="review", help="review id, such as rev_01...", pattern=r"rev_[0-9a-z]{20,30}", required=True)
_STATUS = Argument(name="status", help="open (with escalated ones) or all", choices=("open", "all"))
_CHOICE = Argument(name="choice", help="one of the choices the review shows", choices=tuple(CHOICES), required=True)
_RATIONALE = Argument(name="rationale", help="why, in a sentence or two", required=True, most=4000)
_MINE = Argument(name="mine", help="only those one of your roles may decide", kind=Kind.YES_NO)


def list_reviews(application: Application, caller: Caller, args: Group) -> Group:
    """Return the questions that wait, those due first, first."""
    at, wanted, policy = application.desk.clock.now(), args.get("status", "open"), application.desk.policy

    def _read(uow: UnitOfWork) -> list[Tree]:
        found = [task for task in uow.reviews.find(status=None, limit=500) if wanted == "all" or task.status in OPEN]
        mine = [task for task in found if not args.get("mine") or may_decide(caller, task)]
        return [{**line_of(policy, caller, task, at=at), "about": _about(policy, uow, task)} for task in mine]

    return {"reviews": application.desk.store.read(_read)}


def show_review(application: Application, caller: Caller, args: Group) -> Group:
    """Return one question with what is needed to answer it.

    The children's names are shown only to those who may decide it, and only where the question is who they are; what
    somebody wrote as their reason only to those who decide questions and those who audit them.
    """
    at, name, policy = application.desk.clock.now(), ReviewId(str(args["review"])), application.desk.policy

    def _read(uow: UnitOfWork) -> Group:
        task = uow.reviews.get(name)
        first = uow.proposals.get(name)
        shown = line_of(policy, caller, task, at=at)
        if first is not None and task.status in OPEN:
            is_theirs = first.proposed_by == pseudonym(application.desk.vault, caller.user_id)
            may = not is_theirs and (may_decide(caller, task) or may_confirm(caller))
            shown |= {"proposed": first.choice, "proposed_by": first.role, "may_decide": may}
        line = {
            **shown,
            "about": _about(policy, uow, task),
            "rationale": _rationale(application, task) if _may_read_reasons(caller) else None,
        }
        if task.kind == QUESTION and may_decide(caller, task):
            asked_about = uow.records.get(RecordId(task.subject_id))
            return {**line, "held_back": application.reviews.keeper.contacts.held_back(uow, asked_about)}
        if task.kind != "sharing" or not (may_decide(caller, task) or caller.may(Permission.RECORD_CONSENT)):
            return line
        record = uow.records.get(uow.deliveries.get(DeliveryId(task.subject_id)).record_id)
        asks_who = "same" in choices_of(task) and task.status in OPEN
        line["likenesses"] = likenesses(application, uow, record) if asks_who and may_decide(caller, task) else []
        line["children"] = children_asked_about(application, uow, record)
        return line

    return application.desk.store.read(_read)


def decide_review(application: Application, caller: Caller, args: Group) -> Group:
    """Take the caller's decision and return what became of the document.

    Raises:
        NotAllowedError: the caller has neither the role the question names nor a manager's.
        ConflictError: it was decided before.
    """
    name, rationale = ReviewId(str(args["review"])), str(args["rationale"]).strip()
    if len(rationale) < _SHORTEST_RATIONALE:
        raise SchemaViolationError("say why in a sentence: a decision about a family needs its rationale")
    task, first = application.desk.store.read(lambda uow: (uow.reviews.get(name), uow.proposals.get(name)))
    if task.status not in OPEN:
        raise ConflictError("this review was decided before")
    if not (may_decide(caller, task) or (first is not None and may_confirm(caller))):
        raise NotAllowedError(f"this question is for a {ROLES.get(task.role, task.role)} or a manager")
    verdict = Verdict(
        choice=str(args["choice"]),
        by=pseudonym(application.desk.vault, caller.user_id),
        role=_acting_role(caller, task),
        rationale=rationale,
    )
    return {"review": name, "choice": verdict.choice, "state": application.reviews.decide(name, verdict)}


def close_review(application: Application, caller: Caller, args: Group) -> Group:
    """Take the caller's word that something was dealt with which asks nothing about a family.

    Raises:
        NotAllowedError: it is another kind of question, or another role's.
        ConflictError: it was closed before.
    """
    name, rationale = ReviewId(str(args["review"])), str(args["rationale"]).strip()
    if len(rationale) < _SHORTEST_RATIONALE:
        raise SchemaViolationError("say in a sentence what was done about it")
    task = application.desk.store.read(lambda uow: uow.reviews.get(name))
    if task.kind not in _TECHNICAL or task.role not in caller.roles:
        raise NotAllowedError(f"this question is for a {ROLES.get(task.role, task.role)}, or a manager to decide")
    by = pseudonym(application.desk.vault, caller.user_id)
    verdict = Verdict(choice=_DONE, by=by, role=task.role, rationale=rationale)
    return {"review": name, "choice": _DONE, "state": application.reviews.decide(name, verdict)}


def may_decide(caller: Caller, task: ReviewTask) -> bool:
    """Tell whether *caller* has the role the question names, or a manager's."""
    return caller.may(Permission.DECIDE_REVIEWS) and bool({task.role, *MANAGERS}.intersection(caller.roles))


def may_confirm(caller: Caller) -> bool:
    """Tell whether *caller* may be the second person on a question that takes two, whichever role it names."""
    return caller.may(Permission.DECIDE_REVIEWS) and not set(MAY_CONFIRM).isdisjoint(caller.roles)


def _may_read_reasons(caller: Caller) -> bool:
    """Tell whether *caller* decides such questions too, or audits those who do: a reason may speak of a family."""
    return caller.may(Permission.DECIDE_REVIEWS) or caller.may(Permission.EXPORT_LOG)


def subjects_of(uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the children a question is about."""
    task = uow.reviews.get(ReviewId(str(args["review"])))
    return uow.deliveries.get(DeliveryId(task.subject_id)).subjects if task.subject_id.startswith("dlv_") else ()


def line_of(policy: Policy, caller: Caller, task: ReviewTask, *, at: datetime) -> Group:
    """Return what a list shows of a question."""
    return {
        "review": task.review_id,
        "kind": task.kind,
        "kind_words": REVIEW_KINDS["match"] if "same" in choices_of(task) else REVIEW_KINDS.get(task.kind, task.kind),
        "reason": task.reason,
        "reason_words": reason_words(policy, task.reason),
        "reason_text": reason_text(policy, task.reason),
        "advice": reason_advice(policy, task.reason),
        "role": task.role,
        "role_words": ROLES.get(task.role, task.role),
        "status": task.status,
        "opened_at": moment(task.opened_at),
        "due_at": moment(task.due_at),
        "overdue": task.status in OPEN and task.due_at <= at,
        "may_decide": task.status in OPEN and may_decide(caller, task),
        "choices": [{"choice": choice, "words": CHOICES[choice]} for choice in choices_of(task)],
        "decided_at": moment(task.decided_at),
    }


def _acting_role(caller: Caller, task: ReviewTask) -> str:
    """Return the role the caller decides in: the one asked for, else a manager's, else that of a second person."""
    if task.role in caller.roles:
        return task.role
    return next(role for role in (*MANAGERS, *MAY_CONFIRM) if role in caller.roles)


def _about(policy: Policy, uow: UnitOfWork, task: ReviewTask) -> Group:
    """Return which document the question holds up, or is about, by route and never by content."""
    try:
        if task.subject_id.startswith("dlv_"):
            delivery = uow.deliveries.get(DeliveryId(task.subject_id))
            message = uow.messages.get(delivery.message_id)
            return {**delivery_line(policy, uow, delivery), **_sender(uow, message)}
        return _sender(uow, uow.messages.get(_message_id(uow, task.subject_id)))
    except NotFoundError:
        return {"subject": task.subject_id}


def _message_id(uow: UnitOfWork, subject: str) -> MessageId:
    """Return the message a question's subject belongs to: a record's, a conversation's first, or itself.

    Raises:
        NotFoundError: it belongs to none.
    """
    match subject.partition("_")[0]:
        case "rec":
            return uow.records.get(RecordId(subject)).message_id
        case "msg":
            return MessageId(subject.partition("/")[0])
        case _:
            held = json.loads(uow.conversations.get(ConversationId(subject)).body).get("records", [])
            if not held:
                raise NotFoundError("this conversation has no record")
            return uow.records.get(RecordId(str(held[0]))).message_id


def _sender(uow: UnitOfWork, message: Message) -> Group:
    return {
        "message": message.message_id,
        "from": message.organisation,
        "from_name": organisation_name(uow, message.organisation),
        "received_at": moment(message.received_at),
        "format": message.format,
        "what": what_words(message.format),
    }


def _rationale(application: Application, task: ReviewTask) -> str | None:
    if task.note_sealed is None or task.note_key is None:
        return None
    return application.desk.vault.open(task.note_key, f"review/{task.review_id}/note", task.note_sealed).decode()


OPERATIONS = (
    Operation(
        name="reviews.list",
        summary="Show the questions that wait for a person",
        permission=Permission.READ_REVIEWS,
        run=list_reviews,
        arguments=(_STATUS, _MINE),
        is_recorded=False,
    ),
    Operation(
        name="reviews.show",
        summary="Show one question and what is needed to answer it",
        permission=Permission.READ_REVIEWS,
        run=show_review,
        arguments=(_REVIEW,),
        subjects=subjects_of,
    ),
    Operation(
        name="reviews.decide",
        summary="Answer a question; what waited for it flows on",
        permission=Permission.DECIDE_REVIEWS,
        run=decide_review,
        arguments=(_REVIEW, _CHOICE, _RATIONALE),
        changes=True,
    ),
    Operation(
        name="reviews.close",
        summary="Say that what an engineer was told of is dealt with",
        permission=Permission.CLOSE_REVIEWS,
        run=close_review,
        arguments=(_REVIEW, _RATIONALE),
        changes=True,
    ),
)
