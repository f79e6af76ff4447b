"""Which documents came, where did they go, and why?"""

from datetime import datetime
from itertools import islice

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.operation import Operation
from gateway.app.operations.reasons import reason_words
from gateway.app.operations.roles import Permission
from gateway.app.operations.story import story_of
from gateway.app.operations.words import DEALT_WITH, DOCUMENTS, LANES, MESSAGE_KINDS, PURPOSES, state_words
from gateway.consent.policy import Policy
from gateway.errors import NotFoundError
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.message_state import state_of
from gateway.flows.store.rows import Delivery, Message, Record, State
from gateway.flows.understanding.originals import records_known
from gateway.formats.register import FORMATS
from gateway.model.identifiers import ChildRef, MessageId, OrganisationId
from gateway.model.tree import Group, Tree

RECORDS_SHOWN = 200
"""A school's file may hold thousands of pupils; a page shows the first ones and says how many there are."""
_MOST = 500
OURS = "gateway"
"""The channel of what the gateway itself said."""
_MESSAGE = Argument(name="message", help="message id, such as msg_01...", pattern=r"msg_[0-9a-z]{20,30}", required=True)
_STATE = Argument(name="state", help="only messages that stand so", choices=tuple(State))
_LIMIT = Argument(name="limit", help="at most so many, newest first", kind=Kind.NUMBER, most=_MOST)
_ARRIVED = Argument(name="arrived", help="only what came from outside, not what we wrote", kind=Kind.YES_NO)


def list_messages(application: Application, _caller: Caller, args: Group) -> Group:
    """Return the newest messages with sender, state and reason; never what they say."""
    limit, wanted, policy = _number(args.get("limit"), 50), args.get("state"), application.desk.policy

    def _read(uow: UnitOfWork) -> list[Tree]:
        found = (one for one in uow.messages.find(limit=_MOST) if not args.get("arrived") or one.channel != OURS)
        rows = (_line(policy, uow, message) for message in found)
        return list(islice((row for row in rows if wanted is None or row["state"] == wanted), limit))

    return {"messages": application.desk.store.read(_read)}


def show_message(application: Application, _caller: Caller, args: Group) -> Group:
    """Return one message with its records and what was sent to whom."""
    name, policy = MessageId(str(args["message"])), application.desk.policy

    def _read(uow: UnitOfWork) -> Group:
        message = uow.messages.get(name)
        found = uow.summaries
        shown: list[Tree] = [_record(record) for record in found.records(name, limit=RECORDS_SHOWN)]
        sent = found.deliveries(name, limit=RECORDS_SHOWN)
        deliveries: list[Tree] = [delivery_line(policy, uow, one) for one in sent]
        known = records_known(uow, application.desk.vault, message)
        progress: Group = {"records_done": message.cursor, "records_known": known}
        return {
            **_line(policy, uow, message),
            **progress,
            "records": len(found.names(name)),
            "record_list": shown,
            "deliveries": deliveries,
            "deliveries_known": found.number_of_deliveries(name),
        }

    return application.desk.store.read(_read)


def trace_message(application: Application, _caller: Caller, args: Group) -> Group:
    """Return what happened to one message, in order and in words; each step names its event in the audit log."""
    name = MessageId(str(args["message"]))

    def _read(uow: UnitOfWork) -> Group:
        message = uow.messages.get(name)
        return {**_line(application.desk.policy, uow, message), "steps": list(story_of(application.desk, uow, message))}

    return application.desk.store.read(_read)


def subjects_of(uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the children a message is about; none for one that was split into more than a page shows."""
    records = uow.summaries.records(MessageId(str(args["message"])), limit=RECORDS_SHOWN)
    return tuple(dict.fromkeys(ref for record in records for ref in record.subjects))


def organisation_name(uow: UnitOfWork, organisation: str) -> str:
    """Return what people call an organisation."""
    try:
        return str(uow.directory.organisation(OrganisationId(organisation)).profile.get("name", organisation))
    except NotFoundError:
        return organisation


def _line(policy: Policy, uow: UnitOfWork, message: Message) -> Group:
    state = state_of(uow, message)
    reason = uow.summaries.reason(message.message_id, state) or message.reason
    is_dealt_with = state is State.ACKNOWLEDGED and not uow.summaries.number_of_deliveries(message.message_id)
    return {
        "message": message.message_id,
        "received_at": moment(message.received_at),
        "from": message.organisation,
        "from_name": organisation_name(uow, message.organisation),
        "format": message.format,
        "what": what_words(message.format),
        "channel": message.channel,
        "lane": LANES[message.lane],
        "state": state.value,
        "state_words": DEALT_WITH if is_dealt_with else state_words(state.value),
        "reason": reason,
        "reason_words": reason_words(policy, reason),
        "because_of": message.correlation_id if message.correlation_id != message.message_id else None,
    }


def what_words(format_name: str) -> str:
    """Return what a document in a format is, to somebody who does not know formats."""
    form = FORMATS.get(format_name)
    return MESSAGE_KINDS.get(form.kind, form.title) if form else format_name


def _record(record: Record) -> Group:
    return {
        "record": record.record_id,
        "position": record.position,
        "kind": record.kind,
        "document": record.document,
        "what": DOCUMENTS.get(record.document, record.document),
        "about": list(record.subjects),
        "match": record.match_status,
        "losses": record.losses,
    }


def delivery_line(policy: Policy, uow: UnitOfWork, delivery: Delivery) -> Group:
    """Return one delivery: to whom, what for, how it stands and why."""
    return {
        "delivery": delivery.delivery_id,
        "message": delivery.message_id,
        "record": delivery.record_id,
        "to": delivery.recipient,
        "to_name": organisation_name(uow, delivery.recipient),
        "kind": delivery.kind,
        "what": MESSAGE_KINDS.get(delivery.kind, delivery.kind),
        "format": delivery.format,
        "purpose": delivery.purpose,
        "purpose_words": PURPOSES.get(delivery.purpose, delivery.purpose),
        "mode": delivery.mode,
        "lane": LANES[delivery.lane],
        "state": delivery.state.value,
        "state_words": state_words(delivery.state.value),
        "reason": delivery.reason,
        "reason_words": reason_words(policy, delivery.reason),
        "attempt": delivery.attempt,
        "created_at": moment(delivery.created_at),
        "next_try_at": moment(delivery.ready_at) if delivery.state is State.ORDERED else None,
        "handed_over_at": moment(delivery.handed_over_at),
    }


def moment(at: datetime | None) -> str | None:
    """Return an instant as JSON holds it: UTC, to the second."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def _number(value: Tree, default: int) -> int:
    return value if type(value) is int else default


OPERATIONS = (
    Operation(
        name="messages.list",
        summary="Show the newest messages and how they stand",
        permission=Permission.READ_MESSAGES,
        run=list_messages,
        arguments=(_STATE, _LIMIT, _ARRIVED),
        is_recorded=False,
    ),
    Operation(
        name="messages.show",
        summary="Show one message, its records and deliveries",
        permission=Permission.READ_MESSAGES,
        run=show_message,
        arguments=(_MESSAGE,),
        subjects=subjects_of,
    ),
    Operation(
        name="messages.trace",
        summary="Tell what happened to one message, step by step",
        permission=Permission.READ_MESSAGES,
        run=trace_message,
        arguments=(_MESSAGE,),
        subjects=subjects_of,
    ),
)
