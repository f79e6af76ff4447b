"""How is an order carried out? Checked, recorded, done: one way for command line, API and console.

The Control Bus of the gateway.
"""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import checked
from gateway.app.operations.caller import Caller
from gateway.app.operations.catalogue import OPERATIONS
from gateway.app.operations.journal import event_by, tell
from gateway.app.operations.operation import Operation
from gateway.audit.event import EventKind
from gateway.errors import NotAllowedError, NotFoundError
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group

_REFERENCES = ("message", "review", "delivery", "child", "organisation", "user", "event", "duty")


def execute(application: Application, caller: Caller, name: str, args: Group) -> Group:
    """Return what the operation called *name* answers *caller*.

    Promise: nothing is looked at or changed that is not in the audit log; a refusal is recorded too.

    Raises:
        NotFoundError: there is no such operation.
        NotAllowedError: none of the caller's roles carries the permission.
        SchemaViolationError: the arguments are not those the operation takes.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise NotFoundError("there is no such operation", code="unknown-operation")
    if not caller.may(operation.permission):
        _record_refusal(application, caller, operation)
        raise NotAllowedError(
            f"{operation.name} needs the permission {operation.permission.value}, which none of your roles has"
        )
    taken = checked(operation.arguments, args)
    answer = operation.run(application, caller, taken)
    if operation.is_recorded and not operation.changes:
        _record_look(application, caller, operation, taken)
    return answer


def _record_refusal(application: Application, caller: Caller, operation: Operation) -> None:
    words: Group = {"reason": f"not-allowed:{operation.name}", "channel": caller.door.value}
    application.desk.store.write(lambda uow: tell(application, uow, caller, kind=EventKind.USER_REFUSED, words=words))


def _record_look(application: Application, caller: Caller, operation: Operation, taken: Group) -> None:
    looked: Group = {"operation": operation.name}
    looked.update({key: value for key, value in taken.items() if key in _REFERENCES})
    message = taken.get("message")
    message_id = MessageId(message) if isinstance(message, str) else None
    event = event_by(application, caller, EventKind.DATA_READ, {"object": looked, "role": ":".join(caller.roles)})

    def _write(uow: UnitOfWork) -> None:
        children = operation.subjects(uow, taken) if operation.subjects else ()
        application.desk.trail.record_of(uow, event, children, message_id=message_id)

    application.desk.store.write(_write)
