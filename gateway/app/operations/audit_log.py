"""What does the log promise, and where is the proof? Checkpoints, proofs, and one child's part of the log."""

import base64
from collections.abc import Sequence

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import event_by
from gateway.app.operations.messages import moment
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.audit.event import EventKind
from gateway.audit.export import ChildEvent, make_export, withheld_from
from gateway.audit.kind_spec import Reader
from gateway.audit.log import Head, LogStore, Pending, prove, prove_extension
from gateway.errors import NotFoundError, Place
from gateway.flows.documents import child_key
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import AuditRow
from gateway.model.identifiers import ChildRef, EventId, MessageId
from gateway.model.tree import Group, Tree

_BATCH = 500
_MESSAGE = Argument(name="message", help="message id, such as msg_01...", pattern=r"msg_[0-9a-z]{20,30}", required=True)
_EVENT = Argument(name="event", help="event id; without it, that the message came", pattern=r"evt_[0-9a-z]{20,30}")
_OLD = Argument(name="old", help="an older checkpoint, the whole signed note", required=True, most=10_000)
_CHILD = Argument(name="child", help="our reference of the child", pattern=r"chd_[0-9a-z]{20,30}", required=True)
_READER = Argument(name="reader", help="who will read it; what they may not see is withheld", choices=tuple(Reader))


class _PinnedLog:
    """The log as it stood at one head, so that every proof of one answer is under the same checkpoint."""

    def __init__(self, store: LogStore, head: Head | None) -> None:
        self._store = store
        self._head = head
        self.node = store.node
        self.leaf_of = store.leaf_of
        self.append_batch = store.append_batch

    def pending(self, limit: int) -> Sequence[Pending]:
        """Return what has no leaf yet."""
        return self._store.pending(limit)

    def head(self) -> Head | None:
        """Return the head this log is pinned to."""
        return self._head


def show_checkpoint(application: Application, _caller: Caller, _args: Group) -> Group:
    """Return the newest checkpoint, and the public key to check it with."""
    log, identity = application.store.log_store, application.identity
    head = log.head()
    if head is None:
        raise NotFoundError("nothing was recorded yet, so nothing was signed")
    signed = identity.open(head.note)
    return {
        "origin": signed.origin,
        "size": signed.size,
        "root": base64.b64encode(signed.root).decode(),
        "note": head.note,
        "vkey": application.desk.signer.key.vkey,
        "waiting": len(log.pending(_BATCH)),
    }


def prove_event(application: Application, _caller: Caller, args: Group) -> Group:
    """Return the proof that something that happened to a message is in the log."""
    rows = application.desk.store.read(lambda uow: uow.audit.of_message(MessageId(str(args["message"]))))
    wanted = args.get("event")
    row = next((row for row in rows if wanted is None or row.event_id == wanted), None)
    if row is None:
        raise NotFoundError("this message has no such event", place=Place(path="event" if wanted else "message"))
    application.sequencer.give_places()
    proof = prove(application.store.log_store, application.identity, event_id=row.event_id, header=row.header)
    return {
        "event": row.event_id,
        "kind": row.kind,
        "at": moment(row.recorded_at),
        "index": proof.index,
        "proof": proof.text,
        "vkey": application.desk.signer.key.vkey,
    }


def prove_consistency(application: Application, _caller: Caller, args: Group) -> Group:
    """Return the proof that the log of today begins with the log of an older checkpoint.

    Raises:
        IntegrityError: it does not: it was rewound or has forked.
    """
    proof = prove_extension(application.store.log_store, application.identity, old=str(args["old"]))
    return {"old_size": proof.old_size, "proof": proof.text, "vkey": application.desk.signer.key.vkey}


def export_child(application: Application, caller: Caller, args: Group) -> Group:
    """Return one child's part of the log as a ZIP, with everything needed to check it without us."""
    child, reader = ChildRef(str(args["child"])), Reader(str(args.get("reader", Reader.DPO.value)))
    # The chain's own count, not the rows': a last event that was lost must be missed.
    rows, count = application.desk.store.read(lambda uow: (_rows_of(uow, child), uow.audit.chain(child)[0]))
    application.sequencer.give_places()
    identity, head = application.identity, application.store.log_store.head()
    if head is None:
        raise NotFoundError("nothing was recorded yet, so nothing was signed")
    log = _PinnedLog(application.store.log_store, head)
    secrets = application.desk.store.read(lambda uow: _secrets(application, uow, child, rows))
    events = [
        ChildEvent(proof=prove(log, identity, event_id=row.event_id, header=row.header), secret=secrets[row.event_id])
        for row in rows
    ]
    made = make_export(
        withheld_from(reader, events),
        identity,
        count=count,
        checkpoint=head.note,
        at=application.desk.clock.now(),
    )
    _tell_export(application, caller, child, made.manifest_sha256)
    return {
        "child": child,
        "reader": reader.value,
        "events": len(rows),
        "manifest_sha256": made.manifest_sha256,
        "zip": base64.b64encode(made.archive).decode(),
        "vkey": application.desk.signer.key.vkey,
    }


def _rows_of(uow: UnitOfWork, child: ChildRef) -> Sequence[AuditRow]:
    uow.children.get(child)
    return uow.audit.of_child(child)


def _secrets(
    application: Application, uow: UnitOfWork, child: ChildRef, rows: Sequence[AuditRow]
) -> dict[EventId, bytes]:
    """Return, for each event, what was sealed: blinding and payload."""
    key = child_key(uow, child)
    return {row.event_id: b"".join(application.desk.trail.reveal(row, row.wrapped_key or key)) for row in rows}


def _tell_export(application: Application, caller: Caller, child: ChildRef, digest: str) -> None:
    words: dict[str, Tree] = {"export_sha256": digest, "role": ":".join(caller.roles)}
    event = event_by(application, caller, EventKind.EXPORT_MADE, words)
    application.desk.store.write(lambda uow: application.desk.trail.record_of(uow, event, (child,)))


OPERATIONS = (
    Operation(
        name="audit.checkpoint",
        summary="Show the newest signed checkpoint of the log",
        permission=Permission.READ_LOG,
        run=show_checkpoint,
        is_recorded=False,
    ),
    Operation(
        name="audit.prove",
        summary="Prove that something that happened is in the log",
        permission=Permission.READ_LOG,
        run=prove_event,
        arguments=(_MESSAGE, _EVENT),
    ),
    Operation(
        name="audit.consistency",
        summary="Prove that the log only ever grew since an older checkpoint",
        permission=Permission.READ_LOG,
        run=prove_consistency,
        arguments=(_OLD,),
        is_recorded=False,
    ),
    Operation(
        name="audit.export",
        summary="Give out one child's part of the log, provable without us",
        permission=Permission.EXPORT_LOG,
        run=export_child,
        arguments=(_CHILD, _READER),
        changes=True,
    ),
)
