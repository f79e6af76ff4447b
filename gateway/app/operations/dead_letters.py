"""What is stuck, and what is to become of it? Showing, replaying and discarding dead letters."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.messages import delivery_line, moment, organisation_name, what_words
from gateway.app.operations.operation import Operation
from gateway.app.operations.reasons import reason_words
from gateway.app.operations.roles import Permission, Role
from gateway.consent.policy import Policy
from gateway.errors import ConflictError, NotAllowedError, Place, SchemaViolationError
from gateway.flows.deciding.sharing import may_protect
from gateway.flows.delivering.dead_letters import DeadLetters
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Message, State
from gateway.model.identifiers import ChildRef, DeliveryId, MessageId
from gateway.model.tree import Group, Tree

_AT_MOST_ONCE = "at-most-once"
_LIMIT = 500
_MOST = 100_000
"""How many a query may put back to work at once."""
_ID = Argument(
    name="id",
    help="id of the message or delivery that is stuck, such as dlv_01...",
    pattern=r"(msg|dlv)_[0-9a-z]{20,30}",
    required=True,
)
_QUERY = (
    Argument(name="recipient", help="only what is due to this organisation", pattern=r"[a-z0-9][a-z0-9-]{1,62}"),
    Argument(name="reason", help="only what is stuck for this reason, as dead-letters show gives its code"),
    Argument(name="since", help="only what came or was due since then", kind=Kind.MOMENT),
)
_SURE = Argument(
    name="not_received",
    help="you have asked the receiver, and it does not have the document",
    kind=Kind.YES_NO,
)
DISCARD_REASONS = ("sent-another-way", "duplicate", "no-longer-needed", "unreadable")
_REASON = Argument(name="reason", help="why it is not tried again", choices=DISCARD_REASONS, required=True)


def list_dead_letters(application: Application, _caller: Caller, args: Group) -> Group:
    """Return what is stuck, newest first: messages that could not be worked and deliveries that could not be made."""
    policy = application.desk.policy

    def _read(uow: UnitOfWork) -> list[Tree]:
        messages, deliveries = _found(uow, args, _LIMIT)
        return [
            *(_message_line(policy, uow, one) for one in messages),
            *(_delivery_line(policy, uow, one) for one in deliveries),
        ]

    return {"dead_letters": application.desk.store.read(_read)}


def _found(uow: UnitOfWork, args: Group, limit: int) -> tuple[list[Message], list[Delivery]]:
    """Return the stuck messages and deliveries that a query names, newest first; a message has no recipient yet."""
    reason, since, recipient = args.get("reason"), _since(args), args.get("recipient")
    messages = [] if recipient else uow.messages.find(state=State.DEAD_LETTER, limit=limit)
    deliveries = uow.delivery_lists.find(state=State.DEAD_LETTER, limit=limit)
    return (
        [one for one in messages if reason in {None, one.reason} and since <= one.received_at],
        [
            one
            for one in deliveries
            if recipient in {None, one.recipient} and reason in {None, one.reason} and since <= one.created_at
        ],
    )


def _since(args: Group) -> datetime:
    told = args.get("since")
    return datetime.fromisoformat(told) if isinstance(told, str) else datetime.min.replace(tzinfo=UTC)


def show_dead_letter(application: Application, _caller: Caller, args: Group) -> Group:
    """Return one dead letter with everything that is known about why it is stuck."""
    name, policy = str(args["id"]), application.desk.policy

    def _read(uow: UnitOfWork) -> Group:
        if name.startswith("msg_"):
            return _message_line(policy, uow, uow.messages.get(MessageId(name)))
        return _delivery_line(policy, uow, uow.deliveries.get(DeliveryId(name)))

    return application.desk.store.read(_read)


def replay(application: Application, caller: Caller, args: Group) -> Group:
    """Put dead letters back to work from where they stopped; every check is made again before anything leaves.

    One is named by its id. Several are named by a query: to whom, why, since when; of those, what a receiver may have
    and would take twice is left where it is, and named in the answer.

    Raises:
        SchemaViolationError: neither an id nor a query, or both.
        ConflictError: it is not stuck; or its receiver may have it already and nobody said that it has not.
    """
    query = [name for name in ("recipient", "reason", "since") if name in args]
    if ("id" in args) == bool(query):
        raise SchemaViolationError(
            "name one by its id, or several by recipient, reason or since", place=Place(path="id"), code="arguments"
        )
    return _replay_many(application, caller, args) if query else _replay_one(application, caller, args)


def _replay_one(application: Application, caller: Caller, args: Group) -> Group:
    name = str(args["id"])
    if name.startswith("dlv_"):
        delivery = application.desk.store.read(lambda uow: uow.deliveries.get(DeliveryId(name)))
        if _must_be_asked(delivery) and not args.get("not_received", False):
            raise ConflictError(
                "this receiver takes in twice what is sent twice: ask it first, then say that it has not got it",
                place=Place(path="not_received"),
            )
    state = DeadLetters(application.desk).replay(name, actor=pseudonym(application.desk.vault, caller.user_id))
    return {"id": name, "state": state}


def _replay_many(application: Application, caller: Caller, args: Group) -> Group:
    """Put all that a query names back to work, oldest first."""
    messages, deliveries = application.desk.store.read(lambda uow: _found(uow, args, _MOST))
    is_sure = bool(args.get("not_received", False))
    left: list[Tree] = [one.delivery_id for one in deliveries if _must_be_asked(one) and not is_sure]
    names: list[str] = [one.message_id for one in sorted(messages, key=lambda one: one.position)]
    names += [
        one.delivery_id for one in sorted(deliveries, key=lambda one: one.position) if one.delivery_id not in left
    ]
    actor = pseudonym(application.desk.vault, caller.user_id)
    replayed = DeadLetters(application.desk).replay_all(names, actor=actor)
    return {"replayed": replayed, "left": len(left), "ask_first": left[:_LIMIT]}


def _must_be_asked(delivery: Delivery) -> bool:
    """Tell whether only a person can find out whether the receiver has it, and it would take it twice."""
    return delivery.idempotency == _AT_MOST_ONCE


def discard(application: Application, caller: Caller, args: Group) -> Group:
    """Take a dead letter out of work for good; it stays in the log, and its original stays sealed.

    Raises:
        NotAllowedError: it protects a child, and the caller is not a manager.
    """
    name = str(args["id"])
    if _protects(application, name) and Role.MASH_MANAGER not in caller.roles:
        raise NotAllowedError("this document protects a child: only a MASH manager may take it out of work")
    actor = pseudonym(application.desk.vault, caller.user_id)
    state = DeadLetters(application.desk).discard(name, reason=str(args["reason"]), actor=actor)
    return {"id": name, "state": state}


def subjects_of(uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the children a stuck delivery is about; a stuck message is about nobody we know yet."""
    name = str(args["id"])
    return uow.deliveries.get(DeliveryId(name)).subjects if name.startswith("dlv_") else ()


def _protects(application: Application, name: str) -> bool:
    """Tell whether what is stuck may protect a child: an urgent message does until somebody has read it."""

    def _read(uow: UnitOfWork) -> bool:
        if name.startswith("msg_"):
            return uow.messages.get(MessageId(name)).lane == 0
        return may_protect(uow.deliveries.get(DeliveryId(name)))

    return application.desk.store.read(_read)


def _message_line(policy: Policy, uow: UnitOfWork, message: Message) -> Group:
    return {
        "id": message.message_id,
        "type": "message",
        "what": what_words(message.format),
        "message": message.message_id,
        "from": message.organisation,
        "from_name": organisation_name(uow, message.organisation),
        "format": message.format,
        "since": moment(message.received_at),
        "attempt": message.attempt,
        "reason": message.reason,
        "reason_words": reason_words(policy, message.reason),
    }


def _delivery_line(policy: Policy, uow: UnitOfWork, delivery: Delivery) -> Group:
    line = delivery_line(policy, uow, delivery)
    return {
        "id": delivery.delivery_id,
        "type": "delivery",
        **line,
        "since": line["created_at"],
        "at_most_once": _must_be_asked(delivery),
    }


OPERATIONS = (
    Operation(
        name="dead-letters.list",
        summary="Show what is stuck",
        permission=Permission.READ_DEAD_LETTERS,
        run=list_dead_letters,
        arguments=_QUERY,
        is_recorded=False,
    ),
    Operation(
        name="dead-letters.show",
        summary="Show one thing that is stuck, and why",
        permission=Permission.READ_DEAD_LETTERS,
        run=show_dead_letter,
        arguments=(_ID,),
        subjects=subjects_of,
    ),
    Operation(
        name="dead-letters.replay",
        summary="Put something that is stuck back to work, or all that a query names",
        permission=Permission.CHANGE_DEAD_LETTERS,
        run=replay,
        arguments=(replace(_ID, required=False), *_QUERY, _SURE),
        changes=True,
    ),
    Operation(
        name="dead-letters.discard",
        summary="Take something that is stuck out of work for good",
        permission=Permission.CHANGE_DEAD_LETTERS,
        run=discard,
        arguments=(_ID, _REASON),
        changes=True,
    ),
)
