"""What the audit log of a running gateway says, for scenarios to look at."""

import json
from typing import Any

from gateway.audit.event import EventKind
from gateway.demo.stage import Stage
from gateway.flows.documents import child_key, open_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import AuditRow, Delivery, Message, Record, State
from gateway.model.identifiers import MessageId


def events(stage: Stage, message: MessageId, kind: EventKind) -> list[dict[str, Any]]:
    """Return the events of one *kind* about a message, oldest first: their open and their sealed words together."""

    def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        return [_words(stage, uow, row) for row in uow.audit.of_message(message) if row.kind == kind.value]

    return stage.application.store.read(read)


def _words(stage: Stage, uow: UnitOfWork, row: AuditRow) -> dict[str, Any]:
    key = row.wrapped_key or (child_key(uow, row.child_ref) if row.child_ref else None)
    sealed = json.loads(stage.application.desk.trail.reveal(row, key)[1]) if key else {}
    return {**json.loads(row.header), **sealed}


def decisions(stage: Stage, message: MessageId) -> list[tuple[str, str, str]]:
    """Return recipient, reason and policy version of every decision about a message, oldest first."""
    made = events(stage, message, EventKind.DECISION_MADE)
    return [(one["recipient"], one["reason"], one["policy_version"]) for one in made]


def policy_version(stage: Stage) -> str:
    """Return the version of the rules in force."""
    return stage.application.desk.policy.version


def messages(stage: Stage, state: State | None = None) -> list[Message]:
    """Return the messages there are, or those in *state*, oldest first."""
    return list(stage.application.store.read(lambda uow: uow.messages.find(state=state, limit=1000)))[::-1]


def the_record(stage: Stage, message: MessageId) -> Record:
    """Return the one record of a message, once it is kept."""
    stage.until(f"{message} to be kept", lambda: bool(_records(stage, message)))
    (record,) = _records(stage, message)
    return record


def _records(stage: Stage, message: MessageId) -> list[Record]:
    return list(stage.application.store.read(lambda uow: uow.records.of_message(message)))


def kept(stage: Stage, message: MessageId) -> dict[str, Any]:
    """Return the canonical document of the one record of a message."""
    record = the_record(stage, message)
    vault = stage.application.desk.vault
    return stage.application.store.read(lambda uow: open_document(vault, uow, record))


def to(stage: Stage, recipient: str) -> list[Delivery]:
    """Return everything that was ever due to *recipient*, oldest first."""
    found = stage.application.store.read(lambda uow: uow.delivery_lists.find(limit=1000))
    return [one for one in reversed(found) if one.recipient == recipient]


def questions(stage: Stage, reason: str) -> list[dict[str, Any]]:
    """Return the questions that wait for a person for *reason*."""
    rows: Any = stage.order("reviews.list", {})["reviews"]
    return [row for row in rows if row["reason"] == reason]
