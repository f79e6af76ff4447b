"""Which answers on forms does no code list know, and what do people say they mean?"""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import tell
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.audit.event import EventKind
from gateway.errors import IntegrityError, NotFoundError, Place
from gateway.flows.documents import key_of
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import LabelTask
from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import tidy

_LIST = Argument(name="list", help="code list, such as ethnicity", pattern=r"[a-z][a-z0-9-]{1,60}", required=True)
_LABEL = Argument(name="label", help="the label, exactly as the form had it", required=True, most=500)
_CODE = Argument(name="code", help="the code it means", pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}", required=True)
_LIMIT = 500


def list_labels(application: Application, _caller: Caller, _args: Group) -> Group:
    """Return every label that waits for its meaning, once each, with how many records wait."""

    def _read(uow: UnitOfWork) -> list[Tree]:
        waiting: dict[tuple[str, str], list[LabelTask]] = {}
        for task in uow.labels.find(limit=_LIMIT):
            waiting.setdefault((task.list_name, task.label_blind), []).append(task)
        return [_line(application, uow, tasks) for tasks in waiting.values()]

    return {"labels": application.desk.store.read(_read)}


def map_label(application: Application, caller: Caller, args: Group) -> Group:
    """Remember what a label means, for every form from now on, and return how many records had waited for it."""
    list_name, label, code = str(args["list"]), tidy(str(args["label"])), str(args["code"])
    blinded = application.desk.vault.blind(f"label/{list_name}", label).hex()
    known = application.desk.library.codes(list_name)
    if code not in known:
        raise NotFoundError(
            f"the list {list_name} has no such code; it has {', '.join(sorted(known)) or 'none'}",
            place=Place(path="code"),
        )

    def _write(uow: UnitOfWork) -> int:
        waited = uow.labels.settle(list_name, blinded, code)
        words: Group = {"list_name": list_name, "code": code, "label": label}
        tell(application, uow, caller, kind=EventKind.LABEL_MAPPED, words=words)
        return len(waited)

    return {"list": list_name, "code": code, "records": application.desk.store.write(_write)}


def _line(application: Application, uow: UnitOfWork, tasks: list[LabelTask]) -> Group:
    first = tasks[0]
    return {
        "list": first.list_name,
        "label": next((text for task in tasks if (text := _opened(application, uow, task)) is not None), None),
        "system": first.system,
        "path": first.path,
        "records": len({task.record_id for task in tasks}),
    }


def _opened(application: Application, uow: UnitOfWork, task: LabelTask) -> str | None:
    """Return the label, or None where its record has been joined to another child since and it opens no more."""
    try:
        key = key_of(uow, uow.records.get(task.record_id))
        return application.desk.vault.open(key, f"label/{task.label_blind}", task.label_sealed).decode()
    except IntegrityError:
        return None


OPERATIONS = (
    Operation(
        name="labels.list",
        summary="Show labels that no code list knows",
        permission=Permission.READ_LABELS,
        run=list_labels,
    ),
    Operation(
        name="labels.map",
        summary="Say once what a label means",
        permission=Permission.MAP_LABELS,
        run=map_label,
        arguments=(_LIST, _LABEL, _CODE),
        changes=True,
    ),
)
